//! Posts and edits of the composer.

use leptos::prelude::*;

use crate::{
    platform,
    room::{ComposerMode, session::RoomSession},
    state::{conversation::caption, unsent_message::UnsentMessage, upload::Outgoing},
};
use protocol::{ids::MessageId, room_socket::RoomCommand};

impl RoomSession {
    /// Posts a message, or edits one, depending on the composer's mode. `false` if the text cannot be sent.
    pub fn post(self, body: &str) -> bool {
        let (mode, now) = (self.mode.get_untracked(), platform::now_ms());
        if self.attaching.count.get_untracked() > 0 && !matches!(mode, ComposerMode::Edit(_)) {
            return self.post_with_files(body, mode, now);
        }
        if untrack(|| self.scheduling.holds(body)) && !matches!(mode, ComposerMode::Edit(_)) {
            return false;
        }
        let asks = self.asks.get_untracked();
        let command = self.conversation.try_update(|conversation| match mode {
            ComposerMode::New => conversation.post_asking(body, None, asks, now),
            ComposerMode::Reply(quote) => conversation.post_asking(body, Some(quote), asks, now),
            ComposerMode::Edit(id) => conversation.edit(id, body, now),
        });
        let Some(command) = command.flatten() else { return false };
        self.link.send(&command);
        if matches!(command, RoomCommand::Post(_)) {
            self.posted.notify();
            self.asks.set(false);
        }
        self.mode.set(ComposerMode::New);
        true
    }

    /// Sends the files of the tray with a text, once the server has the files.
    fn post_with_files(self, body: &str, mode: ComposerMode, now: i64) -> bool {
        let reply_to = if let ComposerMode::Reply(quote) = mode { Some(quote) } else { None };
        let Some(body) = caption(body) else { return false };
        let mentions = self.conversation.with_untracked(|conversation| conversation.mentions_in(&body));
        let asks_confirmation = self.asks.get_untracked();
        self.attaching.send(Outgoing {
            id: MessageId::new(),
            body,
            reply_to,
            mentions,
            asks_confirmation,
            sent_at: now,
        });
        self.asks.set(false);
        self.mode.set(ComposerMode::New);
        true
    }

    /// Posts a message whose files are at the server.
    pub fn post_waiting(self, unsent: UnsentMessage) {
        let command = self.conversation.try_update(|conversation| conversation.post_files(unsent));
        if let Some(command) = command {
            self.link.send(&command);
            self.posted.notify();
        }
    }

    pub fn retry(self, id: MessageId) {
        if let Some(command) = self.conversation.try_update(|conversation| conversation.retry(id)).flatten() {
            self.link.send(&command);
        }
    }

    pub fn discard(self, id: MessageId) {
        self.conversation.update(|conversation| conversation.discard(id));
    }
}
