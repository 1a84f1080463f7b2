//! Which users and departments the window watches: those that are drawn, favourites and recent partners.

use std::collections::BTreeSet;

use crate::state::{
    lobby::Lobby,
    organisation::{
        model::{Organisation, ROOT},
        watched::WatchedSet,
    },
};
use protocol::{
    ids::UserId,
    limit::{WATCHED, WATCHED_DEPARTMENTS},
    lobby_socket::LobbyCommand,
};

/// The newest conversations whose partners are watched.
const CONVERSATIONS: usize = 20;

impl Organisation {
    /// The command that watches the drawn users, the partners of the newest conversations and the favourites, and the
    /// departments whose parts are drawn; `None` if they are watched already. The first ones win when there are too
    /// many.
    pub fn watch(&mut self, lobby: &Lobby, drawn: &[UserId], departments: &[String]) -> Option<LobbyCommand> {
        let all = drawn.iter().copied().chain(lobby.partners(CONVERSATIONS)).chain(lobby.favourites());
        let users = first(all, WATCHED);
        let departments = first([ROOT.to_owned()].into_iter().chain(departments.iter().cloned()), WATCHED_DEPARTMENTS);
        let watched = WatchedSet { users, departments };
        if self.watched.as_ref() == Some(&watched) {
            return None;
        }
        let (users, departments) =
            (watched.users.iter().copied().collect(), watched.departments.iter().cloned().collect());
        self.watched = Some(watched);
        Some(LobbyCommand::Watch { users, departments })
    }
}

/// The first different items, at most `count`.
fn first<T: Ord>(items: impl Iterator<Item = T>, count: usize) -> BTreeSet<T> {
    let mut first = BTreeSet::new();
    for item in items {
        if first.len() == count {
            break;
        }
        first.insert(item);
    }
    first
}
