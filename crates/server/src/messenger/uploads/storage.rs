//! Where the bytes of files are, and the locks of whoever moves them.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use tokio::sync::Semaphore;

use crate::{
    files::{BlobStore, DiskSpace, Examiner, UploadDirectory},
    messenger::{
        policy::Policy,
        uploads::{keyed_locks::KeyedLocks, transfers::Transfers},
    },
    model::BlobHash,
};
use protocol::error::Refusal;

/// Files that are inspected and hashed at once: two processors do no more.
const COMPLETIONS: usize = 2;

/// The bytes of files: uploads under way and blobs.
pub(in crate::messenger) struct FileStorage {
    pub(super) incoming: UploadDirectory,
    pub(super) blobs: Arc<dyn BlobStore>,
    pub(super) transfers: Transfers,
    /// Held over a blob's bytes and its row; see `store/blobs.rs`.
    pub(super) hashes: KeyedLocks<BlobHash>,
    pub(super) completions: Semaphore,
    pub(super) examiner: Option<Examiner>,
    /// The directory of all files.
    pub(super) directory: PathBuf,
    /// The share of the disk that files may fill, in percent; `None` for no limit.
    watermark: Option<u8>,
}

impl FileStorage {
    /// The files of a data directory; their bytes are in `blobs`.
    ///
    /// # Errors
    /// If the directories cannot be created.
    pub(in crate::messenger) fn open(data: &Path, policy: &Policy, blobs: Arc<dyn BlobStore>) -> io::Result<Self> {
        let watermark = policy.disk_watermark;
        let directory = data.join("files");
        Ok(Self {
            incoming: UploadDirectory::open(&directory)?,
            blobs,
            transfers: Transfers::default(),
            hashes: KeyedLocks::default(),
            completions: Semaphore::new(COMPLETIONS),
            examiner: policy.examiner.clone().map(Examiner::new),
            directory,
            watermark: (watermark > 0).then_some(watermark),
        })
    }

    /// Whether so many more bytes keep the disk below the watermark.
    ///
    /// # Errors
    /// [`Refusal::DiskFull`] if not.
    pub(super) fn check_room(&self, bytes: u64) -> Result<(), Refusal> {
        let Some(watermark) = self.watermark else { return Ok(()) };
        match DiskSpace::of(&self.directory) {
            Ok(Some(space)) if !space.has_room(bytes, watermark) => Err(Refusal::DiskFull),
            Ok(_) => Ok(()),
            Err(error) => Err(failed("the free space of the disk is unknown")(error)),
        }
    }
}

/// Logs why files cannot be read or written; the caller's answer.
pub(in crate::messenger) fn failed(what: &'static str) -> impl Fn(io::Error) -> Refusal {
    move |error| {
        tracing::error!(%error, what);
        if error.kind() == io::ErrorKind::StorageFull { Refusal::DiskFull } else { Refusal::Unavailable }
    }
}
