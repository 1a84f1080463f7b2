//! Posts and edits: each is unsent until the server acknowledges it.

use crate::{
    decode::as_parsed,
    state::{conversation::model::Conversation, unsent_message::UnsentMessage},
};
use protocol::{
    ids::MessageId,
    limit::BODY_CHARS,
    message::{Message, Quote},
    room_socket::RoomCommand,
};

impl Conversation {
    /// Posts a message, or a reply; `None` if the text is empty or too long.
    pub fn post(&mut self, body: &str, reply_to: Option<Quote>, now: i64) -> Option<RoomCommand> {
        self.post_asking(body, reply_to, false, now)
    }

    /// Posts a message that may ask for confirmations; `None` as for [`Conversation::post`].
    pub fn post_asking(
        &mut self,
        body: &str,
        reply_to: Option<Quote>,
        asks_confirmation: bool,
        now: i64,
    ) -> Option<RoomCommand> {
        let body = sendable(body)?;
        let mentions = self.mentions_in(&body);
        Some(self.keep(UnsentMessage { reply_to, mentions, asks_confirmation, ..UnsentMessage::new(body, now) }))
    }

    /// Posts a message whose files are at the server.
    pub fn post_files(&mut self, unsent: UnsentMessage) -> RoomCommand {
        self.keep(unsent)
    }

    /// Edits a message of this user; `None` if the text is too long, or empty without files.
    pub fn edit(&mut self, id: MessageId, body: &str, now: i64) -> Option<RoomCommand> {
        self.discard(id);
        let body = if self.has_files(id) { caption(body)? } else { sendable(body)? };
        let mentions = self.mentions_in(&body);
        Some(self.keep(UnsentMessage { id, is_edit: true, mentions, ..UnsentMessage::new(body, now) }))
    }

    /// Whether a message has files: then its text may be empty.
    pub fn has_files(&self, id: MessageId) -> bool {
        self.message(id).is_some_and(|message| !message.files.is_empty())
    }

    fn keep(&mut self, unsent: UnsentMessage) -> RoomCommand {
        let command = unsent.command();
        self.unsent.push(unsent);
        command
    }

    /// The commands to send again on a new connection, in the order of writing.
    pub fn unacknowledged(&self) -> Vec<RoomCommand> {
        self.unsent.iter().filter(|unsent| unsent.refused.is_none()).map(UnsentMessage::command).collect()
    }

    /// Retries a refused message.
    pub fn retry(&mut self, id: MessageId) -> Option<RoomCommand> {
        let unsent = self.unsent.iter_mut().find(|unsent| unsent.id == id)?;
        unsent.refused = None;
        Some(unsent.command())
    }

    pub fn discard(&mut self, id: MessageId) {
        self.unsent.retain(|unsent| unsent.id != id);
    }

    /// Adds unsent messages from the storage, which an earlier or another window of the room stored.
    pub fn restore(&mut self, kept: Vec<UnsentMessage>) {
        for kept in kept {
            let is_settled = self.messages.values().any(|message| kept.is_settled_by(message));
            match self.unsent.iter_mut().find(|unsent| unsent.id == kept.id) {
                Some(unsent) => unsent.refused = kept.refused,
                None if !is_settled => self.unsent.push(kept),
                None => {}
            }
        }
        // Ids sort by the time of writing, across windows.
        self.unsent.sort_by_key(|unsent| unsent.id);
    }

    pub fn unsent(&self) -> &[UnsentMessage] {
        &self.unsent
    }

    /// The unsent edit of a message.
    pub fn unsent_edit(&self, id: MessageId) -> Option<&UnsentMessage> {
        self.unsent.iter().find(|unsent| unsent.id == id && unsent.is_edit)
    }

    /// The newest message that this user can edit.
    pub fn my_newest(&self) -> Option<&Message> {
        self.messages.values().rev().find(|message| self.can_change(message))
    }

    /// Whether this user may edit or recall a message; the server may still refuse.
    pub fn can_change(&self, message: &Message) -> bool {
        message.author == self.me && message.recalled.is_none() && message.system_event.is_none()
    }

    pub(super) fn settle(&mut self, message: &Message) {
        self.unsent.retain(|unsent| !unsent.is_settled_by(message));
        self.acknowledge_reactions(message);
    }
}

/// A text without trailing white space; `None` when it is empty or too long.
pub(super) fn sendable(body: &str) -> Option<String> {
    caption(body).filter(|body| !body.trim().is_empty())
}

/// The text of a message with files, which may be empty; `None` if it is too long.
pub fn caption(body: &str) -> Option<String> {
    // Normalised as the server will return it, because an edit is settled by comparing its text.
    Some(as_parsed(body.trim_end())).filter(|body| body.chars().count() <= BODY_CHARS)
}
