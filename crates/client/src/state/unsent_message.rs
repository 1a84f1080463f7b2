//! Messages and edits that the server has not acknowledged.

use serde::Serialize;

use protocol::{
    error::Refusal,
    file::Attachment,
    ids::MessageId,
    message::{Mentions, Message, Quote},
    room_socket::{Post, RoomCommand},
};

/// A post or an edit without an acknowledgement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UnsentMessage {
    pub id: MessageId,
    pub body: String,
    /// The message to which it replies.
    pub reply_to: Option<Quote>,
    /// Completed uploads; empty for an edit.
    pub files: Vec<Attachment>,
    /// Whether it is an edit of a posted message.
    pub is_edit: bool,
    /// The mentions in its text.
    pub mentions: Mentions,
    /// Whether it asks for confirmations.
    pub asks_confirmation: bool,
    /// UTC milliseconds of the browser's clock.
    pub sent_at: i64,
    /// The reason of the refusal; `None` while it is pending.
    pub refused: Option<Refusal>,
}

impl UnsentMessage {
    /// A post with a text only; `now`: UTC milliseconds.
    pub fn new(body: String, now: i64) -> Self {
        Self {
            id: MessageId::new(),
            body,
            reply_to: None,
            files: Vec::new(),
            is_edit: false,
            mentions: Mentions::default(),
            asks_confirmation: false,
            sent_at: now,
            refused: None,
        }
    }

    /// The command for the server. Its id is the idempotency key: a retry is stored once.
    pub fn command(&self) -> RoomCommand {
        let (id, body) = (self.id, self.body.clone());
        if self.is_edit {
            return RoomCommand::Edit { id, body, mentions: Some(self.mentions.clone()) };
        }
        let (reply_to, mentions) = (self.reply_to.as_ref().map(|quote| quote.id), self.mentions.clone());
        let files = self.files.iter().map(|file| file.id).collect();
        RoomCommand::Post(Post { id, body, reply_to, mentions, asks_confirmation: self.asks_confirmation, files })
    }

    /// Whether this message is its acknowledgement.
    pub(super) fn is_settled_by(&self, message: &Message) -> bool {
        self.id == message.id && (!self.is_edit || message.body == self.body || message.recalled.is_some())
    }
}
