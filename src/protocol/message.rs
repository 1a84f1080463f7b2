//! A message in its whole present state. A change of any kind is told by sending it again.

use serde::{Deserialize, Serialize};

use crate::protocol::ids::{MessageId, UserId};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    pub id: MessageId,
    /// Its place in the room: the room's version when it was posted. Never changes.
    pub seq: u64,
    /// The room's version when it last changed.
    pub version: u64,
    pub author: UserId,
    /// Raw text, never HTML.
    pub body: String,
    /// UTC milliseconds, by the server's clock.
    pub sent_at: i64,
}
