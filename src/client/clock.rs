//! The person's own time zone and day. The server does not know the zone, so the page begins with Korea's and
//! turns to the browser's once it runs there.

use std::time::Duration;

use leptos::prelude::*;

use crate::client::{live::effect, platform, text::date::LocalTime};

/// How late a new day may be noticed. A timer for midnight itself would not survive a laptop's sleep.
const LOOK_EVERY: Duration = Duration::from_secs(30);

#[derive(Clone, Copy)]
pub struct Clock {
    /// The day and the offset of the browser's zone in one number, 0 before the page runs in the browser.
    /// Whatever shows a time reads it, and is written again when either changes.
    day: RwSignal<i64>,
}

pub fn provide_clock() {
    let clock = Clock { day: RwSignal::new(0) };
    effect(move || {
        let look = move || {
            let now = platform::now_ms();
            let offset = platform::utc_offset(now);
            let day = LocalTime::new(now, offset).day * 10_000 + i64::from(offset);
            if day != clock.day.get_untracked() {
                clock.day.set(day);
            }
        };
        look();
        // Both live as long as the page.
        let _ = set_interval(look, LOOK_EVERY);
        window_event_listener_untyped("visibilitychange", move |_| look());
    });
    provide_context(clock);
}

pub fn clock() -> Clock {
    expect_context()
}

impl Clock {
    /// Minutes east of UTC at a moment in UTC milliseconds.
    pub fn offset_at(self, ms: i64) -> i32 {
        if self.day.get() == 0 { platform::DEFAULT_OFFSET } else { platform::utc_offset(ms) }
    }

    pub fn local(self, ms: i64) -> LocalTime {
        LocalTime::new(ms, self.offset_at(ms))
    }
}
