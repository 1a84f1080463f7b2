//! Messages that may need an automatic answer, between their commit and the task that answers.

use std::collections::BTreeSet;

use parking_lot::Mutex;
use tokio::sync::Notify;

use protocol::ids::{RoomId, UserId};

/// Authors of new messages, each with the room.
#[derive(Default)]
pub(super) struct Unanswered {
    authors: Mutex<BTreeSet<(RoomId, UserId)>>,
    changed: Notify,
}

impl Unanswered {
    pub(super) fn note(&self, room: RoomId, author: UserId) {
        self.authors.lock().insert((room, author));
        self.changed.notify_one();
    }

    /// The messages since the last call; waits while there are none.
    pub(super) async fn take(&self) -> BTreeSet<(RoomId, UserId)> {
        self.changed.notified().await;
        std::mem::take(&mut *self.authors.lock())
    }
}
