//! What this person writes: on its way until the server has it.

use crate::{
    client::{
        decode::as_parsed,
        state::{conversation::Conversation, pending::Pending},
    },
    protocol::{
        chat::ChatCommand,
        ids::MessageId,
        limit::BODY_CHARS,
        message::{Message, Quote},
    },
};

impl Conversation {
    /// Puts a text on its way, perhaps as an answer; none when there is nothing to send or too much.
    pub fn post(&mut self, body: &str, reply_to: Option<Quote>, now: i64) -> Option<ChatCommand> {
        self.write(Pending {
            id: MessageId::new(),
            body: sendable(body)?,
            reply_to,
            is_edit: false,
            sent_at: now,
            refused: None,
        })
    }

    /// Puts another text for one's own message on its way.
    pub fn edit(&mut self, id: MessageId, body: &str, now: i64) -> Option<ChatCommand> {
        self.discard(id);
        self.write(Pending { id, body: sendable(body)?, reply_to: None, is_edit: true, sent_at: now, refused: None })
    }

    fn write(&mut self, pending: Pending) -> Option<ChatCommand> {
        let command = pending.command();
        self.pending.push(pending);
        Some(command)
    }

    /// What is to be said again on a new connection, in the order in which it was written.
    pub fn unacknowledged(&self) -> Vec<ChatCommand> {
        self.pending.iter().filter(|pending| pending.refused.is_none()).map(Pending::command).collect()
    }

    /// Tries a refused message again.
    pub fn retry(&mut self, id: MessageId) -> Option<ChatCommand> {
        let pending = self.pending.iter_mut().find(|pending| pending.id == id)?;
        pending.refused = None;
        Some(pending.command())
    }

    pub fn discard(&mut self, id: MessageId) {
        self.pending.retain(|pending| pending.id != id);
    }

    /// Takes up what an earlier window of this conversation, or another one, could not send.
    pub fn restore(&mut self, kept: Vec<Pending>) {
        for kept in kept {
            let is_settled = self.messages.values().any(|message| kept.is_settled_by(message));
            match self.pending.iter_mut().find(|pending| pending.id == kept.id) {
                Some(pending) => pending.refused = kept.refused,
                None if !is_settled => self.pending.push(kept),
                None => {}
            }
        }
        // Ids are made in order, whichever window made them.
        self.pending.sort_by_key(|pending| pending.id);
    }

    pub fn pending(&self) -> &[Pending] {
        &self.pending
    }

    /// The change of this message that is on its way.
    pub fn pending_edit(&self, id: MessageId) -> Option<&Pending> {
        self.pending.iter().find(|pending| pending.id == id && pending.is_edit)
    }

    /// My newest message that can still be changed.
    pub fn my_newest(&self) -> Option<&Message> {
        self.messages.values().rev().find(|message| self.can_change(message))
    }

    /// Whether this person may edit or recall a message; the server has the last word.
    pub fn can_change(&self, message: &Message) -> bool {
        message.author == self.me && message.recalled.is_none() && message.line.is_none()
    }

    pub(super) fn settle(&mut self, message: &Message) {
        self.pending.retain(|pending| !pending.is_settled_by(message));
    }
}

/// A text without the white space at its end; none when nothing is left or it is too long.
fn sendable(body: &str) -> Option<String> {
    // As it will be heard back: by its text the page knows an edit that has arrived.
    let body = as_parsed(body.trim_end());
    let is_sendable = !body.trim().is_empty() && body.chars().count() <= BODY_CHARS;
    is_sendable.then_some(body)
}
