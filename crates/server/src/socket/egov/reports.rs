//! Read receipts for legacy clients, whose dialect has none: a message that is sent to a client counts as read. The
//! first receipt is recorded at once; those that follow shortly, from all windows of the user, are coalesced into one,
//! because each receipt is broadcast to the whole room.

use std::{collections::HashMap, sync::Arc, time::Duration};

use parking_lot::Mutex;
use tokio::time::sleep;

use crate::messenger::{Actor, Messenger};
use protocol::ids::{RoomId, UserId};

/// The same interval with which native clients send `read`.
const INTERVAL: Duration = Duration::from_millis(200);

type MemberKey = (RoomId, UserId);

/// The newest message that each member was sent, while its receipt is being recorded.
#[derive(Clone, Default)]
pub struct Reports(Arc<Mutex<HashMap<MemberKey, u64>>>);

impl Reports {
    pub(super) fn shown(&self, messenger: &Messenger, room: RoomId, actor: Actor, seq: u64) {
        let (mut reports, key) = (self.0.lock(), (room, actor.user));
        if let Some(newest) = reports.get_mut(&key) {
            *newest = seq.max(*newest);
            return;
        }
        reports.insert(key, seq);
        messenger.supervisor().spawn(self.clone().record(messenger.clone(), room, actor));
    }

    async fn record(self, messenger: Messenger, room: RoomId, actor: Actor) {
        let mut recorded = 0;
        while let Some(seq) = self.newer_than(recorded, (room, actor.user)) {
            recorded = seq;
            let _ = messenger.messages().mark_read(actor, room, seq).await;
            sleep(INTERVAL).await;
        }
    }

    /// The newest message, if it is newer than `recorded`. Otherwise the member's entry is removed.
    fn newer_than(&self, recorded: u64, key: MemberKey) -> Option<u64> {
        let mut reports = self.0.lock();
        let newest = reports.get(&key).copied().filter(|newest| *newest > recorded);
        if newest.is_none() {
            reports.remove(&key);
        }
        newest
    }
}
