//! Announces changes of messages to screen readers. New messages are announced by their log.

use std::time::Duration;

use leptos::prelude::*;

use crate::{
    platform,
    room::{carried::messages_of, session::RoomSession},
    state::conversation::Conversation,
    text::{with_name, with_names, words},
};
use protocol::{
    ids::{MessageId, UserId},
    message::{Message, Reaction},
    room_socket::RoomEvent,
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
    /// before the conversation has the change.
    pub(super) fn announce_change(self, message: &Message) {
        let line = self
            .conversation
            .try_with_untracked(|conversation| changed_line(conversation, conversation.message(message.id)?, message));
        if let Some((line, has_text)) = line.flatten() {
            self.announced_edit.set_value(has_text.then_some(message.id));
            self.announce(line);
        }
    }

    /// Removes the announced text of an edit when its message was recalled, whether or not it is loaded. A new snapshot may
    /// lack the message: then the text goes, too.
    pub(super) fn withdraw_announcement(self, event: &RoomEvent) {
        let Some(announced) = self.announced_edit.try_get_value().flatten() else { return };
        let is_gone = |message: &Message| message.id == announced && message.recalled.is_some();
        if matches!(event, RoomEvent::Welcome(_)) || messages_of(event).iter().any(is_gone) {
            self.announced_edit.set_value(None);
            self.status.set(String::new());
        }
    }

    /// Announces another member's reaction to a message of this user. Without the message's text, which may be recalled.
    pub(super) fn announce_reaction(self, id: MessageId, user: UserId, emoji: &str) {
        let line = self.conversation.try_with_untracked(|conversation| {
            let is_own = conversation.message(id).is_some_and(|message| message.author == conversation.me);
            (is_own && user != conversation.me).then(|| reaction_line(conversation, user, emoji))
        });
        line.flatten().into_iter().for_each(|line| self.announce(line));
    }

    /// Screen readers read a text again only if it was empty before.
    fn announce(self, line: String) {
        self.status.set(String::new());
        platform::after(Duration::ZERO, move || drop(self.status.try_set(line)));
    }
}

/// What changed, and whether the line has the message's text. `None` for a change that the window has already.
fn changed_line(conversation: &Conversation, known: &Message, now: &Message) -> Option<(String, bool)> {
    if now.version <= known.version {
        return None;
    }
    let words = words();
    if now.author == conversation.me {
        let is_new = |emoji: &str, user: UserId| {
            let had = |reaction: &Reaction| reaction.emoji == emoji && reaction.users.contains(&user);
            user != conversation.me && !known.reactions.iter().any(had)
        };
        return now.reactions.iter().find_map(|Reaction { emoji, users }| {
            let user = users.iter().find(|user| is_new(emoji, **user))?;
            Some((reaction_line(conversation, *user, emoji), false))
        });
    }
    let name = conversation.name_of(now.author);
    match (known.recalled, now.recalled) {
        (None, Some(_)) => Some((with_name(words.other_recalled, name), false)),
        (None, None) if known.body != now.body => {
            Some((with_names(words.other_edited, name, &words.message_line(&now.files, &now.body)), true))
        }
        _ => None,
    }
}

fn reaction_line(conversation: &Conversation, user: UserId, emoji: &str) -> String {
    with_names(words().has_reacted, conversation.name_of(user), emoji)
}
