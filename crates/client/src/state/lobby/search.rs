//! The search in messages of the main window.

use crate::state::{lobby::model::Lobby, message_search::MessageSearch};
use protocol::lobby_socket::{Hit, LobbyCommand};

impl Lobby {
    /// Starts a search; `None` for an empty query.
    pub fn ask_search(&mut self, query: &str) -> Option<LobbyCommand> {
        let query = query.trim();
        self.search = Some(query).filter(|query| !query.is_empty()).map(|query| MessageSearch::new(query.to_owned()));
        self.search.as_ref().map(MessageSearch::command)
    }

    /// Starts the current search again; `None` if there is none.
    pub fn ask_search_again(&mut self) -> Option<LobbyCommand> {
        let query = self.search.as_ref()?.query.clone();
        self.ask_search(&query)
    }

    /// Requests the next page of the current search; `None` after the last one.
    pub fn ask_older_hits(&mut self) -> Option<LobbyCommand> {
        self.search.as_mut()?.ask_older()
    }

    pub fn search(&self) -> Option<&MessageSearch> {
        self.search.as_ref()
    }

    /// Adds a page of hits; a page of an earlier search is dropped.
    pub(super) fn add_hits(&mut self, query: &str, hits: Vec<Hit>, before: Option<u64>) {
        if let Some(search) = self.search.as_mut().filter(|search| search.query == query) {
            search.add(hits, before);
        }
    }
}
