//! Rate limits of posts, typing indicators and connections: GCRA by `governor`, for each user over all sockets.

use std::{num::NonZeroU32, time::Instant};

use governor::{Quota, RateLimiter, middleware::NoOpMiddleware, state::keyed::DefaultKeyedStateStore};

use crate::messenger::{
    policy::{Policy, Result},
    rate_clock::RateClock,
};
use protocol::{error::Refusal, ids::UserId};

/// Typing indicators of a user a second. A client sends one every few seconds.
const TYPING_PER_SECOND: NonZeroU32 = NonZeroU32::new(2).expect("it is not 0");

type UserLimiter = RateLimiter<UserId, DefaultKeyedStateStore<UserId>, RateClock, NoOpMiddleware<Instant>>;

/// `None` means no limit. Only users with an account are keys, which bounds the tables.
pub(super) struct Rates {
    messages: Option<UserLimiter>,
    typing: Option<UserLimiter>,
    connections: Option<UserLimiter>,
}

impl Rates {
    pub(super) fn new(policy: &Policy) -> Self {
        let limiter =
            |quota: Option<Quota>| quota.map(|quota| RateLimiter::new(quota, Default::default(), policy.rate_clock));
        Self {
            messages: limiter(NonZeroU32::new(policy.messages_per_second).map(two_seconds_at_once)),
            typing: limiter(Some(two_seconds_at_once(TYPING_PER_SECOND))),
            connections: limiter(NonZeroU32::new(policy.connections_per_minute).map(Quota::per_minute)),
        }
    }

    /// # Errors
    /// [`Refusal::TooFast`].
    pub(super) fn message(&self, user: UserId) -> Result<()> {
        check_limiter(self.messages.as_ref(), user)
    }

    /// # Errors
    /// [`Refusal::TooFast`].
    pub(super) fn typing(&self, user: UserId) -> Result<()> {
        check_limiter(self.typing.as_ref(), user)
    }

    /// # Errors
    /// [`Refusal::TooFast`].
    pub(super) fn connection(&self, user: UserId) -> Result<()> {
        check_limiter(self.connections.as_ref(), user)
    }

    /// Evicts users who have their whole burst again.
    pub(super) fn sweep(&self) {
        let limiters = [&self.messages, &self.typing, &self.connections];
        limiters.into_iter().flatten().for_each(RateLimiter::retain_recent);
    }
}

fn two_seconds_at_once(per_second: NonZeroU32) -> Quota {
    Quota::per_second(per_second).allow_burst(per_second.saturating_mul(NonZeroU32::MIN.saturating_add(1)))
}

fn check_limiter(limiter: Option<&UserLimiter>, user: UserId) -> Result<()> {
    let is_within = limiter.is_none_or(|limiter| limiter.check_key(&user).is_ok());
    if is_within { Ok(()) } else { Err(Refusal::TooFast) }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use governor::clock::FakeRelativeClock;

    use super::*;

    #[test]
    fn a_burst_of_two_seconds_then_the_rate_for_each_user() {
        let (clock, [me, other]) = (FakeRelativeClock::default(), [UserId::new(), UserId::new()]);
        let quota = two_seconds_at_once(NonZeroU32::new(5).unwrap());
        let limiter = RateLimiter::hashmap_with_clock(quota, clock.clone());
        assert_eq!((0..20).filter(|_| limiter.check_key(&me).is_ok()).count(), 10);
        clock.advance(Duration::from_millis(100));
        assert!(limiter.check_key(&me).is_err());
        clock.advance(Duration::from_millis(100));
        assert!(limiter.check_key(&me).is_ok() && limiter.check_key(&me).is_err());
        assert!(limiter.check_key(&other).is_ok(), "users are independent");
    }
}
