//! Uploads: a new upload reserves its bytes against the quota; a completed upload becomes a file.

use crate::{
    model::{CompletedFile, NewUpload, Quotas, StoredFile, Upload},
    store::{
        blobs::release,
        clock::now_ms,
        error::StoreResult,
        handle::Store,
        rules,
        sql::{accounts, blobs, db::Db, files, refused_uploads, uploads, used_bytes},
    },
    text,
};
use protocol::{
    error::Refusal,
    ids::{FileId, UserId},
};

/// Uploads or files that one call handles, at most.
const AT_ONCE: usize = 100;
/// How long the reason of a refused upload is kept, in milliseconds.
const REFUSED_MS: i64 = 60 * 60 * 1000;

impl Store {
    /// Reserves the bytes of an upload until `expires_at`, UTC milliseconds.
    ///
    /// # Errors
    /// [`Refusal::QuotaExceeded`] if its bytes do not fit next to files and other pending uploads; [`Refusal::TooMany`]
    /// with [`protocol::limit::WAITING_FILES`] uploads and unattached files; [`Refusal::SignedOut`] if the account was
    /// disabled meanwhile.
    pub async fn insert_upload(
        &self,
        owner: UserId,
        new: NewUpload,
        quotas: Quotas,
        expires_at: i64,
    ) -> StoreResult<FileId> {
        let write = self.writer.run(move |db| {
            Box::pin(async move {
                let NewUpload { name, length, is_original } = new;
                let (id, created_at) = (FileId::new(), now_ms());
                let upload = Upload { id, owner, name, length, is_original, created_at, expires_at };
                used_bytes::lock(&mut *db).await?;
                let pending = uploads::count(&mut *db, owner).await?;
                rules::may_have_unattached(pending + files::count_unattached(&mut *db, owner).await?)?;
                reserve(&mut *db, owner, length, quotas).await?;
                uploads::insert(db, &upload).await?;
                Ok((upload.id, None))
            })
        });
        write.await
    }

    /// A pending upload, for its owner alone; `None` once it is complete, cancelled or deleted.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn upload(&self, owner: UserId, id: FileId) -> StoreResult<Option<Upload>> {
        Ok(uploads::find(&mut self.read_pool.acquire().await?, owner, id).await?)
    }

    /// Whether this upload is pending, of any owner. Bytes without a pending upload are to be removed.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn has_upload(&self, id: FileId) -> StoreResult<bool> {
        Ok(uploads::exists(&mut self.read_pool.acquire().await?, id).await?)
    }

    /// Moves the expiry of a pending upload to this moment (UTC milliseconds).
    ///
    /// # Errors
    /// If the database fails.
    pub async fn extend_upload(&self, id: FileId, expires_at: i64) -> StoreResult<()> {
        let write = self.writer.run(move |db| {
            Box::pin(async move {
                uploads::extend(db, id, expires_at).await?;
                Ok(((), None))
            })
        });
        write.await
    }

    /// Cancels a pending upload, or deletes an unattached file. The caller removes its incoming bytes afterwards.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for an unknown or attached file, and for another user's.
    pub async fn delete_upload(&self, owner: UserId, id: FileId) -> StoreResult<()> {
        let write = self.writer.run(move |db| {
            Box::pin(async move {
                if let Some(length) = uploads::delete(&mut *db, owner, id).await? {
                    used_bytes::subtract(db, owner, length).await?;
                    return Ok(((), None));
                }
                let deleted = files::delete_unattached(&mut *db, owner, id).await?.ok_or(Refusal::NotFound)?;
                release(db, vec![deleted]).await?;
                Ok(((), None))
            })
        });
        write.await
    }

    /// Deletes a pending upload for its content, and keeps the reason for an hour. The caller removes its incoming
    /// bytes afterwards.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] if the upload does not exist.
    pub async fn refuse_upload(&self, owner: UserId, id: FileId, why: Refusal) -> StoreResult<()> {
        let write = self.writer.run(move |db| {
            Box::pin(async move {
                let length = uploads::delete(&mut *db, owner, id).await?.ok_or(Refusal::NotFound)?;
                used_bytes::subtract(&mut *db, owner, length).await?;
                refused_uploads::delete_until(&mut *db, now_ms() - REFUSED_MS).await?;
                refused_uploads::insert(db, owner, id, why, now_ms()).await?;
                Ok(((), None))
            })
        });
        write.await
    }

    /// Why an upload of this owner was refused for its content within the last hour.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn refusal_of_upload(&self, owner: UserId, id: FileId) -> StoreResult<Option<Refusal>> {
        Ok(refused_uploads::find(&mut self.read_pool.acquire().await?, owner, id, now_ms() - REFUSED_MS).await?)
    }

    /// Turns a pending upload into a file that its owner may attach. The bytes of its blobs are in their place, synced,
    /// and their hashes are locked; see `blobs` in [`crate::store`]. A retry returns the file.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] if the upload does not exist; [`Refusal::QuotaExceeded`] if the quota was lowered since,
    /// or the file is larger than the upload; [`Refusal::SignedOut`] if the account was disabled meanwhile.
    pub async fn complete_upload(
        &self,
        owner: UserId,
        id: FileId,
        completed: CompletedFile,
        quotas: Quotas,
    ) -> StoreResult<StoredFile> {
        let write = self.writer.run(move |db| {
            Box::pin(async move {
                let Some(length) = uploads::delete(&mut *db, owner, id).await? else {
                    let file = files::owned(db, owner, id).await?.filter(|file| file.hash == completed.hash);
                    return Ok((file.ok_or(Refusal::NotFound)?, None));
                };
                used_bytes::subtract(&mut *db, owner, length).await?;
                let CompletedFile { hash, size, media_type, name, preview, text } = completed;
                let (upload_length, created_at) = (length, now_ms());
                let file = StoredFile {
                    id,
                    owner,
                    hash,
                    name,
                    media_type,
                    size,
                    upload_length,
                    preview,
                    text,
                    created_at,
                    attached_to: None,
                };
                insert_file(db, &file, quotas).await?;
                Ok((file, None))
            })
        });
        write.await
    }

    /// Uploads that have expired, at most a hundred.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn expired_uploads(&self, now: i64) -> StoreResult<Vec<FileId>> {
        Ok(uploads::expired(&mut self.read_pool.acquire().await?, now, AT_ONCE).await?)
    }

    /// Deletes an upload if it has expired. Returns whether it did. The caller removes its incoming bytes afterwards.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn expire_upload(&self, id: FileId, now: i64) -> StoreResult<bool> {
        let write = self.writer.run(move |db| {
            Box::pin(async move {
                let Some((owner, length)) = uploads::delete_expired(&mut *db, id, now).await? else {
                    return Ok((false, None));
                };
                used_bytes::subtract(db, owner, length).await?;
                Ok((true, None))
            })
        });
        write.await
    }

    /// Deletes unattached files that were completed before this moment (UTC milliseconds), at most a hundred. Returns
    /// how many.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn delete_unattached_files(&self, before: i64) -> StoreResult<usize> {
        let write = self.writer.run(move |db| {
            Box::pin(async move {
                let deleted = files::delete_expired(&mut *db, before, AT_ONCE).await?;
                let count = deleted.len();
                release(db, deleted).await?;
                Ok((count, None))
            })
        });
        write.await
    }
}

/// Inserts an unattached file: adds refs to its blobs, and counts its size against the quota.
pub(super) async fn insert_file(db: &mut Db, file: &StoredFile, quotas: Quotas) -> StoreResult<()> {
    reserve(&mut *db, file.owner, file.size, quotas).await?;
    blobs::hold(&mut *db, file.hash, file.size).await?;
    if let Some(preview) = &file.preview {
        blobs::hold(&mut *db, preview.hash, preview.size).await?;
    }
    Ok(files::insert(db, file, &text::folded(&file.name)).await?)
}

/// Counts bytes against the quotas of an enabled account, if they fit.
async fn reserve(db: &mut Db, owner: UserId, bytes: u64, quotas: Quotas) -> StoreResult<()> {
    used_bytes::lock(&mut *db).await?;
    if !accounts::is_enabled(&mut *db, owner).await? {
        return Err(Refusal::SignedOut.into());
    }
    let (used, used_by_all) = (used_bytes::of(&mut *db, owner).await?, used_bytes::of_all(&mut *db).await?);
    rules::may_store(bytes, used, used_by_all, quotas)?;
    Ok(used_bytes::add(db, owner, bytes).await?)
}
