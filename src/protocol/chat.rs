//! Spoken on `/chat/{room}`: one conversation.

use serde::{Deserialize, Serialize};

use crate::protocol::{
    cursor::Cursor,
    error::Refusal,
    ids::{MessageId, UserId},
    message::Message,
    room::{Member, RoomSnapshot},
};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ChatCommand {
    /// Say this. The client makes the id; the same id again stores nothing new.
    Post { id: MessageId, body: String },
    /// I have read everything up to this `seq`. Only ever moves forward.
    Read { seq: u64 },
    /// I am writing. Said at most every few seconds while it is so.
    Typing,
    /// The page of messages before this `seq`.
    Earlier { before: u64 },
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
        members: Vec<Member>,
        messages: Vec<Message>,
        cursor: Cursor,
    },
    /// A new or changed message. To its author it is the acknowledgement: it is on disk.
    Message {
        message: Message,
        cursor: Cursor,
    },
    /// Who is in the conversation, whenever somebody comes into or goes out of it.
    Members {
        members: Vec<Member>,
    },
    /// Somebody has read up to this `seq`.
    Read {
        user: UserId,
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
    /// This could not be done; the connection goes on. `id` names the message it was about.
    Refused {
        error: Refusal,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<MessageId>,
    },
    Pong,
}
