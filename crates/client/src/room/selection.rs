//! Messages that the user selects in the log, to copy, forward or recall several at once.

use std::collections::BTreeSet;

use leptos::prelude::*;

use crate::state::conversation::Conversation;
use protocol::{limit::FORWARDED, message::Message};

#[derive(Clone, Copy)]
pub struct Selection {
    conversation: RwSignal<Conversation>,
    /// By `seq`; `None` while the user is not selecting.
    chosen: RwSignal<Option<BTreeSet<u64>>>,
    /// The messages in the dialog that forwards.
    pub forwarding: RwSignal<Vec<Message>>,
}

impl Selection {
    pub(super) fn new(conversation: RwSignal<Conversation>) -> Self {
        Self { conversation, chosen: RwSignal::new(None), forwarding: RwSignal::new(Vec::new()) }
    }

    pub fn is_open(self) -> bool {
        self.chosen.read().is_some()
    }

    /// Begins a selection with this message.
    pub fn begin(self, seq: u64) {
        self.chosen.set(Some(BTreeSet::from([seq])));
    }

    pub fn end(self) {
        self.chosen.set(None);
    }

    pub fn has(self, seq: u64) -> bool {
        self.chosen.read().as_ref().is_some_and(|chosen| chosen.contains(&seq))
    }

    /// Selects a message, or unselects it; at most as many as one command can forward.
    pub fn toggle(self, seq: u64) {
        self.chosen.update(|chosen| {
            let Some(chosen) = chosen else { return };
            if !chosen.remove(&seq) && chosen.len() < FORWARDED {
                chosen.insert(seq);
            }
        });
    }

    /// The selected messages in the order of the room, without those that were recalled since.
    pub fn messages(self) -> Vec<Message> {
        let chosen = self.chosen.get().unwrap_or_default();
        self.conversation.with(|conversation| {
            let is_chosen = |message: &&Message| chosen.contains(&message.seq) && message.recalled.is_none();
            conversation.messages().filter(is_chosen).cloned().collect()
        })
    }
}
