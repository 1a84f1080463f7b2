//! Messages that the server sends at a later time.

use serde::{Deserialize, Serialize};

use crate::{
    error::Refusal,
    ids::{MessageId, RoomId},
    message::Mentions,
};

/// A message that a person wants sent later, as they alone see it until then.
///
/// JSON: `{"id":uuid,"room":uuid,"at":ms,"body":"…"}`; the other fields are left out when absent or empty. Sent to the
/// person's own sockets of the room in `welcome`, `resumed` and `scheduled`, an upsert by `id`; and, once it could not be
/// sent, to their lobby sockets in `welcome` and `unsent`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ScheduledMessage {
    /// The id of the message that it becomes.
    pub id: MessageId,
    pub room: RoomId,
    /// When it is sent: UTC milliseconds of the server's clock.
    pub at: i64,
    /// Raw text, never HTML.
    pub body: String,
    /// The message to which it replies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<MessageId>,
    #[serde(default, skip_serializing_if = "Mentions::is_empty")]
    pub mentions: Mentions,
    /// It will ask the others to confirm it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub asks_confirmation: bool,
    /// Why it could not be sent. It stays until the person changes or deletes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<Refusal>,
}

/// What is to be sent later.
///
/// JSON: the fields of the command `schedule`; `reply_to`, `mentions` and `asks_confirmation` are left out when absent,
/// empty or false. See docs/protocol.md, `/chat/{room}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    pub id: MessageId,
    /// UTC milliseconds, ahead of the server's clock by at most [`crate::limit::SCHEDULE_AHEAD_MS`].
    pub at: i64,
    pub body: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<MessageId>,
    #[serde(default, skip_serializing_if = "Mentions::is_empty")]
    pub mentions: Mentions,
    /// It will ask the others to confirm it, as [`crate::room_socket::Post`].
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub asks_confirmation: bool,
}

impl Schedule {
    /// A plain message.
    pub fn new(id: MessageId, at: i64, body: impl Into<String>) -> Self {
        Self { id, at, body: body.into(), reply_to: None, mentions: Mentions::default(), asks_confirmation: false }
    }
}

/// A new text and time of a scheduled message.
///
/// JSON: the fields of the command `reschedule`; `mentions` is left out when empty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reschedule {
    pub id: MessageId,
    /// As in [`Schedule`].
    pub at: i64,
    pub body: String,
    #[serde(default, skip_serializing_if = "Mentions::is_empty")]
    pub mentions: Mentions,
}
