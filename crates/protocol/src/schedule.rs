//! Messages that the server sends at a later time.

use serde::{Deserialize, Serialize};

use crate::{
    error::Refusal,
    ids::{MessageId, RoomId},
    message::Mentions,
};

/// A scheduled message, which its author alone sees.
///
/// JSON: `{"id":uuid,"room":uuid,"at":ms,"body":"…"}`; the other fields are left out when absent or empty. Sent to the
/// author's own sockets of the room in `welcome`, `resumed` and `scheduled`, an upsert by `id`; if it could not be
/// sent, to the author's lobby sockets in `welcome` and `unsent`.
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
    /// Why it could not be sent. It stays until its author changes or deletes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<Refusal>,
}

/// A message to post later.
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
    /// It will ask the others to confirm it, as in [`crate::room_socket::Post`].
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub asks_confirmation: bool,
}

impl Schedule {
    /// A scheduled message with a text only.
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
