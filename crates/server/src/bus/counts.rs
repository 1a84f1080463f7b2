//! What the bus has done since the start. Every fault is counted; repeated ones are logged seldom.

use std::{
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::{Duration, Instant},
};

use parking_lot::Mutex;

/// A repeated warning is logged at most once in this time.
const QUIET: Duration = Duration::from_secs(30);

/// Numbers of frames since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BusCounts {
    pub published: u64,
    /// Not sent, because the bus was not connected, or its queue was full.
    pub dropped: u64,
    pub received: u64,
    /// Refused, because no node of this cluster wrote them.
    pub forged: u64,
    /// Of another format.
    pub unknown: u64,
    /// Arrived, but the consumer was too slow for them. A lower bound.
    pub missed: u64,
}

#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) published: AtomicU64,
    pub(super) dropped: Tally,
    pub(super) received: AtomicU64,
    pub(super) forged: Tally,
    pub(super) unknown: Tally,
    pub(super) missed: Tally,
    pub(super) failures: Tally,
}

/// A number, and when it was logged.
#[derive(Debug, Default)]
pub(super) struct Tally {
    total: AtomicU64,
    logged: Mutex<Option<Instant>>,
}

impl Counts {
    pub(super) fn now(&self) -> BusCounts {
        BusCounts {
            published: self.published.load(Relaxed),
            dropped: self.dropped.total.load(Relaxed),
            received: self.received.load(Relaxed),
            forged: self.forged.total.load(Relaxed),
            unknown: self.unknown.total.load(Relaxed),
            missed: self.missed.total.load(Relaxed),
        }
    }
}

impl Counts {
    /// Counts a frame for which this node was too slow.
    pub(super) fn miss(&self) {
        if let Some(total) = self.missed.add() {
            tracing::warn!(total, "this node is too slow for the bus and reads from the database what it missed");
        }
    }
}

impl Tally {
    /// Adds one; the total, if it is time to log it.
    pub(super) fn add(&self) -> Option<u64> {
        self.add_at(Instant::now())
    }

    fn add_at(&self, now: Instant) -> Option<u64> {
        let total = self.total.fetch_add(1, Relaxed) + 1;
        let mut logged = self.logged.lock();
        if logged.is_some_and(|logged| now.duration_since(logged) < QUIET) {
            return None;
        }
        *logged = Some(now);
        Some(total)
    }

    /// Logs the next one at once.
    pub(super) fn wake(&self) {
        *self.logged.lock() = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_repeated_is_logged_once_in_a_while() {
        let (tally, begin) = (Tally::default(), Instant::now());
        let logged: Vec<u64> = (0..1_000).filter_map(|_| tally.add_at(begin)).collect();
        assert_eq!(logged, [1]);
        let later = begin + QUIET;
        assert_eq!((tally.add_at(later), tally.add_at(later)), (Some(1_001), None));
        tally.wake();
        assert_eq!(tally.add_at(later), Some(1_003));
    }
}
