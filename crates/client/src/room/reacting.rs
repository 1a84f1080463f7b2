//! The user's own reactions.

use leptos::prelude::*;

use crate::room::session::RoomSession;
use protocol::{error::Refusal, ids::MessageId};

impl RoomSession {
    /// Adds the user's reaction, or removes it.
    pub fn react_to(self, id: MessageId, emoji: &str) {
        let command = self.conversation.try_update(|conversation| conversation.react(id, emoji)).flatten();
        if let Some(command) = command
            && !self.link.send(&command)
        {
            self.conversation.update(|conversation| conversation.revert_reactions(id));
            self.refusal.show(Refusal::Unavailable);
        }
    }
}
