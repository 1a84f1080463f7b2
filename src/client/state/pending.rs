//! What was written and not acknowledged: it stays with its author until the server has it.

use serde::Serialize;

use crate::protocol::{
    chat::ChatCommand,
    error::Refusal,
    ids::MessageId,
    message::{Message, Quote},
};

/// A message, or another text for one, that this window has not heard back yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Pending {
    pub id: MessageId,
    pub body: String,
    /// What it answers.
    pub reply_to: Option<Quote>,
    /// Whether it changes a message that was posted.
    pub is_edit: bool,
    pub sent_at: i64,
    /// Why it was refused; none while it is on its way.
    pub refused: Option<Refusal>,
}

impl Pending {
    /// What says it to the server; the same again is stored once.
    pub fn command(&self) -> ChatCommand {
        let (id, body) = (self.id, self.body.clone());
        if self.is_edit {
            return ChatCommand::Edit { id, body };
        }
        ChatCommand::Post { id, body, reply_to: self.reply_to.as_ref().map(|quote| quote.id) }
    }

    /// Whether this message is what came of it.
    pub(super) fn is_settled_by(&self, message: &Message) -> bool {
        self.id == message.id && (!self.is_edit || message.body == self.body || message.recalled.is_some())
    }
}
