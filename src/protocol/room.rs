//! A conversation, seen from the list and from inside.

use serde::{Deserialize, Serialize};

use crate::protocol::{
    cursor::Cursor,
    ids::{RoomId, UserId},
    message::Message,
};

/// A conversation as one of its members sees it in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Room {
    pub id: RoomId,
    /// Everybody else in it.
    pub others: Vec<UserId>,
    /// The newest message; none in a conversation where nothing was said yet.
    pub last: Option<Message>,
    /// How many messages of others this member has not read.
    pub unread: u32,
    /// When something last happened in it, UTC milliseconds: the list's order.
    pub active_at: i64,
}

/// A member of a conversation as everybody in it sees them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    pub id: UserId,
    pub login: String,
    pub name: String,
    /// Whether a window of theirs shows this conversation now.
    pub here: bool,
    /// The `seq` of the newest message they have read; 0 when none.
    pub last_read: u64,
}

/// A conversation from inside: what the page is rendered from and what a socket hears first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomSnapshot {
    pub room: RoomId,
    /// Everybody in it, the receiver included.
    pub members: Vec<Member>,
    /// The newest page of messages, oldest first.
    pub messages: Vec<Message>,
    /// Everything up to here is in this snapshot.
    pub cursor: Cursor,
    /// Whether there are messages before the first one here.
    pub has_earlier: bool,
}
