//! Bytes that come while the same bytes go: who moves them holds the lock of their hash, and asks the database under it.

use std::{
    collections::BTreeMap,
    convert::Infallible,
    fs::File,
    path::PathBuf,
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use futures::stream;
use tokio::time::timeout;

use crate::{
    files::{DiskBlobs, hash_file},
    messenger::{Actor, Messenger, Policy, uploads::complete::put_again},
    model::{BlobHash, CompletedFile, NewUpload, Quotas},
    store::now_ms,
};
use protocol::ids::{FileId, UserId};

/// Long enough for whoever does not wait.
const QUIET: Duration = Duration::from_millis(700);

/// A person, and files of theirs whose contents are their names.
struct Mover {
    data: tempfile::TempDir,
    messenger: Messenger,
    owner: UserId,
}

impl Mover {
    async fn new() -> Self {
        let data = tempfile::tempdir().unwrap();
        let messenger = Messenger::open(data.path(), Policy::UNLIMITED).await.unwrap();
        let account = messenger.0.store.insert_account("minsu".into(), "김민수".into(), "!".into(), false);
        let owner = account.await.unwrap();
        Self { data, messenger, owner }
    }

    /// Brings bytes to their place.
    async fn put(&self, content: &str) -> BlobHash {
        let source = self.data.path().join(format!("source of {content}"));
        std::fs::write(&source, content).unwrap();
        let (hash, _) = hash_file(&source).await.unwrap();
        self.messenger.0.files.blobs.put(&hash, &source).await.unwrap();
        hash
    }

    /// Names bytes that are in their place.
    async fn name(&self, hash: BlobHash) -> FileId {
        let (store, quotas) = (&self.messenger.0.store, Quotas::default());
        let new = NewUpload { name: "a".into(), length: 1, is_original: false };
        let id = store.insert_upload(self.owner, new, quotas, now_ms() + 60_000).await.unwrap();
        let (media_type, name) = ("text/plain".into(), "a".into());
        let completed = CompletedFile { hash, size: 1, media_type, name, preview: None, text: None };
        store.complete_upload(self.owner, id, completed, quotas).await.unwrap();
        id
    }

    fn path(&self, hash: BlobHash) -> PathBuf {
        DiskBlobs::at(&self.data.path().join("files")).path(&hash)
    }
}

#[tokio::test]
async fn released_bytes_that_come_again_are_not_removed() {
    let mover = Mover::new().await;
    let (messenger, hash) = (&mover.messenger, mover.put("canary").await);
    let first = mover.name(hash).await;
    let coming = messenger.0.files.hashes.lock(hash).await;
    messenger.0.store.delete_upload(mover.owner, first).await.unwrap();
    assert_eq!(messenger.remove_released(hash).await, Ok(false));
    assert!(mover.path(hash).exists(), "they are on their way");
    mover.name(hash).await;
    drop(coming);
    assert_eq!(messenger.remove_released(hash).await, Ok(false));
    assert!(mover.path(hash).exists(), "a file names them");
    messenger.close().await;
}

#[tokio::test]
async fn strays_that_become_a_file_meanwhile_are_not_removed() {
    let mover = Mover::new().await;
    let (messenger, [known, stray]) = (&mover.messenger, [mover.put("known").await, mover.put("stray").await]);
    mover.name(known).await;
    let coming = messenger.0.files.hashes.lock(stray).await;
    let long_ago = SystemTime::now() - Duration::from_secs(2 * 24 * 60 * 60);
    File::options().write(true).open(mover.path(stray)).unwrap().set_modified(long_ago).unwrap();
    let removing = messenger.remove_strays();
    tokio::pin!(removing);
    assert!(timeout(QUIET, &mut removing).await.is_err(), "it waits for who moves them");
    mover.name(stray).await;
    drop(coming);
    removing.await.unwrap();
    assert!(mover.path(stray).exists());
    messenger.close().await;
}

#[tokio::test]
async fn bytes_come_when_nobody_moves_them() {
    let mover = Mover::new().await;
    let (messenger, content) = (&mover.messenger, "canary");
    let source = mover.data.path().join("source");
    std::fs::write(&source, content).unwrap();
    let (hash, length) = hash_file(&source).await.unwrap();
    let (uploads, actor) = (messenger.uploads(), Actor::operator(mover.owner));
    let new = NewUpload { name: "a".into(), length, is_original: false };
    let id = uploads.create(actor, new).await.unwrap().id;
    let pieces = stream::iter([Ok::<_, Infallible>(Bytes::from(content))]);
    let sending = uploads.append(actor, id, 0, Some(length), pieces);
    let going = messenger.0.files.hashes.lock(hash).await;
    tokio::pin!(sending);
    assert!(timeout(QUIET, &mut sending).await.is_err());
    assert!(!mover.path(hash).exists());
    drop(going);
    sending.await.unwrap();
    assert!(mover.path(hash).exists());
    messenger.close().await;
}

#[tokio::test]
async fn bytes_that_are_stored_again_are_stored_although_the_first_attempt_fails() {
    let mover = Mover::new().await;
    let source = mover.data.path().join("source");
    std::fs::write(&source, "canary").unwrap();
    let (hash, _) = hash_file(&source).await.unwrap();
    let path = mover.path(hash);
    // A file where the directory of the bytes should be.
    let obstacle = path.parent().unwrap();
    std::fs::write(obstacle, "").unwrap();
    let blobs = BTreeMap::from([(hash, &*source)]);
    let storing = put_again(&mover.messenger, &blobs);
    tokio::pin!(storing);
    assert!(timeout(QUIET, &mut storing).await.is_err() && !path.exists());
    std::fs::remove_file(obstacle).unwrap();
    timeout(Duration::from_secs(20), storing).await.unwrap().unwrap();
    assert_eq!(std::fs::read(path).unwrap(), b"canary");
    mover.messenger.close().await;
}

#[tokio::test]
async fn a_clock_that_jumped_ahead_a_moment_ago_ends_no_upload() {
    const HOUR: i64 = 3_600_000;
    let mover = Mover::new().await;
    let (messenger, hash) = (&mover.messenger, mover.put("canary").await);
    let store = &messenger.0.store;
    let file = mover.name(hash).await;
    let new = NewUpload { name: "a".into(), length: 1, is_original: false };
    // Over an hour ago by what the clock shows, in 23 hours in truth.
    messenger.0.clock.jump_ahead(24 * HOUR);
    let id = store.insert_upload(mover.owner, new, Quotas::default(), now_ms() - HOUR).await.unwrap();
    messenger.remove_expired().await.unwrap();
    assert!(store.has_upload(id).await.unwrap());
    messenger.0.clock.jump_ahead(-24 * HOUR);
    messenger.remove_expired().await.unwrap();
    assert!(!store.has_upload(id).await.unwrap() && store.readable_file(mover.owner, file).await.is_ok());
    messenger.close().await;
}
