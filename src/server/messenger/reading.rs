//! Who has read what, as it is told to a room: at once where nothing was told a moment ago, together where it was.
//! Everybody of a large group reads a message within seconds, and a frame for each to each would be n² of them.

use std::{
    collections::{BTreeMap, HashMap, hash_map::Entry},
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use tokio::{
    sync::Notify,
    time::{sleep, timeout},
};

use crate::{
    protocol::{
        chat::ChatEvent,
        ids::{RoomId, UserId},
    },
    server::{
        hub::{Hub, told},
        messenger::{Inner, news::ACCOUNTS_POLL},
    },
};

/// The shortest time between two gathered tellings in a room.
const EVERY: Duration = Duration::from_millis(200);

/// How far people have read.
type Marks = BTreeMap<UserId, u64>;

/// Rooms in which something was told less than [`EVERY`] ago, and who has read something there since.
#[derive(Default)]
pub(super) struct Readers {
    waiting: Mutex<HashMap<RoomId, Marks>>,
    came: Notify,
}

impl Readers {
    /// Takes in that somebody has read something. True when that is to be told at once.
    pub(super) fn take_in(&self, room: RoomId, user: UserId, seq: u64) -> bool {
        match self.lock().entry(room) {
            Entry::Vacant(quiet) => {
                quiet.insert(Marks::new());
                self.came.notify_one();
                true
            }
            Entry::Occupied(mut marks) => {
                let read = marks.get_mut().entry(user).or_default();
                *read = seq.max(*read);
                false
            }
        }
    }

    /// Who is to be told of now, and of what; none when all rooms are quiet.
    fn next(&self) -> Option<Vec<(RoomId, Marks)>> {
        let mut waiting = self.lock();
        waiting.retain(|_, marks| !marks.is_empty());
        let next = waiting.iter_mut().map(|(room, marks)| (*room, std::mem::take(marks))).collect();
        (!waiting.is_empty()).then_some(next)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<RoomId, Marks>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells a room how far these people have read: who has read the same in one frame.
pub(super) fn tell(hub: &Hub, room: RoomId, marks: impl IntoIterator<Item = (UserId, u64)>) {
    let mut readers = BTreeMap::<u64, Vec<UserId>>::new();
    marks.into_iter().for_each(|(user, seq)| readers.entry(seq).or_default().push(user));
    for (seq, users) in readers {
        hub.tell_room(room, &told(ChatEvent::Read { users, seq }), None);
    }
}

/// Tells what was gathered, for as long as the messenger is there.
pub(super) async fn tell_readers(messenger: Weak<Inner>, readers: Arc<Readers>) {
    while messenger.strong_count() > 0 {
        // Wakes now and then only to notice that the messenger is gone.
        let _ = timeout(ACCOUNTS_POLL, readers.came.notified()).await;
        loop {
            sleep(EVERY).await;
            let (Some(next), Some(messenger)) = (readers.next(), messenger.upgrade()) else { break };
            next.into_iter().for_each(|(room, marks)| tell(&messenger.hub, room, marks));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_in_a_quiet_room_is_told_at_once_and_the_others_together() {
        let (readers, room, users) = (Readers::default(), RoomId::new(), [UserId::new(), UserId::new()]);
        assert!(readers.take_in(room, users[0], 1));
        assert!(readers.take_in(RoomId::new(), users[0], 1), "another room is quiet by itself");
        assert_eq!(readers.next(), None, "what was told at once is not told again");

        assert!(readers.take_in(room, users[0], 2));
        for (user, seq) in [(0, 3), (1, 3), (0, 2)] {
            assert!(!readers.take_in(room, users[user], seq));
        }
        let both = Marks::from([(users[0], 3), (users[1], 3)]);
        assert_eq!(readers.next(), Some(vec![(room, both)]));
        assert!(!readers.take_in(room, users[1], 4), "it was told a moment ago");
        assert_eq!(readers.next(), Some(vec![(room, Marks::from([(users[1], 4)]))]));
        assert_eq!(readers.next(), None);
        assert!(readers.take_in(room, users[1], 5), "it is quiet again");
    }
}
