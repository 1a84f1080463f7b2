//! Sends messages that closed windows left unsent in the browser's storage, and reads the drafts there.

use std::time::Duration;

use leptos::{ev::SubmitEvent, prelude::*};

use crate::{
    platform,
    socket::Link,
    state::unsent_message::UnsentMessage,
    text::words,
    user_storage::{StoredKey, UserStorage},
    view::effect,
};
use protocol::{
    error::Refusal,
    ids::{MessageId, RoomId, UserId},
    lobby_socket::LobbyCommand,
};

/// The delay after which the list sends what a closed room left unsent.
const CLOSED_AFTER: Duration = Duration::from_secs(2);
const DELIVER_EVERY: Duration = Duration::from_secs(10);
/// The age from which a message counts as left behind: an open window sends younger ones itself.
const LEFT_AFTER_MS: i64 = 8_000;

#[derive(Clone, Copy)]
pub struct UnsentDelivery {
    link: Link,
    storage: UserStorage,
    /// The room next to the list, whose own session sends its messages.
    shown: RwSignal<Option<RoomId>>,
    /// The rooms that this page showed next to the list, and that may have left a message unsent: no session of this page
    /// sends it.
    left: StoredValue<Vec<RoomId>>,
    /// Notified when a draft in the storage has changed.
    drafts: Trigger,
    /// Notified when an unsent message in the storage has changed, or may have been left behind by now.
    pub changed: Trigger,
    /// The messages that wait for more than a moment, or were refused.
    waiting: Memo<Vec<(RoomId, UnsentMessage)>>,
    /// The rooms with a message that waits for its files.
    with_files: Memo<Vec<RoomId>>,
    /// Whether the page runs in the browser, so that the storage can be read.
    has_storage: RwSignal<bool>,
}

/// Whether a message was left behind.
fn is_left(unsent: &UnsentMessage, now: i64) -> bool {
    unsent.sent_at + LEFT_AFTER_MS < now
}

impl UnsentDelivery {
    pub(super) fn new(me: UserId, link: Link, shown: RwSignal<Option<RoomId>>) -> Self {
        let (storage, drafts, has_storage) = (UserStorage::new(me), Trigger::new(), RwSignal::new(false));
        let changed = Trigger::new();
        let waiting = Memo::new(move |shown: Option<&Vec<(RoomId, UnsentMessage)>>| {
            changed.track();
            let mut messages = if has_storage.get() { storage.messages() } else { Vec::new() };
            if link.is_connected() {
                let now = platform::now_ms();
                // What the list has shown as waiting stays until it is stored.
                let is_shown = |id| shown.is_some_and(|shown| shown.iter().any(|(_, unsent)| unsent.id == id));
                messages.retain(|(_, unsent)| unsent.refused.is_some() || is_left(unsent, now) || is_shown(unsent.id));
            }
            messages
        });
        let with_files = Memo::new(move |_| {
            changed.track();
            if has_storage.get() { storage.rooms_with_files() } else { Vec::new() }
        });
        let left = StoredValue::new(Vec::new());
        Self { link, storage, shown, left, drafts, changed, waiting, with_files, has_storage }
    }

    pub(super) fn start(self) {
        self.has_storage.set(true);
        platform::on_stored(move |key| match self.storage.parse(&key) {
            Some(StoredKey::Draft(_)) => self.drafts.notify(),
            Some(StoredKey::Message(..) | StoredKey::Files(_)) => self.changed.notify(),
            _ => {}
        });
        let deliver = move || {
            self.deliver();
            self.changed.notify();
        };
        let timer = set_interval(deliver, DELIVER_EVERY);
        on_cleanup(move || drop(timer.map(|timer| timer.clear())));
        self.follow_shown();
    }

    /// Delivers what a room left unsent when it closes.
    fn follow_shown(self) {
        let mut before = None;
        effect(move || {
            let shown = self.shown.get();
            self.left.update_value(|left| {
                left.extend(before);
                left.retain(|room| shown != Some(*room));
            });
            before = shown;
            // A message that was just sent is acknowledged by then.
            platform::after(CLOSED_AFTER, move || self.deliver());
        });
    }

    /// Sends the messages that were left behind.
    pub(super) fn deliver(self) {
        let now = platform::now_ms();
        let messages = self.storage.messages();
        let has_unsent = |room: &RoomId| messages.iter().any(|(of, _)| of == room);
        let left = self.left.try_update_value(|left| {
            left.retain(has_unsent);
            left.clone()
        });
        // The page was closed.
        let Some(left) = left else { return };
        for (room, unsent) in messages {
            let is_left = is_left(&unsent, now) || left.contains(&room);
            if is_left && unsent.refused.is_none() && self.shown.get_untracked() != Some(room) {
                self.link.send(&LobbyCommand::Deliver { room, command: unsent.command() });
            }
        }
    }

    /// The server has stored the message. A room that is shown settles its own: it may have a newer edit.
    pub(super) fn settle(self, room: RoomId, id: MessageId) {
        if self.shown.get_untracked() == Some(room) {
            return;
        }
        self.storage.remove(room, id);
        self.changed.notify();
    }

    /// The server refused the message for good: it stays in its room for its author to decide.
    pub(super) fn refuse(self, id: MessageId, error: Refusal) {
        if error.is_transient() {
            return;
        }
        for (room, unsent) in self.storage.messages() {
            if unsent.id == id && self.shown.get_untracked() != Some(room) {
                self.storage.save(room, &UnsentMessage { refused: Some(error), ..unsent });
            }
        }
        self.changed.notify();
    }

    /// Removes the edits and quotes of recalled messages.
    pub(super) fn recall(self, ids: &[MessageId]) {
        self.storage.recall(ids);
        self.changed.notify();
    }

    /// The newest message of a room that was not sent, for the list.
    pub fn waiting(self, room: RoomId) -> Option<UnsentMessage> {
        self.waiting.with(|waiting| waiting.iter().rfind(|(of, _)| *of == room).map(|(_, unsent)| unsent.clone()))
    }

    /// Whether a message of a room waits for its files.
    pub fn waits_for_files(self, room: RoomId) -> bool {
        self.with_files.with(|rooms| rooms.contains(&room))
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
