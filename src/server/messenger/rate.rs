//! How much one person may do in a time: token buckets, a person's and not a socket's.

use std::{
    collections::HashMap,
    hash::Hash,
    net::IpAddr,
    time::{Duration, Instant},
};

use crate::protocol::ids::UserId;

/// Typing is told to others, so it is bounded too; a client says it every few seconds.
const TYPING_PER_SECOND: f64 = 2.0;
/// Buckets kept before the full ones are thrown out.
const SWEEP_AT: usize = 10_000;

#[derive(Default)]
pub(super) struct Rates {
    messages: Buckets<UserId>,
    typing: Buckets<UserId>,
    connections: Buckets<UserId>,
    sign_ins: Buckets<(String, IpAddr)>,
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

    /// By login and address together, so that a stranger's guesses do not lock the owner out elsewhere.
    pub(super) fn sign_in(&mut self, login: &str, address: IpAddr, per_minute: u32) -> bool {
        let key = (login.to_owned(), address);
        per_minute == 0 || self.sign_ins.take(key, f64::from(per_minute) / 60.0, f64::from(per_minute))
    }
}

struct Bucket {
    tokens: f64,
    at: Instant,
}

struct Buckets<K>(HashMap<K, Bucket>);

impl<K> Default for Buckets<K> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<K: Eq + Hash> Buckets<K> {
    fn take(&mut self, key: K, per_second: f64, burst: f64) -> bool {
        self.take_at(key, per_second, burst, Instant::now())
    }

    fn take_at(&mut self, key: K, per_second: f64, burst: f64, now: Instant) -> bool {
        if self.0.len() >= SWEEP_AT {
            let is_full_by_now = Duration::from_secs_f64(burst / per_second);
            self.0.retain(|_, bucket| now.duration_since(bucket.at) < is_full_by_now);
        }
        let bucket = self.0.entry(key).or_insert(Bucket { tokens: burst, at: now });
        let elapsed = now.saturating_duration_since(bucket.at).as_secs_f64();
        bucket.tokens = (bucket.tokens + elapsed * per_second).min(burst);
        bucket.at = now;
        let may = bucket.tokens >= 1.0;
        if may {
            bucket.tokens -= 1.0;
        }
        may
    }
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
    fn zero_limits_nothing() {
        let (mut rates, user) = (Rates::default(), UserId::new());
        assert!((0..10_000).all(|_| rates.message(user, 0)));
    }
}
