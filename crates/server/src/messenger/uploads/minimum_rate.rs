//! The minimum rate of a transfer: a client that sends a byte a minute would hold a connection and the upload's lock
//! for days (Slowloris).

use std::time::Duration;

use tokio::time::Instant;

/// Bytes that must arrive in each period.
const MIN_BYTES: u64 = 16 * 1024;
const PERIOD: Duration = Duration::from_secs(20);

pub(super) struct MinimumRate {
    begun: Instant,
    arrived: u64,
}

impl MinimumRate {
    pub(super) fn new(now: Instant) -> Self {
        Self { begun: now, arrived: 0 }
    }

    /// When the transfer is too slow, unless more bytes arrive.
    pub(super) fn deadline(&self) -> Instant {
        self.begun + PERIOD
    }

    /// Counts bytes that have arrived and are written, so that slow writes to our disk do not count against the client.
    pub(super) fn count(&mut self, bytes: u64, now: Instant) {
        self.arrived += bytes;
        if self.arrived >= MIN_BYTES {
            (self.begun, self.arrived) = (now, 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drops_do_not_move_the_deadline_and_enough_bytes_do() {
        let now = Instant::now();
        let mut rate = MinimumRate::new(now);
        assert_eq!(rate.deadline(), now + PERIOD);
        rate.count(MIN_BYTES - 1, now + PERIOD / 2);
        assert_eq!(rate.deadline(), now + PERIOD);
        rate.count(1, now + PERIOD / 2);
        assert_eq!(rate.deadline(), now + PERIOD / 2 + PERIOD);
    }
}
