//! The open windows of one room.

use std::collections::HashMap;

use protocol::ids::UserId;

/// The sockets that are subscribed to a room.
#[derive(Default)]
pub(super) struct RoomWindows {
    pub(super) ids: Vec<u64>,
    /// The number of windows of each user: only the first and the last one change the presence in the room.
    pub(super) of: HashMap<UserId, usize>,
}

impl RoomWindows {
    /// Adds a window. Returns whether it is the user's first.
    pub(super) fn open(&mut self, user: UserId, id: u64) -> bool {
        self.ids.push(id);
        let count = self.of.entry(user).or_default();
        *count += 1;
        *count == 1
    }

    /// Removes a window. Returns whether it was the user's last.
    pub(super) fn close(&mut self, user: UserId, id: u64) -> bool {
        self.ids.retain(|other| *other != id);
        let count = self.of.get_mut(&user).map_or(0, |count| {
            *count -= 1;
            *count
        });
        if count == 0 {
            self.of.remove(&user);
        }
        count == 0
    }
}
