//! Limits of sign-in attempts and registrations. Guesses are limited by login and network together, by network (many
//! logins, one password) and by login (one login, many networks). A user who has signed in on this browser or from this
//! network is not affected by the attempts of others there.

use std::time::{Duration, Instant};

use crate::{
    messenger::{generations::Generations, hashing::HashPriority, token_bucket::TokenBuckets},
    model::DeviceId,
    network::Network,
};
use protocol::ids::UserId;

/// Attempts of a network over all logins, for each attempt of one login.
pub(super) const LOGINS_OF_NETWORK: u32 = 4;
/// Attempts of a login over all networks, for each attempt of that login from one network.
pub(super) const NETWORKS_OF_LOGIN: u32 = 5;
/// The longest delay of an attempt over the limit. An attempt that would be delayed longer is refused.
pub(super) const MAX_DELAY: Duration = Duration::from_secs(8);
/// How many attempts are delayed in a minute. Further ones are refused.
const HELD_BACK: u32 = 2;
/// How long, at least, a network stays known for a login after a sign-in.
pub(super) const KNOWN_FOR: Duration = Duration::from_secs(24 * 3600);
/// The shortest time between two warnings about one network.
const WARN_EVERY: Duration = Duration::from_secs(60);

/// An attempt to sign in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attempt<'a> {
    /// Empty if the text is not a valid login.
    pub(super) login: &'a str,
    pub(super) network: Network,
    /// The device, if this account has signed in on it before.
    pub(super) device: Option<(UserId, DeviceId)>,
}

/// Whether an attempt may go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AttemptVerdict {
    Now(HashPriority),
    /// After a delay. A wrong password is then refused as too many attempts.
    After(Duration, HashPriority),
    Refused,
}

#[derive(Default)]
pub(super) struct Attempts {
    pairs: TokenBuckets<Pair>,
    held_back: TokenBuckets<Pair>,
    networks: TokenBuckets<Network>,
    logins: TokenBuckets<String>,
    devices: TokenBuckets<(UserId, DeviceId)>,
    known: Generations<Pair, ()>,
    registrations: TokenBuckets<Network>,
    passwords: TokenBuckets<UserId>,
    warned: Generations<Network, ()>,
}

type Pair = (String, Network);

impl Attempts {
    /// `per_minute` counts attempts of one login from one network; 0 is no limit.
    pub(super) fn sign_in(&mut self, of: Attempt<'_>, per_minute: u32, now: Instant) -> AttemptVerdict {
        let pair = (of.login.to_owned(), of.network);
        let is_known = of.device.is_some() || self.known.get(&pair, KNOWN_FOR, now).is_some();
        let priority = if is_known { HashPriority::Known(of.network) } else { HashPriority::Stranger(of.network) };
        let may = match of.device {
            _ if per_minute == 0 => true,
            Some(device) => self.devices.take_of_minute(device, per_minute, now),
            None if is_known || self.stranger(of, per_minute, now) => {
                return self.pair(pair, priority, per_minute, now);
            }
            None => false,
        };
        if may { AttemptVerdict::Now(priority) } else { AttemptVerdict::Refused }
    }

    /// The limits of a network over all logins, and of a login over all networks.
    fn stranger(&mut self, of: Attempt<'_>, per_minute: u32, now: Instant) -> bool {
        if !self.networks.take_of_minute(of.network, per_minute.saturating_mul(LOGINS_OF_NETWORK), now) {
            self.warn(of.network, now);
            return false;
        }
        let of_login = per_minute.saturating_mul(NETWORKS_OF_LOGIN);
        of.login.is_empty() || self.logins.take_of_minute(of.login.to_owned(), of_login, now)
    }

    /// The limit of a login from a network.
    fn pair(&mut self, pair: Pair, priority: HashPriority, per_minute: u32, now: Instant) -> AttemptVerdict {
        if self.pairs.take_of_minute(pair.clone(), per_minute, now) {
            return AttemptVerdict::Now(priority);
        }
        let wait = self.pairs.overdraw_of_minute(pair.clone(), per_minute, now);
        if wait <= MAX_DELAY && self.held_back.take_of_minute(pair.clone(), HELD_BACK, now) {
            return AttemptVerdict::After(wait, priority);
        }
        self.pairs.refund_of_minute(pair, per_minute, now);
        AttemptVerdict::Refused
    }

    /// Whether another attempt may be delayed. It counts as one that is, until [`Attempts::release`].
    pub(super) fn hold_back(&mut self, of: Attempt<'_>, now: Instant) -> bool {
        self.held_back.take_of_minute((of.login.to_owned(), of.network), HELD_BACK, now)
    }

    /// An attempt that might have been delayed was not.
    pub(super) fn release(&mut self, of: Attempt<'_>, now: Instant) {
        self.held_back.refund_of_minute((of.login.to_owned(), of.network), HELD_BACK, now);
    }

    pub(super) fn warn(&mut self, network: Network, now: Instant) {
        if self.warned.get(&network, WARN_EVERY, now).is_none() {
            self.warned.entry(network, WARN_EVERY, now, || ());
            tracing::warn!(?network, "attempts to sign in with many logins; further ones are refused for a while");
        }
    }

    /// Refunds an attempt with the right password, and marks the network as known for this login.
    pub(super) fn succeeded(&mut self, of: Attempt<'_>, priority: HashPriority, per_minute: u32, now: Instant) {
        let pair = (of.login.to_owned(), of.network);
        self.known.entry(pair.clone(), KNOWN_FOR, now, || ());
        if per_minute == 0 {
            return;
        }
        if let Some(device) = of.device {
            return self.devices.refund_of_minute(device, per_minute, now);
        }
        self.pairs.refund_of_minute(pair, per_minute, now);
        if matches!(priority, HashPriority::Stranger(_)) {
            let of_network = per_minute.saturating_mul(LOGINS_OF_NETWORK);
            self.networks.refund_of_minute(of.network, of_network, now);
            let of_login = per_minute.saturating_mul(NETWORKS_OF_LOGIN);
            self.logins.refund_of_minute(of.login.to_owned(), of_login, now);
        }
    }

    pub(super) fn registration(&mut self, network: Network, per_minute: u32, now: Instant) -> bool {
        per_minute == 0 || self.registrations.take_of_minute(network, per_minute, now)
    }

    /// An attempt of a signed-in user to confirm their password, in order to change it.
    pub(super) fn password(&mut self, user: UserId, per_minute: u32, now: Instant) -> bool {
        per_minute == 0 || self.passwords.take_of_minute(user, per_minute, now)
    }
}

#[cfg(test)]
mod tests;
