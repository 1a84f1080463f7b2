//! A search for users: those whom the client knows at once, then those whom the server finds. A row never moves while
//! its query stays.

use protocol::{ids::UserId, limit::QUERY_CHARS, lobby_socket::LobbyCommand};

/// Where users are searched. Each context has its own query.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FindContext {
    List,
    Palette,
    Picker,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct PeopleHits {
    pub(super) query: String,
    pub(super) rows: Vec<UserId>,
    /// The `after` of the next page.
    after: Option<UserId>,
    step: FindStep,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum FindStep {
    /// The server was not asked yet.
    #[default]
    Typed,
    Waiting,
    Answered,
}

impl PeopleHits {
    /// Starts a search with the users whom the client knows; the same search continues.
    pub(super) fn start(&mut self, query: &str, known: impl FnOnce(&str) -> Vec<UserId>) {
        let query: String = query.trim().chars().take(QUERY_CHARS).collect();
        if query != self.query {
            let rows = if query.is_empty() { Vec::new() } else { known(&query) };
            *self = Self { query, rows, ..Self::default() };
        }
    }

    /// The command for the first page; `None` if the server was asked already, and for an empty query.
    pub(super) fn ask(&mut self) -> Option<LobbyCommand> {
        let is_wanted = self.step == FindStep::Typed && !self.query.is_empty();
        is_wanted.then(|| self.command())
    }

    /// The command for the next page; `None` if there is none, or before the answer.
    pub(super) fn ask_more(&mut self) -> Option<LobbyCommand> {
        let is_wanted = self.step == FindStep::Answered && self.after.is_some();
        is_wanted.then(|| self.command())
    }

    fn command(&mut self) -> LobbyCommand {
        self.step = FindStep::Waiting;
        LobbyCommand::FindPeople { query: self.query.clone(), outside: None, after: self.after.take() }
    }

    pub(super) fn is_waiting(&self) -> bool {
        self.step == FindStep::Waiting
    }

    /// Whether the server's first answer is still to come.
    pub(super) fn is_searching(&self) -> bool {
        !self.query.is_empty() && self.step != FindStep::Answered
    }

    pub(super) fn has_more(&self) -> bool {
        self.after.is_some()
    }

    /// Appends a page. Returns whether it was awaited here; a page of an earlier query is not.
    pub(super) fn add(&mut self, query: &str, users: &[UserId], after: Option<UserId>) -> bool {
        let is_own = self.step == FindStep::Waiting && self.query == query;
        if is_own {
            let new = users.iter().copied().filter(|user| !self.rows.contains(user)).collect::<Vec<_>>();
            self.rows.extend(new);
            (self.after, self.step) = (after, FindStep::Answered);
        }
        is_own
    }

    /// The awaited page does not come.
    pub(super) fn fail(&mut self) {
        if self.step == FindStep::Waiting {
            self.step = FindStep::Answered;
        }
    }

    /// The server is asked again; the rows stay.
    pub(super) fn restart(&mut self) {
        (self.after, self.step) = (None, FindStep::Typed);
    }
}
