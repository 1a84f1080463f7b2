//! Rooms: the row of the room list, and the snapshot of one room with its members.

use serde::{Deserialize, Serialize};

use crate::{
    cursor::Cursor,
    ids::{MessageId, RoomId, UserId},
    message::{Message, PinnedMessage},
    schedule::ScheduledMessage,
    user::display_name,
};

/// A room as one of its members sees it in the room list.
///
/// JSON: `{"id":uuid,"is_group":false,"others":[uuid],"size":2,"last":{…}|null,"unread":1,"active_at":ms,…}`. Sent to
/// the lobby sockets of that member alone, in `welcome` and, after each change, in `room_changed`: an upsert by `id`.
/// See docs/protocol.md, `/usersServerEndpoint`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RoomSummary {
    pub id: RoomId,
    /// Whether it is a group; otherwise it is the direct room of two users, or a user's notes.
    pub is_group: bool,
    /// The title of a group. A group without one is named after its members.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The other members, at most the first [`crate::limit::LISTED_MEMBERS`]; empty in notes.
    pub others: Vec<UserId>,
    /// The number of members, the receiver included.
    pub size: u32,
    /// The newest message with its files, without its reactions. A system event is here only if it made the receiver a
    /// member. `None` in a room without messages.
    pub last: Option<Message>,
    /// How many messages of others this member has not read, counted up to [`crate::limit::UNREAD_COUNTED`]. Their own
    /// invitation counts; other system events and recalled messages do not. A hidden room has 0.
    pub unread: u32,
    /// The sort key of the list. It grows with every message and invitation in any room, even when the server's clock
    /// goes back; otherwise it is UTC milliseconds. The screen shows `last.sent_at`.
    pub active_at: i64,
    /// The `seq` of the newest message of others that mentions this member and that they have not read; `None` when
    /// there is none, and in a hidden room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mentioned: Option<u64>,
    /// This member muted the room: no notices, or only of mentions.
    pub is_muted: bool,
    /// Of a muted room: notices of messages that mention this member.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub mentions_only: bool,
    /// This member hid the room from the list until its next message.
    pub is_hidden: bool,
    /// This member pinned the room to the top of the list.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_pinned: bool,
}

/// A current or former member of a room, as every member sees them.
///
/// JSON: `{"id":uuid,"login":"minsu","name":"김민수","here":true,"last_read":7}`; the other fields are left out when
/// false. Sent to every socket of the room, in `welcome`, `resumed` and `members_changed`: an upsert by `id`.
/// See docs/protocol.md, `/chat/{room}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    pub id: UserId,
    pub login: String,
    pub name: String,
    /// The name could be mistaken for another user's: show it with the login.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_ambiguous: bool,
    /// Whether a window of this member shows the room now. On the wire `here`.
    #[serde(rename = "here")]
    pub is_present: bool,
    /// The `seq` of the newest message that this member has read; 0 when none.
    pub last_read: u64,
    /// The room's version at which this member joined: they are not expected to have read messages with a `seq` up to
    /// it. 0 for the maker of the group, and in a direct room.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub joined: u64,
    /// A former member, listed because their messages remain.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_left: bool,
    /// The account is disabled: do not count this member among those who have not read a message.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_disabled: bool,
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl Member {
    /// A new member who has read nothing and has no window open.
    pub fn new(id: UserId, login: String, name: String) -> Self {
        Self {
            id,
            login,
            name,
            is_ambiguous: false,
            is_present: false,
            last_read: 0,
            joined: 0,
            has_left: false,
            is_disabled: false,
        }
    }

    /// The name to show.
    pub fn display_name(&self) -> String {
        display_name(&self.name, &self.login, self.is_ambiguous)
    }
}

/// The state of a room without its messages.
///
/// JSON: [`RoomSnapshot`] and [`RoomDelta`] contain all of these fields.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomDetails {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The receiver muted the room.
    pub is_muted: bool,
    /// Of a muted room: the receiver wants notices of messages that mention them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub mentions_only: bool,
    /// The pinned messages that the receiver may see, in reverse order of pinning.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pins: Vec<PinnedMessage>,
    /// Only the maker of this group pins messages.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pins_by_maker: bool,
    /// The receiver's own bookmarks in this room.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bookmarks: Vec<MessageId>,
    /// The receiver's own scheduled messages in this room, in the order of their times.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scheduled: Vec<ScheduledMessage>,
    /// All members, the receiver included, and all former members.
    pub members: Vec<Member>,
    /// The room's version, independent of the messages that are included.
    pub cursor: Cursor,
}

impl RoomDetails {
    /// A room with these members; everything else is empty.
    pub fn new(members: Vec<Member>, cursor: Cursor) -> Self {
        Self {
            title: None,
            is_muted: false,
            mentions_only: false,
            pins: Vec::new(),
            pins_by_maker: false,
            bookmarks: Vec::new(),
            scheduled: Vec::new(),
            members,
            cursor,
        }
    }
}

/// What changed in a room after a cursor.
///
/// JSON: the fields of the event `resumed`: all [`RoomDetails`], and in `messages` the messages that are new or
/// changed. Sent to one room socket as its first frame if the socket resumes. See docs/protocol.md, `/chat/{room}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomDelta {
    #[serde(flatten)]
    pub details: RoomDetails,
    /// In the order of their versions.
    pub messages: Vec<Message>,
}

/// One room with its members and a page of its messages.
///
/// JSON: `{"room":uuid,"is_group":true,"title":"점심","is_muted":false,"members":[…],"cursor":{…},"messages":[…],
/// "has_earlier":true,"has_later":false}`. Sent to one room socket as its first frame, `welcome`, unless the socket
/// resumes; the server also renders a page from it. See docs/protocol.md, `/chat/{room}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomSnapshot {
    pub room: RoomId,
    pub is_group: bool,
    #[serde(flatten)]
    pub details: RoomDetails,
    /// A message page, oldest first: the newest page, or the page around the receiver's first unread message if the
    /// newest page does not reach back to it.
    pub messages: Vec<Message>,
    /// Whether the room has visible messages before the first one of `messages`.
    pub has_earlier: bool,
    /// Whether the room has messages after the last one of `messages`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_later: bool,
}
