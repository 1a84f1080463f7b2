//! What attempts are counted by in a shared database.

use std::time::Duration;

/// The name of a bucket of attempts: a hash of what it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttemptKey(pub [u8; 16]);

/// A bucket that holds the attempts of one minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttemptBucket {
    pub key: AttemptKey,
    /// At least 1.
    pub per_minute: u32,
}

/// What a sign-in from a browser that is not known for the login takes from: one attempt from each.
#[derive(Clone, Copy, Debug)]
pub struct SignInBuckets {
    /// The login from this network.
    pub pair: AttemptBucket,
    /// The network, with all logins.
    pub network: AttemptBucket,
    /// The login, from all networks; `None` if there cannot be such an account.
    pub login: Option<AttemptBucket>,
}

/// From which of its buckets a sign-in took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInCharge {
    /// It took from that of its device.
    None,
    Pair,
    All,
}

/// The answer to a sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignInTaken {
    /// Whether the network is known for the login. Then the pair alone counts.
    pub is_known: bool,
    /// Whether the network has attempts left, over all logins.
    pub network_may: bool,
    /// How long until the attempt would have been free; `None` if it is refused.
    pub wait: Option<Duration>,
}
