//! The store's handle: connections for reads, the writer, and its tasks (checkpoints, search index).

use std::sync::Arc;

use parking_lot::Mutex;
use sqlx::SqlitePool;
use uuid::Uuid;

use crate::{
    store::{
        last_health::LastHealth,
        sqlite::{checkpoint::Checkpoints, files::DirectoryLock, indexer::Indexer, writer::Writer},
    },
    supervisor::Supervisor,
};

/// A handle to an open database; clones share it. Reads take a connection of a pool, writes go through the one writer
/// and return once they are on disk.
#[derive(Clone)]
pub struct Store {
    pub(super) readers: SqlitePool,
    /// A separate pool, so that slow searches do not delay other reads.
    pub(super) searchers: SqlitePool,
    pub(super) writer: Writer,
    pub(super) checkpoints: Checkpoints,
    pub(super) indexer: Indexer,
    pub(super) last_health: LastHealth,
    pub(super) epoch: Uuid,
    /// Runs the store's tasks.
    pub(super) supervisor: Supervisor,
    /// `None` for a command, and once the store is closed.
    pub(super) lock: Arc<Mutex<Option<DirectoryLock>>>,
}

impl Store {
    /// The epoch of this database's versions.
    pub fn epoch(&self) -> Uuid {
        self.epoch
    }

    /// Lets the writer finish its queue, then closes the file. Later writes are refused. It first begins the shutdown
    /// of the supervisor, so that the end of the store's tasks does not count as a failure.
    pub async fn close(&self) {
        self.supervisor.shut_down();
        // The last connection that closes moves the WAL into the file; a reading connection cannot.
        self.readers.close().await;
        self.searchers.close().await;
        self.checkpoints.end().await;
        self.writer.close().await;
        drop(self.lock.lock().take());
    }
}
