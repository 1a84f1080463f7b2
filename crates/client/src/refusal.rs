//! The refusal that a window shows for a while.

use std::time::Duration;

use leptos::prelude::*;

use crate::platform;
use protocol::error::Refusal;

const SHOWN_FOR: Duration = Duration::from_secs(6);

/// The last refusal, while it is shown.
#[derive(Clone, Copy, Default)]
pub struct ShownRefusal(RwSignal<Option<Refusal>>);

impl ShownRefusal {
    pub fn get(self) -> Option<Refusal> {
        self.0.get()
    }

    pub fn show(self, refusal: Refusal) {
        // A screen reader repeats an equal text only if it was cleared in between.
        self.0.try_set(None);
        platform::after(Duration::ZERO, move || {
            self.0.try_set(Some(refusal));
        });
        platform::after(SHOWN_FOR, move || {
            self.0.try_set(None);
        });
    }
}
