//! Copies blobs from another store to the disk, for a backup.

use std::io;

use futures::TryStreamExt;
use sha2::{Digest, Sha256};
use tokio::{fs::File, io::AsyncWriteExt};

use crate::{
    files::{blob_store::BlobStore, disk::DiskBlobs},
    model::BlobHash,
    private_files::make_directory,
};

/// Copies a blob of this size, and compares its content with its hash. The bytes are on disk when this returns; their
/// name is on disk after [`DiskBlobs::sync`].
///
/// # Errors
/// [`io::ErrorKind::NotFound`] if the blob does not exist; if its content has another hash, or it cannot be copied.
pub async fn download(from: &dyn BlobStore, hash: &BlobHash, size: u64, to: &DiskBlobs) -> io::Result<()> {
    let path = to.path(hash);
    make_directory(path.parent().unwrap_or(&path))?;
    let (mut bytes, mut file, mut sum) = (from.read(hash, 0..size).await?, File::create(&path).await?, Sha256::new());
    while let Some(piece) = bytes.try_next().await? {
        sum.update(&piece);
        file.write_all(&piece).await?;
    }
    file.flush().await?;
    file.sync_all().await?;
    let is_same = BlobHash(sum.finalize().into()) == *hash;
    if is_same { Ok(()) } else { Err(io::Error::other("its content has another hash")) }
}
