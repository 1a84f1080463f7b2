//! The wall clock for actions that cannot be undone: sending a scheduled message, ending a status, deleting expired
//! rows. A wall clock may jump ahead for a moment, when somebody sets it wrong or a time server errs.

use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::store::now_ms;

/// How far the wall clock may get ahead of the monotonic one at once, in milliseconds.
const JUMP_MS: i64 = 5_000;
/// How long the wall clock must stay ahead before the jump is followed.
const HELD: Duration = Duration::from_secs(60);

/// Continues at a steady pace after a jump ahead until the jump has lasted. A clock that goes back is followed at once:
/// then due messages wait.
pub(super) struct SteadyClock(Mutex<Offsets>);

/// An offset is what the wall clock read when the monotonic clock read `start`, in UTC milliseconds.
struct Offsets {
    start: Instant,
    believed: i64,
    /// After a jump: its offset, and when it was first seen.
    doubted: Option<(i64, Instant)>,
}

impl SteadyClock {
    pub(super) fn start() -> Self {
        Self(Mutex::new(Offsets { start: Instant::now(), believed: now_ms(), doubted: None }))
    }

    /// Now, in UTC milliseconds.
    pub(super) fn now_ms(&self) -> i64 {
        self.0.lock().read(now_ms(), Instant::now())
    }
}

#[cfg(test)]
impl SteadyClock {
    /// Makes the wall clock jump ahead by this many milliseconds.
    pub(super) fn jump_ahead(&self, ms: i64) {
        self.0.lock().believed -= ms;
    }
}

impl Offsets {
    fn read(&mut self, wall: i64, at: Instant) -> i64 {
        let elapsed = at.saturating_duration_since(self.start).as_millis() as i64;
        let offset = wall - elapsed;
        if offset - self.believed <= JUMP_MS || self.has_held(offset, at) {
            (self.believed, self.doubted) = (offset, None);
        }
        self.believed + elapsed
    }

    fn has_held(&mut self, offset: i64, at: Instant) -> bool {
        match self.doubted {
            Some((doubted, since)) if offset.abs_diff(doubted) <= JUMP_MS.unsigned_abs() => at - since >= HELD,
            _ => {
                tracing::warn!(ahead_ms = offset - self.believed, "the clock jumped ahead; followed after a minute");
                self.doubted = Some((offset, at));
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400_000;
    /// UTC milliseconds at the start.
    const NOW: i64 = 1_795_000_000_000;

    struct Clocks {
        offsets: Offsets,
        start: Instant,
    }

    impl Clocks {
        fn start() -> Self {
            let start = Instant::now();
            Self { offsets: Offsets { start, believed: NOW, doubted: None }, start }
        }

        /// The steady clock's reading since its start, while the wall clock is `ahead` milliseconds ahead of it.
        fn read(&mut self, second: u64, ahead: i64) -> i64 {
            let wall = NOW + second as i64 * 1_000 + ahead;
            self.offsets.read(wall, self.start + Duration::from_secs(second)) - NOW
        }
    }

    #[test]
    fn a_clock_that_jumps_ahead_for_a_moment_is_not_followed() {
        let mut clocks = Clocks::start();
        assert_eq!(clocks.read(1, 0), 1_000);
        assert_eq!([clocks.read(2, DAY), clocks.read(12, DAY)], [2_000, 12_000]);
        assert_eq!(clocks.read(13, 0), 13_000);
        assert_eq!(
            [clocks.read(62, DAY), clocks.read(100, DAY)],
            [62_000, 100_000],
            "another jump restarts the minute"
        );
        assert_eq!([clocks.read(110, 2 * DAY), clocks.read(165, 2 * DAY)], [110_000, 165_000], "so does a third one");
    }

    #[test]
    fn a_jump_that_holds_for_a_minute_is_believed() {
        let mut clocks = Clocks::start();
        assert_eq!([clocks.read(1, DAY), clocks.read(60, DAY)], [1_000, 60_000]);
        assert_eq!([clocks.read(61, DAY), clocks.read(62, DAY)], [DAY + 61_000, DAY + 62_000]);
    }

    #[test]
    fn small_steps_and_steps_back_are_followed_at_once() {
        let mut clocks = Clocks::start();
        assert_eq!([clocks.read(1, 900), clocks.read(2, 5_000)], [1_900, 7_000]);
        assert_eq!(clocks.read(3, -DAY), 3_000 - DAY);
    }
}
