//! Pages of a room's history, and jumps to a message.

use leptos::prelude::*;

use crate::{socket::Link, state::conversation::Conversation};
use protocol::room_socket::RoomCommand;

#[derive(Clone, Copy)]
pub struct History {
    conversation: RwSignal<Conversation>,
    link: Link,
    /// The `seq` to scroll to as soon as its message is loaded.
    pub target: RwSignal<Option<u64>>,
}

impl History {
    pub(super) fn new(conversation: RwSignal<Conversation>, link: Link) -> Self {
        Self { conversation, link, target: RwSignal::new(None) }
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
        self.target.set(Some(seq));
        if !self.conversation.with_untracked(|conversation| conversation.has(seq)) {
            self.ask(|conversation| conversation.ask_around(seq));
        }
    }

    /// Requests the messages around the target again, on a new connection.
    pub(super) fn resume(self) {
        if let Some(seq) = self.target.get_untracked() {
            self.jump(seq);
        }
    }
}
