//! What a window tells a person for a while about what they did, on the screen and in a live region.

use std::time::Duration;

use leptos::prelude::*;

use crate::platform;

const SHOWN_FOR: Duration = Duration::from_secs(6);

#[derive(Clone, Copy)]
pub struct Feedback {
    line: RwSignal<String>,
    /// Counts the lines: the timer of an earlier one leaves the present one.
    number: StoredValue<u32>,
    /// The line for a command that the server has not answered yet.
    awaited: StoredValue<&'static str>,
}

impl Default for Feedback {
    fn default() -> Self {
        Self { line: RwSignal::default(), number: StoredValue::new(0), awaited: StoredValue::new("") }
    }
}

impl Feedback {
    /// Empty when there is nothing to tell.
    pub fn line(self) -> String {
        self.line.get()
    }

    pub fn show(self, line: String) {
        // A screen reader speaks an equal text only when it was away in between.
        self.line.set(String::new());
        platform::after(Duration::ZERO, move || drop(self.line.try_set(line)));
        self.number.update_value(|number| *number += 1);
        self.close_later(self.number.get_value());
    }

    /// `line` is shown when the server has carried out the command that was sent last.
    pub fn await_answer(self, line: &'static str) {
        self.awaited.set_value(line);
    }

    /// The command was carried out, or not. Returns whether one was awaited.
    pub fn settle(self, is_done: bool) -> bool {
        let line = self.awaited.try_update_value(std::mem::take).unwrap_or_default();
        if is_done && !line.is_empty() {
            self.show(line.to_owned());
        }
        !line.is_empty()
    }

    /// What a hidden window tells waits for the person.
    fn close_later(self, number: u32) {
        platform::after(SHOWN_FOR, move || {
            if self.number.try_get_value() != Some(number) {
            } else if platform::is_visible() {
                self.line.try_set(String::new());
            } else {
                self.close_later(number);
            }
        });
    }
}
