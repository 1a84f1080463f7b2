//! Sessions and devices, named by the hashes of their tokens.

use std::fmt::{self, Display, Formatter};

use data_encoding::HEXLOWER;

use protocol::{ended::Ended, ids::UserId};

/// The SHA-256 of a session's token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SessionId(pub [u8; 32]);

/// In hexadecimal. It identifies the session in a form; as a hash it does not authenticate anybody.
impl Display for SessionId {
    fn fmt(&self, to: &mut Formatter<'_>) -> fmt::Result {
        HEXLOWER.encode_display(&self.0).fmt(to)
    }
}

/// The SHA-256 of the token that identifies a browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DeviceId(pub [u8; 32]);

/// A session to insert.
#[derive(Clone, Debug)]
pub struct NewSession {
    pub id: SessionId,
    pub user: UserId,
    /// UTC milliseconds.
    pub expires_at: i64,
    /// The `User-Agent`.
    pub agent: String,
    pub device: Option<DeviceId>,
}

/// A session that has not ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionInfo {
    pub id: SessionId,
    /// UTC milliseconds; `None` for a session from before this column existed.
    pub created_at: Option<i64>,
    /// The `User-Agent` of the sign-in.
    pub agent: Option<String>,
}

/// A session that has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndedSession {
    /// The number of its tombstone; 0 for an expired session that is not deleted yet.
    pub number: i64,
    pub id: SessionId,
    pub reason: Ended,
}
