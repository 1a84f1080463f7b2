//! Presence that changed, and waits for the next tick.

use std::collections::{BTreeMap, BTreeSet};

use protocol::ids::{RoomId, UserId};

/// Presence that changed since it was last taken.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct PresenceChanges {
    /// Users who came online, went offline, or became idle or active.
    pub users: BTreeSet<UserId>,
    /// By room: members who opened their first window, closed their last one, or changed in another way.
    pub rooms: BTreeMap<RoomId, BTreeSet<UserId>>,
}

impl PresenceChanges {
    pub fn add(&mut self, other: &Self) {
        self.users.extend(&other.users);
        other.rooms.iter().for_each(|(room, users)| self.rooms.entry(*room).or_default().extend(users));
    }

    pub(super) fn mark(&mut self, room: RoomId, user: UserId) {
        self.rooms.entry(room).or_default().insert(user);
    }
}
