//! Completes an upload: inspects its bytes, stores them under their hash, and turns the upload into a file. A crash at
//! any step leaves the upload with all its bytes, and completion starts over.

use std::path::{Path, PathBuf};

use tokio::sync::SemaphorePermit;

use crate::{
    files::hash_file,
    messenger::{
        inner::Messenger,
        policy::Result,
        uploads::{
            inspection::{Inspected, MadePreview, inspect, scan},
            keyed_locks::KeyedGuard,
            lifetime::prolong,
            storage::{failed, turn},
        },
    },
    model::{BlobHash, CompletedFile, StoredPreview, Upload},
};
use protocol::error::Refusal;

/// Turns an upload with all its bytes into a file. The caller holds the upload's lock.
///
/// # Errors
/// The refusals of [`is_of_content`], and [`Refusal::SignedOut`], which delete the upload; [`Refusal::Unavailable`] and
/// [`Refusal::DiskFull`], which allow a retry.
pub(super) async fn complete(messenger: &Messenger, upload: &Upload) -> Result<()> {
    let files = &messenger.0.files;
    // A user who sends a hundred files takes only one of the shared turns.
    let _own_turn = files.owners.lock(upload.owner).await;
    // An upload of length 0 has no file on disk yet.
    let opened = files.incoming.append(upload.id).await.map_err(failed("an upload cannot be opened"))?;
    if opened.length() != upload.length {
        return Err(Refusal::NotReady);
    }
    opened.sync().await.map_err(failed("an upload cannot be written"))?;
    let completed = keep(messenger, upload).await;
    match completed {
        Err(refusal) if is_of_content(refusal) => {
            messenger.0.store.refuse_upload(upload.owner, upload.id, refusal).await?;
        }
        Err(Refusal::SignedOut) => messenger.0.store.delete_upload(upload.owner, upload.id).await?,
        Err(refusal) => {
            prolong(messenger, upload).await?;
            return Err(refusal);
        }
        Ok(()) => {}
    }
    files.incoming.remove(upload.id).await.map_err(failed("an upload cannot be removed"))?;
    completed
}

/// Whether a completion refuses an upload for its content: a retry cannot succeed, and the upload is deleted.
pub fn is_of_content(refusal: Refusal) -> bool {
    matches!(refusal, Refusal::Rejected | Refusal::NotCleaned | Refusal::QuotaExceeded)
}

async fn keep(messenger: &Messenger, upload: &Upload) -> Result<()> {
    scan(messenger, upload).await?;
    let turn = turn(&messenger.0.files.completions).await?;
    let inspected = inspect(messenger, upload).await?;
    let kept = keep_inspected(messenger, upload, &inspected, turn).await;
    let copies = inspected.preview.iter().map(|preview| &preview.path).chain([&inspected.content]);
    for copy in copies.filter(|copy| **copy != messenger.0.files.incoming.path(upload.id)) {
        let _ = tokio::fs::remove_file(copy).await;
    }
    kept
}

async fn keep_inspected(
    messenger: &Messenger,
    upload: &Upload,
    inspected: &Inspected,
    inspecting: SemaphorePermit<'_>,
) -> Result<()> {
    let (hash, size) = digest(&inspected.content).await?;
    let preview = match &inspected.preview {
        Some(preview) => Some(stored(preview).await?),
        None => None,
    };
    drop(inspecting);
    let _turn = turn(&messenger.0.files.puts).await?;
    let mut blobs = vec![(hash, &inspected.content)];
    blobs.extend(preview.as_ref().map(|preview| preview.hash).zip(inspected.preview.as_ref().map(|made| &made.path)));
    // All completions lock in the same order.
    blobs.sort_by_key(|(hash, _)| *hash);
    blobs.dedup_by_key(|(hash, _)| *hash);
    let mut locked = Vec::new();
    for (hash, path) in blobs {
        locked.push((messenger.0.files.hashes.lock(hash).await, hash, path));
    }
    let (media_type, name) = (inspected.media_type.clone(), upload.name.clone());
    let completed = CompletedFile { hash, size, media_type, name, preview };
    let kept = put_and_store(messenger, upload, &locked, completed).await;
    if kept.is_err() {
        take_back(messenger, &locked).await;
        drop(locked);
        // A removal skipped the locked blobs.
        messenger.0.files_released.notify_one();
    }
    kept
}

/// A blob whose lock is held, and its bytes.
type LockedBlob<'p> = (KeyedGuard<BlobHash>, BlobHash, &'p PathBuf);

async fn put_and_store(
    messenger: &Messenger,
    upload: &Upload,
    blobs: &[LockedBlob<'_>],
    completed: CompletedFile,
) -> Result<()> {
    for (_, hash, path) in blobs {
        messenger.0.files.blobs.put(hash, path).await.map_err(failed("a blob cannot be stored"))?;
    }
    let quotas = messenger.policy().quotas();
    messenger.0.store.complete_upload(upload.owner, upload.id, completed, quotas).await?;
    Ok(())
}

/// Removes bytes without a row, so that nothing remains of a refused file.
async fn take_back(messenger: &Messenger, blobs: &[LockedBlob<'_>]) {
    for (_, hash, _) in blobs {
        // Only the database knows whether the row was committed.
        if messenger.0.store.has_blob(*hash).await.is_ok_and(|is_known| !is_known) {
            let _ = messenger.remove_blob(*hash).await;
        }
    }
}

async fn stored(preview: &MadePreview) -> Result<StoredPreview> {
    let (hash, size) = digest(&preview.path).await?;
    Ok(StoredPreview { hash, size, media_type: preview.media_type.clone(), pixels: preview.pixels })
}

async fn digest(path: &Path) -> Result<(BlobHash, u64)> {
    hash_file(path).await.map_err(failed("an upload cannot be read"))
}
