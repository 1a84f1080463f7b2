//! The room socket, `/chat/{room}`: the messages and members of one room.

use serde::{Deserialize, Serialize};

use crate::{
    cursor::Cursor,
    error::Refusal,
    file::RoomFile,
    ids::{FileId, MessageId, RoomId, UserId},
    message::{Mentions, Message, PinnedMessage},
    room::{Member, RoomDelta, RoomSnapshot, RoomSummary},
    schedule::{Reschedule, Schedule, ScheduledMessage},
    user::User,
};

/// A command that a client sends on a room socket.
///
/// JSON: `{"type":"post","id":uuid,"body":"안녕하세요"}`. The server answers a failed command
/// with [`RoomEvent::Refused`]; the socket stays open. See docs/protocol.md, `/chat/{room}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum RoomCommand {
    /// Post a message. The client's `id` is the idempotency key: a retry with the same id stores nothing new.
    /// Acknowledged by `message`.
    Post(Post),
    /// Replace the text of a message of the sender. Its files stay; with files the text may be empty. Acknowledged by
    /// `message`.
    Edit {
        id: MessageId,
        body: String,
        /// The users whom the new text mentions; `None` keeps the mentions.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mentions: Option<Mentions>,
    },
    /// Recall a message of the sender: its text, files and reactions are deleted, a tombstone stays.
    Recall { id: MessageId },
    /// Add the sender's reaction to a message, or remove it.
    React { id: MessageId, emoji: String, on: bool },
    /// Confirm a message that asks for it; a confirmation cannot be withdrawn. Acknowledged by `confirmed`.
    Confirm { id: MessageId },
    /// Have the server post a message at a later time. The message will have the client's `id`, which is the
    /// idempotency key. Acknowledged by `scheduled`.
    Schedule(Schedule),
    /// Replace the text and time of a scheduled message of the sender, also of an unsent one. Acknowledged by
    /// `scheduled`.
    Reschedule(Reschedule),
    /// Delete a scheduled message of the sender. Acknowledged by `unscheduled`.
    Unschedule { id: MessageId },
    /// Post a scheduled message of the sender now. Acknowledged by `message`.
    SendScheduled { id: MessageId },
    /// Make a message the announcement of the room, or remove the announcement. The previous announcement stays pinned.
    Announce {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<MessageId>,
    },
    /// Pin a message in the room, or unpin it.
    PinMessage { id: MessageId, on: bool },
    /// Allow only the maker of the group to pin messages (`on`), or everybody. Only the maker may send it.
    LimitPins { on: bool },
    /// Bookmark a message for the sender, or remove the bookmark.
    Bookmark { id: MessageId, on: bool },
    /// Copy messages of this room into others. Its `id` is the idempotency key: a retry with the same id copies nothing
    /// twice. Answered by `forwarded`.
    Forward(Forward),
    /// List the rooms and users to which the sender may forward. Answered by `targets`.
    Targets,
    /// Mark every message up to this `seq` as read. A `seq` below the read mark changes nothing.
    Read { seq: u64 },
    /// Show the typing indicator of the sender to the others. Send it every few seconds at most.
    Typing,
    /// Send the page of messages before this `seq`. Answered by `earlier`.
    Earlier { before: u64 },
    /// Send the page of messages after this `seq`. Answered by `later`.
    Later { after: u64 },
    /// Send the messages around this `seq`. Answered by `around`.
    Around { seq: u64 },
    /// Send the messages around the first one at or after this time, UTC milliseconds. Answered by `around`.
    AroundTime { at: i64 },
    /// Find the messages of the room that contain every word of the query, newest first, at most
    /// [`crate::limit::PAGE_HITS`]. `before` continues an earlier search. Answered by `found`.
    Search {
        query: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<u64>,
    },
    /// List the users who are not in the room; in a large organisation only those whom the sender's main window lists.
    /// Answered by `people`.
    People,
    /// Find users as [`crate::lobby_socket::LobbyCommand::FindPeople`]. Answered by `people_found`.
    FindPeople {
        query: String,
        /// Only users who are not members of this room.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        outside: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<UserId>,
    },
    /// List the files of the room's messages that the sender sees, newest first, at most [`crate::limit::PAGE_FILES`];
    /// with a `query` only files whose names contain it, in any case. `before` continues an earlier list. Answered by
    /// `files`.
    Files {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        query: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<u64>,
    },
    /// Add users to the group; with `history` they also see earlier messages. In a direct room it creates a new group
    /// of its two members and the invited users instead, with this `title`, answered by `entered`. In a group `title`
    /// is ignored.
    Invite {
        users: Vec<UserId>,
        history: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        title: Option<String>,
    },
    /// List the current members with presence and profile. Answered by `members`.
    Members,
    /// End another user's membership of the group; only the maker may. The server then closes that user's sockets of
    /// the room with 4003.
    Remove { user: UserId },
    /// Set the group's title, or remove it.
    Rename {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        title: Option<String>,
    },
    /// Turn the sender's notices of this room off (`on`), or on again. With `mentions_only` a message that mentions the
    /// sender still gives notice.
    Mute {
        on: bool,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        mentions_only: bool,
    },
    /// Hide the room from the sender's list until its next message.
    Hide,
    /// End the sender's membership of the group. The server then closes their sockets of the room with 4003.
    Leave,
    /// Check the connection. Answered by `pong`.
    Ping,
}

/// The messages to forward and their targets.
///
/// JSON: the fields of the command `forward`; `rooms`, `users` and `comment` are left out when empty. See
/// docs/protocol.md, `/chat/{room}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forward {
    /// The idempotency key of the command; the copies have other ids. A command without it is not idempotent.
    #[serde(default = "MessageId::new")]
    pub id: MessageId,
    /// Messages of this room, in the order in which they are copied; at most [`crate::limit::FORWARDED`].
    pub ids: Vec<MessageId>,
    /// Rooms of the sender; with `users` at most [`crate::limit::FORWARD_TARGETS`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rooms: Vec<RoomId>,
    /// Users, each in their direct room with the sender; the sender's own id for their notes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub users: Vec<UserId>,
    /// A message of the sender's own, before the copies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// A message to post.
///
/// JSON: the fields of the command `post`; `reply_to` is left out when absent. See docs/protocol.md, `/chat/{room}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Post {
    pub id: MessageId,
    /// Raw text, never HTML.
    pub body: String,
    /// The message of this room to which it replies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<MessageId>,
    /// The members of the room whom the text mentions. Others are ignored.
    #[serde(default, skip_serializing_if = "Mentions::is_empty")]
    pub mentions: Mentions,
    /// Asks the others in the room to confirm the message. In a room without others it has no effect.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub asks_confirmation: bool,
    /// Completed uploads of the sender, at most [`crate::limit::FILES`], all unattached. With files the body may be
    /// empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<FileId>,
}

impl Post {
    /// A post with a text only.
    pub fn new(id: MessageId, body: impl Into<String>) -> Self {
        Self {
            id,
            body: body.into(),
            reply_to: None,
            mentions: Mentions::default(),
            asks_confirmation: false,
            files: Vec::new(),
        }
    }
}

/// An event that the server sends on a room socket.
///
/// JSON: `{"type":"typing","user":uuid}`. Events with a `cursor` arrive in the order of its version; a gap between two
/// versions that `after` does not span means a lost event, and the client resumes from its last cursor. See
/// docs/protocol.md, `/chat/{room}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum RoomEvent {
    /// The first frame of a socket that does not resume: it replaces the client's whole state.
    Welcome(RoomSnapshot),
    /// The first frame of a socket that resumes: every change after the cursor of the handshake.
    Resumed(RoomDelta),
    /// Broadcast: a message is new or changed, and on disk. For its author this is the acknowledgement.
    Message { message: Message, cursor: Cursor },
    /// Broadcast instead of the whole message when it has more than [`crate::limit::REACTIONS_WHOLE`] reactions: one
    /// was added or removed.
    Reacted {
        id: MessageId,
        seq: u64,
        emoji: String,
        user: UserId,
        on: bool,
        /// Its version is the message's new version.
        cursor: Cursor,
    },
    /// To the author of a message and to the user who confirmed it; to the others `advanced`.
    Confirmed {
        id: MessageId,
        seq: u64,
        author: UserId,
        user: UserId,
        /// Its version is the message's new version.
        cursor: Cursor,
        /// Changes above this version and below the cursor's that the receiver did not get do not concern them; they
        /// are no gap. `None` if there are none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<u64>,
    },
    /// To members who may not see the changes: only the room's version advanced.
    Advanced {
        cursor: Cursor,
        /// As in [`RoomEvent::Confirmed`].
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<u64>,
    },
    /// Broadcast at the presence tick and after a change of members: these members are new or changed.
    MembersChanged { members: Vec<Member> },
    /// Broadcast: the group's title changed.
    Renamed {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        title: Option<String>,
    },
    /// Broadcast: all pinned messages after one was pinned or unpinned, and whether only the maker may pin. A member
    /// receives those that they may see.
    Pins { pins: Vec<PinnedMessage>, by_maker: bool },
    /// To the member's own sockets of the room: they bookmarked a message, or removed the bookmark.
    Bookmarked { id: MessageId, on: bool },
    /// To the member's own sockets of the room: a message that they scheduled is new or changed.
    Scheduled { message: ScheduledMessage },
    /// To the member's own sockets of the room: they deleted a scheduled message, or it was sent.
    Unscheduled { id: MessageId },
    /// To the member's own sockets of the room: they muted it, or turned notices on again.
    Muted {
        on: bool,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        mentions_only: bool,
    },
    /// Broadcast read receipts: these members have read up to this `seq`.
    Read { users: Vec<UserId>, seq: u64 },
    /// Broadcast: show this member's typing indicator for five seconds.
    Typing { user: UserId },
    /// To the sender of `earlier`, oldest first.
    Earlier { messages: Vec<Message>, has_earlier: bool },
    /// To the sender of `later`, oldest first.
    Later { messages: Vec<Message>, has_later: bool },
    /// To the sender of `around` or `around_time`, oldest first: these messages replace the shown ones.
    Around { messages: Vec<Message>, has_earlier: bool, has_later: bool },
    /// To the sender of `search`: a page of hits, newest first.
    Found {
        query: String,
        messages: Vec<Message>,
        /// The `before` of the next page; `None` on the last one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<u64>,
    },
    /// To the sender of `people`: everybody who can be invited; in a large organisation those whom the sender's main
    /// window lists.
    People {
        users: Vec<User>,
        /// The organisation is large: `find_people` finds the others.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        partial: bool,
    },
    /// To the sender of `find_people`: a page of users, as [`crate::lobby_socket::LobbyEvent::PeopleFound`].
    PeopleFound {
        query: String,
        users: Vec<User>,
        /// The `after` of the next page; `None` on the last one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<UserId>,
    },
    /// To the sender of `files`: a page of files, newest first.
    Files {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        query: Option<String>,
        files: Vec<RoomFile>,
        /// The `before` of the next page; `None` on the last one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<u64>,
    },
    /// To the sender of `members`: the current members, in the order of the address book.
    Members { users: Vec<User> },
    /// To the sender of `forward`: the copies are in these rooms.
    Forwarded { id: MessageId, rooms: Vec<RoomId> },
    /// To the sender of `targets`: their groups, themselves for their notes, and all other users; in a large
    /// organisation those whom the sender's main window lists.
    Targets {
        rooms: Vec<RoomSummary>,
        users: Vec<User>,
        /// The organisation is large: `find_people` finds the others.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        partial: bool,
    },
    /// To the sender of `invite` in a direct room: the new group.
    Entered { room: RoomId },
    /// To the sender of a command that failed.
    Refused {
        error: Refusal,
        /// The message to which the command refers.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<MessageId>,
    },
    /// To the sender of `ping`.
    Pong,
}
