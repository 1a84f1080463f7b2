//! News that is shown for a while beside whatever else a person does: at most one notice per conversation.

use crate::{
    client::state::lobby::{Lobby, Notice},
    protocol::ids::{MessageId, RoomId},
};

/// More would cover what the person is doing.
const AT_ONCE: usize = 3;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Toast {
    /// Names it: it stays the same toast while its text follows the conversation.
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

    /// Adds a notice in place of an older one of the same conversation, and gives back its number.
    pub fn add(&mut self, notice: Notice) -> u64 {
        let number = self.next;
        self.next += 1;
        self.close_room(notice.room());
        self.toasts.push(Toast { number, notice });
        let too_many = self.toasts.len().saturating_sub(AT_ONCE);
        self.toasts.drain(..too_many);
        number
    }

    /// Lets every toast say what still holds. `false` when they say so already.
    pub fn follow(&mut self, lobby: &Lobby) -> bool {
        let still = |toast: &Toast| Some(Toast { notice: lobby.still(&toast.notice)?, ..*toast });
        let now: Vec<Toast> = self.toasts.iter().filter_map(still).collect();
        let is_changed = now != self.toasts;
        self.toasts = now;
        is_changed
    }

    /// Closes what shows one of these messages.
    pub fn forget(&mut self, messages: &[MessageId]) {
        self.toasts.retain(|toast| !toast.notice.shows(messages));
    }

    pub fn close(&mut self, number: u64) {
        self.toasts.retain(|toast| toast.number != number);
    }

    pub fn close_room(&mut self, room: RoomId) {
        self.toasts.retain(|toast| toast.notice.room() != room);
    }

    /// `false` when there is none.
    pub fn close_newest(&mut self) -> bool {
        self.toasts.pop().is_some()
    }
}
