//! The user's time zone and day. The server does not know the zone: a page starts with Korea's and changes to the
//! browser's after hydration.

use std::time::Duration;

use leptos::prelude::*;

use crate::{
    platform,
    state::local_time::LocalTime,
    text::{date, lang, with_name, words},
    view::effect,
};

/// The longest delay of a new day. A timer for midnight would not survive a laptop's sleep.
const CHECK_EVERY: Duration = Duration::from_secs(30);

#[derive(Clone, Copy)]
pub struct Clock {
    /// The day and the offset of the browser's zone in one number, 0 before hydration. Every view of a time reads it,
    /// so it is rendered again when either changes.
    day: RwSignal<i64>,
}

pub fn provide_clock() {
    let clock = Clock { day: RwSignal::new(0) };
    effect(move || {
        let check = move || {
            let now = platform::now_ms();
            let offset = platform::utc_offset(now);
            let day = LocalTime::new(now, offset).day * 10_000 + i64::from(offset);
            if day != clock.day.get_untracked() {
                clock.day.set(day);
            }
        };
        check();
        // Both run as long as the page is open.
        let _ = set_interval(check, CHECK_EVERY);
        platform::on_window("visibilitychange", move |_| check());
    });
    provide_context(clock);
}

pub fn clock() -> Clock {
    expect_context()
}

impl Clock {
    /// Minutes east of UTC at a time in UTC milliseconds.
    pub fn offset_at(self, ms: i64) -> i32 {
        if self.day.get() == 0 { platform::DEFAULT_OFFSET } else { platform::utc_offset(ms) }
    }

    pub fn local(self, ms: i64) -> LocalTime {
        LocalTime::new(ms, self.offset_at(ms))
    }

    /// Until when a user is absent, as a text that names the last day. `until`: UTC milliseconds.
    pub fn absent_until(self, until: i64) -> String {
        with_name(words().absent_until, &date::short_day(self.local(until - 1), lang()))
    }
}
