//! Pages of a room's history, and jumps to a message.

use leptos::prelude::*;

use crate::{
    platform,
    socket::Link,
    state::{conversation::Conversation, local_time::LocalTime},
    text::{date, lang, with_name},
};
use protocol::room_socket::RoomCommand;

#[derive(Clone, Copy)]
pub struct RoomHistory {
    conversation: RwSignal<Conversation>,
    link: Link,
    /// The `seq` to scroll to as soon as its message is loaded.
    pub target: RwSignal<Option<u64>>,
    /// The midnight of the day to which the user jumps, and the text for landing at another day.
    asked_day: StoredValue<Option<(i64, &'static str)>>,
}

impl RoomHistory {
    pub(super) fn new(conversation: RwSignal<Conversation>, link: Link) -> Self {
        Self { conversation, link, target: RwSignal::new(None), asked_day: StoredValue::new(None) }
    }

    /// Requests a page, if the conversation returns a command.
    pub fn ask<C: Into<Option<RoomCommand>>>(self, command: impl FnOnce(&mut Conversation) -> C) {
        let command = self.conversation.try_update_untracked(|conversation| command(conversation).into()).flatten();
        if let Some(command) = command
            && !self.link.send(&command)
        {
            self.conversation.update_untracked(Conversation::cancel_request);
        }
    }

    /// Scrolls to a message, and loads it if necessary.
    pub fn jump(self, seq: u64) {
        self.asked_day.set_value(None);
        self.target.set(Some(seq));
        if !self.conversation.with_untracked(|conversation| conversation.has(seq)) {
            self.ask(|conversation| conversation.ask_around(seq));
        }
    }

    /// Scrolls to the first message of a day. If there is none, to the nearest one, and `otherwise` says which day it is.
    pub fn jump_to_day(self, midnight: i64, otherwise: &'static str) {
        self.asked_day.set_value(Some((midnight, otherwise)));
        self.target.set(None);
        self.ask(|conversation| conversation.ask_around_time(midnight));
    }

    /// After a jump landed at a message: the text for another day than the asked one.
    pub(super) fn other_day(self, seq: Option<u64>) -> Option<String> {
        let (midnight, otherwise) = self.asked_day.try_update_value(Option::take)??;
        let sent_at = self.conversation.with_untracked(|conversation| {
            conversation.messages().find(|message| Some(message.seq) == seq).map(|message| message.sent_at)
        })?;
        let local = |ms| LocalTime::new(ms, platform::utc_offset(ms));
        let (asked, shown) = (local(midnight), local(sent_at));
        (asked.day != shown.day).then(|| with_name(otherwise, &date::long_day(shown, lang())))
    }

    /// Requests the messages around the target again, on a new connection.
    pub(super) fn resume(self) {
        if let Some(seq) = self.target.get_untracked() {
            self.jump(seq);
        }
    }
}
