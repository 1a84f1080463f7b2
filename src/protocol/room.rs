//! A conversation, seen from the list and from inside.

use serde::{Deserialize, Serialize};

use crate::protocol::{
    cursor::Cursor,
    ids::{RoomId, UserId},
    message::Message,
    user::called,
};

/// A conversation as one of its members sees it in the list.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Room {
    pub id: RoomId,
    /// Whether it is a group; otherwise it is the one conversation of two people.
    pub is_group: bool,
    /// A group's title; without one it is called by its members' names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Everybody else in it, of a large group the first [`crate::protocol::limit::LISTED_MEMBERS`].
    pub others: Vec<UserId>,
    /// How many people are in it, oneself included.
    pub size: u32,
    /// The newest message; none in a conversation where nothing was said yet.
    pub last: Option<Message>,
    /// How many messages of others this member has not read, counted up to [`crate::protocol::limit::UNREAD_COUNTED`];
    /// lines and recalled ones do not count, and nothing does while it is hidden.
    pub unread: u32,
    /// The list's order: grows with whatever is said, in any conversation. UTC milliseconds as long as the server's clock
    /// does not go back; what a person reads is the time of `last`.
    pub active_at: i64,
    /// Whether this member wants no notices of it.
    pub is_muted: bool,
    /// Whether this member put it out of sight until something is said in it.
    pub is_hidden: bool,
    /// Whether this member keeps it at the top of their list.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_pinned: bool,
}

/// A member of a conversation as everybody in it sees them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    pub id: UserId,
    pub login: String,
    pub name: String,
    /// The name alone may be taken for somebody else's: it is shown with the login.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_ambiguous: bool,
    /// Whether a window of theirs shows this conversation now.
    pub here: bool,
    /// The `seq` of the newest message they have read; 0 when none.
    pub last_read: u64,
    /// They left the group; listed because what they said is still there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_left: bool,
    /// Their account is disabled: they read nothing any more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_disabled: bool,
}

impl Member {
    /// The name as it is shown.
    pub fn called(&self) -> String {
        called(&self.name, &self.login, self.is_ambiguous)
    }
}

/// A conversation from inside: what the page is rendered from and what a socket hears first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomSnapshot {
    pub room: RoomId,
    pub is_group: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Whether the receiver wants no notices of it.
    pub is_muted: bool,
    /// Everybody in it, the receiver included, and everybody who left.
    pub members: Vec<Member>,
    /// The newest page of messages, oldest first.
    pub messages: Vec<Message>,
    /// Everything up to here is in this snapshot.
    pub cursor: Cursor,
    /// Whether there are messages before the first one here.
    pub has_earlier: bool,
}
