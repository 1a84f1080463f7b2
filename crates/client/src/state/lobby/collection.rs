//! The open collection, such as messages that mention the user.

use crate::state::{collected::CollectedHits, lobby::model::Lobby};
use protocol::lobby_socket::{Collection, Hit, LobbyCommand};

impl Lobby {
    /// Opens a collection.
    pub fn ask_collection(&mut self, of: Collection) -> Option<LobbyCommand> {
        self.collection = Some(CollectedHits::new(of));
        self.ask_collection_again()
    }

    /// Requests the first page of the open collection again; `None` if none is open.
    pub fn ask_collection_again(&mut self) -> Option<LobbyCommand> {
        self.collection.as_mut().map(CollectedHits::ask)
    }

    /// Requests the next page of the open collection; `None` after the last one.
    pub fn ask_older_collected(&mut self) -> Option<LobbyCommand> {
        self.collection.as_mut()?.ask_older()
    }

    pub fn collection(&self) -> Option<&CollectedHits> {
        self.collection.as_ref()
    }

    pub fn close_collection(&mut self) {
        self.collection = None;
    }

    /// Adds a page; a page of another collection is dropped.
    pub(super) fn add_collected(&mut self, of: Collection, hits: Vec<Hit>, before: Option<u64>) {
        if let Some(collection) = self.collection.as_mut().filter(|collection| collection.of == of) {
            collection.add(hits, before);
        }
    }
}
