//! Members who left while room summaries were being read: a summary from before must not follow their `room_gone`, which
//! would put the room back into their list.

use std::collections::BTreeSet;

use parking_lot::Mutex;

use protocol::ids::{RoomId, UserId};

/// Who left which room since the last summaries began to be read.
#[derive(Default)]
pub(super) struct Departures(Mutex<BTreeSet<(RoomId, UserId)>>);

impl Departures {
    /// Call it before summaries are read. Who left before is in none of them, unless they are a member again.
    pub(super) fn begin_read(&self) {
        self.0.lock().clear();
    }

    /// Sends that these users left a room. The lock orders it before or after every summary.
    pub(super) fn send_departure(&self, room: RoomId, users: &[UserId], send: impl FnOnce()) {
        let mut departed = self.0.lock();
        departed.extend(users.iter().map(|user| (room, *user)));
        send();
    }

    /// Sends a summary that was read since, unless the user has left since.
    pub(super) fn send_summary(&self, room: RoomId, user: UserId, send: impl FnOnce()) {
        let departed = self.0.lock();
        if !departed.contains(&(room, user)) {
            send();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn a_summary_that_was_read_before_a_departure_is_not_sent_after_it() {
        let (departures, room, [left, stays]) = (Departures::default(), RoomId::new(), [UserId::new(), UserId::new()]);
        let is_sent = |user| {
            let is_sent = Cell::new(false);
            departures.send_summary(room, user, || is_sent.set(true));
            is_sent.get()
        };
        departures.begin_read();
        assert!(is_sent(left), "before they leave");
        departures.send_departure(room, &[left], || ());
        assert!(!is_sent(left) && is_sent(stays));
        departures.begin_read();
        assert!(is_sent(left), "a later summary knows their next membership");
    }
}
