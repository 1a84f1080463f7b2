//! Broadcasts of confirmations: the first in a quiet room at once, later ones coalesced every 200 ms. All members of a
//! large group confirm within seconds, and one frame for each of them to each member would be n².

use std::{collections::HashMap, time::Duration};

use tokio::time::Instant;

use crate::{hub::RoomAudience, messenger::inner::Messenger, model::ConfirmedMessage};
use protocol::{ids::RoomId, room_socket::RoomEvent};

/// The shortest time between two broadcasts of coalesced confirmations in a room.
const INTERVAL: Duration = Duration::from_millis(200);

/// Rooms with a confirmation less than [`INTERVAL`] ago, and the confirmations there since, in commit order.
#[derive(Default)]
pub(super) struct PendingConfirmations {
    rooms: HashMap<RoomId, Vec<ConfirmedMessage>>,
    due: Option<Instant>,
}

impl PendingConfirmations {
    /// When to call [`Messenger::broadcast_due_confirmations`]; `None` while all rooms are quiet.
    pub(super) fn due(&self) -> Option<Instant> {
        self.due
    }

    /// Records a confirmation, and returns it if it is to be broadcast at once.
    fn note(&mut self, room: RoomId, confirmed: ConfirmedMessage, now: Instant) -> Option<ConfirmedMessage> {
        self.due.get_or_insert(now + INTERVAL);
        match self.rooms.get_mut(&room) {
            Some(waiting) => {
                waiting.push(confirmed);
                None
            }
            None => {
                self.rooms.insert(room, Vec::new());
                Some(confirmed)
            }
        }
    }

    fn take(&mut self, room: RoomId) -> Vec<ConfirmedMessage> {
        self.rooms.get_mut(&room).map(std::mem::take).unwrap_or_default()
    }

    /// Takes the confirmations of every room, if they are due.
    fn take_due(&mut self, now: Instant) -> Vec<(RoomId, Vec<ConfirmedMessage>)> {
        if self.due.is_none_or(|due| due > now) {
            return Vec::new();
        }
        self.rooms.retain(|_, waiting| !waiting.is_empty());
        self.due = (!self.rooms.is_empty()).then(|| now + INTERVAL);
        self.rooms.iter_mut().map(|(room, waiting)| (*room, std::mem::take(waiting))).collect()
    }
}

impl Messenger {
    pub(super) fn note_confirmed(&self, room: RoomId, confirmed: ConfirmedMessage, pending: &mut PendingConfirmations) {
        self.broadcast_confirmations(room, pending.note(room, confirmed, Instant::now()).as_slice());
    }

    /// Call it before another change of the room is broadcast, because changes are broadcast in commit order.
    pub(super) fn broadcast_waiting_confirmations(&self, room: RoomId, pending: &mut PendingConfirmations) {
        self.broadcast_confirmations(room, &pending.take(room));
    }

    pub(super) fn broadcast_due_confirmations(&self, pending: &mut PendingConfirmations) {
        for (room, waiting) in pending.take_due(Instant::now()) {
            self.broadcast_confirmations(room, &waiting);
        }
    }

    /// Broadcasts confirmations with consecutive versions: each to the users who may see it, then the room's version to
    /// everybody.
    fn broadcast_confirmations(&self, room: RoomId, confirmed: &[ConfirmedMessage]) {
        match confirmed {
            [] => {}
            [confirmation] => self.fan_out(RoomAudience::Everybody(room), self.confirmed(confirmation, None)),
            [first, .., last] => {
                let after = Some(first.version - 1);
                for confirmation in confirmed {
                    for user in [confirmation.author, confirmation.user] {
                        self.fan_out(RoomAudience::Member(room, user), self.confirmed(confirmation, after));
                    }
                }
                let cursor = self.cursor(last.version);
                self.fan_out(RoomAudience::Everybody(room), RoomEvent::Advanced { cursor, after });
            }
        }
    }

    fn confirmed(&self, confirmed: &ConfirmedMessage, after: Option<u64>) -> RoomEvent {
        let ConfirmedMessage { id, seq, version, author, user } = *confirmed;
        RoomEvent::Confirmed { id, seq, author, user, cursor: self.cursor(version), after }
    }
}

#[cfg(test)]
mod tests {
    use protocol::ids::{MessageId, UserId};

    use super::*;

    fn confirmed(version: u64) -> ConfirmedMessage {
        ConfirmedMessage { id: MessageId::new(), seq: 1, version, author: UserId::new(), user: UserId::new() }
    }

    #[test]
    fn the_first_confirmation_in_a_quiet_room_goes_at_once_and_the_others_together() {
        let (mut pending, room, start) = (PendingConfirmations::default(), RoomId::new(), Instant::now());
        let [first, two, three, four] = [2, 3, 4, 5].map(confirmed);
        assert_eq!(pending.note(room, first.clone(), start), Some(first.clone()));
        assert_eq!(pending.note(RoomId::new(), first.clone(), start), Some(first), "another room is quiet on its own");
        for waiting in [&two, &three] {
            assert_eq!(pending.note(room, waiting.clone(), start), None);
        }
        assert_eq!(pending.take_due(start), [], "it is not time");
        assert_eq!(pending.due(), Some(start + INTERVAL));
        assert_eq!(pending.take_due(start + INTERVAL), [(room, vec![two, three])]);

        assert_eq!(pending.note(room, four.clone(), start + INTERVAL), None, "the last ones were a moment ago");
        assert_eq!(pending.take(room), [four], "before another change of the room");
        assert_eq!((pending.take_due(start + 2 * INTERVAL), pending.due()), (vec![], None));
        let five = confirmed(6);
        assert_eq!(pending.note(room, five.clone(), start + 2 * INTERVAL), Some(five), "it is quiet again");
    }
}
