//! Schedules the composer's text. The text stays, and cannot be posted as well, until the server has stored the
//! message.

use std::time::Duration;

use leptos::prelude::*;

use crate::{
    platform,
    refusal::ShownRefusal,
    room::{ComposerMode, drafts::Drafts},
    socket::Link,
    state::conversation::Conversation,
    text::words,
};
use protocol::{error::Refusal, ids::MessageId, room_socket::RoomCommand, schedule::Schedule};

/// The delay before a command is sent again that the server refused for now.
const RETRY_AFTER: Duration = Duration::from_secs(1);

#[derive(Clone, Copy)]
pub struct Scheduling {
    conversation: RwSignal<Conversation>,
    link: Link,
    drafts: Drafts,
    mode: RwSignal<ComposerMode>,
    /// The message asks the others to confirm it.
    asks: RwSignal<bool>,
    refusal: ShownRefusal,
    /// The text for screen readers.
    status: RwSignal<String>,
    /// Whether the menu of times is open.
    pub is_choosing: RwSignal<bool>,
    /// The schedule that the server has not acknowledged yet.
    asked: RwSignal<Option<Schedule>>,
}

impl Scheduling {
    pub(super) fn new(
        conversation: RwSignal<Conversation>,
        link: Link,
        drafts: Drafts,
        (mode, asks): (RwSignal<ComposerMode>, RwSignal<bool>),
        (refusal, status): (ShownRefusal, RwSignal<String>),
    ) -> Self {
        let (is_choosing, asked) = (RwSignal::new(false), RwSignal::new(None));
        Self { conversation, link, drafts, mode, asks, refusal, status, is_choosing, asked }
    }

    /// Schedules the text of the composer for a time in UTC milliseconds. An unacknowledged text keeps its id.
    pub fn schedule(self, at: i64) {
        let body = self.drafts.draft.get_untracked();
        let schedule = self.conversation.with_untracked(|known| known.schedule(&body, at));
        let Some(mut schedule) = schedule else { return };
        if let ComposerMode::Reply(quote) = self.mode.get_untracked() {
            schedule.reply_to = Some(quote.id);
        }
        schedule.asks_confirmation = self.asks.get_untracked();
        if let Some(asked) = self.asked.get_untracked().filter(|asked| asked.body == schedule.body) {
            schedule.id = asked.id;
        }
        if self.link.send(&RoomCommand::Schedule(schedule.clone())) {
            self.asked.set(Some(schedule));
        } else {
            self.refusal.show(Refusal::Unavailable);
        }
    }

    /// Sends the unacknowledged schedule again.
    pub(super) fn send_again(self) {
        if let Some(schedule) = self.asked.try_get_untracked().flatten() {
            self.link.send(&RoomCommand::Schedule(schedule));
        }
    }

    /// Whether this text is unacknowledged.
    pub fn holds(self, body: &str) -> bool {
        self.asked.with(|asked| asked.as_ref().is_some_and(|asked| asked.body == body.trim_end()))
    }

    /// Whether the refused command was for the unacknowledged text, and is sent again.
    pub(super) fn refuse(self, error: Refusal, id: MessageId) -> bool {
        let is_waiting = error.is_transient()
            && self.asked.with_untracked(|asked| asked.as_ref().is_some_and(|asked| asked.id == id));
        if is_waiting {
            platform::after(RETRY_AFTER, move || self.send_again());
        } else {
            self.settle(id, false);
        }
        is_waiting
    }

    /// The server knows the message. If it `is_stored`, scheduled or sent, the composer is cleared, unless its text has
    /// changed since.
    pub(super) fn settle(self, id: MessageId, is_stored: bool) {
        let Some(schedule) = self.asked.try_get_untracked().flatten().filter(|schedule| schedule.id == id) else {
            return;
        };
        self.asked.set(None);
        if !is_stored {
            return;
        }
        self.status.set(words().has_scheduled.to_owned());
        if self.drafts.draft.with_untracked(|draft| draft.trim_end() == schedule.body) {
            self.drafts.draft.set(String::new());
            self.mode.set(ComposerMode::New);
            self.asks.set(false);
        }
    }
}
