//! One transfer at a time for each upload. A request for the offset ends the transfer in progress, because its client
//! has lost it.

use std::{collections::HashMap, sync::Arc};

use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

use crate::messenger::uploads::keyed_locks::{KeyedGuard, KeyedLocks};
use protocol::ids::FileId;

/// The transfers in progress, and the lock of each upload.
#[derive(Default)]
pub(super) struct Transfers {
    locks: KeyedLocks<FileId>,
    running: Arc<Mutex<HashMap<FileId, CancellationToken>>>,
}

/// The one transfer of an upload, until it is dropped.
pub(super) struct Transfer {
    id: FileId,
    running: Arc<Mutex<HashMap<FileId, CancellationToken>>>,
    /// Cancelled when the transfer should end.
    pub(super) stop: CancellationToken,
    _lock: KeyedGuard<FileId>,
}

impl Transfers {
    /// Begins a transfer; `None` while another one runs or the upload is being completed.
    pub(super) fn begin(&self, id: FileId) -> Option<Transfer> {
        let lock = self.locks.try_lock(id)?;
        let stop = CancellationToken::new();
        self.running.lock().insert(id, stop.clone());
        Some(Transfer { id, running: self.running.clone(), stop, _lock: lock })
    }

    /// Ends the transfer of an upload and waits until it and a completion are over. No other begins while the guard
    /// lives.
    pub(super) async fn end(&self, id: FileId) -> KeyedGuard<FileId> {
        self.stop(id);
        self.locks.lock(id).await
    }

    /// Ends the transfer of an upload, if one runs. A completion continues.
    pub(super) fn stop(&self, id: FileId) {
        if let Some(stop) = self.running.lock().get(&id) {
            stop.cancel();
        }
    }

    /// The lock of an upload; `None` if it is held.
    pub(super) fn idle(&self, id: FileId) -> Option<KeyedGuard<FileId>> {
        self.locks.try_lock(id)
    }
}

impl Drop for Transfer {
    fn drop(&mut self) {
        self.running.lock().remove(&self.id);
    }
}
