//! Blobs in a store that speaks S3: `prefix/ab/cdef…`, as on the local disk. Pending uploads stay on the local disk.

use std::{io, ops::Range, path::Path, time::Duration};

use futures::{
    FutureExt, StreamExt, TryFutureExt, TryStreamExt,
    future::{BoxFuture, ready},
    stream::{self, BoxStream},
};
use object_store::{
    BackoffConfig, Error, GetOptions, GetRange, MultipartUpload, ObjectMeta, ObjectStore, ObjectStoreExt, PutMode,
    PutOptions, RetryConfig, UploadPart,
    aws::{AmazonS3, AmazonS3Builder},
    path::Path as Key,
};
use tokio::{fs::File, io::AsyncReadExt, time::timeout};

use crate::{
    files::{
        blob_store::{BlobMetadata, BlobStore, ByteStream},
        bucket::FileBucket,
        digest::hash_of_digits,
        s3_client::S3Client,
        s3_fault::{code, fault},
    },
    model::{BlobHash, BucketFault},
};

/// Bytes of one part: the minimum of S3, except for the last part.
const PART: u64 = 5 * 1024 * 1024;
/// Parts of one blob, at most; larger blobs have larger parts. S3 allows 10,000.
const PARTS: u64 = 9_000;
/// How often a request is repeated, and for how long.
const RETRIES: usize = 2;
const RETRYING: Duration = Duration::from_secs(10);
/// How long reading the next piece of a blob may take.
const SILENCE: Duration = Duration::from_secs(30);
/// The object that names the owner of the bucket.
const OWNER: &str = "daehwa-owner";

/// Blobs below a prefix of a bucket.
pub struct S3Blobs {
    bucket: AmazonS3,
    prefix: Key,
    endpoint: String,
    /// The owner on whose behalf this server writes.
    own: Option<String>,
}

impl S3Blobs {
    /// Sends no request yet: [`S3Blobs::owner`] shows whether the bucket answers.
    ///
    /// # Errors
    /// If the environment lacks an address or keys.
    pub fn open(bucket: &FileBucket) -> Result<Self, BucketFault> {
        let FileBucket { url, access } = bucket;
        let ((endpoint, region), (key_id, secret)) = (access.endpoint()?, access.keys()?);
        let client = S3Client::new(endpoint.starts_with("https")).map_err(BucketFault::other)?;
        let backoff = BackoffConfig { max_backoff: Duration::from_secs(1), ..BackoffConfig::default() };
        let builder = AmazonS3Builder::new()
            .with_endpoint(&endpoint)
            .with_region(region)
            .with_bucket_name(&url.bucket)
            .with_access_key_id(key_id)
            .with_secret_access_key(secret)
            // Not every store has the request that deletes several objects at once.
            .with_disable_bulk_delete(true)
            .with_retry(RetryConfig { backoff, max_retries: RETRIES, retry_timeout: RETRYING })
            .with_http_connector(client);
        let builder = access.session_token.iter().fold(builder, |builder, token| builder.with_token(token));
        let bucket = builder.build().map_err(BucketFault::other)?;
        Ok(Self { bucket, prefix: url.prefix.clone(), endpoint, own: None })
    }

    /// The owner of the bucket; `None` if no server has used it.
    ///
    /// # Errors
    /// Why the bucket cannot be read.
    pub async fn owner(&self) -> Result<Option<String>, BucketFault> {
        let read = async { self.bucket.get(&self.owner_key()).await?.bytes().await };
        match read.await {
            Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).trim().to_owned())),
            Err(error @ Error::NotFound { .. }) if code(&error).is_none_or(|code| code != "NoSuchBucket") => Ok(None),
            Err(error) => Err(fault(&error, &self.endpoint)),
        }
    }

    /// Makes this owner the owner of an unused bucket. If two servers claim it at once, one succeeds: a store that
    /// supports `If-None-Match` keeps the first, others keep the last, and the result is read back.
    ///
    /// # Errors
    /// [`BucketFault::OfAnother`]; why the bucket cannot be written.
    pub async fn claim(&self, owner: &str) -> Result<(), BucketFault> {
        let key = self.owner_key();
        let put =
            async |mode: PutMode| self.bucket.put_opts(&key, owner.to_owned().into(), PutOptions::from(mode)).await;
        let mut written = put(PutMode::Create).await;
        if let Err(error) = &written
            && code(error).is_some_and(|code| code == "NotImplemented")
        {
            written = put(PutMode::Overwrite).await;
        }
        match written {
            Ok(_) | Err(Error::AlreadyExists { .. }) => {}
            Err(error) => return Err(fault(&error, &self.endpoint)),
        }
        let is_ours = self.owner().await?.as_deref() == Some(owner);
        if is_ours { Ok(()) } else { Err(BucketFault::OfAnother) }
    }

    /// Sets the owner with which [`BlobStore::is_own`] compares.
    #[must_use]
    pub fn owned_by(self, owner: &str) -> Self {
        Self { own: Some(owner.to_owned()), ..self }
    }

    fn owner_key(&self) -> Key {
        self.prefix.clone().join(OWNER)
    }

    fn key(&self, hash: &BlobHash) -> Key {
        let digits = hash.to_string();
        let (folder, name) = digits.split_at(2);
        self.prefix.clone().join(folder).join(name)
    }

    /// The blob of a listed object; `None` if the object is not a blob.
    fn blob(&self, found: ObjectMeta) -> Option<BlobMetadata> {
        let digits: String = found.location.prefix_match(&self.prefix)?.map(|part| part.as_ref().to_owned()).collect();
        Some(BlobMetadata { hash: hash_of_digits(&digits)?, size: found.size, modified: found.last_modified.into() })
    }

    /// Sends a blob in parts.
    async fn send(&self, key: &Key, path: &Path, length: u64) -> io::Result<()> {
        let mut file = File::open(path).await?;
        let mut upload = self.bucket.put_multipart(key).await?;
        let sent = match send_parts(&mut *upload, &mut file, part_bytes(length)).await {
            Ok(()) => upload.complete().await.map(drop).map_err(io::Error::from),
            failed => failed,
        };
        if sent.is_err() {
            // An incomplete multipart upload takes space until somebody removes it.
            let _ = upload.abort().await;
        }
        sent
    }
}

/// Sends a file in parts of this size. Two are in memory: the part that is being sent, and the next one. object_store's
/// `WriteMultipart` sends the last part after its failure can abort the upload.
async fn send_parts(upload: &mut dyn MultipartUpload, file: &mut File, part: u64) -> io::Result<()> {
    let mut sending: UploadPart = ready(Ok(())).boxed();
    loop {
        let mut piece = Vec::with_capacity(part as usize);
        let mut rest = (&mut *file).take(part);
        let (sent, read) = tokio::join!(sending, rest.read_to_end(&mut piece));
        sent?;
        if read? == 0 {
            return Ok(());
        }
        sending = upload.put_part(piece.into());
    }
}

/// Bytes of a part, such that a blob of this length has at most [`PARTS`].
fn part_bytes(length: u64) -> u64 {
    PART.max(length.div_ceil(PARTS))
}

impl BlobStore for S3Blobs {
    fn put<'a>(&'a self, hash: &'a BlobHash, path: &'a Path) -> BoxFuture<'a, io::Result<()>> {
        async move {
            let length = tokio::fs::metadata(path).await?.len();
            if self.size(hash).await? == Some(length) {
                return Ok(());
            }
            let key = self.key(hash);
            if length > PART {
                return self.send(&key, path, length).await;
            }
            let bytes = tokio::fs::read(path).await?;
            self.bucket.put(&key, bytes.into()).await.map(drop).map_err(io::Error::from)
        }
        .boxed()
    }

    fn read<'a>(&'a self, hash: &'a BlobHash, range: Range<u64>) -> BoxFuture<'a, io::Result<ByteStream>> {
        async move {
            if range.is_empty() {
                // S3 has no empty ranges.
                self.size(hash).await?.ok_or(io::ErrorKind::NotFound)?;
                return Ok(stream::empty().boxed());
            }
            let options = GetOptions::new().with_range(Some(GetRange::Bounded(range)));
            let found = self.bucket.get_opts(&self.key(hash), options).await?;
            Ok(patient(found.into_stream().map_err(io::Error::from).boxed()))
        }
        .boxed()
    }

    fn size<'a>(&'a self, hash: &'a BlobHash) -> BoxFuture<'a, io::Result<Option<u64>>> {
        async move {
            match self.bucket.head(&self.key(hash)).await {
                Ok(found) => Ok(Some(found.size)),
                Err(Error::NotFound { .. }) => Ok(None),
                Err(error) => Err(error.into()),
            }
        }
        .boxed()
    }

    fn remove<'a>(&'a self, hash: &'a BlobHash) -> BoxFuture<'a, io::Result<()>> {
        async move {
            match self.bucket.delete(&self.key(hash)).await {
                Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
                Err(error) => Err(error.into()),
            }
        }
        .boxed()
    }

    fn list(&self) -> BoxStream<'_, io::Result<BlobMetadata>> {
        let listed = self.bucket.list(Some(&self.prefix)).map_err(io::Error::from);
        listed.try_filter_map(async |found| Ok(self.blob(found))).boxed()
    }

    fn is_own(&self) -> BoxFuture<'_, io::Result<bool>> {
        let owner = self.owner().map_err(io::Error::other);
        owner.map_ok(|owner| owner.is_some() && owner == self.own).boxed()
    }
}

/// Ends with an error if no piece arrives for a while.
fn patient(pieces: ByteStream) -> ByteStream {
    let next = async |mut pieces: ByteStream| match timeout(SILENCE, pieces.next()).await {
        Ok(piece) => piece.map(|piece| (piece, pieces)),
        Err(error) => Some((Err(error.into()), stream::empty().boxed())),
    };
    stream::unfold(pieces, next).boxed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blob_of_any_length_has_as_many_parts_as_s3_takes() {
        for length in [1, PART, 100 << 30, 5 << 40] {
            assert!(length.div_ceil(part_bytes(length)) <= 10_000, "{length}");
        }
        assert_eq!(part_bytes(100 << 20), PART);
    }
}
