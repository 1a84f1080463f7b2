//! A department as far as the client knows it: the departments directly below it, and its own users page by page.

use protocol::{ids::UserId, lobby_socket::LobbyCommand};

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Branch {
    /// The paths of the departments directly below, in the server's order.
    pub departments: Vec<String>,
    /// Whether `departments` is complete.
    pub knows_departments: bool,
    /// The first users of the department itself, in the server's order.
    pub people: Vec<UserId>,
    pub next: NextPage,
    pub state: BranchState,
    /// A newer first page is needed.
    pub is_outdated: bool,
    /// The page that is awaited is out of date.
    is_stale: bool,
}

/// The next page of a department's users to request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum NextPage {
    #[default]
    First,
    After(UserId),
    /// All users are known.
    Nothing,
}

/// Whether a page of a department is awaited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum BranchState {
    #[default]
    Idle,
    Waiting,
    /// The server refused, or did not answer.
    Failed,
}

/// A page of a department, as the server sends it.
pub(super) struct BranchPage {
    pub departments: Vec<String>,
    pub people: Vec<UserId>,
    pub after: Option<UserId>,
}

impl Branch {
    /// Lists a department below this one.
    pub(super) fn list(&mut self, path: &str) {
        if !self.departments.iter().any(|known| known == path) {
            self.departments.push(path.to_owned());
        }
    }

    /// The command for the next page; `None` if there is none, or while an answer is awaited.
    pub(super) fn ask(&mut self, path: &str) -> Option<LobbyCommand> {
        let after = match self.next {
            NextPage::First => None,
            NextPage::After(user) => Some(user),
            NextPage::Nothing => return None,
        };
        if self.state != BranchState::Idle {
            return None;
        }
        self.state = BranchState::Waiting;
        Some(LobbyCommand::Department { path: path.to_owned(), after })
    }

    /// Adds a page. A first page replaces what is known.
    pub(super) fn add(&mut self, page: BranchPage) {
        self.state = BranchState::Idle;
        if std::mem::take(&mut self.is_stale) {
            self.next = NextPage::First;
            return;
        }
        if self.next == NextPage::First {
            self.is_outdated = false;
            (self.departments, self.knows_departments) = (page.departments, true);
            self.people.clear();
        }
        let people = page.people.into_iter().filter(|user| !self.people.contains(user)).collect::<Vec<_>>();
        self.people.extend(people);
        self.next = page.after.map_or(NextPage::Nothing, NextPage::After);
    }

    /// The pages are asked again. What is known stays until then.
    pub(super) fn restart(&mut self) {
        self.is_stale = self.state == BranchState::Waiting;
        (self.next, self.is_outdated) = (NextPage::First, true);
    }

    /// The same after a new connection, to which an awaited answer does not come.
    pub(super) fn restart_lost(&mut self) {
        (self.is_stale, self.state) = (false, BranchState::Idle);
        (self.next, self.is_outdated) = (NextPage::First, self.knows_departments);
    }

    /// The awaited page does not come.
    pub(super) fn fail(&mut self) {
        if self.state == BranchState::Waiting {
            self.state = BranchState::Failed;
        }
    }

    /// Asks again after a failure.
    pub(super) fn retry(&mut self) {
        self.state = BranchState::Idle;
    }
}
