//! A search in messages: its query and the pages of hits received so far.

use protocol::{
    ids::MessageId,
    lobby_socket::{Hit, LobbyCommand},
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageSearch {
    pub query: String,
    /// Newest first; `None` before the first answer.
    pub hits: Option<Vec<Hit>>,
    /// The `before` of the next page.
    before: Option<u64>,
}

impl MessageSearch {
    pub fn new(query: String) -> Self {
        Self { query, hits: None, before: None }
    }

    /// The command that starts the search.
    pub fn command(&self) -> LobbyCommand {
        LobbyCommand::Search { query: self.query.clone(), before: None }
    }

    /// The command for the next page; `None` after the last one, or while an answer is pending.
    pub fn ask_older(&mut self) -> Option<LobbyCommand> {
        let before = self.before.take()?;
        Some(LobbyCommand::Search { query: self.query.clone(), before: Some(before) })
    }

    pub fn has_older(&self) -> bool {
        self.before.is_some()
    }

    pub fn add(&mut self, hits: Vec<Hit>, before: Option<u64>) {
        self.hits.get_or_insert_default().extend(hits);
        self.before = before;
    }

    /// Removes these messages from the hits.
    pub fn remove_messages(&mut self, messages: &[MessageId]) {
        if let Some(hits) = &mut self.hits {
            hits.retain(|hit| !messages.contains(&hit.message.id));
        }
    }
}
