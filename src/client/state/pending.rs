//! What was written and not acknowledged: it stays with its author until the server has it.

use serde::{Deserialize, Serialize};

use crate::protocol::{chat::ChatCommand, error::Refusal, ids::MessageId};

/// A message that this window has not heard back yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    pub id: MessageId,
    pub body: String,
    pub sent_at: i64,
    /// Why it was refused; none while it is on its way.
    pub refused: Option<Refusal>,
}

impl Pending {
    /// What says it to the server; the same again is stored once.
    pub(super) fn command(&self) -> ChatCommand {
        ChatCommand::Post { id: self.id, body: self.body.clone() }
    }
}
