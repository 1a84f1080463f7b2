//! Clients of the original's language cannot say what was read: what they were shown counts as read. It is reported
//! at once, and what is shown soon after that, in whichever window of the person's, with one line: every report is
//! told to the whole room.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::sleep;

use crate::{
    protocol::ids::{RoomId, UserId},
    server::messenger::Messenger,
};

/// As seldom as our own windows say what was read.
const EVERY: Duration = Duration::from_millis(200);

type Reader = (RoomId, UserId);

/// What is being reported: the newest message that a person was shown in a room.
#[derive(Clone, Default)]
pub(in crate::server) struct Reports(Arc<Mutex<HashMap<Reader, u64>>>);

impl Reports {
    pub(super) fn shown(&self, messenger: &Messenger, room: RoomId, user: UserId, seq: u64) {
        let (mut reports, reader) = (self.lock(), (room, user));
        if let Some(reported) = reports.get_mut(&reader) {
            *reported = seq.max(*reported);
            return;
        }
        reports.insert(reader, seq);
        tokio::spawn(self.clone().report(messenger.clone(), reader));
    }

    async fn report(self, messenger: Messenger, reader: Reader) {
        let mut reported = 0;
        while let Some(seq) = self.shown_after(reported, reader) {
            reported = seq;
            let _ = messenger.mark_read(reader.1, reader.0, seq).await;
            sleep(EVERY).await;
        }
    }

    /// None ends the report.
    fn shown_after(&self, reported: u64, reader: Reader) -> Option<u64> {
        let mut reports = self.lock();
        let shown = reports.get(&reader).copied().filter(|shown| *shown > reported);
        if shown.is_none() {
            reports.remove(&reader);
        }
        shown
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Reader, u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
