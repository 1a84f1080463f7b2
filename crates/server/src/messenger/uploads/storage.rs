//! The storage of files' bytes, and the locks for moving them.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::{
    files::{BlobStore, Examiner, UploadDirectory},
    messenger::{
        policy::Policy,
        uploads::{disk_budget::DiskBudget, keyed_locks::KeyedLocks, transfers::Transfers},
    },
    model::BlobHash,
    private_files::sync_directory,
};
use protocol::{error::Refusal, ids::UserId};

/// Files that are examined and hashed at once: two processors do no more.
const COMPLETIONS: usize = 2;
/// Files that are scanned, and that are sent to their place, at once. Both may be slow without using our processors.
const SCANS: usize = 4;
const PUTS: usize = 4;

/// The bytes of files: pending uploads and blobs.
pub(in crate::messenger) struct FileStorage {
    pub(super) incoming: UploadDirectory,
    pub(super) blobs: Arc<dyn BlobStore>,
    pub(super) transfers: Transfers,
    /// The part of [`super::locked_blobs`] in this process.
    pub(super) hashes: KeyedLocks<BlobHash>,
    /// One completion at a time for each user.
    pub(super) owners: KeyedLocks<UserId>,
    pub(super) scans: Semaphore,
    pub(super) completions: Semaphore,
    pub(super) puts: Semaphore,
    pub(super) examiner: Option<Examiner>,
    /// The directory of all files.
    pub(super) directory: PathBuf,
    pub(super) disk: DiskBudget,
}

impl FileStorage {
    /// The files of a data directory; their bytes are in `blobs`. `is_shared`: other nodes may have the same directory.
    ///
    /// # Errors
    /// If the directories cannot be created.
    pub(in crate::messenger) fn open(
        data: &Path,
        policy: &Policy,
        is_shared: bool,
        blobs: Arc<dyn BlobStore>,
    ) -> io::Result<Self> {
        let directory = data.join("files");
        let incoming = UploadDirectory::open(&directory)?;
        // A power cut must not lose the new directories, with everything synced inside.
        sync_directory(&directory)?;
        sync_directory(data)?;
        Ok(Self {
            transfers: Transfers::new(incoming.clone(), is_shared),
            incoming,
            blobs,
            hashes: KeyedLocks::default(),
            owners: KeyedLocks::default(),
            scans: Semaphore::new(SCANS),
            completions: Semaphore::new(COMPLETIONS),
            puts: Semaphore::new(PUTS),
            examiner: policy.examiner.clone().map(Examiner::new),
            disk: DiskBudget::new(directory.clone(), policy.disk_watermark),
            directory,
        })
    }
}

/// Waits for a turn.
pub(super) async fn turn(turns: &Semaphore) -> Result<SemaphorePermit<'_>, Refusal> {
    turns.acquire().await.map_err(|_| Refusal::Unavailable)
}

/// Logs why files cannot be read or written, and returns the caller's refusal.
pub(in crate::messenger) fn failed(what: &'static str) -> impl Fn(io::Error) -> Refusal {
    move |error| {
        tracing::error!(%error, what);
        if error.kind() == io::ErrorKind::StorageFull { Refusal::DiskFull } else { Refusal::Unavailable }
    }
}
