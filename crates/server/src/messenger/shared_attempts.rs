//! Attempts that the nodes of a shared database count together, by the rules of `attempts`: an attacker behind a
//! balancer would otherwise have the attempts of every node.

use sha2::{Digest, Sha256};

use crate::{
    messenger::{
        attempts::{Attempt, AttemptVerdict, KNOWN_FOR, LOGINS_OF_NETWORK, MAX_DELAY, NETWORKS_OF_LOGIN},
        hashing::HashPriority,
        inner::Messenger,
        policy::Result,
    },
    model::{AttemptBucket, AttemptKey, DeviceId, SignInBuckets, SignInCharge},
    network::Network,
};
use protocol::ids::UserId;

/// The bucket of what these parts name together.
fn bucket(parts: &[&[u8]], per_minute: u32) -> AttemptBucket {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let mut key = [0; 16];
    key.copy_from_slice(&hash.finalize()[..16]);
    AttemptBucket { key: AttemptKey(key), per_minute }
}

fn of_sign_in(of: Attempt<'_>, per_minute: u32) -> SignInBuckets {
    let (login, network) = (of.login.as_bytes(), of.network.to_string());
    let whole = |times| per_minute.saturating_mul(times);
    SignInBuckets {
        pair: bucket(&[b"pair", login, network.as_bytes()], per_minute),
        network: bucket(&[b"network", network.as_bytes()], whole(LOGINS_OF_NETWORK)),
        login: (!login.is_empty()).then(|| bucket(&[b"login", login], whole(NETWORKS_OF_LOGIN))),
    }
}

pub(super) fn of_device((user, device): (UserId, DeviceId), per_minute: u32) -> AttemptBucket {
    bucket(&[b"device", user.uuid().as_bytes(), &device.0], per_minute)
}

pub(super) fn of_registration(network: Network, per_minute: u32) -> AttemptBucket {
    bucket(&[b"registration", network.to_string().as_bytes()], per_minute)
}

pub(super) fn of_password(user: UserId, per_minute: u32) -> AttemptBucket {
    bucket(&[b"password", user.uuid().as_bytes()], per_minute)
}

impl Messenger {
    /// An attempt from a browser that is not known for the login.
    pub(super) async fn shared_stranger(&self, of: Attempt<'_>) -> Result<AttemptVerdict> {
        // Each node limits how many attempts it keeps waiting.
        let may_wait = self.attempts().hold_back(of, self.rate_now());
        let longest = if may_wait { MAX_DELAY } else { Default::default() };
        let taken = self.0.store.take_sign_in(of_sign_in(of, self.sign_ins_per_minute()), longest).await;
        let waits = taken.as_ref().is_ok_and(|taken| taken.wait.is_some_and(|wait| !wait.is_zero()));
        if may_wait && !waits {
            self.attempts().release(of, self.rate_now());
        }
        let taken = taken?;
        if !taken.network_may {
            self.attempts().warn(of.network, self.rate_now());
        }
        let priority = match taken.is_known {
            true => HashPriority::Known(of.network),
            false => HashPriority::Stranger(of.network),
        };
        Ok(match taken.wait {
            None => AttemptVerdict::Refused,
            Some(wait) if wait.is_zero() => AttemptVerdict::Now(priority),
            Some(wait) => AttemptVerdict::After(wait, priority),
        })
    }

    /// Refunds an attempt with the right password, and marks its network as known.
    pub(super) async fn shared_success(&self, of: Attempt<'_>, priority: HashPriority) -> Result<()> {
        let limit = self.sign_ins_per_minute();
        if let Some(device) = of.device {
            self.0.store.refund_attempt(of_device(device, limit)).await?;
        }
        let charged = match priority {
            _ if of.device.is_some() => SignInCharge::None,
            HashPriority::Stranger(_) => SignInCharge::All,
            _ => SignInCharge::Pair,
        };
        Ok(self.0.store.refund_sign_in(of_sign_in(of, limit), charged, KNOWN_FOR).await?)
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    #[test]
    fn what_is_counted_apart_has_another_key() {
        let network = |text: &str| Network::from(text.parse::<IpAddr>().unwrap());
        let of = |login, text| of_sign_in(Attempt { login, network: network(text), device: None }, 10);
        let one = of("minsu", "198.51.100.1");
        for other in [of("minsu1", "98.51.100.1"), of("minsu", "198.51.100.2"), of("jiwoo", "198.51.100.1")] {
            assert_ne!(one.pair.key, other.pair.key);
        }
        assert_eq!(one.network, of("jiwoo", "198.51.100.1").network);
        assert_eq!(one.login, of("minsu", "198.51.100.2").login);
        assert_eq!((one.network.per_minute, one.login.unwrap().per_minute), (40, 50));
        assert_ne!(one.network.key, of_registration(network("198.51.100.1"), 10).key);
        assert!(of("", "198.51.100.1").login.is_none());
    }
}
