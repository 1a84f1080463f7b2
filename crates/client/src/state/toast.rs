//! Toasts: notices that a page shows for a while, at most one per room.

use crate::state::{lobby::Lobby, notice::Notice};
use protocol::ids::{MessageId, RoomId};

/// More toasts would cover the page.
const SHOWN_AT_ONCE: usize = 3;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Toast {
    /// Identifies the toast while its text follows the room.
    pub number: u64,
    pub notice: Notice,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Toasts {
    /// The newest last.
    toasts: Vec<Toast>,
    next: u64,
}

impl Toasts {
    pub fn list(&self) -> Vec<Toast> {
        self.toasts.clone()
    }

    /// Adds a notice, replacing one of the same room. Returns the toast's number.
    pub fn add(&mut self, notice: Notice) -> u64 {
        let number = self.next;
        self.next += 1;
        self.close_room(notice.room());
        self.toasts.push(Toast { number, notice });
        let too_many = self.toasts.len().saturating_sub(SHOWN_AT_ONCE);
        self.toasts.drain(..too_many);
        number
    }

    /// Updates every toast to the current state. Returns whether anything changed.
    pub fn refresh(&mut self, lobby: &Lobby) -> bool {
        let still = |toast: &Toast| Some(Toast { notice: lobby.current_notice(&toast.notice)?, ..*toast });
        let now: Vec<Toast> = self.toasts.iter().filter_map(still).collect();
        let is_changed = now != self.toasts;
        self.toasts = now;
        is_changed
    }

    /// Closes the toasts of these messages.
    pub fn remove_messages(&mut self, messages: &[MessageId]) {
        self.toasts.retain(|toast| !toast.notice.is_of(messages));
    }

    pub fn close(&mut self, number: u64) {
        self.toasts.retain(|toast| toast.number != number);
    }

    pub fn close_room(&mut self, room: RoomId) {
        self.toasts.retain(|toast| toast.notice.room() != room);
    }

    /// Closes the newest toast; `false` if there is none.
    pub fn close_newest(&mut self) -> bool {
        self.toasts.pop().is_some()
    }
}
