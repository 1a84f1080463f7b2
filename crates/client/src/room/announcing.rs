//! Announces changes of messages to screen readers. New messages are announced by their log.

use leptos::prelude::*;

use crate::{
    room::session::RoomSession,
    state::conversation::Conversation,
    text::{with_name, with_names, words},
};
use protocol::{
    ids::{MessageId, UserId},
    message::Message,
};

impl RoomSession {
    /// Announces that a message has the text of this user's edit.
    pub(super) fn announce_edit(self, message: &Message) {
        let is_settled = |conversation: &Conversation| {
            let edit = conversation.unsent_edit(message.id);
            message.recalled.is_none() && edit.is_some_and(|edit| edit.body == message.body)
        };
        if self.conversation.try_with_untracked(is_settled) == Some(true) {
            self.status.set(words().edited.to_owned());
        }
    }

    /// Announces what another member changed: their edit or recall, and their reaction to a message of this user. Call it
    /// before the conversation has the change. A recall replaces the announced text of an edit.
    pub(super) fn announce_change(self, message: &Message) {
        let line = self.conversation.try_with_untracked(|conversation| {
            let known = conversation.messages().find(|known| known.id == message.id)?;
            changed_line(conversation, known, message)
        });
        line.flatten().into_iter().for_each(|line| self.status.set(line));
    }

    /// Announces another member's reaction to a message of this user. Without the message's text, which may be recalled.
    pub(super) fn announce_reaction(self, id: MessageId, user: UserId, emoji: &str) {
        let line = self.conversation.try_with_untracked(|conversation| {
            let is_own = conversation.messages().any(|message| message.id == id && message.author == conversation.me);
            is_own.then(|| reaction_line(conversation, user, emoji)).flatten()
        });
        line.flatten().into_iter().for_each(|line| self.status.set(line));
    }
}

fn changed_line(conversation: &Conversation, known: &Message, now: &Message) -> Option<String> {
    if now.author == conversation.me {
        let had = |emoji: &str, user: UserId| {
            known.reactions.iter().any(|reaction| reaction.emoji == emoji && reaction.users.contains(&user))
        };
        let added = now.reactions.iter().find_map(|reaction| {
            let user = reaction.users.iter().find(|user| !had(&reaction.emoji, **user))?;
            Some((*user, &reaction.emoji))
        });
        return added.and_then(|(user, emoji)| reaction_line(conversation, user, emoji));
    }
    let name = conversation.name_of(now.author);
    match (known.recalled, now.recalled) {
        (None, Some(_)) => Some(with_name(words().other_recalled, name)),
        (None, None) if known.body != now.body => Some(with_names(words().other_edited, name, &now.body)),
        _ => None,
    }
}

fn reaction_line(conversation: &Conversation, user: UserId, emoji: &str) -> Option<String> {
    (user != conversation.me).then(|| with_names(words().has_reacted, conversation.name_of(user), emoji))
}
