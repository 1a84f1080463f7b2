//! Which users are online: they have a socket, or closed their last one less than [`GRACE`] ago.

use std::{
    collections::{BTreeSet, HashMap},
    time::Instant,
};

use protocol::ids::UserId;

use crate::hub::owner::GRACE;

#[derive(Default)]
struct Sockets {
    count: usize,
    /// When the last socket closed; `None` while one is connected.
    closed_at: Option<Instant>,
}

#[derive(Default)]
pub(super) struct OnlineUsers {
    users: HashMap<UserId, Sockets>,
    /// Users without a socket whose grace period runs.
    departing: BTreeSet<UserId>,
}

impl OnlineUsers {
    /// Counts a socket. True when the user was offline.
    pub(super) fn connect(&mut self, user: UserId) -> bool {
        let was_offline = !self.contains(user);
        let sockets = self.users.entry(user).or_default();
        sockets.count += 1;
        sockets.closed_at = None;
        self.departing.remove(&user);
        was_offline
    }

    pub(super) fn disconnect(&mut self, user: UserId, now: Instant) {
        let Some(sockets) = self.users.get_mut(&user) else { return };
        sockets.count -= 1;
        if sockets.count == 0 {
            sockets.closed_at = Some(now);
            self.departing.insert(user);
        }
    }

    /// Removes the users whose grace period is over, and returns them.
    pub(super) fn expire(&mut self, now: Instant) -> Vec<UserId> {
        let users = &self.users;
        let is_over = |user: &UserId| {
            let closed_at = users.get(user).and_then(|sockets| sockets.closed_at);
            closed_at.is_some_and(|closed_at| now.duration_since(closed_at) >= GRACE)
        };
        let offline: Vec<UserId> = self.departing.iter().filter(|user| is_over(user)).copied().collect();
        for user in &offline {
            self.departing.remove(user);
            self.users.remove(user);
        }
        offline
    }

    pub(super) fn contains(&self, user: UserId) -> bool {
        self.users.contains_key(&user)
    }

    pub(super) fn sockets_of(&self, user: UserId) -> usize {
        self.users.get(&user).map_or(0, |sockets| sockets.count)
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = UserId> {
        self.users.keys().copied()
    }

    #[cfg(test)]
    pub(super) fn sockets(&self) -> usize {
        self.users.values().map(|sockets| sockets.count).sum()
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.users.is_empty() && self.departing.is_empty()
    }
}
