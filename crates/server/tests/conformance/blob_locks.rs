//! The lock of blobs over the nodes of a shared database.

use std::time::Duration;

use server::{
    model::{BlobHash, CompletedFile, DatabaseUrl, NewUpload, OpenMode, Quotas},
    store::Store,
    supervisor::Supervisor,
};
use tempfile::TempDir;
use tokio::time::{sleep, timeout};

use crate::test_server::TestServer;

/// Long enough for whoever does not wait.
const QUIET: Duration = Duration::from_millis(500);
const SOON: Duration = Duration::from_secs(10);

struct LockNode {
    store: Store,
    _directory: TempDir,
}

impl LockNode {
    async fn pair(url: &DatabaseUrl) -> [Self; 2] {
        let mut nodes = Vec::new();
        for _ in 0..2 {
            let directory = tempfile::tempdir().unwrap();
            let opened = Store::open_shared(directory.path(), url, OpenMode::Add, &Supervisor::default()).await;
            nodes.push(Self { store: opened.unwrap().0, _directory: directory });
        }
        nodes.try_into().ok().unwrap()
    }
}

fn hash(first: u8) -> BlobHash {
    BlobHash([first; 32])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_blob_is_locked_by_one_node_until_it_ends_or_dies_and_no_row_is_left() {
    let url = TestServer::get().new_database();
    let [one, two] = LockNode::pair(&url).await;
    let lock = one.store.lock_blobs(&[hash(1), hash(2)]).await.unwrap();
    assert!(two.store.try_lock_blob(hash(2)).await.unwrap().is_none());
    assert!(two.store.try_lock_blob(hash(3)).await.unwrap().is_some(), "another blob is free");
    let hashes = [hash(2)];
    let waiting = two.store.lock_blobs(&hashes);
    tokio::pin!(waiting);
    assert!(timeout(QUIET, &mut waiting).await.is_err());
    lock.release().await;
    let mut lock = timeout(SOON, &mut waiting).await.unwrap().unwrap();
    assert!(lock.is_held().await);
    // As when the node is killed: its connections end.
    TestServer::get().cut_connections(&url);
    assert!(!lock.is_held().await);
    let freed = async {
        loop {
            // The pool of this node finds its connections cut, too.
            if one.store.try_lock_blob(hash(2)).await.is_ok_and(|lock| lock.is_some()) {
                return;
            }
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(SOON, freed).await.unwrap();
    let sql = "DO $$ BEGIN ASSERT NOT EXISTS (SELECT 1 FROM blob_locks); END $$";
    TestServer::get().execute(url.secret(), sql);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lock_of_a_node_that_hangs_is_kept() {
    let url = TestServer::get().new_database();
    let [one, two] = LockNode::pair(&url).await;
    let mut lock = one.store.lock_blobs(&[hash(1)]).await.unwrap();
    // Longer than a transaction of the writer may be idle.
    sleep(Duration::from_secs(5)).await;
    assert!(two.store.try_lock_blob(hash(1)).await.unwrap().is_none());
    assert!(lock.is_held().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whether_a_blob_has_refs_is_known_after_transactions_in_doubt() {
    let url = TestServer::get().new_database();
    let [node, _] = LockNode::pair(&url).await;
    let owner = node.store.insert_account("minsu".into(), "minsu".into(), "!".into(), false).await.unwrap();
    let new = NewUpload { name: "a".into(), length: 1, is_original: false };
    let id = node.store.insert_upload(owner, new, Quotas::default(), i64::MAX).await.unwrap();
    let completed =
        CompletedFile { hash: hash(1), size: 1, media_type: "a".into(), name: "a".into(), preview: None, text: None };
    node.store.complete_upload(owner, id, completed, Quotas::default()).await.unwrap();
    node.store.delete_upload(owner, id).await.unwrap();
    let mut lock = node.store.lock_blobs(&[hash(1)]).await.unwrap();
    assert!(lock.is_unreferenced(&node.store, hash(1)).await.unwrap());
    // A commit whose answer was lost, and that the server carries out later.
    let url = url.secret().to_owned();
    let doubtful = std::thread::spawn(move || {
        let sql = "BEGIN; UPDATE blobs SET refs = refs + 1; SELECT pg_sleep(2); COMMIT";
        TestServer::get().execute(&url, sql);
    });
    sleep(Duration::from_secs(1)).await;
    assert!(!lock.is_unreferenced(&node.store, hash(1)).await.unwrap());
    doubtful.join().unwrap();
}
