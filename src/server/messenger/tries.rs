//! Tries to sign in and to register: how many, of whom, from where. Guesses are slowed by login and network together,
//! by network (many logins, one password) and by login (one login, many networks). Who has signed in on this browser,
//! or from this network, is not held up by what others do there.

use std::time::{Duration, Instant};

use crate::{
    protocol::ids::UserId,
    server::{
        messenger::{generations::Generations, hashing::Turn, rate::Buckets},
        network::Network,
        store::DeviceId,
    },
};

/// Tries with other logins that a network has for each of one login.
const LOGINS_OF_NETWORK: u32 = 4;
/// Tries from other networks that a login has for each from one network.
const NETWORKS_OF_LOGIN: u32 = 5;
/// The longest that a try too many is held back instead of refused.
const PATIENCE: Duration = Duration::from_secs(8);
/// Tries that are held back in so many seconds; further ones are refused at once.
const HELD_BACK: f64 = 2.0;
const HELD_BACK_EVERY: f64 = 60.0;
/// For so long at least a network is known by a sign-in from there.
const KNOWN_FOR: Duration = Duration::from_secs(24 * 3600);
/// The shortest time between two warnings of a network that tries many logins.
const WARN_EVERY: Duration = Duration::from_secs(60);

/// One try to sign in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Try<'a> {
    /// Empty for one that nobody can have.
    pub(super) login: &'a str,
    pub(super) network: Network,
    /// A browser on which this account has signed in before.
    pub(super) device: Option<(UserId, DeviceId)>,
}

/// What becomes of a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Admission {
    Now(Turn),
    /// Later, and a wrong password is then answered as one too many.
    After(Duration, Turn),
    Refused,
}

#[derive(Default)]
pub(super) struct Tries {
    pairs: Buckets<Pair>,
    held_back: Buckets<Pair>,
    networks: Buckets<Network>,
    logins: Buckets<String>,
    devices: Buckets<(UserId, DeviceId)>,
    known: Generations<Pair, ()>,
    registrations: Buckets<Network>,
    passwords: Buckets<UserId>,
    warned: Generations<Network, ()>,
}

type Pair = (String, Network);

impl Tries {
    /// `per_minute`: of one login from one network; 0: any number.
    pub(super) fn sign_in(&mut self, of: Try<'_>, per_minute: u32, now: Instant) -> Admission {
        let pair = (of.login.to_owned(), of.network);
        let is_known = of.device.is_some() || self.known.get(&pair, KNOWN_FOR, now).is_some();
        let turn = if is_known { Turn::Known(of.network) } else { Turn::Stranger(of.network) };
        let may = match of.device {
            _ if per_minute == 0 => true,
            Some(device) => self.devices.take_of_minute(device, per_minute, now),
            None if is_known || self.stranger(of, per_minute, now) => return self.pair(pair, turn, per_minute, now),
            None => false,
        };
        if may { Admission::Now(turn) } else { Admission::Refused }
    }

    /// The bounds of a network over all logins, and of a login over all networks.
    fn stranger(&mut self, of: Try<'_>, per_minute: u32, now: Instant) -> bool {
        if !self.networks.take_of_minute(of.network, per_minute.saturating_mul(LOGINS_OF_NETWORK), now) {
            self.warn(of.network, now);
            return false;
        }
        let of_login = per_minute.saturating_mul(NETWORKS_OF_LOGIN);
        of.login.is_empty() || self.logins.take_of_minute(of.login.to_owned(), of_login, now)
    }

    /// The bound of a login from a network.
    fn pair(&mut self, pair: Pair, turn: Turn, per_minute: u32, now: Instant) -> Admission {
        if self.pairs.take_of_minute(pair.clone(), per_minute, now) {
            return Admission::Now(turn);
        }
        let wait = self.pairs.borrow_of_minute(pair.clone(), per_minute, now);
        let may_wait =
            wait <= PATIENCE && self.held_back.take_at(pair.clone(), HELD_BACK / HELD_BACK_EVERY, HELD_BACK, now);
        if may_wait {
            return Admission::After(wait, turn);
        }
        self.pairs.give_back_of_minute(pair, per_minute, now);
        Admission::Refused
    }

    fn warn(&mut self, network: Network, now: Instant) {
        if self.warned.get(&network, WARN_EVERY, now).is_none() {
            self.warned.entry(network, WARN_EVERY, now, || ());
            tracing::warn!(?network, "tries to sign in with many logins; further ones are refused for a while");
        }
    }

    /// The password was right: what the try was charged is given back, and the network is known for this login.
    pub(super) fn succeeded(&mut self, of: Try<'_>, turn: Turn, per_minute: u32, now: Instant) {
        let pair = (of.login.to_owned(), of.network);
        self.known.entry(pair.clone(), KNOWN_FOR, now, || ());
        if per_minute == 0 {
            return;
        }
        if let Some(device) = of.device {
            return self.devices.give_back_of_minute(device, per_minute, now);
        }
        self.pairs.give_back_of_minute(pair, per_minute, now);
        if matches!(turn, Turn::Stranger(_)) {
            let of_network = per_minute.saturating_mul(LOGINS_OF_NETWORK);
            self.networks.give_back_of_minute(of.network, of_network, now);
            let of_login = per_minute.saturating_mul(NETWORKS_OF_LOGIN);
            self.logins.give_back_of_minute(of.login.to_owned(), of_login, now);
        }
    }

    pub(super) fn registration(&mut self, network: Network, per_minute: u32, now: Instant) -> bool {
        per_minute == 0 || self.registrations.take_of_minute(network, per_minute, now)
    }

    /// A signed-in person says their password again, to change it.
    pub(super) fn password(&mut self, user: UserId, per_minute: u32, now: Instant) -> bool {
        per_minute == 0 || self.passwords.take_of_minute(user, per_minute, now)
    }
}

#[cfg(test)]
mod tests;
