//! Where the bytes of complete files are kept.

use std::{io, ops::Range, path::Path, time::SystemTime};

use bytes::Bytes;
use futures::{future::BoxFuture, stream::BoxStream};

use crate::model::BlobHash;

/// The bytes of a file, in pieces.
pub type ByteStream = BoxStream<'static, io::Result<Bytes>>;

/// A blob as its store lists it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListedBlob {
    pub hash: BlobHash,
    /// Bytes.
    pub size: u64,
    /// When it was kept.
    pub modified: SystemTime,
}

/// Keeps blobs: contents that never change, named by their hash.
pub trait BlobStore: Send + Sync {
    /// Keeps the content of the file at `path`, whose hash this is. It survives a power cut when this returns; `path` may be gone
    /// then. A blob that is kept already with all its bytes stays.
    ///
    /// # Errors
    /// If it cannot be kept.
    fn put<'a>(&'a self, hash: &'a BlobHash, path: &'a Path) -> BoxFuture<'a, io::Result<()>>;

    /// The bytes of a range; the range lies within the blob.
    ///
    /// # Errors
    /// [`io::ErrorKind::NotFound`] without such a blob.
    fn read<'a>(&'a self, hash: &'a BlobHash, range: Range<u64>) -> BoxFuture<'a, io::Result<ByteStream>>;

    /// How many bytes a blob has; `None` without such a blob.
    ///
    /// # Errors
    /// If the store does not answer.
    fn size<'a>(&'a self, hash: &'a BlobHash) -> BoxFuture<'a, io::Result<Option<u64>>>;

    /// Removes a blob, if there is one.
    ///
    /// # Errors
    /// If it is still there.
    fn remove<'a>(&'a self, hash: &'a BlobHash) -> BoxFuture<'a, io::Result<()>>;

    /// All blobs, in no order.
    fn list(&self) -> BoxStream<'_, io::Result<ListedBlob>>;

    /// Whether the blobs are still this server's alone, so that it may remove what it does not know.
    ///
    /// # Errors
    /// If the store does not answer.
    fn is_own(&self) -> BoxFuture<'_, io::Result<bool>>;
}
