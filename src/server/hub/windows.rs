//! Who has one room open, and with how many windows.

use std::collections::HashMap;

use crate::protocol::ids::UserId;

/// The windows that have a room open.
#[derive(Default)]
pub(super) struct Windows {
    pub(super) ids: Vec<u64>,
    /// How many each person has: only the first to come and the last to go is news to the others.
    pub(super) of: HashMap<UserId, usize>,
}

impl Windows {
    /// Whether it is this person's first.
    pub(super) fn open(&mut self, user: UserId, id: u64) -> bool {
        self.ids.push(id);
        let count = self.of.entry(user).or_default();
        *count += 1;
        *count == 1
    }

    /// Whether it was this person's last.
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
