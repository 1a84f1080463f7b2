//! Commands on a data directory. A server may run on it meanwhile.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{
    files::{DiskBlobs, FileBucket, download, hold_back_removal},
    messenger::{blob_place::blobs_of, file_check::check_files},
    model::{Account, BlobHash, DatabaseUrl, Fault, Finding, StoreLocation},
    store::{self, DatabaseCopy},
};

/// Every account of a store. Changes nothing there.
///
/// # Errors
/// [`Fault::NoDatabase`], or why the database cannot be read.
pub async fn accounts_in(location: &StoreLocation) -> Result<Vec<Account>, Fault> {
    store::accounts_in(location).await
}

/// Copies the database into a new file with a new epoch: a client that saw later versions than the copy contains gets a
/// snapshot from a server on the copy. `has_files`: also copies the blobs that its files name into a directory next to
/// it ([`files_of_copy`]), from the disk or from the bucket. Both are renamed to their final paths once they are
/// complete and on disk.
///
/// # Errors
/// If there is no database, one of the two paths exists already, a blob is missing, or they cannot be written.
pub async fn backup(directory: &Path, bucket: Option<&FileBucket>, file: &Path, has_files: bool) -> Result<(), Fault> {
    let (files, target) = (directory.join("files"), files_of_copy(file));
    if target.symlink_metadata().is_ok() {
        return Err(Fault::Exists(target));
    }
    // Removal stops before the database is copied, so that the blobs that the copy names are still there.
    let held = (has_files && files.is_dir()).then(|| hold_back_removal(&files)).transpose();
    let _held = held.map_err(|error| Fault::File { path: files.clone(), error })?;
    let copy = DatabaseCopy::of(directory, file).await?;
    let blobs = if has_files { copy.blobs().await? } else { Vec::new() };
    if blobs.is_empty() {
        return copy.keep();
    }
    let part = copy.work_folder().join("files");
    copy_blobs(directory, bucket, &part, blobs).await?;
    fs::rename(&part, &target).map_err(|error| Fault::File { path: target.clone(), error })?;
    copy.keep().inspect_err(|_| drop(fs::remove_dir_all(&target)))
}

/// The directory of the blobs of a copy of the database: the copy's path with `.files`.
pub fn files_of_copy(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".files");
    name.into()
}

async fn copy_blobs(
    directory: &Path,
    bucket: Option<&FileBucket>,
    part: &Path,
    blobs: Vec<(BlobHash, u64)>,
) -> Result<(), Fault> {
    let failed = |error| Fault::File { path: part.to_owned(), error };
    let source = blobs_of(directory, bucket).await?;
    let (disk, target) = (DiskBlobs::at(&directory.join("files")), DiskBlobs::open(part).map_err(failed)?);
    for (hash, size) in blobs {
        match bucket {
            None => {
                disk.copy_to(&hash, &target).await.map_err(|error| Fault::File { path: disk.path(&hash), error })?
            }
            Some(bucket) => download(&*source, &hash, size, &target).await.map_err(|error| {
                let path = PathBuf::from(format!("{} {hash}", bucket.url));
                Fault::File { path, error }
            })?,
        }
    }
    target.sync().await.map_err(failed)
}

/// Checks every invariant of the program. `has_content`: also compares the content of each blob with its hash, which
/// reads all of them.
///
/// # Errors
/// If there is no database in `location`, or it cannot be read.
pub async fn check(
    location: impl Into<StoreLocation>,
    bucket: Option<&FileBucket>,
    has_content: bool,
) -> Result<Vec<Finding>, Fault> {
    let location = location.into();
    let mut findings = store::check(&location).await?;
    findings.extend(check_files(&location, bucket, has_content).await?);
    Ok(findings)
}

/// Copies the database of a data directory into an empty shared one, with ids, versions and epoch; see [`store::copy`].
/// Returns how many messages there are.
///
/// # Errors
/// If a server runs on the directory, the database is not empty, or one of the two cannot be used.
pub async fn copy(directory: &Path, url: &DatabaseUrl) -> Result<u64, Fault> {
    store::copy(directory, url).await
}

/// Writes to the database, to find out why a command's write failed.
///
/// # Errors
/// Why this write failed.
pub async fn try_write(location: &StoreLocation) -> Result<(), Fault> {
    store::try_write(location).await
}
