//! Blobs: which of them files name, and the removal of those without refs.
//!
//! The database and the bytes cannot change in one transaction, so their order is fixed. Bytes are written to their
//! place, and synced, before the transaction that names them. A blob without refs keeps its row until its bytes are
//! removed. So a crash may leave bytes without a row, if it happens just before the transaction that names them, but
//! never a row without bytes.
//!
//! Two uploads of the same content share a blob, so one task may write bytes while another removes them, on this node or
//! on another one. Whoever moves bytes holds a lock of their hash, in this process and over all nodes (`blob_lock`), over
//! both steps:
//!
//! - write: lock the hash, put the bytes in their place unless they are there, [`Store::complete_upload`], unlock;
//! - remove: lock the hash, remove the bytes if [`crate::store::BlobLock::is_unreferenced`] says so, [`Store::forget_blob`], unlock;
//! - strays: lock the hash, remove the bytes if [`Store::has_blob`] says no, unlock.
//!
//! Refs rise from 0 only while bytes are written. Without the lock, bytes written between the question and the removal
//! would be removed under a row with refs.

use crate::{
    model::BlobHash,
    store::{
        error::StoreResult,
        handle::Store,
        sql::{
            blobs::{self, hash},
            db::Db,
            files::DeletedFile,
            used_bytes,
        },
    },
};

/// Blobs that one call returns, at most.
const BATCH: usize = 100;

impl Store {
    /// Blobs without refs, at most a hundred: their bytes are to be removed, each before [`Store::forget_blob`].
    ///
    /// # Errors
    /// If the database fails.
    pub async fn unreferenced_blobs(&self) -> StoreResult<Vec<BlobHash>> {
        Ok(blobs::unreferenced(&mut self.read_pool.acquire().await?, BATCH).await?)
    }

    /// Whether this blob has a row without refs: its bytes may be removed, under the lock of the hash.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn is_unreferenced(&self, hash: BlobHash) -> StoreResult<bool> {
        Ok(blobs::is_unreferenced(&mut self.read_pool.acquire().await?, hash).await?)
    }

    /// Deletes a blob's row if it still has no refs. Returns whether it did. Its bytes were removed before, under the
    /// same lock of the hash.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn forget_blob(&self, hash: BlobHash) -> StoreResult<bool> {
        let write =
            self.writer.run(move |db| Box::pin(async move { Ok((blobs::delete_unreferenced(db, hash).await?, None)) }));
        write.await
    }

    /// Whether there is a row for this blob.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn has_blob(&self, hash: BlobHash) -> StoreResult<bool> {
        Ok(blobs::exists(&mut self.read_pool.acquire().await?, hash).await?)
    }
}

/// Releases deleted files: their blobs and their owners' used bytes.
pub(super) async fn release(db: &mut Db, deleted: Vec<DeletedFile>) -> sqlx::Result<()> {
    for DeletedFile { owner, blob, preview, size } in deleted {
        used_bytes::subtract(&mut *db, owner.into(), size as u64).await?;
        for column in [Some(blob), preview].into_iter().flatten() {
            blobs::release(&mut *db, hash(column)?).await?;
        }
    }
    Ok(())
}
