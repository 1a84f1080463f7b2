//! Reactions and confirmations that arrived before an earlier change of their room. Such a gap is closed by the feed of
//! another node within milliseconds. To read the room instead would send whole messages to every window.

use std::{collections::BTreeMap, time::Duration};

use tokio::time::Instant;

use crate::model::Committed;
use protocol::ids::RoomId;

/// How long a change waits for the one before it: longer than the pause between two reads of the feed.
const GAP_TIMEOUT: Duration = Duration::from_millis(150);
/// Changes that wait in one room, at most.
const WAITING: usize = 500;

#[derive(Default)]
pub(super) struct Parked(BTreeMap<RoomId, ParkedChanges>);

struct ParkedChanges {
    due: Instant,
    changes: BTreeMap<u64, Committed>,
}

impl Parked {
    /// When the first room has waited long enough; `None` while nothing waits.
    pub(super) fn due(&self) -> Option<Instant> {
        self.0.values().map(|waiting| waiting.due).min()
    }

    /// Keeps a change; `false` if too many wait.
    pub(super) fn keep(&mut self, room: RoomId, version: u64, change: Committed, now: Instant) -> bool {
        let waiting =
            self.0.entry(room).or_insert_with(|| ParkedChanges { due: now + GAP_TIMEOUT, changes: BTreeMap::new() });
        let has_space = waiting.changes.len() < WAITING;
        if has_space {
            waiting.changes.insert(version, change);
        }
        has_space
    }

    /// Takes the first change of a room.
    pub(super) fn next(&mut self, room: RoomId) -> Option<(u64, Committed)> {
        let waiting = self.0.get_mut(&room)?;
        let next = waiting.changes.pop_first();
        if waiting.changes.is_empty() {
            self.0.remove(&room);
        }
        next
    }

    pub(super) fn due_rooms(&self, now: Instant) -> Vec<RoomId> {
        self.0.iter().filter(|(_, waiting)| waiting.due <= now).map(|(room, _)| *room).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change() -> Committed {
        Committed::Several(Vec::new())
    }

    #[test]
    fn changes_wait_in_the_order_of_their_versions_and_not_for_ever() {
        let (mut parked, [one, other], now) = (Parked::default(), [RoomId::new(), RoomId::new()], Instant::now());
        assert_eq!(parked.due(), None);
        for version in [9, 7, 8] {
            assert!(parked.keep(one, version, change(), now));
        }
        assert!(parked.keep(other, 3, change(), now + GAP_TIMEOUT));
        assert_eq!((parked.due(), parked.due_rooms(now)), (Some(now + GAP_TIMEOUT), vec![]));
        assert_eq!(parked.due_rooms(now + GAP_TIMEOUT), [one], "the first one counts");
        let versions: Vec<u64> = std::iter::from_fn(|| parked.next(one)).map(|(version, _)| version).collect();
        assert_eq!((versions, parked.due()), (vec![7, 8, 9], Some(now + 2 * GAP_TIMEOUT)));
        for version in 1..=WAITING as u64 {
            assert!(parked.keep(one, version, change(), now));
        }
        assert!(!parked.keep(one, 0, change(), now));
    }
}
