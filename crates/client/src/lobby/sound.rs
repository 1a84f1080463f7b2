//! The sound of a new message: whether it is on, and at most once in two seconds.

use crate::{
    platform,
    settings::{QUIET, QUIET_FROM, QUIET_TO, SOUND, is_quiet_hour},
    state::local_time::LocalTime,
};

/// The storage key of the time at which a window of this browser last played the sound, UTC milliseconds.
const SOUNDED_KEY: &str = "daehwa.sounded";
/// The shortest time between two sounds.
const SOUND_EVERY_MS: i64 = 2_000;

/// Whether new messages play a sound now: not in the quiet hours, nor while the user is busy, unless they chose
/// otherwise.
pub(super) fn is_on(is_busy: impl FnOnce() -> bool) -> bool {
    let is_quiet = || {
        let now = platform::now_ms();
        let hour = LocalTime::new(now, platform::utc_offset(now)).minute / 60;
        is_quiet_hour(hour, platform::setting(QUIET_FROM), platform::setting(QUIET_TO))
    };
    platform::setting(SOUND) == "on" && !(platform::setting(QUIET) == "on" && (is_quiet() || is_busy()))
}

/// Plays the sound, unless a window of this browser just did.
pub(super) fn play() {
    let now = platform::now_ms();
    // In the storage, because windows cannot elect one of them without TLS.
    let last = platform::stored(SOUNDED_KEY).and_then(|at| at.parse::<i64>().ok()).unwrap_or(0);
    if (now - last).abs() >= SOUND_EVERY_MS {
        platform::store(SOUNDED_KEY, Some(&now.to_string()));
        platform::sound();
    }
}
