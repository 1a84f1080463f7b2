//! The owner of a socket, and how many sockets one owner may hold.

use std::{net::IpAddr, time::Duration};

use protocol::ids::UserId;

/// How long a user stays online after their last socket closed, so that a reload does not show them as offline.
pub const GRACE: Duration = Duration::from_secs(1);

/// The SHA-256 of a session's token. Ending the session closes its sockets.
pub type SessionKey = [u8; 32];

/// The user, session and client address of a socket.
#[derive(Clone, Copy, Debug)]
pub struct Owner {
    pub user: UserId,
    pub session: SessionKey,
    pub address: IpAddr,
}

/// The limits of sockets for one user and for one address; 0 means no limit.
#[derive(Clone, Copy, Debug, Default)]
pub struct Caps {
    pub per_user: usize,
    pub per_address: usize,
}

/// How a user is online.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activity {
    Active,
    /// Every main window of the user reports that it is idle.
    Idle,
}

/// The limit of sockets per user or per address is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManySockets;
