//! The lock of blobs: over all nodes of a shared database. Without one, the caller's own lock in this process suffices.

use crate::{
    model::BlobHash,
    store::{error::StoreResult, handle::Store, postgres::blob_locks::NodesLock},
};
use protocol::error::Refusal;

/// Locked blobs, until it is released or dropped. Nothing is locked if the data directory has the database.
pub struct BlobLock(Option<NodesLock>);

impl Store {
    /// Locks these blobs, sorted by their hashes.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`] if another node holds one for half a minute; if the database fails.
    pub async fn lock_blobs(&self, hashes: &[BlobHash]) -> StoreResult<BlobLock> {
        let Some(locks) = &self.blob_locks else { return Ok(BlobLock(None)) };
        match locks.lock(hashes).await? {
            Some(lock) => Ok(BlobLock(Some(lock))),
            None => {
                tracing::warn!("another node holds the lock of a file for too long");
                Err(Refusal::Unavailable.into())
            }
        }
    }

    /// Locks a blob; `None` if another node holds it.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn try_lock_blob(&self, hash: BlobHash) -> StoreResult<Option<BlobLock>> {
        let Some(locks) = &self.blob_locks else { return Ok(Some(BlobLock(None))) };
        Ok(locks.try_lock(hash).await?.map(|lock| BlobLock(Some(lock))))
    }
}

impl BlobLock {
    /// Whether this locked blob has a row without refs: its bytes may be removed.
    ///
    /// # Errors
    /// If the database fails, or the lock was lost.
    pub async fn is_unreferenced(&mut self, store: &Store, hash: BlobHash) -> StoreResult<bool> {
        match &mut self.0 {
            Some(lock) => Ok(lock.is_unreferenced(hash).await?),
            None => store.is_unreferenced(hash).await,
        }
    }

    /// Whether the blobs are still locked. The lock ends with its connection.
    pub async fn is_held(&mut self) -> bool {
        match &mut self.0 {
            Some(lock) => lock.confirm().await.is_ok(),
            None => true,
        }
    }

    pub async fn release(self) {
        if let Some(lock) = self.0 {
            lock.release().await;
        }
    }
}
