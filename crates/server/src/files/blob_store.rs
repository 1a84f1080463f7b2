//! The interface of a store for the bytes of complete files.

use std::{io, ops::Range, path::Path, time::SystemTime};

use bytes::Bytes;
use futures::{future::BoxFuture, stream::BoxStream};

use crate::model::BlobHash;

/// The bytes of a file, in pieces.
pub type ByteStream = BoxStream<'static, io::Result<Bytes>>;

/// A blob in a listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlobMetadata {
    pub hash: BlobHash,
    /// Bytes.
    pub size: u64,
    /// When it was stored.
    pub modified: SystemTime,
}

/// Stores blobs: contents that never change, named by their hash.
pub trait BlobStore: Send + Sync {
    /// Stores the content of the file at `path`, which has this hash. The blob survives a power cut when this returns;
    /// `path` may not exist any more. A complete blob that is stored already stays unchanged.
    ///
    /// # Errors
    /// If it cannot be stored.
    fn put<'a>(&'a self, hash: &'a BlobHash, path: &'a Path) -> BoxFuture<'a, io::Result<()>>;

    /// The bytes of a range; the range lies within the blob.
    ///
    /// # Errors
    /// [`io::ErrorKind::NotFound`] if the blob does not exist.
    fn read<'a>(&'a self, hash: &'a BlobHash, range: Range<u64>) -> BoxFuture<'a, io::Result<ByteStream>>;

    /// The number of bytes of a blob; `None` if it does not exist.
    ///
    /// # Errors
    /// If the store does not answer.
    fn size<'a>(&'a self, hash: &'a BlobHash) -> BoxFuture<'a, io::Result<Option<u64>>>;

    /// Removes a blob, if it exists.
    ///
    /// # Errors
    /// If it still exists.
    fn remove<'a>(&'a self, hash: &'a BlobHash) -> BoxFuture<'a, io::Result<()>>;

    /// All blobs, in no order.
    fn list(&self) -> BoxStream<'_, io::Result<BlobMetadata>>;

    /// Whether the blobs still belong to this server alone, so that it may remove those that its database does not
    /// know.
    ///
    /// # Errors
    /// If the store does not answer.
    fn is_own(&self) -> BoxFuture<'_, io::Result<bool>>;
}
