//! Picking a name after an "@" in the composer: the query, the candidates, and the chosen one.

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
    /// The text after the "@"; `None` while no name is typed.
    query: RwSignal<Option<String>>,
    /// The index of the chosen candidate.
    pub chosen: RwSignal<usize>,
    /// The position of the "@".
    at: StoredValue<Option<usize>>,
    /// The position of an "@" whose list the user closed: the list stays closed.
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

    /// The members that match the text after the "@"; empty while no name is typed.
    pub fn candidates(self) -> Vec<Candidate> {
        let Some(query) = self.query.get() else { return Vec::new() };
        self.conversation.with(|conversation| conversation.candidates(&query, words().everybody))
    }

    pub fn is_open(self) -> bool {
        !self.candidates().is_empty()
    }

    /// Chooses the next candidate, with wrap-around.
    pub fn step(self, step: isize) {
        let count = untrack(|| self.candidates()).len() as isize;
        self.chosen.update(|chosen| *chosen = (*chosen as isize + step).rem_euclid(count.max(1)) as usize);
    }

    /// The name of a candidate.
    pub fn name(self, index: usize) -> Option<String> {
        untrack(|| self.candidates()).get(index).map(|candidate| candidate.name.clone())
    }
}
