//! Compares the blobs on disk or in the bucket with the rows of the database, also while a server changes both. Bytes
//! are written before their row, and removed after their row has no refs.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{self, ErrorKind},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use futures::TryStreamExt;
use sha2::{Digest, Sha256};

use crate::{
    files::{BlobMetadata, BlobStore, FileBucket, UploadDirectory},
    messenger::blob_place::blobs_of,
    model::{BlobHash, Fault, Finding, RecordedBytes, StoreLocation},
    store,
};

/// Younger bytes without a row belong to an upload in progress, or to a crash. A running server removes older ones.
const STRAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Examples reported for one invariant.
const EXAMPLES: usize = 5;

/// Compares the bytes in the data directory or in its bucket with the rows. `has_content`: also compares the content of
/// every blob with its hash.
///
/// # Errors
/// If either cannot be read.
pub(super) async fn check_files(
    location: &StoreLocation,
    bucket: Option<&FileBucket>,
    has_content: bool,
) -> Result<Vec<Finding>, Fault> {
    let directory = &location.directory;
    let (files, blobs) = (directory.join("files"), blobs_of(directory, bucket).await?);
    let bytes = bucket.map_or_else(|| files.clone(), |bucket| PathBuf::from(bucket.url.to_string()));
    let failed = |error| Fault::File { path: bytes.clone(), error };
    let known = store::recorded_bytes(location).await?;
    let listed = listed(&*blobs).await.map_err(failed)?;
    let mut lost: Vec<_> = known.blobs.iter().filter(|(hash, size)| size_in(&listed, hash) != Some(*size)).collect();
    let rest = if lost.is_empty() { Vec::new() } else { store::recorded_bytes(location).await?.blobs };
    // A recall may have removed a row, and then its bytes, between the two reads.
    lost.retain(|blob| rest.contains(blob));
    let lost = wrong_sizes(&*blobs, &lost).await.map_err(failed)?;
    let strays = strays(listed, &UploadDirectory::at(&files), &known).await.map_err(failed)?;
    let rows = known.blobs.len();
    let mut findings = vec![
        finding("every blob is kept with all its bytes", rows, lost),
        finding("no bytes are kept that the database does not know", rows, strays),
    ];
    if has_content {
        let wrong = wrong_contents(&*blobs, &known).await.map_err(failed)?;
        findings.push(finding("the content of every blob has its hash", rows, wrong));
    }
    Ok(findings)
}

async fn listed(blobs: &dyn BlobStore) -> io::Result<BTreeMap<BlobHash, BlobMetadata>> {
    blobs.list().map_ok(|blob| (blob.hash, blob)).try_collect().await
}

fn size_in(listed: &BTreeMap<BlobHash, BlobMetadata>, hash: &BlobHash) -> Option<u64> {
    listed.get(hash).map(|blob| blob.size)
}

fn finding(what: &'static str, rows: usize, wrong: impl IntoIterator<Item = String>) -> Finding {
    let mut rest = wrong.into_iter();
    let mut wrong: Vec<String> = rest.by_ref().take(EXAMPLES).collect();
    match rest.count() {
        0 => {}
        more => wrong.push(format!("and {more} more")),
    }
    Finding { what, rows: Some(rows as u64), wrong }
}

/// Blobs with too few or too many bytes, or none.
async fn wrong_sizes(blobs: &dyn BlobStore, known: &[&(BlobHash, u64)]) -> io::Result<Vec<String>> {
    let mut wrong = Vec::new();
    for (hash, size) in known {
        match blobs.size(hash).await? {
            Some(found) if found == *size => {}
            Some(found) => wrong.push(format!("{hash} has {found} bytes of {size}")),
            None => wrong.push(hash.to_string()),
        }
    }
    Ok(wrong)
}

/// Old bytes without a row.
async fn strays(
    mut listed: BTreeMap<BlobHash, BlobMetadata>,
    incoming: &UploadDirectory,
    known: &RecordedBytes,
) -> io::Result<Vec<String>> {
    let named = known.blobs.iter().map(|(hash, _)| *hash);
    let named: BTreeSet<BlobHash> = named.chain(known.released.iter().copied()).collect();
    listed.retain(|hash, _| !named.contains(hash));
    let mut strays: Vec<String> =
        listed.into_values().filter(|blob| is_old(blob.modified)).map(|blob| blob.hash.to_string()).collect();
    for id in incoming.list().await? {
        if !known.uploads.contains(&id) && modified(&incoming.path(id))?.is_some_and(is_old) {
            strays.push(format!("incoming/{id}"));
        }
    }
    Ok(strays)
}

/// Whether the last write was more than a day ago.
fn is_old(modified: SystemTime) -> bool {
    SystemTime::now().duration_since(modified).is_ok_and(|age| age > STRAY)
}

/// When a file was last written; `None` if it was removed.
fn modified(path: &Path) -> io::Result<Option<SystemTime>> {
    match fs::metadata(path) {
        Ok(file) => Ok(Some(file.modified()?)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Blobs whose content has another hash. Missing blobs are another finding.
async fn wrong_contents(blobs: &dyn BlobStore, known: &RecordedBytes) -> io::Result<Vec<String>> {
    let mut wrong = Vec::new();
    for (hash, _) in &known.blobs {
        let Some(size) = blobs.size(hash).await? else { continue };
        let mut sum = Sha256::new();
        let mut bytes = blobs.read(hash, 0..size).await?;
        while let Some(piece) = bytes.try_next().await? {
            sum.update(&piece);
        }
        if BlobHash(sum.finalize().into()) != *hash {
            wrong.push(hash.to_string());
        }
    }
    Ok(wrong)
}
