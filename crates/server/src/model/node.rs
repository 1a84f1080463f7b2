//! What the nodes of one database send each other. Rows of the feed hold ids, versions and reactions, never a text: a
//! recalled message leaves nothing there. Texts of new messages are beside a row on the bus alone.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::model::{ConfirmedMessage, Reacted};
use protocol::{
    ids::{FileId, MessageId, RoomId, UserId},
    message::Message,
};

/// A running server process on a shared database. A restart is another node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NodeId(pub Uuid);

/// The changes of one transaction, as the feed keeps them: JSON with these fields, each absent when empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FeedRow {
    /// Plain new messages: room and `seq`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub posts: Vec<(RoomId, u64)>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<RemoteChange>,
}

/// A row of the feed and its position. The bus carries it as JSON with these fields.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PositionedRow {
    pub writer: NodeId,
    /// Its position among the rows of its writer, which have no gap. The column and the field on the bus are called `seq`,
    /// which elsewhere is a message's.
    #[serde(rename = "seq")]
    pub position: i64,
    pub row: FeedRow,
    /// The messages of `row.posts`, in the same order, as they were posted. Empty if they have to be read from the
    /// database.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub messages: Vec<Message>,
}

/// What changed in a room after a version.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RoomChanges {
    /// The version that was read from.
    pub after: u64,
    /// The changed messages, in the order of their versions.
    pub messages: Vec<Message>,
    /// The room's version when it was read.
    pub latest: u64,
}

/// A change that another node committed. Whoever receives it reads the new state from the database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum RemoteChange {
    /// A message of a room is new or changed. `version`: the room's. `is_event`: it is a system event.
    Changed {
        room: RoomId,
        version: u64,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        is_event: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        recalled: Option<MessageId>,
    },
    /// Without the message: with many reactions, its whole state would go to every window for each of them.
    Reacted {
        room: RoomId,
        reacted: Reacted,
    },
    Confirmed {
        room: RoomId,
        confirmed: ConfirmedMessage,
    },
    Read {
        room: RoomId,
        user: UserId,
        seq: u64,
    },
    Muted {
        room: RoomId,
        user: UserId,
        on: bool,
        mentions_only: bool,
    },
    Pins {
        room: RoomId,
        by_maker: bool,
    },
    Bookmarked {
        room: RoomId,
        user: UserId,
        id: MessageId,
        on: bool,
    },
    Scheduled {
        room: RoomId,
        user: UserId,
        id: MessageId,
    },
    Unscheduled {
        room: RoomId,
        user: UserId,
        id: MessageId,
    },
    UnsentScheduled {
        user: UserId,
    },
    Listed {
        room: RoomId,
        user: UserId,
    },
    Settings {
        user: UserId,
    },
    Favourites {
        user: UserId,
    },
    Signal {
        signal: NodeSignal,
    },
    /// Of a newer version of the program.
    #[serde(other)]
    Unknown,
}

/// What a node sends that is stored nowhere else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum NodeSignal {
    /// Accounts or sessions changed.
    Accounts,
    Typing {
        room: RoomId,
        user: UserId,
    },
    /// These users were invited to a room that was opened for them.
    Invited {
        room: RoomId,
        by: UserId,
        is_direct: bool,
        users: Vec<UserId>,
    },
    Presence(NodePresence),
    /// The client of an upload asks another node for the offset: the node that still receives its bytes must stop.
    EndTransfer {
        upload: FileId,
    },
    /// This node missed the presence that the others sent.
    AskPresence,
    /// Of a newer version of the program.
    #[serde(other)]
    Unknown,
}

/// Who is connected to a node. A delta, or a part of the whole state.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodePresence {
    /// Whether this replaces the node's earlier presence.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_whole: bool,
    /// Whether another part of the whole state follows. The parts count once the last one has arrived.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_more: bool,
    /// Whether each is idle; `None` for one who went offline.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub users: Vec<(UserId, Option<bool>)>,
    /// Whether a user has a window of a room open.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub windows: Vec<(RoomId, UserId, bool)>,
}

/// What a node learns about the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NodeEvent {
    /// A node began, or is connected again: it does not have the presence of this one.
    Joined(NodeId),
    /// A node ended or is silent: its users are on other nodes or offline.
    Left(NodeId),
    /// Rows of a node that had ended were read after its end: what they say about its users is over.
    Late(NodeId),
    /// This node itself was silent for so long that the others took it for ended.
    WasSilent,
    /// Rows of the feed were deleted before this node read them.
    Missed,
}

impl FeedRow {
    /// Drops typing indicators, which are over when this is read late.
    pub fn drop_typing(&mut self) {
        self.changes.retain(|change| !matches!(change, RemoteChange::Signal { signal: NodeSignal::Typing { .. } }));
    }

    pub fn is_empty(&self) -> bool {
        self.posts.is_empty() && self.changes.is_empty()
    }
}

impl PositionedRow {
    /// The rooms whose messages changed, each with its version then, and whether the message is here.
    pub fn versions(&self) -> impl Iterator<Item = (RoomId, u64, bool)> + '_ {
        let has_messages = !self.messages.is_empty();
        let posts = self.row.posts.iter().map(move |(room, version)| (*room, *version, has_messages));
        let changed = self.row.changes.iter().filter_map(|change| match change {
            RemoteChange::Changed { room, version, .. } => Some((*room, *version, false)),
            _ => None,
        });
        posts.chain(changed)
    }
}
