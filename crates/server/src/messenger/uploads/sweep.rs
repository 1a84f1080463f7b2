//! Removes bytes that nobody needs: expired uploads, files that no message has, blobs that no file names, and what a
//! crash left. A recall wakes it.

use std::time::{Duration, Instant};

use futures::TryStreamExt;
use tokio::time::timeout;

use crate::{
    files::{ListedBlob, try_removal},
    messenger::{inner::Messenger, pace::report, policy::Result, uploads::storage::failed},
    model::BlobHash,
    store::now_ms,
};

/// How often it looks without being woken.
const EVERY: Duration = Duration::from_secs(60);
/// How soon it tries again while a backup holds it back.
const HELD_BACK: Duration = Duration::from_secs(1);
/// How often it compares the directories with the database.
const STRAYS_EVERY: Duration = Duration::from_secs(6 * 60 * 60);
/// How long a file waits for its message, in milliseconds.
const UNATTACHED_MS: i64 = 24 * 60 * 60 * 1000;

pub(in crate::messenger) async fn sweep_files(messenger: Messenger) {
    let mut strays_at: Option<Instant> = None;
    loop {
        let is_due = strays_at.is_none_or(|at| at.elapsed() >= STRAYS_EVERY);
        report("expired uploads", messenger.remove_expired().await);
        let is_held_back = match try_removal(&messenger.0.files.directory) {
            Ok(Some(_removal)) => {
                if is_due {
                    strays_at = Some(Instant::now());
                }
                // What could not be removed has lost its row, and is found only among the strays.
                if !messenger.remove_all(is_due).await {
                    strays_at = None;
                }
                false
            }
            Ok(None) => true,
            Err(error) => {
                tracing::warn!(%error, "deleted files stay on disk");
                false
            }
        };
        if is_held_back {
            tokio::time::sleep(HELD_BACK).await;
        } else {
            let _ = timeout(EVERY, messenger.files().released()).await;
        }
    }
}

impl Messenger {
    /// Removes blobs that no file names, and strays if they are due; whether everything could be removed.
    async fn remove_all(&self, has_strays: bool) -> bool {
        let mut outcomes = vec![("deleted files", self.remove_unreferenced().await)];
        if has_strays {
            outcomes.push(("stray files", self.remove_strays().await));
        }
        let is_done = outcomes.iter().all(|(_, outcome)| outcome.is_ok());
        outcomes.into_iter().for_each(|(what, outcome)| report(what, outcome));
        is_done
    }

    async fn remove_expired(&self) -> Result<()> {
        let (store, files) = (&self.0.store, &self.0.files);
        loop {
            let expired = store.expired_uploads(now_ms()).await?;
            for id in &expired {
                let _lock = files.transfers.end(*id).await;
                if store.expire_upload(*id, now_ms()).await? {
                    files.incoming.remove(*id).await.map_err(failed("an upload cannot be removed"))?;
                }
            }
            if expired.is_empty() {
                break;
            }
        }
        while store.delete_unattached_files(now_ms() - UNATTACHED_MS).await? > 0 {}
        Ok(())
    }

    async fn remove_unreferenced(&self) -> Result<()> {
        loop {
            let hashes = self.files().unreferenced().await?;
            if hashes.is_empty() {
                return Ok(());
            }
            for hash in hashes {
                let _lock = self.0.files.hashes.lock(hash).await;
                if self.files().forget(hash).await? {
                    self.remove_blob(hash).await?;
                }
            }
        }
    }

    /// Removes what a crash left: bytes without an upload, blobs without a row.
    async fn remove_strays(&self) -> Result<()> {
        let (store, files) = (&self.0.store, &self.0.files);
        for id in files.incoming.list().await.map_err(failed("uploads cannot be listed"))? {
            let Some(_lock) = files.transfers.idle(id) else { continue };
            if !store.has_upload(id).await? {
                files.incoming.remove(id).await.map_err(failed("an upload cannot be removed"))?;
            }
        }
        let mut listed = files.blobs.list();
        while let Some(ListedBlob { hash, .. }) = listed.try_next().await.map_err(failed("files cannot be listed"))? {
            let _lock = files.hashes.lock(hash).await;
            if !store.has_blob(hash).await? {
                self.remove_blob(hash).await?;
            }
        }
        Ok(())
    }

    async fn remove_blob(&self, hash: BlobHash) -> Result<()> {
        self.0.files.blobs.remove(&hash).await.map_err(failed("a file cannot be removed"))
    }
}
