//! Picking a name behind an "@" of the composer: what is looked for, whom it finds, and which of them is chosen.

use leptos::prelude::*;

use crate::{
    state::{
        conversation::Conversation,
        mention::{Candidate, query_at},
    },
    text::words,
};

#[derive(Clone, Copy)]
pub struct Mentioning {
    conversation: RwSignal<Conversation>,
    /// The text behind the "@"; `None` while nobody is looked for.
    query: RwSignal<Option<String>>,
    /// The place of the chosen one among the candidates.
    pub chosen: RwSignal<usize>,
    /// Where the "@" is.
    at: StoredValue<Option<usize>>,
    /// The person closed the list of an "@" at this place: it stays closed.
    dismissed: StoredValue<Option<usize>>,
}

impl Mentioning {
    pub(super) fn new(conversation: RwSignal<Conversation>) -> Self {
        Self {
            conversation,
            query: RwSignal::new(None),
            chosen: RwSignal::new(0),
            at: StoredValue::new(None),
            dismissed: StoredValue::new(None),
        }
    }

    /// Follows the text before the caret.
    pub fn look(self, text: &str) {
        let query = query_at(text).map(str::to_owned);
        self.at.set_value(text.rfind('@').filter(|_| query.is_some()));
        if self.at.get_value() != self.dismissed.get_value() {
            self.dismissed.set_value(None);
        }
        let query = query.filter(|_| self.dismissed.get_value().is_none());
        if self.query.with_untracked(|known| *known != query) {
            self.chosen.set(0);
            self.query.set(query);
        }
    }

    pub fn dismiss(self) {
        self.dismissed.set_value(self.at.get_value());
        self.query.set(None);
    }

    /// Whom the text behind the "@" finds; nobody while nobody is looked for.
    pub fn candidates(self) -> Vec<Candidate> {
        let Some(query) = self.query.get() else { return Vec::new() };
        self.conversation.with(|conversation| conversation.candidates(&query, words().everybody))
    }

    pub fn is_open(self) -> bool {
        !self.candidates().is_empty()
    }

    /// Chooses the next one, with wrap-around.
    pub fn step(self, step: isize) {
        let count = untrack(|| self.candidates()).len() as isize;
        self.chosen.update(|chosen| *chosen = (*chosen as isize + step).rem_euclid(count.max(1)) as usize);
    }

    /// The name of a candidate.
    pub fn name(self, index: usize) -> Option<String> {
        untrack(|| self.candidates()).get(index).map(|candidate| candidate.name.clone())
    }
}
