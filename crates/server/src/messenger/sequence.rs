//! The order of a room's changes on a node: windows receive them in the order of their versions, whichever node
//! committed them. It is the rule of the clients, one level below them.

use std::collections::HashMap;

use parking_lot::Mutex;

use crate::hub::Hub;
use protocol::ids::RoomId;

/// The sequence of each room with a window on this node. A room without an entry has no window that waits for a particular
/// version.
#[derive(Default)]
pub(super) struct Sequences(Mutex<HashMap<RoomId, Sequence>>);

struct Sequence {
    /// The room's version when its first window opened.
    opened: u64,
    /// Up to which version it was broadcast.
    last: u64,
}

/// What to do with a change of a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ChangeOrder {
    /// No window waits for it.
    Untracked,
    /// The snapshots of windows contain it. It was not broadcast, and main windows still need it.
    Opened,
    /// It was broadcast before.
    Done,
    /// It is the next one.
    Next,
    /// Changes after this version are missing.
    Missing(u64),
}

impl Sequences {
    /// Tracks a room for a window that has subscribed, and reads its snapshot after this call. `version`: the room's,
    /// read after the subscription.
    pub(super) fn open(&self, room: RoomId, version: u64) {
        self.0.lock().entry(room).or_insert(Sequence { opened: version, last: version });
    }

    /// The order of a change with this version.
    pub(super) fn order(&self, hub: &Hub, room: RoomId, version: u64) -> ChangeOrder {
        let mut rooms = self.0.lock();
        // Under the lock: a window that subscribes after this look opens the room again.
        if !hub.has_windows(room) {
            rooms.remove(&room);
        }
        match rooms.get(&room) {
            None => ChangeOrder::Untracked,
            Some(sequence) if version <= sequence.opened => ChangeOrder::Opened,
            Some(sequence) if version <= sequence.last => ChangeOrder::Done,
            Some(sequence) if version == sequence.last + 1 => ChangeOrder::Next,
            Some(sequence) => ChangeOrder::Missing(sequence.last),
        }
    }

    /// Up to which version a room with a window was broadcast; `None` if no window waits for a particular version.
    pub(super) fn last(&self, hub: &Hub, room: RoomId) -> Option<u64> {
        self.0.lock().get(&room).map(|sequence| sequence.last).filter(|_| hub.has_windows(room))
    }

    /// Notes that all changes up to this version were broadcast.
    pub(super) fn caught_up(&self, room: RoomId, version: u64) {
        if let Some(sequence) = self.0.lock().get_mut(&room) {
            sequence.last = version.max(sequence.last);
        }
    }

    /// Forgets a room whose windows were closed.
    pub(super) fn forget(&self, room: RoomId) {
        self.0.lock().remove(&room);
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;
    use crate::hub::{Caps, Owner};
    use protocol::ids::UserId;

    #[test]
    fn changes_of_a_room_with_a_window_come_in_the_order_of_their_versions() {
        let (hub, room, sequences) = (Hub::default(), RoomId::new(), Sequences::default());
        let owner = Owner { user: UserId::new(), session: [0; 32], address: Ipv4Addr::LOCALHOST.into() };
        assert_eq!(sequences.order(&hub, room, 7), ChangeOrder::Untracked);
        let window = hub.subscribe_room(owner, Caps::default(), room).unwrap();
        sequences.open(room, 3);
        assert_eq!(sequences.order(&hub, room, 3), ChangeOrder::Opened);
        assert_eq!(sequences.order(&hub, room, 4), ChangeOrder::Next);
        sequences.caught_up(room, 4);
        assert_eq!(sequences.order(&hub, room, 6), ChangeOrder::Missing(4));
        sequences.open(room, 6);
        assert_eq!(sequences.order(&hub, room, 6), ChangeOrder::Missing(4), "the first window still lacks 5");
        sequences.caught_up(room, 6);
        assert_eq!([5, 6].map(|version| sequences.order(&hub, room, version)), [ChangeOrder::Done; 2]);
        drop(window);
        assert_eq!(sequences.order(&hub, room, 9), ChangeOrder::Untracked);
        let _again = hub.subscribe_room(owner, Caps::default(), room).unwrap();
        sequences.open(room, 9);
        assert_eq!(sequences.order(&hub, room, 10), ChangeOrder::Next, "the old sequence is forgotten");
    }
}
