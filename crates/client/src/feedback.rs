//! Feedback of a window about the user's last action, for a while, on the screen and in a live region.

use std::time::Duration;

use leptos::prelude::*;

use crate::platform;

const SHOWN_FOR: Duration = Duration::from_secs(6);

#[derive(Clone, Copy)]
pub struct Feedback {
    line: RwSignal<String>,
    /// Counts the lines, so that the timer of an earlier line does not clear the current one.
    number: StoredValue<u32>,
    /// The line that is shown once the server answers the command.
    awaited: StoredValue<&'static str>,
}

impl Default for Feedback {
    fn default() -> Self {
        Self { line: RwSignal::default(), number: StoredValue::new(0), awaited: StoredValue::new("") }
    }
}

impl Feedback {
    /// Empty when there is no feedback.
    pub fn line(self) -> String {
        self.line.get()
    }

    pub fn show(self, line: String) {
        let count = |number: &mut u32| {
            *number += 1;
            *number
        };
        // The window may be closed before the browser answers.
        let Some(number) = self.number.try_update_value(count) else { return };
        // A screen reader repeats an equal text only if it was cleared in between.
        self.line.try_set(String::new());
        platform::after(Duration::ZERO, move || drop(self.line.try_set(line)));
        self.close_later(number);
    }

    /// Shows `line` when the server has executed the last command.
    pub fn await_answer(self, line: &'static str) {
        self.awaited.set_value(line);
    }

    /// The last command was executed, or not. Returns whether its answer was awaited.
    pub fn settle(self, is_done: bool) -> bool {
        let line = self.awaited.try_update_value(std::mem::take).unwrap_or_default();
        if is_done && !line.is_empty() {
            self.show(line.to_owned());
        }
        !line.is_empty()
    }

    /// A hidden window keeps its feedback until the user sees it.
    fn close_later(self, number: u32) {
        platform::after(SHOWN_FOR, move || {
            let is_present = self.number.try_get_value() == Some(number);
            if is_present && platform::is_visible() {
                self.line.try_set(String::new());
            } else if is_present {
                self.close_later(number);
            }
        });
    }
}
