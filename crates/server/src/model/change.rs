//! The result of a write.

use crate::model::{ConfirmedMessage, NodeEvent, NodeSignal, PositionedRow, Reacted};
use protocol::{
    ids::{MessageId, RoomId, UserId},
    message::{Mentions, Message, PinnedMessage},
    schedule::ScheduledMessage,
};

/// A new text of a message.
#[derive(Clone, Debug)]
pub struct Revision {
    pub body: String,
    /// The users whom it mentions; `None` keeps the mentions.
    pub mentions: Option<Mentions>,
}

impl From<String> for Revision {
    fn from(body: String) -> Self {
        Self { body, mentions: None }
    }
}

impl From<&str> for Revision {
    fn from(body: &str) -> Self {
        body.to_owned().into()
    }
}

/// A copy of a message to post in another room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewCopy {
    pub original: MessageId,
    /// The id of the copy. It is the idempotency key, as in a post.
    pub id: MessageId,
}

/// The state of a message that was scheduled before: an idempotent retry. Only its sender receives the answer.
#[derive(Clone, Debug)]
pub enum ScheduleState {
    /// It is not sent yet, or could not be sent.
    Pending(Box<ScheduledMessage>),
    Sent(Box<Message>),
    /// Its author deleted it.
    Deleted,
}

/// The parts of a message that have separate rate limits: which a message has, or which its author may use now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RateLimitedParts {
    pub mentions_all: bool,
    pub asks_confirmation: bool,
}

/// The outcome of a write to a message.
#[derive(Clone, Debug)]
pub enum Changed {
    /// Stored by this call; the room receives it as [`Committed`].
    Now,
    /// It was stored before: an idempotent retry. Only its sender receives the answer.
    Already(Box<Message>),
}

/// A change that is on disk and not yet fanned out. The store yields changes in commit order.
#[derive(Clone, Debug)]
pub enum Committed {
    /// A new or changed message, with its whole current state.
    Message { room: RoomId, message: Message },
    /// A read mark moved forward to `seq`.
    Read { room: RoomId, user: UserId, seq: u64 },
    /// A reaction to a message that has too many to send all of them.
    Reacted { room: RoomId, reacted: Reacted },
    /// A member confirmed a message.
    Confirmed { room: RoomId, confirmed: ConfirmedMessage },
    /// A member muted a room, wholly or except for mentions, or unmuted it.
    Muted { room: RoomId, user: UserId, on: bool, mentions_only: bool },
    /// The pinned messages of a room changed. `event`: the system event of the change, if there is one.
    Pins { room: RoomId, event: Option<Message>, pins: Vec<PinnedMessage>, by_maker: bool },
    /// A user bookmarked a message, or removed the bookmark.
    Bookmarked { room: RoomId, user: UserId, id: MessageId, on: bool },
    /// A scheduled message of a user is new or changed.
    Scheduled { user: UserId, message: ScheduledMessage },
    /// A user deleted a scheduled message, or it was sent.
    Unscheduled { room: RoomId, user: UserId, id: MessageId },
    /// All unsent scheduled messages of a user, after a change.
    UnsentScheduled { user: UserId, messages: Vec<ScheduledMessage> },
    /// Several changes of one write, in this order.
    Several(Vec<Committed>),
    /// A room changed in a member's own list: it was pinned, hidden, or shown again.
    Listed { room: RoomId, user: UserId },
    /// A user changed the settings that their account keeps.
    Settings { user: UserId, settings: String },
    /// All favourites of a user, after one was added or removed.
    Favourites { user: UserId, users: Vec<UserId> },
    /// A signal of this node to the others. This node has already applied it to its own sockets.
    Signal(NodeSignal),
    /// The changes of one transaction of another node.
    Remote(PositionedRow),
    /// Another node began or ended, or this one missed changes.
    Node(NodeEvent),
}

/// The state of a message after a reaction, as windows receive it.
#[derive(Clone, Debug)]
pub enum ReactionState {
    /// The whole message, while it has few reactions.
    Whole(Box<Message>),
    /// Only the changed reaction: with many of them, each frame would carry all others to everybody in the room.
    One(Reacted),
}
