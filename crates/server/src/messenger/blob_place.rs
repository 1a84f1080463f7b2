//! The place of a data directory's blobs: its disk, or a bucket that belongs to it alone. A server removes blobs from a
//! bucket that its database does not name, so two servers would remove each other's files. `files_place` has what the
//! nodes of a shared database agree on.

use std::{
    collections::HashSet,
    fs::{self, File},
    io::{self, ErrorKind, Write},
    path::Path,
    sync::Arc,
};

use futures::TryStreamExt;
use uuid::Uuid;

use crate::{
    files::{BlobStore, DiskBlobs, FileBucket, S3Blobs},
    model::{BlobHash, BucketFault, Fault, StoreLocation},
    private_files::{make_private, sync_directory},
    store,
};

/// The file of a data directory that names its bucket: the URL and the owner, a line each.
const NOTE: &str = "bucket";

pub(super) struct BucketNote {
    url: String,
    /// The owner's name; the bucket holds an object with the same name.
    pub(super) owner: String,
}

/// The blobs of a data directory, for commands that read them.
///
/// # Errors
/// [`Fault::Bucket`] if the blobs are not where the settings say, or the bucket cannot be read.
pub(super) async fn blobs_of(data: &Path, bucket: Option<&FileBucket>) -> Result<Arc<dyn BlobStore>, Fault> {
    let note = checked_note(data, bucket)?;
    let Some(bucket) = bucket else { return Ok(on_disk(data)) };
    let (blobs, owner) = open(bucket).await?;
    match (note, owner) {
        (Some(note), Some(owner)) if note.owner != owner => Err(fault(bucket, BucketFault::OfAnother)),
        _ => Ok(Arc::new(blobs)),
    }
}

/// The same for the server, which writes and removes blobs. A bucket without an owner becomes this directory's.
///
/// # Errors
/// As [`blobs_of`]; also if the bucket cannot be written, or lacks files of the database.
pub(super) async fn blobs_of_server(
    location: &StoreLocation,
    bucket: Option<&FileBucket>,
) -> Result<Arc<dyn BlobStore>, Fault> {
    let data = &location.directory;
    let note = checked_note(data, bucket)?;
    let Some(bucket) = bucket else { return Ok(on_disk(data)) };
    let (blobs, owner) = open(bucket).await?;
    let own = note.map_or_else(|| Uuid::new_v4().to_string(), |note| note.owner);
    match owner {
        Some(owner) if owner == own => {}
        Some(_) => return Err(fault(bucket, BucketFault::OfAnother)),
        None => {
            check_complete(location, bucket, &blobs).await?;
            claim(data, bucket, &blobs, &own).await?;
        }
    }
    Ok(Arc::new(blobs.owned_by(&own)))
}

/// The blobs on the disk of a data directory.
pub(super) fn on_disk(data: &Path) -> Arc<dyn BlobStore> {
    Arc::new(DiskBlobs::at(&data.join("files")))
}

/// Opens the bucket, and asks for its owner.
///
/// # Errors
/// [`Fault::Bucket`].
pub(super) async fn open(bucket: &FileBucket) -> Result<(S3Blobs, Option<String>), Fault> {
    let blobs = S3Blobs::open(bucket).map_err(|cause| fault(bucket, cause))?;
    let owner = blobs.owner().await.map_err(|cause| fault(bucket, cause))?;
    Ok((blobs, owner))
}

/// Whether a bucket has every file of the database.
///
/// # Errors
/// [`BucketFault::Lacks`]; if the bucket cannot be read.
pub(super) async fn check_complete(
    location: &StoreLocation,
    bucket: &FileBucket,
    blobs: &S3Blobs,
) -> Result<(), Fault> {
    let known = store::recorded_bytes(location).await?.blobs;
    if known.is_empty() {
        return Ok(());
    }
    let listed = blobs.list().map_ok(|blob| blob.hash).try_collect::<HashSet<BlobHash>>().await;
    let listed = listed.map_err(|error| fault(bucket, BucketFault::other(error)))?;
    match known.iter().filter(|(hash, _)| !listed.contains(hash)).count() {
        0 => Ok(()),
        lacking => Err(fault(bucket, BucketFault::Lacks(lacking))),
    }
}

/// Writes the note in the directory before the object in the bucket, so that a crash between the two can be repeated.
///
/// # Errors
/// If one of the two cannot be written, or another owner was first.
pub(super) async fn claim(data: &Path, bucket: &FileBucket, blobs: &S3Blobs, owner: &str) -> Result<(), Fault> {
    note_owner(data, bucket, owner)?;
    blobs.claim(owner).await.map_err(|cause| fault(bucket, cause))
}

/// Writes the note of a directory whose files are in a bucket of this owner.
///
/// # Errors
/// If it cannot be written.
pub(super) fn note_owner(data: &Path, bucket: &FileBucket, owner: &str) -> Result<(), Fault> {
    let note = BucketNote { url: bucket.url.to_string(), owner: owner.to_owned() };
    write_note(data, &note).map_err(|error| Fault::File { path: data.join(NOTE), error })
}

pub(super) fn fault(bucket: &FileBucket, cause: BucketFault) -> Fault {
    Fault::Bucket { url: bucket.url.to_string(), cause }
}

/// The note of the directory, unless it contradicts the settings.
///
/// # Errors
/// [`BucketFault::Unnamed`]; if it cannot be read.
pub(super) fn checked_note(data: &Path, bucket: Option<&FileBucket>) -> Result<Option<BucketNote>, Fault> {
    let note = read_note(data).map_err(|error| Fault::File { path: data.join(NOTE), error })?;
    match note {
        Some(BucketNote { url, .. }) if bucket.is_none_or(|bucket| bucket.url.to_string() != url) => {
            Err(Fault::Bucket { cause: BucketFault::Unnamed(url.clone()), url })
        }
        note => Ok(note),
    }
}

fn read_note(data: &Path) -> io::Result<Option<BucketNote>> {
    let text = match fs::read_to_string(data.join(NOTE)) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut lines = text.lines().map(str::to_owned);
    let note = lines.next().zip(lines.next()).map(|(url, owner)| BucketNote { url, owner });
    note.map(Some).ok_or_else(|| ErrorKind::InvalidData.into())
}

fn write_note(data: &Path, note: &BucketNote) -> io::Result<()> {
    let part = data.join(format!("{NOTE}.part"));
    let _ = fs::remove_file(&part);
    let mut file: File = make_private(&part)?;
    writeln!(file, "{}\n{}", note.url, note.owner)?;
    file.sync_all()?;
    fs::rename(&part, data.join(NOTE))?;
    sync_directory(data)
}
