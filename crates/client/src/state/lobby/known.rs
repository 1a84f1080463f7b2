//! The users whom the client knows in a large organisation: those that it lists, and those that it asked for.

use std::collections::HashSet;

use crate::state::lobby::model::Lobby;
use protocol::{
    ids::UserId,
    message::{Message, SystemEvent},
    room::RoomSummary,
    user::{Presence, User},
};

impl Lobby {
    /// Adds users that the server sent on demand.
    pub fn add_users(&mut self, users: Vec<User>) {
        self.book.upsert(users);
    }

    /// The known users whom a snapshot or a delta does not contain: not the user themselves, their favourites, the users
    /// whom their rooms list, nor those of their department.
    pub fn users_on_demand(&self) -> HashSet<UserId> {
        let department = |user: UserId| self.user(user).map(|user| &user.profile.department);
        let listed: HashSet<UserId> = self.rooms.values().flat_map(|room| room.others.iter().copied()).collect();
        let (own, favourites) = (department(self.me), &self.favourites);
        let is_contained =
            |user: UserId| listed.contains(&user) || favourites.contains(&user) || department(user) == own;
        self.book.users().map(|user| user.id).filter(|user| !is_contained(*user)).collect()
    }

    /// Sets the presence of the known ones of these users.
    pub fn set_presence(&mut self, users: &[UserId], presence: Presence) {
        let known = users.iter().filter_map(|user| self.user(*user));
        let changed = known.filter(|user| user.presence != presence).map(|user| User { presence, ..user.clone() });
        self.book.upsert(changed.collect());
    }

    /// The favourites in the order of the address book.
    pub fn favourites(&self) -> Vec<UserId> {
        self.users().map(|user| user.id).filter(|user| self.is_favourite(*user)).collect()
    }

    /// The partners of the most recently active direct rooms, `count` rooms at most.
    pub fn partners(&self, count: usize) -> Vec<UserId> {
        let mut rooms: Vec<&RoomSummary> = self.rooms.values().filter(|room| !room.is_hidden).collect();
        rooms.sort_by_key(|room| std::cmp::Reverse(room.active_at));
        let direct = rooms.into_iter().take(count).filter(|room| !room.is_group);
        direct.filter_map(|room| room.others.first().copied()).collect()
    }

    /// Users whom rooms, favourites or hits name and whom the client does not know, each once.
    pub fn unknown_users(&self) -> Vec<UserId> {
        let rooms =
            self.rooms.values().flat_map(|room| room.others.iter().copied().chain(named_by(room.last.as_ref())));
        let search = self.search.iter().filter_map(|search| search.hits.as_ref());
        let collection = self.collection.iter().filter_map(|collection| collection.hits.as_ref());
        let hits = search.chain(collection).flatten().map(|hit| hit.message.author);
        let mut seen = HashSet::new();
        let named = rooms.chain(hits).chain(self.favourites.iter().copied());
        named.filter(|user| self.user(*user).is_none() && seen.insert(*user)).collect()
    }
}

/// The users whose names a room's row shows for its last message.
fn named_by(last: Option<&Message>) -> Vec<UserId> {
    let Some(last) = last else { return Vec::new() };
    let others = match &last.system_event {
        Some(SystemEvent::Invited { users } | SystemEvent::Removed { users }) => users.as_slice(),
        _ => &[],
    };
    others.iter().copied().chain([last.author]).collect()
}
