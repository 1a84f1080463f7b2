//! How much one person may do in a time: token buckets, a person's and not a socket's.

use std::{
    hash::Hash,
    time::{Duration, Instant},
};

use crate::{protocol::ids::UserId, server::messenger::generations::Generations};

/// Typing is told to others, so it is bounded too; a client says it every few seconds.
const TYPING_PER_SECOND: f64 = 2.0;

#[derive(Default)]
pub(super) struct Rates {
    messages: Buckets<UserId>,
    typing: Buckets<UserId>,
    connections: Buckets<UserId>,
}

impl Rates {
    /// Two seconds' worth at once, then `per_second`; 0 means any number.
    pub(super) fn message(&mut self, user: UserId, per_second: u32) -> bool {
        per_second == 0 || self.messages.take(user, f64::from(per_second), 2.0 * f64::from(per_second))
    }

    pub(super) fn typing(&mut self, user: UserId) -> bool {
        self.typing.take(user, TYPING_PER_SECOND, 2.0 * TYPING_PER_SECOND)
    }

    /// A minute's worth at once; 0 means any number.
    pub(super) fn connection(&mut self, user: UserId, per_minute: u32) -> bool {
        per_minute == 0 || self.connections.take(user, f64::from(per_minute) / 60.0, f64::from(per_minute))
    }
}

struct Bucket {
    tokens: f64,
    at: Instant,
}

/// A bucket for each key. A bucket that nobody took from until it was full again is forgotten.
pub(super) struct Buckets<K>(Generations<K, Bucket>);

impl<K> Default for Buckets<K> {
    fn default() -> Self {
        Self(Generations::default())
    }
}

impl<K: Eq + Hash> Buckets<K> {
    fn take(&mut self, key: K, per_second: f64, burst: f64) -> bool {
        self.take_at(key, per_second, burst, Instant::now())
    }

    pub(super) fn take_at(&mut self, key: K, per_second: f64, burst: f64, now: Instant) -> bool {
        let bucket = self.bucket(key, per_second, burst, now);
        let may = bucket.tokens >= 1.0;
        if may {
            bucket.tokens -= 1.0;
        }
        may
    }

    /// A minute's worth at once, then one after the other.
    pub(super) fn take_of_minute(&mut self, key: K, per_minute: u32, now: Instant) -> bool {
        let (per_second, burst) = of_minute(per_minute);
        self.take_at(key, per_second, burst, now)
    }

    /// Takes one that is not there yet; how long until it would have been.
    pub(super) fn borrow_of_minute(&mut self, key: K, per_minute: u32, now: Instant) -> Duration {
        let (per_second, burst) = of_minute(per_minute);
        let bucket = self.bucket(key, per_second, burst, now);
        bucket.tokens -= 1.0;
        Duration::from_secs_f64((-bucket.tokens / per_second).max(0.0))
    }

    /// Puts back one that was taken.
    pub(super) fn give_back_of_minute(&mut self, key: K, per_minute: u32, now: Instant) {
        let (per_second, burst) = of_minute(per_minute);
        let bucket = self.bucket(key, per_second, burst, now);
        bucket.tokens = (bucket.tokens + 1.0).min(burst);
    }

    /// The bucket as it is now.
    fn bucket(&mut self, key: K, per_second: f64, burst: f64, now: Instant) -> &mut Bucket {
        let full_again = Duration::from_secs_f64(2.0 * burst / per_second);
        let bucket = self.0.entry(key, full_again, now, || Bucket { tokens: burst, at: now });
        let elapsed = now.saturating_duration_since(bucket.at).as_secs_f64();
        bucket.tokens = (bucket.tokens + elapsed * per_second).min(burst);
        bucket.at = now;
        bucket
    }
}

fn of_minute(per_minute: u32) -> (f64, f64) {
    (f64::from(per_minute) / 60.0, f64::from(per_minute))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_then_the_rate() {
        let (mut buckets, now) = (Buckets::default(), Instant::now());
        let taken = (0..20).filter(|_| buckets.take_at("me", 5.0, 10.0, now)).count();
        assert_eq!(taken, 10);
        assert!(!buckets.take_at("me", 5.0, 10.0, now + Duration::from_millis(100)));
        assert!(buckets.take_at("me", 5.0, 10.0, now + Duration::from_millis(250)));
        assert!(buckets.take_at("other", 5.0, 10.0, now), "one person's haste is not another's");
    }

    #[test]
    fn what_is_borrowed_is_waited_for_and_what_is_given_back_can_be_taken() {
        let (mut buckets, now) = (Buckets::default(), Instant::now());
        assert!((0..6).all(|_| buckets.take_of_minute("me", 6, now)));
        assert_eq!(buckets.borrow_of_minute("me", 6, now), Duration::from_secs(10));
        assert_eq!(buckets.borrow_of_minute("me", 6, now), Duration::from_secs(20));
        assert!(!buckets.take_of_minute("me", 6, now + Duration::from_secs(29)));
        buckets.give_back_of_minute("me", 6, now + Duration::from_secs(29));
        assert!(buckets.take_of_minute("me", 6, now + Duration::from_secs(29)));
    }

    #[test]
    fn zero_limits_nothing() {
        let (mut rates, user) = (Rates::default(), UserId::new());
        assert!((0..10_000).all(|_| rates.message(user, 0)));
    }
}
