//! The lobby socket, `/usersServerEndpoint`: users, the room list, search, presence.

use serde::{Deserialize, Serialize};

use crate::{
    cursor::Cursor,
    error::Refusal,
    ids::{MessageId, RoomId, UserId},
    message::Message,
    people::{DepartmentCount, PeopleCount, WatchedPresence},
    room::RoomSummary,
    room_socket::RoomCommand,
    schedule::ScheduledMessage,
    user::{Absence, User},
};

/// A command that a client sends on its lobby socket.
///
/// JSON: `{"type":"open_direct","user":uuid}`. The server answers a failed command with
/// [`LobbyEvent::Refused`]; the socket stays open. See docs/protocol.md, `/usersServerEndpoint`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum LobbyCommand {
    /// Open the direct room with this user, created if necessary, and invite the other; with the sender's own id, their
    /// notes. Answered by `entered`.
    OpenDirect { user: UserId },
    /// Create a group of these users and the sender. Answered by `entered`.
    OpenGroup {
        users: Vec<UserId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        title: Option<String>,
    },
    /// Carry out a `post` or `edit` in a room for which the client has no socket: messages that closed windows left
    /// unsent. Answered by `delivered`.
    Deliver { room: RoomId, command: RoomCommand },
    /// Find the messages of the sender's rooms that contain every word of the query, newest first, at most
    /// [`crate::limit::PAGE_HITS`]. `before` continues an earlier search. Answered by `found`.
    Search {
        query: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<u64>,
    },
    /// List the sender's messages of a collection, the newest first, at most [`crate::limit::PAGE_HITS`]. `before`
    /// continues an earlier list. Answered by `collected`.
    Collect {
        of: Collection,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<u64>,
    },
    /// Bookmark a message of one of the sender's rooms, or remove the bookmark.
    Bookmark { room: RoomId, id: MessageId, on: bool },
    /// Delete a scheduled message of the sender, in any room. Acknowledged by `unsent` if it could not be sent.
    Unschedule { id: MessageId },
    /// Set the users and departments whose changes this socket receives in a large organisation: the whole set, which
    /// replaces the one before; at most [`crate::limit::WATCHED`] users and [`crate::limit::WATCHED_DEPARTMENTS`]
    /// departments. Answered by `presence`, before it by `users_changed` for users whose data the client may have in an
    /// older state.
    Watch {
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        users: Vec<UserId>,
        /// Paths; `""` is the whole organisation.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        departments: Vec<String>,
    },
    /// List the departments directly below a department, and its own users, at most [`crate::limit::PAGE_PEOPLE`].
    /// `after` continues an earlier list. Answered by `department`.
    Department {
        /// `""` for the top of the tree, whose own users are those without a department.
        path: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<UserId>,
    },
    /// Find users by a part of their name, login, job title or department, also by initial consonants, at most
    /// [`crate::limit::PAGE_FOUND_PEOPLE`]. `after` continues an earlier search. Answered by `people_found`.
    FindPeople {
        query: String,
        /// Only users who are not members of this room, which is one of the sender's.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        outside: Option<RoomId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<UserId>,
    },
    /// Send these users, at most [`crate::limit::WATCHED`]: those that a room or a message names and the client does
    /// not know. Answered by `users_changed`; ids of no account are left out.
    People { users: Vec<UserId> },
    /// Add a user to the sender's favourites, or remove them.
    Favour { user: UserId, on: bool },
    /// Pin a room to the top of the sender's list, or unpin it.
    Pin { room: RoomId, on: bool },
    /// Mute a room for the sender, wholly or except for mentions, or unmute it.
    Mute {
        room: RoomId,
        on: bool,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        mentions_only: bool,
    },
    /// Hide a room from the sender's list until its next message.
    Hide { room: RoomId },
    /// Set the sender's status for everybody: busy or not, and a status message. At `until`, UTC milliseconds, the
    /// server removes both.
    Status {
        busy: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<i64>,
    },
    /// Set the sender's absence for everybody, or end it.
    Absence {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        absence: Option<Absence>,
    },
    /// Mark this window as idle, or as active again. A user is idle when all their windows are.
    Idle { on: bool },
    /// Check the connection. Answered by `pong`.
    Ping,
}

/// An event that the server sends on a lobby socket.
///
/// JSON: `{"type":"room_gone","room":uuid}`. See docs/protocol.md, `/usersServerEndpoint`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[allow(clippy::large_enum_variant, reason = "on 64 bits only; an event is built once and shared through a pointer")]
pub enum LobbyEvent {
    /// The first frame of every lobby socket.
    Welcome(LobbySnapshot),
    /// Broadcast to every lobby socket: new and changed users, at most one frame a presence tick. In a large
    /// organisation to the sockets that watch one of the users or their department, or list a room with them; also the
    /// answer to `people`.
    UsersChanged {
        users: Vec<User>,
        /// The position after these changes.
        cursor: Cursor,
    },
    /// To a socket that watches users or departments, in a large organisation: the answer to `watch`, then the changes
    /// at most once a presence tick, those of departments every five seconds.
    Presence(WatchedPresence),
    /// To the sender of `department`: a page of its users, first those with an `order`, in that order, then the others
    /// as in the address book.
    Department {
        path: String,
        /// The users of this department and of all below it, as in [`DepartmentCount`].
        people: u32,
        online: u32,
        /// The departments directly below it, in their order; only in the first page.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        departments: Vec<DepartmentCount>,
        users: Vec<User>,
        /// The `after` of the next page; `None` on the last one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<UserId>,
    },
    /// To the sender of `find_people`: a page of users, first those whose name matches, then login, job title,
    /// department; each in the order of the address book.
    PeopleFound {
        query: String,
        users: Vec<User>,
        /// The `after` of the next page; `None` on the last one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<UserId>,
    },
    /// To the member: a room of theirs is new or changed.
    RoomChanged { room: RoomSummary },
    /// To the former member: they are no longer in this room.
    RoomGone {
        room: RoomId,
        /// Who removed them; `None` when they left.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<UserId>,
    },
    /// To every lobby socket of the user: the whole list of their favourites after a change.
    Favourites { users: Vec<UserId> },
    /// To the sender of `open_direct` or `open_group`: the room exists and can be opened.
    Entered { room: RoomId },
    /// To the other members of a new group, and to users who are invited later: `by` invites them.
    Invited {
        room: RoomId,
        by: UserId,
        /// `by` opened a direct room that has no messages yet. Only the original's clients receive this, to open their
        /// window.
        #[serde(skip)]
        is_direct: bool,
    },
    /// To every member: these messages of the room were recalled; remove their text from hits and notices.
    Recalled { room: RoomId, ids: Vec<MessageId> },
    /// To the sender of `deliver`: the message is on disk.
    Delivered { room: RoomId, id: MessageId },
    /// To the sender of `search`: a page of hits, newest first.
    Found {
        query: String,
        hits: Vec<Hit>,
        /// The `before` of the next page; `None` on the last one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<u64>,
    },
    /// To the sender of `collect`: a page of messages, the newest first.
    Collected {
        of: Collection,
        hits: Vec<Hit>,
        /// The `before` of the next page; `None` on the last one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<u64>,
    },
    /// To every lobby socket of the user: the settings that their account keeps, after a change.
    Settings { settings: String },
    /// To every lobby socket of the user: they bookmarked a message, or removed the bookmark.
    Bookmarked { room: RoomId, id: MessageId, on: bool },
    /// To every lobby socket of the user: all of their scheduled messages that could not be sent, after a change.
    #[serde(rename = "unsent")]
    UnsentScheduled { messages: Vec<ScheduledMessage> },
    /// To the sender of a command that failed.
    Refused {
        error: Refusal,
        /// The message of a failed `deliver`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<MessageId>,
    },
    /// To the sender of `ping`.
    Pong,
}

/// A user's own messages of one kind, from all their rooms. JSON: `"mentions"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Collection {
    /// Messages of others that mention the user.
    Mentions,
    /// Messages that the user bookmarked.
    Bookmarks,
}

/// A search hit. JSON: `{"room":uuid,"message":{…}}`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Hit {
    pub room: RoomId,
    pub message: Message,
}

/// The content of the main window: users, rooms, favourites.
///
/// JSON: `{"me":uuid,"cursor":{…},"users":[…],"rooms":[…]}`; `since` and `people` are left out when absent,
/// `departments` and `favourites` when empty.
/// Sent to one lobby socket as its first frame, `welcome`; the server also renders the main window from it. See
/// docs/protocol.md, `/usersServerEndpoint`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LobbySnapshot {
    /// The account of the receiver.
    pub me: UserId,
    /// The cursor in the changes of users up to which `users` is complete. A restarted server starts a new epoch.
    pub cursor: Cursor,
    /// Set in a delta: the cursor with which the client connected. On the wire `since`.
    #[serde(rename = "since", default, skip_serializing_if = "Option::is_none")]
    pub resumed_from: Option<Cursor>,
    /// The size of a large organisation. `None` in a small one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub people: Option<PeopleCount>,
    /// Every account, the receiver's included; in a delta only the new and changed users. In a large organisation only
    /// the receiver, their favourites, the users that `rooms` names in `others`, and users of the receiver's
    /// department, at most [`crate::limit::PAGE_PEOPLE`] of these; in a delta those of them who changed.
    pub users: Vec<User>,
    /// Departments in the order that the operator gave them; others follow, sorted by name. Empty in a large
    /// organisation, where `department` lists them in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub departments: Vec<String>,
    /// All rooms of the receiver, the most recently active first.
    pub rooms: Vec<RoomSummary>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub favourites: Vec<UserId>,
    /// The settings that the receiver's account keeps, as `name.value` pairs separated by `&`; empty if the user
    /// changed none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub settings: String,
    /// Scheduled messages of the receiver that could not be sent, in the order of their times.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unsent: Vec<ScheduledMessage>,
}
