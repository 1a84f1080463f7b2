//! The sound of a new message: when it is on, and not more than once in two seconds.

use crate::{
    platform,
    settings::{QUIET, QUIET_FROM, QUIET_TO, SOUND, is_quiet_hour},
    state::local_time::LocalTime,
};

/// The key of the time at which a window of this browser last sounded, UTC milliseconds.
const SOUNDED_KEY: &str = "daehwa.sounded";
/// The shortest time between two sounds.
const SOUND_EVERY_MS: i64 = 2_000;

/// Whether new messages sound now: neither in the quiet hours nor while the person is busy, unless they chose so.
pub(super) fn is_on(is_busy: impl FnOnce() -> bool) -> bool {
    let is_quiet = || {
        let now = platform::now_ms();
        let hour = LocalTime::new(now, platform::utc_offset(now)).minute / 60;
        is_quiet_hour(hour, platform::setting(QUIET_FROM), platform::setting(QUIET_TO))
    };
    platform::setting(SOUND) == "on" && !(platform::setting(QUIET) == "on" && (is_quiet() || is_busy()))
}

/// Sounds, unless a window of this browser sounded a moment ago.
pub(super) fn play() {
    let now = platform::now_ms();
    // In the storage: without TLS windows cannot elect one of them.
    let last = platform::stored(SOUNDED_KEY).and_then(|at| at.parse::<i64>().ok()).unwrap_or(0);
    if (now - last).abs() >= SOUND_EVERY_MS {
        platform::store(SOUNDED_KEY, Some(&now.to_string()));
        platform::sound();
    }
}
