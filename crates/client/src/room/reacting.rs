//! Reactions: the user's own, and the announcement of others' to the user's messages.

use leptos::prelude::*;

use crate::{
    room::session::RoomSession,
    text::{with_names, words},
};
use protocol::{
    error::Refusal,
    ids::{MessageId, UserId},
};

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

    /// Announces another member's reaction to a message of this user to screen readers. Without the message's text, which
    /// may be recalled.
    pub(super) fn announce_reaction(self, id: MessageId, user: UserId, emoji: &str) {
        let name = self.conversation.try_with_untracked(|conversation| {
            let is_own = conversation.messages().any(|message| message.id == id && message.author == conversation.me);
            (is_own && user != conversation.me).then(|| conversation.name_of(user).to_owned())
        });
        if let Some(name) = name.flatten() {
            self.status.set(with_names(words().has_reacted, &name, emoji));
        }
    }
}
