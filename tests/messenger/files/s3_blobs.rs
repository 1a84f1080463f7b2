//! The contract of `BlobStore` over S3. If `DAEHWA_TEST_BUCKET` names an empty bucket, with the environment that a
//! server needs, that store is tested, too.

use std::{io, ops::Range, path::Path};

use futures::TryStreamExt;
use server::{
    files::{BlobMetadata, BlobStore, BucketAccess, FileBucket, S3Blobs, hash_file},
    model::{BlobHash, BucketFault},
};

use crate::files::s3_server::S3Server;

const URL: &str = "s3://chat/some/prefix";

fn opened(server: &S3Server) -> S3Blobs {
    S3Blobs::open(&server.bucket(URL)).unwrap()
}

async fn bytes(blobs: &S3Blobs, hash: &BlobHash, range: Range<u64>) -> Vec<u8> {
    let stream = blobs.read(hash, range).await.unwrap();
    stream.try_fold(Vec::new(), async |all, piece| Ok([&all[..], &piece].concat())).await.unwrap()
}

async fn source(folder: &Path, content: &[u8]) -> (std::path::PathBuf, BlobHash) {
    let path = folder.join("source");
    std::fs::write(&path, content).unwrap();
    let (hash, _) = hash_file(&path).await.unwrap();
    (path, hash)
}

#[tokio::test]
async fn a_blob_is_kept_once_read_by_range_and_removed() {
    let server = S3Server::start();
    keeps_the_contract(&opened(&server)).await;
    let puts = server.objects().asked.iter().filter(|asked| asked.starts_with("PUT")).count();
    assert_eq!(puts, 1 + 1 + 3, "what is kept is not sent again");
    assert!(server.objects().uploads.is_empty());
}

#[tokio::test]
async fn the_named_store_keeps_the_contract() {
    let Ok(url) = std::env::var("DAEHWA_TEST_BUCKET") else { return };
    let bucket = FileBucket { url: url.parse().unwrap(), access: BucketAccess::from_environment() };
    let blobs = S3Blobs::open(&bucket).unwrap();
    assert_eq!(blobs.owner().await, Ok(None));
    keeps_the_contract(&blobs).await;
    let other = FileBucket { url: "s3://no-such-bucket-of-daehwa".parse().unwrap(), ..bucket };
    assert_eq!(S3Blobs::open(&other).unwrap().owner().await, Err(BucketFault::NoBucket));
}

async fn keeps_the_contract(blobs: &S3Blobs) {
    let folder = tempfile::tempdir().unwrap();
    for length in [0, 300_000, 12 * 1024 * 1024 + 12_345] {
        let content: Vec<u8> = (0..length).map(|n: u32| (n % 251) as u8).collect();
        let whole = u64::from(length);
        let (path, hash) = source(folder.path(), &content).await;
        for _ in 0..2 {
            blobs.put(&hash, &path).await.unwrap();
            assert_eq!(blobs.size(&hash).await.unwrap(), Some(whole));
            assert!(bytes(blobs, &hash, 0..whole).await == content, "{length} bytes");
        }
        assert!(bytes(blobs, &hash, 0..0).await.is_empty());
        if length > 0 {
            assert_eq!(bytes(blobs, &hash, 131_071..131_075).await, content[131_071..131_075]);
        }
        let listed: Vec<BlobMetadata> = blobs.list().try_collect().await.unwrap();
        assert_eq!(listed.iter().map(|blob| (blob.hash, blob.size)).collect::<Vec<_>>(), [(hash, whole)]);
        blobs.remove(&hash).await.unwrap();
        blobs.remove(&hash).await.unwrap();
        assert_eq!(blobs.size(&hash).await.unwrap(), None);
        let gone = blobs.read(&hash, 0..1).await;
        assert!(gone.is_err_and(|error| error.kind() == io::ErrorKind::NotFound));
        assert!(path.exists(), "the upload is removed by whoever has it");
    }
}

#[tokio::test]
async fn all_pages_are_listed_and_keys_that_name_no_blob_are_not() {
    let (server, folder) = (S3Server::start(), tempfile::tempdir().unwrap());
    let blobs = opened(&server);
    let mut hashes = Vec::new();
    for number in 0..10_u8 {
        let (path, hash) = source(folder.path(), &[number]).await;
        blobs.put(&hash, &path).await.unwrap();
        hashes.push(hash);
    }
    let others = ["some/prefix/ab/other", "some/prefix/x", "some/prefix-b/ab/cd", "elsewhere/ab/cd"];
    server.objects().kept.extend(others.map(|key| (key.to_owned(), vec![1])));
    let mut listed: Vec<BlobHash> = blobs.list().map_ok(|blob| blob.hash).try_collect().await.unwrap();
    listed.sort();
    hashes.sort();
    assert_eq!(listed, hashes);
}

#[tokio::test]
async fn a_store_that_is_down_is_an_error_and_no_missing_blob() {
    let (server, folder) = (S3Server::start(), tempfile::tempdir().unwrap());
    let blobs = opened(&server);
    let (path, hash) = source(folder.path(), b"x").await;
    blobs.put(&hash, &path).await.unwrap();
    let (_, other) = source(folder.path(), b"y").await;
    server.objects().is_down = true;
    assert!(blobs.put(&other, &path).await.is_err());
    assert!(blobs.size(&hash).await.is_err());
    assert!(blobs.read(&hash, 0..1).await.is_err_and(|error| error.kind() != io::ErrorKind::NotFound));
    assert!(blobs.remove(&hash).await.is_err());
    assert!(blobs.list().try_collect::<Vec<_>>().await.is_err());
    server.objects().is_down = false;
    assert_eq!(bytes(&blobs, &hash, 0..1).await, b"x");
}

#[tokio::test]
async fn an_upload_in_parts_that_fails_leaves_no_blob_and_no_parts() {
    let (server, folder) = (S3Server::start(), tempfile::tempdir().unwrap());
    let blobs = opened(&server);
    let (path, hash) = source(folder.path(), &vec![7; 11 * 1024 * 1024]).await;
    // The last of the three parts is being sent when nothing is left to read.
    for part in 1..=3 {
        server.objects().refused_part = Some(part);
        assert!(blobs.put(&hash, &path).await.is_err());
        assert_eq!(blobs.size(&hash).await.unwrap(), None);
        assert!(server.objects().uploads.is_empty(), "its parts are removed: {part}");
    }
    server.objects().refused_part = None;
    blobs.put(&hash, &path).await.unwrap();
    assert_eq!(blobs.size(&hash).await.unwrap(), Some(11 * 1024 * 1024));
}

#[tokio::test]
async fn who_does_not_know_the_secret_is_refused() {
    let server = S3Server::start();
    let mut bucket = server.bucket(URL);
    bucket.access.secret = Some("a guess".into());
    let denied = S3Blobs::open(&bucket).unwrap().owner().await;
    assert_eq!(denied, Err(BucketFault::Denied("SignatureDoesNotMatch".into())));
}

#[tokio::test]
async fn of_two_servers_that_claim_a_bucket_at_once_one_has_it() {
    for is_old in [false, true] {
        let server = S3Server::start();
        server.objects().is_old = is_old;
        let (one, two) = (opened(&server).owned_by("one"), opened(&server).owned_by("two"));
        for blobs in [&one, &two] {
            assert_eq!(blobs.owner().await, Ok(None));
            assert!(!blobs.is_own().await.unwrap());
        }
        let claims = tokio::join!(one.claim("one"), two.claim("two"));
        let owner = one.owner().await.unwrap().unwrap();
        let has = [(one, claims.0), (two, claims.1)];
        // An old store keeps the last claim, and the first may have read itself back before.
        let claimed = has.iter().filter(|(_, claim)| claim.is_ok()).count();
        assert!(claimed == 1 || is_old && claimed == 2, "{claimed}");
        for ((blobs, claim), name) in has.into_iter().zip(["one", "two"]) {
            assert!(is_old || claim == if owner == name { Ok(()) } else { Err(BucketFault::OfAnother) });
            assert_eq!(blobs.is_own().await.unwrap(), owner == name, "before it removes anything, it asks");
        }
    }
}

#[tokio::test]
async fn a_later_claim_leaves_the_owner_of_a_bucket() {
    let server = S3Server::start();
    // Both have found it without an owner.
    let (one, two) = (opened(&server), opened(&server));
    assert_eq!(one.claim("one").await, Ok(()));
    assert_eq!(two.claim("two").await, Err(BucketFault::OfAnother));
    assert_eq!(one.owner().await, Ok(Some("one".to_owned())));
}

#[tokio::test]
async fn a_blob_that_lost_bytes_has_them_again_after_the_next_upload() {
    let (server, folder) = (S3Server::start(), tempfile::tempdir().unwrap());
    let blobs = opened(&server);
    let (source, hash) = source(folder.path(), b"0123456789").await;
    blobs.put(&hash, &source).await.unwrap();
    server.objects().kept.values_mut().for_each(|bytes| bytes.truncate(5));
    blobs.put(&hash, &source).await.unwrap();
    assert_eq!(bytes(&blobs, &hash, 0..10).await, b"0123456789");
}
