//! Uploads: space is reserved when one begins, and a file is there when it is complete.

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

/// Uploads or files that one call takes.
const AT_ONCE: usize = 100;
/// How long it is known why an upload was refused, in milliseconds.
const REFUSED_MS: i64 = 60 * 60 * 1000;

impl Store {
    /// Reserves the space of an upload until `expires_at`, UTC milliseconds.
    ///
    /// # Errors
    /// [`Refusal::QuotaExceeded`] if its bytes do not fit, those of all pending uploads counted;
    /// [`Refusal::TooMany`] with [`protocol::limit::WAITING_FILES`] uploads and files that no message has;
    /// [`Refusal::SignedOut`] if the account is disabled by then.
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
                let pending = uploads::count(&mut *db, owner).await?;
                rules::may_wait(pending + files::count_unattached(&mut *db, owner).await?)?;
                reserve(&mut *db, owner, length, quotas).await?;
                uploads::insert(db, &upload).await?;
                Ok((upload.id, None))
            })
        });
        write.await
    }

    /// A pending upload, for its owner alone; `None` once it is complete, cancelled or swept.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn upload(&self, owner: UserId, id: FileId) -> StoreResult<Option<Upload>> {
        Ok(uploads::find(&mut *self.readers.acquire().await?, owner, id).await?)
    }

    /// Whether this upload is pending, whoever owns it: bytes without it are to be removed.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn has_upload(&self, id: FileId) -> StoreResult<bool> {
        Ok(uploads::exists(&mut *self.readers.acquire().await?, id).await?)
    }

    /// Lets a pending upload expire later, at this moment (UTC milliseconds).
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

    /// Cancels a pending upload, or deletes a file that no message has. Its incoming bytes are to be removed
    /// afterwards.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for an unknown one, for another person's and for an attached file.
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

    /// Deletes a pending upload for its content, and keeps for an hour why. Its incoming bytes are to be removed
    /// afterwards.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] without such an upload.
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
        Ok(refused_uploads::find(&mut *self.readers.acquire().await?, owner, id, now_ms() - REFUSED_MS).await?)
    }

    /// Turns a pending upload into a file that its owner may attach. The bytes of its blobs are in their place, synced,
    /// and their hashes locked; see [`crate::store`]'s `blobs`. A retry is answered with the file.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] without such an upload; [`Refusal::QuotaExceeded`] if the quota was lowered since, or the
    /// file is larger than the upload; [`Refusal::SignedOut`] if the account is disabled by then.
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
                let CompletedFile { hash, size, media_type, name, preview } = completed;
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
                    created_at,
                    place: None,
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
        Ok(uploads::expired(&mut *self.readers.acquire().await?, now, AT_ONCE).await?)
    }

    /// Deletes an upload if it has expired; whether it did. Its incoming bytes are to be removed afterwards.
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

    /// Deletes files that were completed before this moment (UTC milliseconds) and that no message has, at most a
    /// hundred; how many there were.
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

/// Inserts a file that no message has: counts its blobs, and its size against the quota.
pub(super) async fn insert_file(db: &mut Db, file: &StoredFile, quotas: Quotas) -> StoreResult<()> {
    reserve(&mut *db, file.owner, file.size, quotas).await?;
    blobs::hold(&mut *db, file.hash, file.size).await?;
    if let Some(preview) = &file.preview {
        blobs::hold(&mut *db, preview.hash, preview.size).await?;
    }
    Ok(files::insert(db, file, &text::folded(&file.name)).await?)
}

/// Counts bytes of an enabled account against the quotas, if they fit.
async fn reserve(db: &mut Db, owner: UserId, bytes: u64, quotas: Quotas) -> StoreResult<()> {
    if !accounts::is_enabled(&mut *db, owner).await? {
        return Err(Refusal::SignedOut.into());
    }
    let (used, used_by_all) = (used_bytes::of(&mut *db, owner).await?, used_bytes::of_all(&mut *db).await?);
    rules::may_store(bytes, used, used_by_all, quotas)?;
    Ok(used_bytes::add(db, owner, bytes).await?)
}
