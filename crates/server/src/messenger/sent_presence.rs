//! What the other nodes know about the sockets of this one.

use std::{
    collections::{HashMap, HashSet},
    sync::atomic::{AtomicBool, AtomicIsize, Ordering},
};

use crate::{hub::PresenceChanges, model::NodePresence};
use protocol::ids::{RoomId, UserId};

/// Users and windows in one signal, at most: a bound on a row of the feed.
const CHUNK: usize = 2_000;

#[derive(Default)]
pub(super) struct PresenceSignals {
    /// How many other nodes there are.
    pub(super) others: AtomicIsize,
    /// Whether the next signal is the whole state.
    pub(super) is_whole: AtomicBool,
    pub(super) sent: tokio::sync::Mutex<SentPresence>,
}

#[derive(Default)]
pub(super) struct SentPresence {
    /// Whether each is idle.
    users: HashMap<UserId, bool>,
    windows: HashSet<(RoomId, UserId)>,
    /// Changes that could not be sent.
    pub(super) pending: PresenceChanges,
}

impl PresenceSignals {
    pub(super) fn count(&self, change: isize) {
        self.others.fetch_add(change, Ordering::AcqRel);
    }

    /// The next tick sends the whole state.
    pub(super) fn send_all(&self) {
        self.is_whole.store(true, Ordering::Release);
    }
}

impl SentPresence {
    /// The part of it that the others do not know yet.
    pub(super) fn not_sent(&self, presence: NodePresence) -> NodePresence {
        let users = presence.users.into_iter().filter(|(user, is_idle)| self.users.get(user) != is_idle.as_ref());
        let windows = presence.windows.into_iter();
        let windows = windows.filter(|(room, user, is_open)| self.windows.contains(&(*room, *user)) != *is_open);
        NodePresence { users: users.collect(), windows: windows.collect(), ..presence }
    }

    pub(super) fn note(&mut self, presence: &NodePresence) {
        for (user, is_idle) in &presence.users {
            match is_idle {
                Some(is_idle) => self.users.insert(*user, *is_idle),
                None => self.users.remove(user),
            };
        }
        for (room, user, is_open) in &presence.windows {
            let window = (*room, *user);
            let _ = if *is_open { self.windows.insert(window) } else { self.windows.remove(&window) };
        }
    }
}

/// The presence of a node in parts. Those of a whole state replace what it sent before, once the last one has arrived.
pub(super) fn parts(presence: NodePresence) -> Vec<NodePresence> {
    let users = presence.users.chunks(CHUNK).map(|users| NodePresence { users: users.to_vec(), ..Default::default() });
    let windows =
        presence.windows.chunks(CHUNK).map(|windows| NodePresence { windows: windows.to_vec(), ..Default::default() });
    let mut parts: Vec<NodePresence> = users.chain(windows).collect();
    if presence.is_whole {
        let last = parts.len().saturating_sub(1);
        parts.iter_mut().take(last).for_each(|part| part.has_more = true);
        match parts.first_mut() {
            Some(first) => first.is_whole = true,
            None => parts.push(NodePresence { is_whole: true, ..Default::default() }),
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_state_says_where_it_begins_and_ends() {
        let flags = |users: usize, windows: usize, is_whole| {
            let (user, room) = (UserId::new(), RoomId::new());
            let presence = NodePresence {
                is_whole,
                users: vec![(user, Some(false)); users],
                windows: vec![(room, user, true); windows],
                ..Default::default()
            };
            parts(presence).iter().map(|part| (part.is_whole, part.has_more)).collect::<Vec<_>>()
        };
        assert_eq!(flags(0, 0, true), [(true, false)], "nobody is connected");
        assert_eq!(flags(1, 0, true), [(true, false)]);
        assert_eq!(flags(CHUNK + 1, 1, true), [(true, true), (false, true), (false, false)]);
        assert_eq!(flags(CHUNK, 1, false), [(false, false); 2], "a delta counts at once");
    }
}
