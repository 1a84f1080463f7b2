//! Removes bytes that are not needed: expired uploads, unattached files, blobs without refs, and the remains of a
//! crash. A recall wakes this task. `strays` finds bytes that the database does not know.

use std::time::{Duration, Instant};

use tokio::time::timeout;

use crate::{
    files::try_removal,
    messenger::{
        inner::Messenger,
        intervals::report,
        policy::Result,
        uploads::{locked_blobs::LockedBlobs, storage::failed},
    },
    model::BlobHash,
};
use protocol::{error::Refusal, ids::FileId};

/// How often the task runs without being woken.
const EVERY: Duration = Duration::from_secs(60);
/// The delay before a retry while a backup holds back removal.
const HELD_BACK: Duration = Duration::from_secs(1);
/// How often the task compares the directories with the database.
const STRAYS_EVERY: Duration = Duration::from_secs(6 * 60 * 60);
/// How long a file may stay unattached, in milliseconds.
const UNATTACHED_MS: i64 = 24 * 60 * 60 * 1000;

pub(in crate::messenger) async fn sweep_files(messenger: Messenger) {
    let mut strays_at: Option<Instant> = None;
    loop {
        let is_due = strays_at.is_none_or(|at| at.elapsed() >= STRAYS_EVERY);
        let is_held_back = match try_removal(&messenger.0.files.directory) {
            Ok(Some(_removal)) => {
                report("deleted files", messenger.remove_unreferenced().await);
                if is_due {
                    strays_at = Some(Instant::now());
                    report("stray files", messenger.remove_strays().await);
                }
                false
            }
            Ok(None) => true,
            Err(error) => {
                tracing::warn!(%error, "the bytes of deleted files cannot be removed");
                false
            }
        };
        // Uploads that ended on a node with another disk leave their bytes here.
        if messenger.0.store.is_shared() {
            report("stray uploads", messenger.remove_stray_uploads().await);
        }
        // The next round removes what this releases, at once.
        report("expired uploads", messenger.remove_expired().await);
        if is_held_back {
            tokio::time::sleep(HELD_BACK).await;
        } else {
            let _ = timeout(EVERY, messenger.files().released()).await;
        }
    }
}

impl Messenger {
    pub(super) async fn remove_expired(&self) -> Result<()> {
        let store = &self.0.store;
        loop {
            let mut removed = false;
            for id in store.expired_uploads(self.0.clock.now_ms()).await? {
                removed |= self.remove_expired_upload(id).await?;
            }
            if !removed {
                break;
            }
        }
        while store.delete_unattached_files(self.0.clock.now_ms() - UNATTACHED_MS).await? > 0 {
            self.0.files_released.notify_one();
        }
        Ok(())
    }

    /// Removes an upload, unless its lock is held: a scanner may take minutes, and recalled files must not wait for it.
    async fn remove_expired_upload(&self, id: FileId) -> Result<bool> {
        let files = &self.0.files;
        files.transfers.stop(id);
        let idle = files.transfers.idle(id).await.map_err(failed("an upload cannot be locked"))?;
        let Some(_guard) = idle else { return Ok(false) };
        let is_expired = self.0.store.expire_upload(id, self.0.clock.now_ms()).await?;
        if is_expired {
            files.incoming.remove(id).await.map_err(failed("an upload cannot be removed"))?;
        }
        Ok(is_expired)
    }

    /// Removes blobs without refs. A blob keeps its row until its bytes are removed, so a failed removal is retried.
    async fn remove_unreferenced(&self) -> Result<()> {
        loop {
            let (mut outcome, mut removed) = (Ok(()), false);
            for hash in self.0.store.unreferenced_blobs().await? {
                match self.remove_released(hash).await {
                    Ok(is_removed) => removed |= is_removed,
                    Err(refusal) => outcome = Err(refusal),
                }
            }
            outcome?;
            if !removed {
                return Ok(());
            }
        }
    }

    /// Removes a blob, unless an upload of the same bytes is being completed.
    pub(super) async fn remove_released(&self, hash: BlobHash) -> Result<bool> {
        let Some(mut locked) = self.try_lock_blob(hash).await? else { return Ok(false) };
        let removed = self.remove_locked(&mut locked, hash).await;
        locked.release().await;
        removed
    }

    async fn remove_locked(&self, locked: &mut LockedBlobs, hash: BlobHash) -> Result<bool> {
        // Who owns the bucket is asked first, so that nothing lies between the question and the removal.
        if !self.owns_blobs().await? {
            return Err(Refusal::Unavailable);
        }
        // Refs rise from 0 only under this lock.
        if !locked.is_unreferenced(self, hash).await? {
            return Ok(false);
        }
        self.remove_bytes(hash).await?;
        Ok(self.0.store.forget_blob(hash).await?)
    }

    /// Removes the bytes of a locked blob.
    pub(super) async fn remove_blob(&self, hash: BlobHash) -> Result<()> {
        if !self.owns_blobs().await? {
            return Err(Refusal::Unavailable);
        }
        self.remove_bytes(hash).await
    }

    async fn remove_bytes(&self, hash: BlobHash) -> Result<()> {
        self.0.files.blobs.remove(&hash).await.map_err(failed("a file cannot be removed"))
    }
}
