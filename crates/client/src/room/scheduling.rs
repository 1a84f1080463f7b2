//! Scheduling what the composer holds. Its text stays until the server has the message.

use leptos::prelude::*;

use crate::{
    refusal::ShownRefusal,
    room::{ComposerMode, drafts::Drafts},
    socket::Link,
    state::conversation::Conversation,
    text::words,
};
use protocol::{error::Refusal, ids::MessageId, room_socket::RoomCommand, schedule::Schedule};

#[derive(Clone, Copy)]
pub struct Scheduling {
    conversation: RwSignal<Conversation>,
    link: Link,
    drafts: Drafts,
    mode: RwSignal<ComposerMode>,
    refusal: ShownRefusal,
    /// What screen readers say.
    status: RwSignal<String>,
    /// Whether the menu of times is open.
    pub is_choosing: RwSignal<bool>,
    /// What the server has not acknowledged yet.
    asked: StoredValue<Option<Schedule>>,
}

impl Scheduling {
    pub(super) fn new(
        conversation: RwSignal<Conversation>,
        link: Link,
        drafts: Drafts,
        mode: RwSignal<ComposerMode>,
        (refusal, status): (ShownRefusal, RwSignal<String>),
    ) -> Self {
        let (is_choosing, asked) = (RwSignal::new(false), StoredValue::new(None));
        Self { conversation, link, drafts, mode, refusal, status, is_choosing, asked }
    }

    /// Schedules the text of the composer for a time in UTC milliseconds.
    pub fn schedule(self, at: i64) {
        let reply_to = match self.mode.get_untracked() {
            ComposerMode::Reply(quote) => Some(quote.id),
            ComposerMode::New | ComposerMode::Edit(_) => None,
        };
        let body = self.drafts.draft.get_untracked();
        let schedule = self.conversation.with_untracked(|known| known.schedule(MessageId::new(), &body, reply_to, at));
        let Some(schedule) = schedule else { return };
        self.asked.set_value(Some(schedule.clone()));
        if !self.link.send(&RoomCommand::Schedule(schedule)) {
            self.refusal.show(Refusal::Unavailable);
        }
    }

    /// Clears the composer once the server has the message, unless its text is another one by now.
    pub(super) fn settle(self) {
        let is_known = |id| self.conversation.with_untracked(|known| known.is_scheduled(id));
        let Some(schedule) = self.asked.try_get_value().flatten().filter(|schedule| is_known(schedule.id)) else {
            return;
        };
        self.asked.set_value(None);
        self.status.set(words().has_scheduled.to_owned());
        if self.drafts.draft.with_untracked(|draft| draft.trim_end() == schedule.body) {
            self.drafts.draft.set(String::new());
            self.mode.set(ComposerMode::New);
        }
    }
}
