//! What windows of this node lack after changes of other nodes, read for many rooms in one statement.

use std::collections::{HashMap, VecDeque};

use crate::{
    messenger::inner::Messenger,
    model::{Committed, PositionedRow, RoomChanges},
};
use protocol::ids::RoomId;

/// Rooms in one statement, at most.
const ROOMS: usize = 100;

/// The rooms of a batch that lack changes, in the order in which the batch names them.
#[derive(Default)]
pub(super) struct ReadAhead {
    wanted: VecDeque<(RoomId, u64)>,
    read: HashMap<RoomId, RoomChanges>,
}

impl Messenger {
    /// Notes what a batch of changes makes its rooms lack. Nothing is read yet.
    pub(super) fn lacking(&self, batch: &[Committed]) -> ReadAhead {
        let rows = batch.iter().filter_map(|change| match change {
            Committed::Remote(positioned) => Some(positioned),
            _ => None,
        });
        let (mut ahead, mut known) = (ReadAhead::default(), HashMap::new());
        for (room, version, has_message) in rows.flat_map(PositionedRow::versions) {
            let last = known.entry(room).or_insert_with(|| self.0.sequences.last(&self.0.hub, room));
            match *last {
                Some(before) if has_message && version == before + 1 => *last = Some(version),
                Some(before) if before < version => {
                    ahead.wanted.push_back((room, before));
                    *last = None;
                }
                _ => {}
            }
        }
        ahead
    }

    /// What changed in this room after a version, if it is simple enough to be read together with other rooms.
    pub(super) async fn read_together(&self, room: RoomId, last: u64, ahead: &mut ReadAhead) -> Option<RoomChanges> {
        let index = ahead.wanted.iter().position(|(wanted, _)| *wanted == room);
        if let Some(index) = index {
            // Rooms before it had no window any more when their turn came.
            ahead.wanted.drain(..index);
            let wanted: Vec<_> = ahead.wanted.drain(..ahead.wanted.len().min(ROOMS)).collect();
            // What could not be read together is read alone, and reports its fault.
            ahead.read = self.0.store.plain_changes(&wanted).await.unwrap_or_default();
        }
        ahead.read.remove(&room).filter(|changes| changes.after == last)
    }
}
