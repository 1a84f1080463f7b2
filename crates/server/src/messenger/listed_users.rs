//! The users whom a main window of a large organisation receives without asking: its own user, favourites, the others
//! of its rooms, and its own department.

use std::collections::HashSet;

use crate::{
    hub::FirstInterests,
    messenger::{departments::path_of, directory::Directory, stored_lobby::StoredLobby},
    model::Account,
};
use protocol::{cursor::Cursor, ids::UserId, limit};

/// Rooms whose others a window watches until it says itself whom it watches: as many as a list shows.
const WATCHED_ROOMS: usize = 20;

pub(super) struct ListedUsers {
    /// The user themselves, their favourites, and the others of their rooms, the most recently active room first.
    listed: Vec<UserId>,
    /// How many of them a window watches at first.
    watched: usize,
    department: Vec<UserId>,
}

impl ListedUsers {
    pub(super) fn of(user: UserId, stored: &StoredLobby, directory: &Directory) -> Self {
        let mut known = HashSet::new();
        let mut listed: Vec<UserId> = std::iter::once(user).chain(stored.favourites.iter().copied()).collect();
        listed.retain(|user| known.insert(*user));
        let mut watched = listed.len();
        for (index, room) in stored.rooms.iter().enumerate() {
            listed.extend(room.others.iter().filter(|user| known.insert(**user)));
            if index < WATCHED_ROOMS {
                watched = listed.len();
            }
        }
        let department = directory.account(user).map(|account| own_department(directory, account));
        Self { watched: watched.min(limit::WATCHED), listed, department: department.unwrap_or_default() }
    }

    /// What a window receives from its beginning on.
    pub(super) fn first_interests(&self, began_at: Cursor) -> FirstInterests {
        FirstInterests { began_at, listed: self.listed.clone(), watched: self.watched().to_vec() }
    }

    pub(super) fn watched(&self) -> &[UserId] {
        &self.listed[..self.watched]
    }

    /// All of them in the order of the address book. A disabled account is among them if it is of a room.
    pub(super) fn in_order(&self, directory: &Directory) -> Vec<UserId> {
        let mut users: Vec<UserId> = self.listed.iter().chain(&self.department).copied().collect();
        users.sort_unstable_by_key(|user| (directory.name_sort_key(*user), *user));
        users.dedup();
        users
    }
}

/// The first users of an account's department.
fn own_department(directory: &Directory, account: &Account) -> Vec<UserId> {
    let departments = directory.departments();
    // Without a department nobody is a colleague of everybody else without one.
    let number = departments.number_of(path_of(account)).filter(|_| !path_of(account).is_empty());
    number.into_iter().flat_map(|number| departments.members(number, None)).take(limit::PAGE_PEOPLE).collect()
}
