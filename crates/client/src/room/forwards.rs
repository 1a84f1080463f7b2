//! Forwards that the server has not answered. A command stays until the server answers it, in the browser's storage,
//! too, and is sent again on the next connection: its idempotency key keeps the server from copying twice.

use std::time::Duration;

use leptos::prelude::*;

use crate::{
    feedback::Feedback, platform, refusal::ShownRefusal, socket::Link, state::conversation::Conversation, text::words,
    user_storage::UserStorage,
};
use protocol::{
    error::Refusal,
    ids::{MessageId, RoomId},
    room_socket::{Forward, RoomCommand},
};

/// The delay before a command is sent again that the server refused for now.
const RETRY_AFTER: Duration = Duration::from_secs(1);

#[derive(Clone, Copy)]
pub struct Forwards {
    conversation: RwSignal<Conversation>,
    link: Link,
    refusal: ShownRefusal,
    feedback: Feedback,
    waiting: RwSignal<Vec<Forward>>,
}

impl Forwards {
    pub(super) fn new(
        conversation: RwSignal<Conversation>,
        link: Link,
        refusal: ShownRefusal,
        feedback: Feedback,
    ) -> Self {
        Self { conversation, link, refusal, feedback, waiting: RwSignal::new(Vec::new()) }
    }

    pub fn send(self, forward: Forward) {
        let id = forward.id;
        let (storage, room) = self.storage();
        storage.save_forward(room, &forward);
        self.waiting.update(|waiting| waiting.push(forward));
        self.send_again(Some(id));
    }

    /// Restores the forwards that an earlier page of this browser left unanswered.
    pub(super) fn restore(self) {
        let (storage, room) = self.storage();
        self.waiting.set(storage.forwards(room));
    }

    fn storage(self) -> (UserStorage, RoomId) {
        self.conversation.with_untracked(|conversation| (UserStorage::new(conversation.me), conversation.room))
    }

    /// Sends unanswered commands again: the command with this id, or all.
    pub(super) fn send_again(self, id: Option<MessageId>) {
        for forward in self.waiting.try_get_untracked().unwrap_or_default() {
            if id.is_none_or(|id| id == forward.id) {
                self.link.send(&RoomCommand::Forward(forward));
            }
        }
    }

    pub(super) fn finish(self, id: MessageId) {
        if self.take(id) {
            self.feedback.show(words().has_forwarded.to_owned());
        }
    }

    /// Whether the refused command is one of these.
    pub(super) fn refuse(self, error: Refusal, id: Option<MessageId>) -> bool {
        if error.is_transient() {
            let is_waiting = self.waiting.with_untracked(|waiting| waiting.iter().any(|known| Some(known.id) == id));
            if is_waiting {
                platform::after(RETRY_AFTER, move || self.send_again(id));
            }
            return is_waiting;
        }
        let is_known = id.is_some_and(|id| self.take(id));
        if is_known {
            self.refusal.show(error);
        }
        is_known
    }

    fn take(self, id: MessageId) -> bool {
        let before = self.waiting.with_untracked(Vec::len);
        let (storage, room) = self.storage();
        storage.remove_forward(room, id);
        self.waiting.update(|waiting| waiting.retain(|forward| forward.id != id));
        self.waiting.with_untracked(Vec::len) < before
    }

    /// Whether some are unanswered.
    pub fn is_waiting(self) -> bool {
        !self.waiting.read().is_empty()
    }
}
