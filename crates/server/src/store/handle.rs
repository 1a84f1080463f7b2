//! The store's handle: connections for reads, the writer, and its tasks (checkpoints, search index).

use std::sync::Arc;

use parking_lot::Mutex;
use uuid::Uuid;

use crate::{
    store::{
        indexer::Indexer,
        last_health::LastHealth,
        postgres::{blob_locks::BlobLocks, feed_shared::FeedShared},
        sql::read_pool::ReadPool,
        sqlite::{checkpoint::Checkpoints, files::DirectoryLock},
        writer::Writer,
    },
    supervisor::Supervisor,
};

/// A handle to an open database; clones share it. Reads take a connection of a pool, writes go through the one writer
/// and return once they are on disk.
#[derive(Clone)]
pub struct Store {
    pub(super) read_pool: ReadPool,
    /// A separate pool, so that slow searches do not delay other reads.
    pub(super) search_pool: ReadPool,
    /// One connection to a shared database, so that a busy read pool does not look like a lost database.
    pub(super) probe: Option<ReadPool>,
    /// A few connections to a shared database: a flood of attempts to sign in does not delay reads.
    pub(super) attempts: Option<ReadPool>,
    pub(super) writer: Writer,
    /// Of a shared database.
    pub(super) blob_locks: Option<BlobLocks>,
    /// SQLite alone has checkpoints.
    pub(super) checkpoints: Option<Checkpoints>,
    pub(super) indexer: Indexer,
    pub(super) last_health: LastHealth,
    /// What the writer and the feed follower share; `None` for a command, and on SQLite.
    pub(super) feed: Option<Arc<FeedShared>>,
    pub(super) epoch: Uuid,
    /// Runs the store's tasks.
    pub(super) supervisor: Supervisor,
    /// `None` for a command, for a shared database, and once the store is closed.
    pub(super) lock: Arc<Mutex<Option<DirectoryLock>>>,
}

impl Store {
    /// The epoch of this database's versions.
    pub fn epoch(&self) -> Uuid {
        self.epoch
    }

    /// Lets the writer finish its queue, then closes the database. Later writes are refused. It first begins the shutdown
    /// of the supervisor, so that the end of the store's tasks does not count as a failure.
    pub async fn close(&self) {
        self.supervisor.shut_down();
        // The last connection that closes moves the WAL into the file; a reading connection cannot.
        self.read_pool.close().await;
        self.search_pool.close().await;
        for separate in self.probe.iter().chain(&self.attempts) {
            separate.close().await;
        }
        if let Some(checkpoints) = &self.checkpoints {
            checkpoints.end().await;
        }
        self.writer.close().await;
        if let Some(locks) = &self.blob_locks {
            locks.close().await;
        }
        drop(self.lock.lock().take());
    }
}
