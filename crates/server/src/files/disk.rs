//! Blobs on the local disk: `ab/cdef…`, named by the hexadecimal digits of their hash.

use std::{
    fs::{self, DirEntry, File},
    io::{self, ErrorKind, Seek, SeekFrom},
    ops::Range,
    path::{Path, PathBuf},
};

use futures::{
    FutureExt, StreamExt, TryStreamExt,
    future::{BoxFuture, ready},
    stream::{self, BoxStream},
};
use tokio::io::AsyncReadExt;
use tokio_util::io::ReaderStream;

use crate::{
    files::{
        blob_store::{BlobMetadata, BlobStore, ByteStream},
        blocking::blocking,
        digest::hash_of_digits,
    },
    model::BlobHash,
    private_files::{make_directory, sync_directory},
};

/// Bytes of one piece of a blob while it is read.
const PIECE: usize = 128 * 1024;

/// Blobs below one directory.
#[derive(Clone, Debug)]
pub struct DiskBlobs {
    directory: PathBuf,
}

impl DiskBlobs {
    /// Opens the blobs in `files`, creating the directory if it is missing, readable by its owner alone.
    ///
    /// # Errors
    /// If the directory cannot be created.
    pub fn open(files: &Path) -> io::Result<Self> {
        make_directory(files)?;
        Ok(Self { directory: files.to_owned() })
    }

    /// The blobs in `files`, which may be missing; creates nothing.
    pub fn at(files: &Path) -> Self {
        Self { directory: files.to_owned() }
    }

    /// Links a blob into another directory; copies it if that is on another disk. The copy is on disk after
    /// [`DiskBlobs::sync`] of the other one.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] if the blob does not exist; if it cannot be copied.
    pub async fn copy_to(&self, hash: &BlobHash, other: &Self) -> io::Result<()> {
        let (from, to) = (self.path(hash), other.path(hash));
        let copying = blocking(move || {
            make_directory(to.parent().unwrap_or(&to))?;
            if fs::hard_link(&from, &to).is_err() {
                fs::copy(&from, &to)?;
                File::open(&to)?.sync_all()?;
            }
            Ok(())
        });
        copying.await
    }

    /// Syncs the names of all blobs.
    ///
    /// # Errors
    /// If a directory cannot be synced.
    pub async fn sync(&self) -> io::Result<()> {
        let root = self.directory.clone();
        let syncing = blocking(move || {
            for entry in fs::read_dir(&root)? {
                sync_directory(&entry?.path())?;
            }
            sync_directory(&root)
        });
        syncing.await
    }

    /// The path of a blob.
    pub fn path(&self, hash: &BlobHash) -> PathBuf {
        let digits = hash.to_string();
        let (folder, name) = digits.split_at(2);
        self.directory.join(folder).join(name)
    }
}

impl BlobStore for DiskBlobs {
    fn put<'a>(&'a self, hash: &'a BlobHash, path: &'a Path) -> BoxFuture<'a, io::Result<()>> {
        let (from, to, root) = (path.to_owned(), self.path(hash), self.directory.clone());
        blocking(move || keep(&from, &to, &root)).boxed()
    }

    fn read<'a>(&'a self, hash: &'a BlobHash, range: Range<u64>) -> BoxFuture<'a, io::Result<ByteStream>> {
        let path = self.path(hash);
        let open = blocking(move || {
            let mut file = File::open(path)?;
            file.seek(SeekFrom::Start(range.start))?;
            Ok((file, range.end - range.start))
        });
        async move {
            let (file, length) = open.await?;
            let file = tokio::fs::File::from_std(file).take(length);
            Ok(ReaderStream::with_capacity(file, PIECE).boxed())
        }
        .boxed()
    }

    fn size<'a>(&'a self, hash: &'a BlobHash) -> BoxFuture<'a, io::Result<Option<u64>>> {
        let path = self.path(hash);
        blocking(move || match fs::metadata(path) {
            Ok(found) => Ok(Some(found.len())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        })
        .boxed()
    }

    fn remove<'a>(&'a self, hash: &'a BlobHash) -> BoxFuture<'a, io::Result<()>> {
        let path = self.path(hash);
        blocking(move || match fs::remove_file(path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        })
        .boxed()
    }

    fn list(&self) -> BoxStream<'_, io::Result<BlobMetadata>> {
        let folders = stream::iter(0..=u8::MAX).then(|first| {
            let (folder, prefix) = (self.directory.join(format!("{first:02x}")), format!("{first:02x}"));
            blocking(move || blobs_in(&folder, &prefix))
        });
        folders.map_ok(|blobs| stream::iter(blobs).map(Ok)).try_flatten().boxed()
    }

    /// The lock of the data directory excludes servers of other databases, and the mark in it their nodes.
    fn is_own(&self) -> BoxFuture<'_, io::Result<bool>> {
        ready(Ok(true)).boxed()
    }
}

/// Links the file to its new name. The first name remains until the caller has stored the row of the blob, so after a
/// crash in between the upload still has all its bytes.
fn keep(from: &Path, to: &Path, root: &Path) -> io::Result<()> {
    let folder = to.parent().unwrap_or(root);
    make_directory(folder)?;
    File::open(from)?.sync_all()?;
    match fs::hard_link(from, to) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::AlreadyExists => replace_if_cut(from, to)?,
        // Some file systems have no hard links.
        Err(_) => fs::rename(from, to)?,
    }
    sync_directory(folder)?;
    sync_directory(root)
}

/// An existing blob counts as intact, unless it lacks bytes: a failing disk or an operator's copy may have truncated
/// it.
fn replace_if_cut(from: &Path, to: &Path) -> io::Result<()> {
    if fs::metadata(from)?.len() == fs::metadata(to)?.len() {
        return Ok(());
    }
    tracing::error!(blob = %to.display(), "a blob was truncated; an upload with the same content restores it");
    let other = to.with_extension("new");
    let _ = fs::remove_file(&other);
    fs::hard_link(from, &other)?;
    fs::rename(&other, to)
}

fn blobs_in(folder: &Path, prefix: &str) -> io::Result<Vec<BlobMetadata>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let blobs = entries.map(|entry| blob(&entry?, prefix));
    blobs.filter_map(io::Result::transpose).collect()
}

/// `None` for an entry that is not a blob, or was removed since its directory was read.
fn blob(entry: &DirEntry, prefix: &str) -> io::Result<Option<BlobMetadata>> {
    let name = entry.file_name();
    let Some(hash) = name.to_str().and_then(|name| hash_of_digits(&format!("{prefix}{name}"))) else {
        return Ok(None);
    };
    match entry.metadata() {
        Ok(found) => Ok(Some(BlobMetadata { hash, size: found.len(), modified: found.modified()? })),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::hash_file;

    async fn bytes(blobs: &DiskBlobs, hash: &BlobHash, range: Range<u64>) -> Vec<u8> {
        let stream = blobs.read(hash, range).await.unwrap();
        stream.try_fold(Vec::new(), async |all, piece| Ok([&all[..], &piece].concat())).await.unwrap()
    }

    #[tokio::test]
    async fn a_blob_is_kept_once_read_by_range_and_removed() {
        let files = tempfile::tempdir().unwrap();
        let (blobs, source) = (DiskBlobs::open(files.path()).unwrap(), files.path().join("source"));
        let content: Vec<u8> = (0..300_000_u32).map(|n| (n % 251) as u8).collect();
        for _ in 0..2 {
            fs::write(&source, &content).unwrap();
            let (hash, length) = hash_file(&source).await.unwrap();
            assert_eq!(length, 300_000);
            blobs.put(&hash, &source).await.unwrap();
            let _ = fs::remove_file(&source);
            assert_eq!(blobs.size(&hash).await.unwrap(), Some(300_000));
            assert_eq!(bytes(&blobs, &hash, 0..300_000).await, content);
            assert_eq!(bytes(&blobs, &hash, 131_071..131_075).await, content[131_071..131_075]);
            let listed: Vec<BlobMetadata> = blobs.list().try_collect().await.unwrap();
            assert_eq!(listed.iter().map(|blob| (blob.hash, blob.size)).collect::<Vec<_>>(), [(hash, 300_000)]);
        }
        let hash = blobs.list().try_next().await.unwrap().unwrap().hash;
        let digits = hash.to_string();
        assert!(files.path().join(&digits[..2]).join(&digits[2..]).is_file(), "it is named by its hash alone");
        blobs.remove(&hash).await.unwrap();
        blobs.remove(&hash).await.unwrap();
        assert_eq!(blobs.size(&hash).await.unwrap(), None);
        assert!(blobs.read(&hash, 0..1).await.is_err_and(|error| error.kind() == ErrorKind::NotFound));
    }

    #[tokio::test]
    async fn a_blob_that_is_kept_already_stays_as_it_is() {
        let files = tempfile::tempdir().unwrap();
        let (blobs, source) = (DiskBlobs::open(files.path()).unwrap(), files.path().join("source"));
        fs::write(&source, "one").unwrap();
        let (hash, _) = hash_file(&source).await.unwrap();
        blobs.put(&hash, &source).await.unwrap();
        fs::remove_file(&source).unwrap();
        fs::write(&source, "two").unwrap();
        blobs.put(&hash, &source).await.unwrap();
        assert_eq!(bytes(&blobs, &hash, 0..3).await, b"one");
    }

    #[tokio::test]
    async fn a_blob_that_lost_bytes_has_them_again_after_the_next_upload() {
        let files = tempfile::tempdir().unwrap();
        let (blobs, source) = (DiskBlobs::open(files.path()).unwrap(), files.path().join("source"));
        fs::write(&source, "content").unwrap();
        let (hash, _) = hash_file(&source).await.unwrap();
        blobs.put(&hash, &source).await.unwrap();
        for broken in ["", "con"] {
            fs::remove_file(blobs.path(&hash)).unwrap();
            fs::write(blobs.path(&hash), broken).unwrap();
            blobs.put(&hash, &source).await.unwrap();
            assert_eq!(bytes(&blobs, &hash, 0..7).await, b"content");
            let folder = fs::read_dir(blobs.path(&hash).parent().unwrap()).unwrap();
            assert_eq!(folder.count(), 1, "nothing is left beside it");
        }
    }
}
