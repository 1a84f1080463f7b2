//! The pinned messages of a room, its announcement, and the user's bookmarks.

use crate::state::conversation::model::Conversation;
use protocol::{
    ids::MessageId,
    message::{Message, PinnedMessage, Quote},
};

impl Conversation {
    pub(super) fn set_marks(&mut self, pins: Vec<PinnedMessage>, by_maker: bool, bookmarks: Vec<MessageId>) {
        (self.pins, self.pins_by_maker) = (pins, by_maker);
        self.bookmarks = bookmarks.into_iter().collect();
    }

    pub fn announcement(&self) -> Option<&PinnedMessage> {
        self.pins.iter().find(|pin| pin.is_announcement)
    }

    pub fn pin(&self, id: MessageId) -> Option<&PinnedMessage> {
        self.pins.iter().find(|pin| pin.id == id)
    }

    /// Whether this user may pin messages and set the announcement.
    pub fn may_pin(&self) -> bool {
        !self.is_group || !self.pins_by_maker || self.maker() == Some(self.me)
    }

    /// Updates the text of a pinned message; removes the pin and the bookmark of a recalled one.
    pub(super) fn refresh_marks(&mut self, message: &Message) {
        if message.recalled.is_some() {
            self.pins.retain(|pin| pin.id != message.id);
            self.bookmarks.remove(&message.id);
        }
        for pin in self.pins.iter_mut().filter(|pin| pin.id == message.id) {
            pin.body = Quote::of(message).body;
        }
    }
}
