//! The store's handle: connections to read from, the writer, and the tasks beside it (checkpoints, search index).

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
    /// Connections of their own, so that slow searches do not delay other reads.
    pub(super) searchers: SqlitePool,
    pub(super) writer: Writer,
    pub(super) checkpoints: Checkpoints,
    pub(super) indexer: Indexer,
    pub(super) last_health: LastHealth,
    pub(super) epoch: Uuid,
    /// Where the store's tasks run.
    pub(super) supervisor: Supervisor,
    /// `None` for a command, and once the store is closed.
    pub(super) lock: Arc<Mutex<Option<DirectoryLock>>>,
}

impl Store {
    /// The history that this database's versions count in.
    pub fn epoch(&self) -> Uuid {
        self.epoch
    }

    /// Lets the writer finish its queue, then closes the file. Later writes are refused. It begins the shutdown of the
    /// supervisor: the end of the store's tasks is no failure then.
    pub async fn close(&self) {
        self.supervisor.shut_down();
        // The last connection to close empties the WAL into the file, which a reader may not.
        self.readers.close().await;
        self.searchers.close().await;
        self.checkpoints.end().await;
        self.writer.close().await;
        drop(self.lock.lock().take());
    }
}
