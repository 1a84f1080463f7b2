//! Spoken on `/chat/{room}`: one conversation.

use serde::{Deserialize, Serialize};

use crate::protocol::{
    cursor::Cursor,
    error::Refusal,
    ids::{MessageId, RoomId, UserId},
    message::Message,
    room::{Member, RoomSnapshot},
    user::User,
};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ChatCommand {
    /// Say this. The client makes the id; the same id again stores nothing new.
    Post {
        id: MessageId,
        body: String,
        /// The message of this room that it answers.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reply_to: Option<MessageId>,
    },
    /// Give a message of mine this text.
    Edit { id: MessageId, body: String },
    /// Take a message of mine back.
    Recall { id: MessageId },
    /// Give a message this emoji, or take mine away.
    React { id: MessageId, emoji: String, on: bool },
    /// I have read everything up to this `seq`. Only ever moves forward.
    Read { seq: u64 },
    /// I am writing. Said at most every few seconds while it is so.
    Typing,
    /// The page of messages before this `seq`.
    Earlier { before: u64 },
    /// The page of messages after this `seq`.
    Later { after: u64 },
    /// The messages around this `seq`.
    Around { seq: u64 },
    /// The messages around the first one at or after this moment, UTC milliseconds.
    AroundTime { at: i64 },
    /// Who could be invited: everybody who is not in the room.
    People,
    /// Bring these people into the group, with what was said so far or only from now on. The conversation
    /// of two people stays as it is: of them and these people a new group is made, answered by `entered`.
    Invite { users: Vec<UserId>, history: bool },
    /// Give the group a title; none takes it away.
    Rename {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        title: Option<String>,
    },
    /// I want no notices of this conversation, or want them again.
    Mute { on: bool },
    /// Put this conversation out of my list until something is said in it.
    Hide,
    /// End my membership of the group.
    Leave,
    /// Is anybody there? Answered by `pong`.
    Ping,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ChatEvent {
    /// The first frame of a connection without a usable cursor: start over from this.
    Welcome(RoomSnapshot),
    /// The first frame of a connection with a usable cursor: what changed since.
    Resumed {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        title: Option<String>,
        is_muted: bool,
        members: Vec<Member>,
        messages: Vec<Message>,
        cursor: Cursor,
    },
    /// A new or changed message. To its author it is the acknowledgement: it is on disk.
    Message {
        message: Message,
        cursor: Cursor,
    },
    /// Somebody gave a message an emoji, or took it away. Told instead of the whole message where many gave one.
    Reacted {
        id: MessageId,
        seq: u64,
        emoji: String,
        user: UserId,
        on: bool,
        /// Its version is the message's, too.
        cursor: Cursor,
    },
    /// Something changed that this member does not get to see: a message from before they came.
    Advanced {
        cursor: Cursor,
    },
    /// These members are so now: new ones, and those who came into or went out of the conversation.
    MembersChanged {
        members: Vec<Member>,
    },
    /// The group's title is this now.
    Renamed {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        title: Option<String>,
    },
    /// To every window of the one who wanted it.
    Muted {
        on: bool,
    },
    /// These have read up to this `seq`.
    Read {
        users: Vec<UserId>,
        seq: u64,
    },
    /// Somebody is writing; forgotten after five seconds.
    Typing {
        user: UserId,
    },
    /// The answer to `earlier`, oldest first.
    Earlier {
        messages: Vec<Message>,
        has_earlier: bool,
    },
    /// The answer to `later`, oldest first.
    Later {
        messages: Vec<Message>,
        has_later: bool,
    },
    /// The answer to `around` and `around_time`, oldest first, to be shown in place of what was shown.
    Around {
        messages: Vec<Message>,
        has_earlier: bool,
        has_later: bool,
    },
    /// The answer to `people`.
    People {
        users: Vec<User>,
    },
    /// The answer to `invite` in the conversation of two people: the new group.
    Entered {
        room: RoomId,
    },
    /// This could not be done; the connection goes on. `id` names the message it was about.
    Refused {
        error: Refusal,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<MessageId>,
    },
    Pong,
}
