//! Locks of blobs, for whoever moves their bytes: first in this process, then over all nodes. See `store/blobs.rs`.

use crate::{
    messenger::{inner::Messenger, policy::Result, uploads::keyed_locks::KeyedGuard},
    model::BlobHash,
    store::BlobLock,
};

/// Locked blobs, until it is released or dropped.
pub(super) struct LockedBlobs {
    nodes: BlobLock,
    _here: Vec<KeyedGuard<BlobHash>>,
}

impl Messenger {
    /// Waits until nobody moves the bytes of these blobs. `hashes` are sorted: all lock in the same order.
    ///
    /// # Errors
    /// [`protocol::error::Refusal::Unavailable`] if another node holds one for too long.
    pub(super) async fn lock_blobs(&self, hashes: &[BlobHash]) -> Result<LockedBlobs> {
        let mut here = Vec::with_capacity(hashes.len());
        for hash in hashes {
            here.push(self.0.files.hashes.lock(*hash).await);
        }
        Ok(LockedBlobs { nodes: self.0.store.lock_blobs(hashes).await?, _here: here })
    }

    /// `None` if somebody moves the bytes of this blob.
    pub(super) async fn try_lock_blob(&self, hash: BlobHash) -> Result<Option<LockedBlobs>> {
        let Some(here) = self.0.files.hashes.try_lock(hash) else { return Ok(None) };
        let nodes = self.0.store.try_lock_blob(hash).await?;
        Ok(nodes.map(|nodes| LockedBlobs { nodes, _here: vec![here] }))
    }
}

impl LockedBlobs {
    /// Whether this locked blob has a row without refs.
    pub(super) async fn is_unreferenced(&mut self, messenger: &Messenger, hash: BlobHash) -> Result<bool> {
        Ok(self.nodes.is_unreferenced(&messenger.0.store, hash).await?)
    }

    /// Whether the blobs are still locked over all nodes.
    pub(super) async fn is_held(&mut self) -> bool {
        self.nodes.is_held().await
    }

    pub(super) async fn release(self) {
        self.nodes.release().await;
    }
}
