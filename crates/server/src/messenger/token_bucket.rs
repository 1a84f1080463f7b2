//! Token buckets that can be overdrawn and refunded, for sign-in attempts. Their table is bounded, because strangers
//! choose its keys.

use std::{
    hash::Hash,
    time::{Duration, Instant},
};

use crate::messenger::generations::Generations;

struct TokenBucket {
    tokens: f64,
    at: Instant,
}

/// A bucket for each key. A bucket that stays unused until it is full again is evicted.
pub(super) struct TokenBuckets<K>(Generations<K, TokenBucket>);

impl<K> Default for TokenBuckets<K> {
    fn default() -> Self {
        Self(Generations::default())
    }
}

impl<K: Eq + Hash> TokenBuckets<K> {
    pub(super) fn take_at(&mut self, key: K, per_second: f64, burst: f64, now: Instant) -> bool {
        let bucket = self.bucket(key, per_second, burst, now);
        let may = bucket.tokens >= 1.0;
        if may {
            bucket.tokens -= 1.0;
        }
        may
    }

    /// Takes a token from a bucket with a burst of one minute's tokens.
    pub(super) fn take_of_minute(&mut self, key: K, per_minute: u32, now: Instant) -> bool {
        let (per_second, burst) = of_minute(per_minute);
        self.take_at(key, per_second, burst, now)
    }

    /// Overdraws the bucket by a token, and returns how long until the token would have been available.
    pub(super) fn overdraw_of_minute(&mut self, key: K, per_minute: u32, now: Instant) -> Duration {
        let (per_second, burst) = of_minute(per_minute);
        let bucket = self.bucket(key, per_second, burst, now);
        bucket.tokens -= 1.0;
        Duration::from_secs_f64((-bucket.tokens / per_second).max(0.0))
    }

    /// Refunds a token.
    pub(super) fn refund_of_minute(&mut self, key: K, per_minute: u32, now: Instant) {
        let (per_second, burst) = of_minute(per_minute);
        let bucket = self.bucket(key, per_second, burst, now);
        bucket.tokens = (bucket.tokens + 1.0).min(burst);
    }

    /// The bucket, refilled up to now.
    fn bucket(&mut self, key: K, per_second: f64, burst: f64, now: Instant) -> &mut TokenBucket {
        let full_again = Duration::from_secs_f64(2.0 * burst / per_second);
        let bucket = self.0.entry(key, full_again, now, || TokenBucket { tokens: burst, at: now });
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
        let (mut buckets, now) = (TokenBuckets::default(), Instant::now());
        let taken = (0..20).filter(|_| buckets.take_at("me", 5.0, 10.0, now)).count();
        assert_eq!(taken, 10);
        assert!(!buckets.take_at("me", 5.0, 10.0, now + Duration::from_millis(100)));
        assert!(buckets.take_at("me", 5.0, 10.0, now + Duration::from_millis(250)));
        assert!(buckets.take_at("other", 5.0, 10.0, now), "keys are independent");
    }

    #[test]
    fn an_overdrawn_token_is_waited_for_and_a_refunded_one_can_be_taken() {
        let (mut buckets, now) = (TokenBuckets::default(), Instant::now());
        assert!((0..6).all(|_| buckets.take_of_minute("me", 6, now)));
        assert_eq!(buckets.overdraw_of_minute("me", 6, now), Duration::from_secs(10));
        assert_eq!(buckets.overdraw_of_minute("me", 6, now), Duration::from_secs(20));
        assert!(!buckets.take_of_minute("me", 6, now + Duration::from_secs(29)));
        buckets.refund_of_minute("me", 6, now + Duration::from_secs(29));
        assert!(buckets.take_of_minute("me", 6, now + Duration::from_secs(29)));
    }
}
