//! The loaded messages of a room: consecutive messages of the room, without gaps.

use crate::state::conversation::model::Conversation;
use protocol::{
    ids::MessageId,
    message::{Message, Quote},
};

impl Conversation {
    pub fn messages(&self) -> impl Iterator<Item = &Message> {
        self.messages.values()
    }

    pub fn message(&self, id: MessageId) -> Option<&Message> {
        self.messages.values().find(|message| message.id == id)
    }

    /// Whether the message with this `seq` is loaded.
    pub fn has(&self, seq: u64) -> bool {
        self.messages.contains_key(&seq)
    }

    /// The `seq` of the oldest loaded message.
    pub fn oldest(&self) -> Option<u64> {
        self.messages.keys().next().copied()
    }

    /// The `seq` of the newest loaded message.
    pub fn newest(&self) -> Option<u64> {
        self.messages.keys().next_back().copied()
    }

    /// The `seq` of the newest message, if it is unread; `None` while the newest messages are not loaded.
    pub fn unread(&self) -> Option<u64> {
        self.newest().filter(|newest| *newest > self.last_read() && !self.has_later)
    }

    /// Whether the loaded messages continue from a read mark without a gap, so that no unread message was skipped by a jump.
    pub fn follows(&self, last_read: u64) -> bool {
        !self.has_earlier || self.oldest().is_some_and(|oldest| oldest <= last_read)
    }

    /// The number of unread messages after a `seq`, among the loaded messages.
    pub fn newer_than(&self, seq: u64) -> usize {
        self.messages.range(seq + 1..).filter(|(_, message)| self.can_be_unread(message)).count()
    }

    pub(super) fn find_first_unread(&self) -> Option<u64> {
        let last_read = self.last_read();
        self.messages
            .values()
            .find(|message| message.seq > last_read && self.can_be_unread(message))
            .map(|message| message.seq)
    }

    /// Whether a message counts as unread until it is read, by the same rules as the room list.
    pub fn can_be_unread(&self, message: &Message) -> bool {
        message.can_be_unread(self.me)
    }

    /// Applies a message in its current state. An older version changes nothing.
    pub(super) fn upsert(&mut self, message: Message) {
        self.settle(&message);
        self.refresh_quotes(&message);
        self.refresh_marks(&message);
        let known = self.messages.get(&message.seq).map(|known| known.version);
        let is_newer = known.is_some_and(|known| message.version > known);
        if is_newer || (known.is_none() && self.is_adjacent(message.seq)) {
            self.messages.insert(message.seq, message);
        }
    }

    /// Whether a message with this `seq` continues the loaded messages without a gap.
    fn is_adjacent(&self, seq: u64) -> bool {
        match (self.oldest(), self.newest()) {
            (Some(oldest), _) if seq < oldest => !self.has_earlier,
            (_, Some(newest)) if seq > newest => !self.has_later,
            (None, None) => !self.has_later,
            _ => true,
        }
    }

    /// Updates the quotes of a message, also in unsent replies in the browser's storage.
    fn refresh_quotes(&mut self, message: &Message) {
        let answers = self.messages.values_mut().map(|answer| &mut answer.reply_to);
        let unsent = self.unsent.iter_mut().map(|unsent| &mut unsent.reply_to);
        for quote in answers.chain(unsent).flatten().filter(|quote| quote.id == message.id) {
            *quote = Quote::of(message);
        }
    }
}
