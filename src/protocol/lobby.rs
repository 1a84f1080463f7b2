//! Spoken on `/usersServerEndpoint`: who is there, and what conversations there are.

use serde::{Deserialize, Serialize};

use crate::protocol::{
    chat::ChatCommand,
    cursor::Cursor,
    error::Refusal,
    ids::{MessageId, RoomId, UserId},
    message::Message,
    room::Room,
    user::User,
};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum LobbyCommand {
    /// Begin or return to the conversation with this person, and invite them to it.
    OpenDirect { user: UserId },
    /// Make a group of these people and me.
    OpenGroup {
        users: Vec<UserId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        title: Option<String>,
    },
    /// Carry out a `post` or an `edit` in a conversation of which no window is open: what was written
    /// there while there was no connection.
    Deliver { room: RoomId, command: ChatCommand },
    /// The newest messages of my conversations that contain every word of this, older than `before`.
    Search {
        query: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<u64>,
    },
    /// Put this person among my favourites, or take them out.
    Favour { user: UserId, on: bool },
    /// Keep this conversation at the top of my list, or let it move.
    Pin { room: RoomId, on: bool },
    /// What everybody sees of me: whether I want not to be disturbed, and a line of my own.
    Status {
        busy: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
    },
    /// Nobody has touched this window for a while, or somebody does again.
    Idle { on: bool },
    /// Is anybody there? Answered by `pong`.
    Ping,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[allow(clippy::large_enum_variant, reason = "on 64 bits only; an event is made once and heard through a pointer")]
pub enum LobbyEvent {
    /// The first frame of every connection.
    Welcome(LobbySnapshot),
    /// These people are new or changed; at most one frame a tick.
    UsersChanged {
        users: Vec<User>,
        cursor: Cursor,
    },
    /// This conversation is new or changed.
    RoomChanged {
        room: Room,
    },
    /// I am no longer in this conversation.
    RoomGone {
        room: RoomId,
    },
    /// My favourites are these now.
    Favourites {
        users: Vec<UserId>,
    },
    /// To the asker: the conversation is ready to be opened.
    Entered {
        room: RoomId,
    },
    /// To the other: somebody wants to talk.
    Invited {
        room: RoomId,
        by: UserId,
    },
    /// These messages of mine or others in this conversation were recalled: whatever shows their text drops it.
    Recalled {
        room: RoomId,
        ids: Vec<MessageId>,
    },
    /// The answer to `deliver`: the message is on disk.
    Delivered {
        room: RoomId,
        id: MessageId,
    },
    /// The answer to `search`, newest first; `before` asks for the older ones, none when there are none.
    Found {
        query: String,
        hits: Vec<Hit>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<u64>,
    },
    /// This could not be done; the connection goes on. `id` names the message it was about.
    Refused {
        error: Refusal,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<MessageId>,
    },
    Pong,
}

/// A message that was found, and where.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Hit {
    pub room: RoomId,
    pub message: Message,
}

/// Everything the main window shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LobbySnapshot {
    pub me: UserId,
    /// How far one has seen people with this. A server that starts anew begins another epoch.
    pub cursor: Cursor,
    /// What the client came with; then `users` are only those who are new or changed after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Cursor>,
    /// Everybody with an account, oneself included.
    pub users: Vec<User>,
    /// My conversations, the most recently active first.
    pub rooms: Vec<Room>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub favourites: Vec<UserId>,
}
