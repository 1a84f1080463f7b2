//! Read receipts of this window: the first is sent at once, later ones at most five times a second. Messages seen while
//! a receipt has to wait are reported after the wait, even if the log was scrolled away since.

use std::time::Duration;

use leptos::prelude::*;

use crate::{platform, socket::Link, state::conversation::Conversation};
use protocol::room_socket::RoomCommand;

const SEND_EVERY: Duration = Duration::from_millis(200);

#[derive(Clone, Copy)]
pub struct Receipts {
    conversation: RwSignal<Conversation>,
    link: Link,
    /// The newest `seq` that was seen in this window.
    seen: RwSignal<u64>,
    is_waiting: StoredValue<bool>,
    /// The `seq` of the last receipt on this connection.
    sent: StoredValue<u64>,
}

impl Receipts {
    pub(super) fn new(conversation: RwSignal<Conversation>, link: Link) -> Self {
        let (seen, is_waiting, sent) = (RwSignal::new(0), StoredValue::new(false), StoredValue::new(0));
        Self { conversation, link, seen, is_waiting, sent }
    }

    /// The user's read mark: the server's, or a later one if newer messages were seen here.
    pub fn last_read(self) -> u64 {
        self.conversation.with(Conversation::last_read).max(self.seen.get())
    }

    /// A new connection has sent no receipt. After a change of the epoch the room may have fewer messages than were
    /// seen.
    pub(super) fn reset(self) {
        self.sent.set_value(0);
        let newest = self.conversation.with_untracked(|conversation| conversation.cursor().version);
        self.seen.update(|seen| *seen = newest.min(*seen));
        self.send();
    }

    /// Marks every loaded message as read.
    pub fn mark_read(self) {
        self.mark(self.conversation.with_untracked(Conversation::unread));
    }

    /// Marks the messages up to a `seq` as read: the log has shown them.
    pub fn mark_shown(self, seq: u64) {
        let last_read = untrack(|| self.last_read());
        self.mark(self.conversation.with_untracked(|conversation| conversation.follows(last_read)).then_some(seq));
    }

    fn mark(self, seq: Option<u64>) {
        if let Some(seq) = seq {
            if seq > self.seen.get_untracked() {
                self.seen.set(seq);
            }
            self.send();
        }
    }

    fn send(self) {
        let seq = self.seen.try_get_untracked().unwrap_or_default();
        let is_due = seq > self.sent.get_value() && seq > self.conversation.with_untracked(Conversation::last_read);
        if is_due && !self.is_waiting.get_value() && self.link.send(&RoomCommand::Read { seq }) {
            self.sent.set_value(seq);
            self.is_waiting.set_value(true);
            platform::after(SEND_EVERY, move || {
                if self.is_waiting.try_set_value(false).is_none() {
                    self.send();
                }
            });
        }
    }
}
