//! Read receipts: the first in a quiet room is broadcast at once, later ones are coalesced every 200 ms. All members of
//! a large group read a message within seconds, and one frame for each reader to each member would be n².

use std::{
    collections::{BTreeMap, HashMap, hash_map::Entry},
    sync::Arc,
    time::Duration,
};

use parking_lot::Mutex;
use tokio::{sync::Notify, time::sleep};

use crate::{hub::RoomAudience, messenger::inner::Messenger};
use protocol::{
    ids::{RoomId, UserId},
    room_socket::RoomEvent,
};

/// The shortest time between two broadcasts of coalesced receipts in a room.
const INTERVAL: Duration = Duration::from_millis(200);

/// Read marks: the `seq` up to which each user has read.
type Marks = BTreeMap<UserId, u64>;

/// Rooms with a receipt less than [`INTERVAL`] ago, and the read marks that moved there since.
#[derive(Default)]
pub(super) struct PendingReceipts {
    waiting: Mutex<HashMap<RoomId, Marks>>,
    is_waiting: Notify,
}

impl PendingReceipts {
    /// Records that a read mark moved. True if the receipt is to be broadcast at once.
    pub(super) fn mark(&self, room: RoomId, user: UserId, seq: u64) -> bool {
        match self.waiting.lock().entry(room) {
            Entry::Vacant(quiet) => {
                quiet.insert(Marks::new());
                self.is_waiting.notify_one();
                true
            }
            Entry::Occupied(mut marks) => {
                let read = marks.get_mut().entry(user).or_default();
                *read = seq.max(*read);
                false
            }
        }
    }

    /// Takes the coalesced marks of each room; `None` when all rooms are quiet.
    fn take(&self) -> Option<Vec<(RoomId, Marks)>> {
        let mut waiting = self.waiting.lock();
        waiting.retain(|_, marks| !marks.is_empty());
        let taken = waiting.iter_mut().map(|(room, marks)| (*room, std::mem::take(marks))).collect();
        (!waiting.is_empty()).then_some(taken)
    }
}

/// Broadcasts read marks to a room, one event for each `seq`.
pub(super) fn broadcast(messenger: &Messenger, room: RoomId, marks: impl IntoIterator<Item = (UserId, u64)>) {
    let mut readers = BTreeMap::<u64, Vec<UserId>>::new();
    marks.into_iter().for_each(|(user, seq)| readers.entry(seq).or_default().push(user));
    for (seq, users) in readers {
        messenger.fan_out(RoomAudience::Everybody(room), RoomEvent::Read { users, seq });
    }
}

pub(super) async fn broadcast_receipts(messenger: Messenger, receipts: Arc<PendingReceipts>) {
    loop {
        receipts.is_waiting.notified().await;
        loop {
            sleep(INTERVAL).await;
            let Some(rooms) = receipts.take() else { break };
            rooms.into_iter().for_each(|(room, marks)| broadcast(&messenger, room, marks));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_receipt_in_a_quiet_room_goes_at_once_and_the_others_together() {
        let (receipts, room, users) = (PendingReceipts::default(), RoomId::new(), [UserId::new(), UserId::new()]);
        assert!(receipts.mark(room, users[0], 1));
        assert!(receipts.mark(RoomId::new(), users[0], 1), "another room is quiet on its own");
        assert_eq!(receipts.take(), None, "a receipt that went at once does not go again");

        assert!(receipts.mark(room, users[0], 2));
        for (user, seq) in [(0, 3), (1, 3), (0, 2)] {
            assert!(!receipts.mark(room, users[user], seq));
        }
        let both = Marks::from([(users[0], 3), (users[1], 3)]);
        assert_eq!(receipts.take(), Some(vec![(room, both)]));
        assert!(!receipts.mark(room, users[1], 4), "the last receipt was a moment ago");
        assert_eq!(receipts.take(), Some(vec![(room, Marks::from([(users[1], 4)]))]));
        assert_eq!(receipts.take(), None);
        assert!(receipts.mark(room, users[1], 5), "it is quiet again");
    }
}
