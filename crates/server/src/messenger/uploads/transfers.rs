//! One transfer at a time for each upload, in this process and over all nodes that have its bytes. A request for the
//! offset ends the transfer in progress, because its client has lost it.

use std::{collections::HashMap, io, sync::Arc, time::Duration};

use parking_lot::Mutex;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::{
    files::{Appending, UploadDirectory, UploadLock},
    messenger::uploads::keyed_locks::{KeyedGuard, KeyedLocks},
};
use protocol::ids::FileId;

/// How long the end of another node's transfer may take: it may scan the file.
const ENDING: Duration = Duration::from_secs(150);
/// How often the lock of another node is tried, and how often that node is asked to end.
const TRY: Duration = Duration::from_millis(50);
const TELL: Duration = Duration::from_secs(2);

/// The transfers in progress, and the lock of each upload.
pub(super) struct Transfers {
    incoming: UploadDirectory,
    /// Whether other nodes may have the same data directory.
    is_shared: bool,
    locks: KeyedLocks<FileId>,
    running: Arc<Mutex<HashMap<FileId, CancellationToken>>>,
}

/// The lock of an upload and of its bytes, until it is dropped.
pub(super) struct UploadGuard {
    id: FileId,
    incoming: UploadDirectory,
    nodes: Option<UploadLock>,
    _here: KeyedGuard<FileId>,
}

/// The one transfer of an upload, until it is dropped.
pub(super) struct Transfer {
    id: FileId,
    running: Arc<Mutex<HashMap<FileId, CancellationToken>>>,
    /// Cancelled when the transfer should end.
    pub(super) stop: CancellationToken,
    pub(super) guard: UploadGuard,
}

impl Transfers {
    pub(super) fn new(incoming: UploadDirectory, is_shared: bool) -> Self {
        Self { incoming, is_shared, locks: KeyedLocks::default(), running: Arc::default() }
    }

    /// Begins a transfer; `None` while another one runs or the upload is being completed.
    ///
    /// # Errors
    /// If the upload cannot be locked.
    pub(super) async fn begin(&self, id: FileId) -> io::Result<Option<Transfer>> {
        let Some(guard) = self.idle(id).await? else { return Ok(None) };
        let stop = CancellationToken::new();
        self.running.lock().insert(id, stop.clone());
        Ok(Some(Transfer { id, running: self.running.clone(), stop, guard }))
    }

    /// Ends the transfer of an upload and waits until it and a completion are over; `None` if another node takes too
    /// long. `signal` asks the other nodes to end theirs. No other transfer begins while the guard lives.
    ///
    /// # Errors
    /// If the upload cannot be locked.
    pub(super) async fn end(&self, id: FileId, signal: impl Fn()) -> io::Result<Option<UploadGuard>> {
        self.stop(id);
        let here = self.locks.lock(id).await;
        let begun = Instant::now();
        let mut next = begun;
        while begun.elapsed() < ENDING {
            if let Some(nodes) = self.lock_nodes(id).await? {
                return Ok(Some(UploadGuard { id, incoming: self.incoming.clone(), nodes, _here: here }));
            }
            if Instant::now() >= next {
                signal();
                next = Instant::now() + TELL;
            }
            sleep(TRY).await;
        }
        tracing::warn!(upload = %id, "another node does not end its transfer of this upload");
        Ok(None)
    }

    /// Ends the transfer of an upload, if one runs in this process. A completion continues.
    pub(super) fn stop(&self, id: FileId) {
        if let Some(stop) = self.running.lock().get(&id) {
            stop.cancel();
        }
    }

    /// The lock of an upload; `None` if it is held.
    ///
    /// # Errors
    /// If the upload cannot be locked.
    pub(super) async fn idle(&self, id: FileId) -> io::Result<Option<UploadGuard>> {
        let Some(here) = self.locks.try_lock(id) else { return Ok(None) };
        let nodes = self.lock_nodes(id).await?;
        Ok(nodes.map(|nodes| UploadGuard { id, incoming: self.incoming.clone(), nodes, _here: here }))
    }

    /// The lock over all nodes, which one process does not need; `None` if another node holds it.
    async fn lock_nodes(&self, id: FileId) -> io::Result<Option<Option<UploadLock>>> {
        if !self.is_shared {
            return Ok(Some(None));
        }
        Ok(self.incoming.try_lock(id).await?.map(Some))
    }
}

impl UploadGuard {
    /// Opens the upload for appending.
    ///
    /// # Errors
    /// If the file cannot be created or opened.
    pub(super) async fn append(&self) -> io::Result<Appending> {
        match &self.nodes {
            Some(lock) => lock.append(),
            None => self.incoming.append(self.id).await,
        }
    }
}

impl Drop for Transfer {
    fn drop(&mut self) {
        self.running.lock().remove(&self.id);
    }
}
