//! Locks of blobs over all nodes: rows that a transaction inserts and never commits. Another transaction that inserts
//! the same hash waits. The lock ends with its connection, also when the node is killed. It is not a lock of a session
//! (advisory), which other engines with PostgreSQL's protocol lack.

use std::time::Duration;

use sqlx::{
    Executor, PgPool, Postgres,
    pool::PoolConnection,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tokio::time::timeout;

use crate::{
    model::BlobHash,
    store::postgres::connection::{CONNECT_TIMEOUT, LOCK_WAIT, answered, answered_within},
};

/// Completions that move bytes at once, and the removal.
const LOCKS: u32 = 5;
/// Begins an attempt that should not wait. A limit of 0 would mean none.
const TRY: &str = "BEGIN; SET LOCAL lock_timeout = '20ms'";
/// A PostgreSQL server that cannot be reached does not report the lock timeout.
const SILENCE: Duration = Duration::from_secs(10);
/// How long closing waits for whoever still holds a lock.
const CLOSING: Duration = Duration::from_secs(1);
const INSERT: &str = "INSERT INTO blob_locks (hash) VALUES ($1)";
/// Waits for a transaction whose commit is in doubt. Refs rise from 0 only under the lock, so the row need not stay
/// locked.
const IS_UNREFERENCED: &str = "SELECT refs = 0 FROM blobs WHERE hash = $1 FOR UPDATE";
/// PostgreSQL's code of a lock that was not free in time.
const NOT_FREE: &str = "55P03";

/// The connections for locks of blobs; clones share them.
#[derive(Clone)]
pub(crate) struct BlobLocks(PgPool);

/// Locked blobs. Dropping it closes the connection, which frees them.
pub(crate) struct NodesLock {
    connection: PoolConnection<Postgres>,
    is_released: bool,
}

impl BlobLocks {
    pub(crate) fn new(options: PgConnectOptions) -> Self {
        let pool = PgPoolOptions::new().max_connections(LOCKS).acquire_timeout(CONNECT_TIMEOUT);
        Self(pool.connect_lazy_with(options))
    }

    /// Locks these blobs, in this order; `None` if another node holds one of them for longer than [`LOCK_WAIT`].
    pub(crate) async fn lock(&self, hashes: &[BlobHash]) -> sqlx::Result<Option<NodesLock>> {
        self.locked(hashes, "BEGIN").await
    }

    /// Locks a blob; `None` if another node holds it.
    pub(crate) async fn try_lock(&self, hash: BlobHash) -> sqlx::Result<Option<NodesLock>> {
        self.locked(&[hash], TRY).await
    }

    async fn locked(&self, hashes: &[BlobHash], begin: &'static str) -> sqlx::Result<Option<NodesLock>> {
        let connection = self.0.acquire().await?;
        let mut lock = NodesLock { connection, is_released: false };
        answered(sqlx::raw_sql(begin).execute(&mut *lock.connection)).await?;
        for hash in hashes {
            let inserting = sqlx::query(INSERT).bind(hash.0.to_vec()).execute(&mut *lock.connection);
            match answered_within(LOCK_WAIT + SILENCE, inserting).await {
                Ok(_) => {}
                Err(error) if is_not_free(&error) => {
                    lock.release().await;
                    return Ok(None);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(Some(lock))
    }

    /// Refuses later locks. Whoever holds one keeps it.
    pub(crate) async fn close(&self) {
        let _ = timeout(CLOSING, self.0.close()).await;
    }
}

impl NodesLock {
    /// Whether this locked blob has a row without refs.
    pub(crate) async fn is_unreferenced(&mut self, hash: BlobHash) -> sqlx::Result<bool> {
        answered(self.connection.execute("SAVEPOINT asking")).await?;
        let asking = sqlx::query_scalar(IS_UNREFERENCED).bind(hash.0.to_vec()).fetch_optional(&mut *self.connection);
        let is_unreferenced: Option<bool> = answered_within(LOCK_WAIT + SILENCE, asking).await?;
        answered(self.connection.execute("ROLLBACK TO asking")).await?;
        Ok(is_unreferenced.unwrap_or_default())
    }

    /// Fails if the lock was lost with its connection.
    pub(crate) async fn confirm(&mut self) -> sqlx::Result<()> {
        answered(self.connection.execute("SELECT 1")).await.map(drop)
    }

    /// Frees the blobs, and keeps the connection for the next lock.
    pub(crate) async fn release(mut self) {
        let rolled_back = timeout(SILENCE, self.connection.execute("ROLLBACK")).await;
        self.is_released = matches!(rolled_back, Ok(Ok(_)));
    }
}

impl Drop for NodesLock {
    fn drop(&mut self) {
        if !self.is_released {
            self.connection.close_on_drop();
        }
    }
}

fn is_not_free(error: &sqlx::Error) -> bool {
    error.as_database_error().and_then(|error| error.code()).is_some_and(|code| code == NOT_FREE)
}
