//! Strays: bytes that the database does not know. A crash leaves a few. Many strays mean that the files belong to
//! another database, such as a new one or an old copy. Then nothing is removed.

use std::time::{Duration, SystemTime};

use futures::TryStreamExt;

use crate::{
    files::BlobMetadata,
    messenger::{inner::Messenger, policy::Result, uploads::storage::failed},
    model::BlobHash,
};

/// Younger bytes may belong to a database that is about to be restored.
const OLD: Duration = Duration::from_secs(24 * 60 * 60);
/// Strays that one crash leaves, at most: files and previews of the completions in progress.
const MAX_STRAYS_OF_CRASH: usize = 4;
/// One stray in this many files is still plausible.
const MAX_STRAY_SHARE: usize = 100;

/// What the place of files holds, beside the rows of the database.
#[derive(Default)]
struct BlobCensus {
    /// Blobs with a row.
    known: usize,
    /// Old blobs without a row.
    strays: Vec<BlobHash>,
}

impl BlobCensus {
    /// Whether a crash can have left this many strays.
    fn are_plausible(&self) -> bool {
        self.strays.len() <= (self.known / MAX_STRAY_SHARE).max(MAX_STRAYS_OF_CRASH).min(self.known)
    }
}

impl Messenger {
    /// Removes blobs without a row, then bytes without an upload.
    pub(super) async fn remove_strays(&self) -> Result<()> {
        if !self.owns_blobs().await? {
            return Ok(());
        }
        let listed = self.listed_blobs().await?;
        if !listed.are_plausible() {
            let (strays, known) = (listed.strays.len(), listed.known);
            tracing::error!(strays, known, "many blobs have no row: is this the right database? None is removed");
            return Ok(());
        }
        for hash in listed.strays {
            let mut locked = self.lock_blobs(&[hash]).await?;
            if !self.0.store.has_blob(hash).await? && locked.is_held().await {
                self.remove_blob(hash).await?;
            }
            locked.release().await;
        }
        self.remove_stray_uploads().await
    }

    /// Whether the place of blobs is still this server's. Who has taken it over may need any of them.
    pub(super) async fn owns_blobs(&self) -> Result<bool> {
        let is_own = self.0.files.blobs.is_own().await.map_err(failed("the owner of the files is unknown"))?;
        if !is_own {
            tracing::error!("another server owns the bucket now; nothing is removed from it");
        }
        Ok(is_own)
    }

    async fn listed_blobs(&self) -> Result<BlobCensus> {
        let (mut found, mut listed) = (BlobCensus::default(), self.0.files.blobs.list());
        let unlisted = failed("files cannot be listed");
        while let Some(BlobMetadata { hash, modified, .. }) = listed.try_next().await.map_err(&unlisted)? {
            if self.0.store.has_blob(hash).await? {
                found.known += 1;
            } else if SystemTime::now().duration_since(modified).is_ok_and(|age| age > OLD) {
                found.strays.push(hash);
            }
        }
        Ok(found)
    }

    pub(super) async fn remove_stray_uploads(&self) -> Result<()> {
        let (store, files) = (&self.0.store, &self.0.files);
        for id in files.incoming.list().await.map_err(failed("uploads cannot be listed"))? {
            if store.has_upload(id).await? {
                continue;
            }
            let idle = files.transfers.idle(id).await.map_err(failed("an upload cannot be locked"))?;
            if idle.is_some() {
                files.incoming.remove(id).await.map_err(failed("an upload cannot be removed"))?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_strays_as_a_crash_leaves_are_plausible() {
        let plausible = |known, strays| BlobCensus { known, strays: vec![BlobHash([0; 32]); strays] }.are_plausible();
        for (known, most) in [(0, 0), (1, 1), (3, 3), (4, 4), (400, 4), (1_000, 10)] {
            assert!(plausible(known, most) && !plausible(known, most + 1), "{known}");
        }
    }
}
