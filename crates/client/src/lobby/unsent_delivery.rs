//! Sends messages that closed windows left unsent in the browser's storage, and reads the drafts there.

use std::time::Duration;

use leptos::{ev::SubmitEvent, prelude::*};

use crate::{
    platform,
    socket::Link,
    state::unsent_message::UnsentMessage,
    text::words,
    user_storage::{StoredKey, UserStorage},
};
use protocol::{
    error::Refusal,
    ids::{MessageId, RoomId, UserId},
    lobby_socket::LobbyCommand,
};

const DELIVER_EVERY: Duration = Duration::from_secs(10);
/// The age from which a message counts as left behind: an open window sends younger ones itself.
const LEFT_AFTER_MS: i64 = 8_000;

#[derive(Clone, Copy)]
pub struct UnsentDelivery {
    link: Link,
    storage: UserStorage,
    /// The room next to the list, whose own session sends its messages.
    shown: RwSignal<Option<RoomId>>,
    /// Notified when a draft in the storage has changed.
    drafts: Trigger,
    /// Whether the page runs in the browser, so that the storage can be read.
    has_storage: RwSignal<bool>,
}

impl UnsentDelivery {
    pub(super) fn new(me: UserId, link: Link, shown: RwSignal<Option<RoomId>>) -> Self {
        let (storage, drafts, has_storage) = (UserStorage::new(me), Trigger::new(), RwSignal::new(false));
        Self { link, storage, shown, drafts, has_storage }
    }

    pub(super) fn start(self) {
        self.has_storage.set(true);
        platform::on_stored(move |key| {
            if let Some(StoredKey::Draft(_)) = self.storage.parse(&key) {
                self.drafts.notify();
            }
        });
        let timer = set_interval(move || self.deliver(), DELIVER_EVERY);
        on_cleanup(move || drop(timer.map(|timer| timer.clear())));
    }

    /// Sends the messages that were left behind.
    pub(super) fn deliver(self) {
        let now = platform::now_ms();
        for (room, unsent) in self.storage.messages() {
            let is_left = unsent.sent_at + LEFT_AFTER_MS < now && unsent.refused.is_none();
            if is_left && self.shown.get_untracked() != Some(room) {
                self.link.send(&LobbyCommand::Deliver { room, command: unsent.command() });
            }
        }
    }

    /// The server has stored the message.
    pub(super) fn settle(self, room: RoomId, id: MessageId) {
        self.storage.remove(room, id);
    }

    /// The server refused the message for good: it stays in its room for its author to decide.
    pub(super) fn refuse(self, id: MessageId, error: Refusal) {
        if error.is_transient() {
            return;
        }
        for (room, unsent) in self.storage.messages() {
            if unsent.id == id {
                self.storage.save(room, &UnsentMessage { refused: Some(error), ..unsent });
            }
        }
    }

    /// Removes the edits and quotes of recalled messages.
    pub(super) fn recall(self, ids: &[MessageId]) {
        self.storage.recall(ids);
    }

    /// Deletes all drafts and unsent messages when the user signs out. If there are any, the user is asked first, and
    /// may stay. Without a connection the user stays: the server could not end the session.
    pub fn sign_out(self, event: &SubmitEvent) {
        let stays = if self.link.is_connected() {
            self.storage.has_unsent() && !platform::confirms(words().sign_out_sure)
        } else {
            platform::confirms(words().lost);
            true
        };
        if stays {
            return event.prevent_default();
        }
        self.storage.clear();
    }

    /// The draft of a room that is not shown next to the list.
    pub fn draft(self, room: RoomId) -> Option<String> {
        self.drafts.track();
        let is_shown = self.shown.get() == Some(room);
        let draft = if is_shown || !self.has_storage.get() { String::new() } else { self.storage.draft(room) };
        Some(draft).filter(|draft| !draft.trim().is_empty())
    }
}
