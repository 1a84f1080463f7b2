//! The person's own time zone. The server does not know it, so the page begins with Korea's and turns
//! to the browser's once it runs there.

use leptos::prelude::*;

use crate::client::{live::effect, platform, text::date::LocalTime};

#[derive(Clone, Copy)]
pub struct Clock {
    is_local: RwSignal<bool>,
}

pub fn provide_clock() {
    let clock = Clock { is_local: RwSignal::new(false) };
    effect(move || clock.is_local.set(true));
    provide_context(clock);
}

pub fn clock() -> Clock {
    expect_context()
}

impl Clock {
    /// Minutes east of UTC at a moment in UTC milliseconds.
    pub fn offset_at(self, ms: i64) -> i32 {
        if self.is_local.get() { platform::utc_offset(ms) } else { platform::DEFAULT_OFFSET }
    }

    pub fn local(self, ms: i64) -> LocalTime {
        LocalTime::new(ms, self.offset_at(ms))
    }
}
