//! Changes of a message that are sent without it.

use serde::{Deserialize, Serialize};

use protocol::ids::{MessageId, UserId};

/// A reaction that was added or removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reacted {
    pub id: MessageId,
    pub seq: u64,
    /// The message's version, and the room's version at that time.
    pub version: u64,
    pub emoji: String,
    pub user: UserId,
    pub on: bool,
}

/// A confirmation of a message that asks for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfirmedMessage {
    pub id: MessageId,
    pub seq: u64,
    /// The message's version, and the room's version at that time.
    pub version: u64,
    pub author: UserId,
    /// The user who confirmed it.
    pub user: UserId,
}
