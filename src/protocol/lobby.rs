//! Spoken on `/usersServerEndpoint`: who is there, and what conversations there are.

use serde::{Deserialize, Serialize};

use crate::protocol::{
    error::Refusal,
    ids::{RoomId, UserId},
    room::Room,
    user::User,
};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum LobbyCommand {
    /// Begin or return to the conversation with this person, and invite them to it.
    OpenDirect { user: UserId },
    /// Is anybody there? Answered by `pong`.
    Ping,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum LobbyEvent {
    /// The first frame of every connection.
    Welcome(LobbySnapshot),
    /// These people are new or changed; at most one frame a tick.
    UsersChanged {
        users: Vec<User>,
    },
    /// This conversation is new or changed.
    RoomChanged {
        room: Room,
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
    /// This could not be done; the connection goes on.
    Refused {
        error: Refusal,
    },
    Pong,
}

/// Everything the main window shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LobbySnapshot {
    pub me: UserId,
    /// Everybody with an account, oneself included.
    pub users: Vec<User>,
    /// My conversations, the most recently active first.
    pub rooms: Vec<Room>,
}
