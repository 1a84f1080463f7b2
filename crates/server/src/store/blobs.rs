//! Blobs: which contents files name, and the removal of those that no file names any more.
//!
//! The database and the bytes cannot change in one transaction, so their order is fixed. Bytes come to their place,
//! synced, before the transaction that names them. A blob that no file names keeps its row, with 0 refs, until its bytes
//! are gone. A crash leaves bytes without a row only when it hits the moment before the transaction that names them, and
//! never a name without bytes.
//!
//! Two uploads of one content share a blob, so bytes may come while the same bytes go. Whoever moves bytes holds a lock
//! of their hash, in this process, over both steps:
//!
//! - come: lock the hash, put the bytes to their place unless they are there, [`Store::complete_upload`], unlock;
//! - go: lock the hash, remove the bytes if [`Store::is_unreferenced`] says so, [`Store::forget_blob`], unlock;
//! - strays: lock the hash, remove the bytes if [`Store::has_blob`] says no, unlock.
//!
//! Refs rise from 0 only while bytes come. Without the lock, bytes that came between the question and the removal would
//! be removed under a row with refs.

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

/// Blobs that one call hands out.
const HANDED_OUT: usize = 100;

impl Store {
    /// Blobs that no file names, at most a hundred: their bytes are to be removed, each before [`Store::forget_blob`].
    ///
    /// # Errors
    /// If the database fails.
    pub async fn unreferenced_blobs(&self) -> StoreResult<Vec<BlobHash>> {
        Ok(blobs::unreferenced(&mut *self.readers.acquire().await?, HANDED_OUT).await?)
    }

    /// Whether this blob has a row that no file names: its bytes may be removed, under the lock of the hash.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn is_unreferenced(&self, hash: BlobHash) -> StoreResult<bool> {
        Ok(blobs::is_unreferenced(&mut *self.readers.acquire().await?, hash).await?)
    }

    /// Deletes a blob's row if still no file names it; whether it did. Its bytes are gone, under the same lock of the
    /// hash.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn forget_blob(&self, hash: BlobHash) -> StoreResult<bool> {
        let write =
            self.writer.run(move |db| Box::pin(async move { Ok((blobs::delete_unreferenced(db, hash).await?, None)) }));
        write.await
    }

    /// Whether there is a row for these bytes.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn has_blob(&self, hash: BlobHash) -> StoreResult<bool> {
        Ok(blobs::exists(&mut *self.readers.acquire().await?, hash).await?)
    }
}

/// Gives back what deleted files held: their blobs and their part of the quota.
pub(super) async fn release(db: &mut Db, deleted: Vec<DeletedFile>) -> sqlx::Result<()> {
    for DeletedFile { owner, blob, preview, size } in deleted {
        for column in [Some(blob), preview].into_iter().flatten() {
            blobs::release(&mut *db, hash(column)?).await?;
        }
        used_bytes::subtract(&mut *db, owner.into(), size as u64).await?;
    }
    Ok(())
}
