//! Completes an upload: inspects its bytes, stores them under their hash, and turns the upload into a file. A crash at
//! any step leaves the upload with all its bytes, and completion starts over.

use std::{
    collections::BTreeMap,
    path::Path,
    time::{Duration, Instant},
};

use tokio::{sync::SemaphorePermit, time::sleep};

use crate::{
    files::hash_file,
    messenger::{
        inner::Messenger,
        policy::Result,
        uploads::{
            inspection::{Inspected, MadePreview, inspect, scan},
            lifetime::prolong,
            storage::{failed, turn},
            transfers::UploadGuard,
        },
    },
    model::{BlobHash, CompletedFile, StoredPreview, Upload},
};
use protocol::error::Refusal;

/// How long bytes are stored again while that fails, and the time between two attempts.
const REPEATING: Duration = Duration::from_secs(300);
const PAUSE: Duration = Duration::from_secs(2);

/// Turns an upload with all its bytes into a file.
///
/// # Errors
/// The refusals of [`is_of_content`], and [`Refusal::SignedOut`], which delete the upload; [`Refusal::Unavailable`] and
/// [`Refusal::DiskFull`], which allow a retry.
pub(super) async fn complete(messenger: &Messenger, upload: &Upload, guard: &UploadGuard) -> Result<()> {
    let files = &messenger.0.files;
    // A user who sends a hundred files takes only one of the shared turns.
    let _own_turn = files.owners.lock(upload.owner).await;
    // An upload of length 0 has no file on disk yet.
    let opened = guard.append().await.map_err(failed("an upload cannot be opened"))?;
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
    let putting = turn(&messenger.0.files.puts).await?;
    let mut blobs = BTreeMap::from([(hash, &*inspected.content)]);
    blobs.extend(preview.as_ref().map(|preview| preview.hash).zip(inspected.preview.as_ref().map(|made| &*made.path)));
    let (media_type, name) = (inspected.media_type.clone(), upload.name.clone());
    let completed = CompletedFile { hash, size, media_type, name, preview, text: inspected.text.clone() };
    let hashes: Vec<BlobHash> = blobs.keys().copied().collect();
    let mut locked = messenger.lock_blobs(&hashes).await?;
    let kept = put_and_store(messenger, upload, &blobs, completed).await;
    let is_held = locked.is_held().await;
    match kept {
        Ok(()) if is_held => locked.release().await,
        Ok(()) => {
            drop((locked, putting));
            put_again(messenger, &blobs).await?;
        }
        Err(refusal) => {
            if is_held && is_final(messenger, refusal) {
                take_back(messenger, &hashes).await;
            }
            locked.release().await;
            // A removal skipped the locked blobs.
            messenger.0.files_released.notify_one();
        }
    }
    kept
}

/// Blobs and their bytes.
pub(super) type Blobs<'p> = BTreeMap<BlobHash, &'p Path>;

async fn put_and_store(
    messenger: &Messenger,
    upload: &Upload,
    blobs: &Blobs<'_>,
    completed: CompletedFile,
) -> Result<()> {
    put(messenger, blobs).await?;
    let quotas = messenger.policy().quotas();
    messenger.0.store.complete_upload(upload.owner, upload.id, completed, quotas).await?;
    Ok(())
}

async fn put(messenger: &Messenger, blobs: &Blobs<'_>) -> Result<()> {
    for (hash, path) in blobs {
        messenger.0.files.blobs.put(hash, path).await.map_err(failed("a blob cannot be stored"))?;
    }
    Ok(())
}

/// The lock was lost before the row was committed: another node may have removed the bytes meanwhile. Since the commit
/// they have refs, and nobody removes them any more. The upload is a file now, so its client does not send them again:
/// only this task has them, and it repeats a failed attempt.
pub(super) async fn put_again(messenger: &Messenger, blobs: &Blobs<'_>) -> Result<()> {
    tracing::warn!("the lock of a file was lost; its bytes are stored again if another node has removed them");
    let begun = Instant::now();
    loop {
        match put_locked(messenger, blobs).await {
            Err(refusal) if begun.elapsed() >= REPEATING => {
                let hashes: Vec<String> = blobs.keys().map(ToString::to_string).collect();
                tracing::error!(
                    ?hashes,
                    "bytes could not be stored again; `daehwa check --files` says if they are missing"
                );
                return Err(refusal);
            }
            Err(_) => sleep(PAUSE).await,
            Ok(()) => return Ok(()),
        }
    }
}

async fn put_locked(messenger: &Messenger, blobs: &Blobs<'_>) -> Result<()> {
    let _turn = turn(&messenger.0.files.puts).await?;
    let hashes: Vec<BlobHash> = blobs.keys().copied().collect();
    // Whoever asked before the commit is done when the lock is free.
    let locked = messenger.lock_blobs(&hashes).await?;
    let done = put(messenger, blobs).await;
    locked.release().await;
    done
}

/// Whether the row of a refused file cannot be committed later. A transaction on a lost connection to a shared database
/// may still be: its bytes stay, and are strays if it is not.
fn is_final(messenger: &Messenger, refusal: Refusal) -> bool {
    refusal != Refusal::Unavailable || !messenger.0.store.is_shared()
}

/// Removes bytes without a row, so that nothing remains of a refused file. The caller holds their lock.
async fn take_back(messenger: &Messenger, hashes: &[BlobHash]) {
    for hash in hashes {
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
