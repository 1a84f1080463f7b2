//! A network that drops every byte of a connection, without a sign: each caller gives up waiting for an answer.

use std::time::{Duration, Instant};

use futures::{FutureExt, future::join_all};
use protocol::ids::{RoomId, UserId};
use server::{
    model::{BlobHash, OpenMode},
    store::Store,
    supervisor::Supervisor,
};
use sqlx::Connection;
use tokio::time::{sleep, timeout};

use crate::{cut_proxy::CutProxy, fixture::new, shared::TestNode, test_server::TestServer};

/// An answer that does not come is given up after twelve seconds. TCP alone would take a quarter of an hour.
const GIVEN_UP: Duration = Duration::from_secs(40);

/// Connections for reads of a store.
const READS: usize = 16;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_asks_on_a_silent_connection_gives_it_up_and_goes_on() {
    let mut waiting = Vec::new();
    for text in ["UPDATE nodes SET beat_at", "FROM nodes WHERE id <>", "DELETE FROM nodes", "AS p (writer, position)"] {
        waiting.push(the_feed_follower(Proxied::new().await, text).boxed_local());
    }
    waiting.push(a_writer_that_connects_again(Proxied::new().await).boxed_local());
    waiting.push(a_commit_in_doubt(Proxied::new().await).boxed_local());
    waiting.push(a_rollback(Proxied::new().await).boxed_local());
    waiting.push(a_sweep_of_the_feed(Proxied::new().await).boxed_local());
    waiting.push(the_farewell_of_a_server(Proxied::new().await).boxed_local());
    waiting.push(the_question_whether_a_lock_is_held(Proxied::new().await).boxed_local());
    waiting.push(the_question_whether_a_blob_has_refs(Proxied::new().await).boxed_local());
    waiting.push(all_connections_for_reads(Proxied::new().await).boxed_local());
    waiting.push(the_list_of_builds(Proxied::new().await).boxed_local());
    waiting.push(the_probe(Proxied::new().await).boxed_local());
    // At once, because each takes as long as an answer may.
    join_all(waiting).await;
}

/// A store whose connections can fall silent.
struct Proxied {
    proxy: CutProxy,
    node: TestNode,
}

impl Proxied {
    async fn new() -> Self {
        let server = TestServer::get();
        let proxy = CutProxy::start(&server.socket());
        let node = TestNode::open(&server.new_database_behind(proxy.folder())).await;
        Self { proxy, node }
    }

    /// A server on the same database.
    async fn serve(&self) -> Store {
        let directory = tempfile::tempdir().unwrap();
        let opened =
            Store::open_shared(directory.path(), &self.node.url, OpenMode::Serve, &Supervisor::default()).await;
        opened.unwrap().0
    }
}

/// Posts until the store takes it.
async fn is_back(node: &TestNode, author: UserId, room: RoomId) {
    timeout(GIVEN_UP, node.insert_until_there(room, author, new("다시"))).await.expect("the store comes back");
}

async fn a_writer_that_connects_again(Proxied { proxy, node }: Proxied) {
    let (minsu, _, room) = node.pair().await;
    // Which incarnation the database has.
    proxy.cut_at("먼저");
    proxy.silence_at("pg_control_system");
    assert!(node.store.insert_message(room, minsu, new("먼저")).await.is_err());
    is_back(&node, minsu, room).await;
    assert!(proxy.has_cut());
}

async fn a_commit_in_doubt(Proxied { proxy, mut node }: Proxied) {
    let (minsu, _, room) = node.pair().await;
    proxy.cut_at("먼저");
    proxy.silence_at("ON CONFLICT (writer, seq) DO NOTHING");
    assert!(node.store.insert_message(room, minsu, new("먼저")).await.is_err());
    assert_eq!(node.committed_posts(1).await, [(1, "먼저".to_owned())]);
    assert!(proxy.has_cut());
}

async fn a_rollback(Proxied { proxy, node }: Proxied) {
    let (minsu, younghee, room) = node.pair().await;
    let group = node.store.open_group(minsu, vec![younghee], None).await.unwrap();
    // The indexer rolls back, too.
    node.store.catch_up_index().await;
    let mut frames = 0;
    while proxy.frames() > frames {
        frames = proxy.frames();
        sleep(Duration::from_millis(300)).await;
    }
    let mut other = sqlx::PgConnection::connect(node.url.secret()).await.unwrap();
    sqlx::raw_sql("BEGIN; SELECT 1 FROM rooms FOR UPDATE").execute(&mut other).await.unwrap();
    proxy.silence_at("ROLLBACK");
    // The other one holds the lock of the room for too long.
    assert!(timeout(GIVEN_UP, node.store.rename(group, minsu, Some("모임".into()))).await.expect("an answer").is_err());
    assert!(proxy.has_cut());
    other.close().await.unwrap();
    is_back(&node, minsu, room).await;
}

async fn a_sweep_of_the_feed(Proxied { proxy, node: other }: Proxied) {
    let (minsu, _, room) = other.pair().await;
    let node = TestNode::open(&other.url).await;
    // The first sweep follows the first write.
    proxy.silence_at("DELETE FROM feed");
    node.store.insert_message(room, minsu, new("먼저")).await.unwrap();
    until("a sweep", || proxy.has_cut()).await;
    is_back(&node, minsu, room).await;
}

async fn the_farewell_of_a_server(proxied: Proxied) {
    let store = proxied.serve().await;
    proxied.proxy.silence_at("has_left = TRUE");
    timeout(GIVEN_UP, store.close()).await.expect("it ends");
    assert!(proxied.proxy.has_cut());
}

async fn the_feed_follower(proxied: Proxied, text: &'static str) {
    let (store, proxy) = (proxied.serve().await, &proxied.proxy);
    proxy.silence_at(text);
    // On a new connection the text of a statement is sent again.
    TestServer::get().cut_connections(&proxied.node.url);
    until(text, || proxy.has_cut()).await;
    // A node asks ten times a second. Nothing else is sent.
    let frames = proxy.frames();
    until(text, || proxy.frames() >= frames + 20).await;
    store.close().await;
}

async fn until(what: &str, is_it: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_it() {
        assert!(begun.elapsed() < GIVEN_UP, "{what}: never");
        sleep(Duration::from_millis(20)).await;
    }
}

async fn the_question_whether_a_lock_is_held(Proxied { proxy, node }: Proxied) {
    let mut lock = node.store.lock_blobs(&[BlobHash([1; 32])]).await.unwrap();
    proxy.silence_at("SELECT 1");
    assert!(!timeout(GIVEN_UP, lock.is_held()).await.expect("an answer"));
    assert!(proxy.has_cut());
}

async fn the_question_whether_a_blob_has_refs(Proxied { proxy, node }: Proxied) {
    let hash = BlobHash([1; 32]);
    let mut lock = node.store.lock_blobs(&[hash]).await.unwrap();
    proxy.silence_at("SAVEPOINT asking");
    assert!(timeout(GIVEN_UP, lock.is_unreferenced(&node.store, hash)).await.expect("an answer").is_err());
    assert!(proxy.has_cut());
}

/// Afterwards the next read has a new connection.
async fn all_connections_for_reads(Proxied { proxy, node }: Proxied) {
    let (minsu, ..) = node.pair().await;
    (0..READS).for_each(|_| proxy.silence_at("FROM settings"));
    let reads = join_all((0..READS).map(|_| node.store.settings(minsu)));
    let answers = timeout(GIVEN_UP, reads).await.expect("answers");
    assert!(answers.iter().all(Result::is_err) && proxy.has_cut());
    node.store.settings(minsu).await.unwrap();
}

/// A statement that PostgreSQL alone has.
async fn the_list_of_builds(Proxied { proxy, node }: Proxied) {
    proxy.silence_at("SELECT build FROM builds");
    assert!(timeout(GIVEN_UP, node.store.builds()).await.expect("an answer").is_err());
    node.store.builds().await.unwrap();
    assert!(proxy.has_cut());
}

async fn the_probe(Proxied { proxy, node }: Proxied) {
    proxy.silence_at("SELECT count(*) FROM meta");
    assert!(!node.store.is_reachable().await);
    let begun = Instant::now();
    while !node.store.is_reachable().await {
        assert!(begun.elapsed() < GIVEN_UP, "it stays unreachable");
    }
    assert!(proxy.has_cut());
}
