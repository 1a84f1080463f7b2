//! What only a shared database promises: two nodes write to it, connections to it are lost.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use futures::future::join_all;
use protocol::{
    error::Refusal,
    ids::{RoomId, UserId},
};
use server::{
    model::{Anchor, Committed, DatabaseUrl, Durability, Fault, NodeEvent, OpenMode, SharedFault, StoreLocation},
    store::{self, Store},
    supervisor::Supervisor,
};
use tempfile::TempDir;
use tokio::{
    sync::mpsc,
    time::{sleep, timeout},
};

use crate::{
    cut_proxy::CutProxy,
    fixture::{already, bodies, new, refusal},
    test_server::TestServer,
};

/// A store on a shared database, with the changes that it committed.
pub(crate) struct TestNode {
    pub(crate) store: Store,
    committed: mpsc::Receiver<Vec<Committed>>,
    directory: TempDir,
    pub(crate) url: DatabaseUrl,
}

impl TestNode {
    pub(crate) async fn open(url: &DatabaseUrl) -> Self {
        let directory = tempfile::tempdir().unwrap();
        // As a command: no node, so it reads no feed.
        let opened = Store::open_shared(directory.path(), url, OpenMode::Add, &Supervisor::default()).await;
        let (store, committed) = opened.unwrap();
        Self { store, committed, directory, url: url.clone() }
    }

    pub(crate) async fn pair(&self) -> (UserId, UserId, RoomId) {
        let person = async |login: &str| {
            self.store.insert_account(login.to_owned(), login.to_owned(), "!".to_owned(), false).await.unwrap()
        };
        let (minsu, younghee) = (person("minsu").await, person("younghee").await);
        (minsu, younghee, self.store.open_direct(minsu, younghee).await.unwrap())
    }

    /// The bodies of the next committed messages, each batch within twenty seconds.
    pub(crate) async fn committed_posts(&mut self, count: usize) -> Vec<(u64, String)> {
        let mut committed_posts = Vec::new();
        while committed_posts.len() < count {
            let batch = timeout(Duration::from_secs(20), self.committed.recv()).await.unwrap().unwrap();
            committed_posts.extend(batch.into_iter().filter_map(|change| match change {
                Committed::Message { message, .. } => Some((message.version, message.body)),
                _ => None,
            }));
        }
        committed_posts
    }

    async fn check(&self) {
        let location = StoreLocation { directory: self.directory.path().to_owned(), database: Some(self.url.clone()) };
        let findings = store::check(&location).await.unwrap();
        assert!(findings.iter().all(|finding| finding.wrong.is_empty()), "{findings:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn versions_of_two_nodes_have_no_gap_and_no_double() {
    let url = TestServer::get().new_database();
    let (mut one, mut two) = (TestNode::open(&url).await, TestNode::open(&url).await);
    let (minsu, younghee, room) = one.pair().await;
    let group = one.store.open_group(minsu, vec![younghee], None).await.unwrap();
    one.committed_posts(1).await;
    const EACH: usize = 60;
    let posts = |store: Store, author: UserId| async move {
        let each = (0..EACH).map(|nth| {
            let room = if nth % 2 == 0 { room } else { group };
            store.insert_message(room, author, new(&format!("{nth}")))
        });
        for posted in join_all(each).await {
            posted.unwrap();
        }
    };
    tokio::join!(posts(one.store.clone(), minsu), posts(two.store.clone(), younghee), async {
        for nth in 0..20 {
            one.store.rename(group, minsu, Some(format!("모임 {nth}"))).await.unwrap();
            two.store.rename(group, younghee, Some(format!("회의 {nth}"))).await.unwrap();
        }
    });
    let committed_posts = [one.committed_posts(EACH + 20).await, two.committed_posts(EACH + 20).await].concat();
    for (room, count) in [(room, EACH as u64), (group, EACH as u64 + 41)] {
        assert_eq!(one.store.page(room, 0, Anchor::Newest).await.unwrap().version, count, "no version is left out");
    }
    assert_eq!(committed_posts.len(), 2 * EACH + 40);
    one.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_open_one_direct_room() {
    let url = TestServer::get().new_database();
    let (one, two) = (TestNode::open(&url).await, TestNode::open(&url).await);
    let mut people = Vec::new();
    for nth in 0..20 {
        let login = format!("person{nth}");
        people.push(one.store.insert_account(login.clone(), login, "!".to_owned(), false).await.unwrap());
    }
    for other in &people[1..] {
        let (here, there) =
            tokio::join!(one.store.open_direct(people[0], *other), two.store.open_direct(*other, people[0]));
        assert_eq!(here.unwrap(), there.unwrap());
    }
    one.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_make_one_first_account() {
    let url = TestServer::get().new_database();
    let (one, two) = (TestNode::open(&url).await, TestNode::open(&url).await);
    let first = async |node: &TestNode, login: &str| {
        node.store.insert_account(login.to_owned(), login.to_owned(), "!".to_owned(), true).await.is_ok()
    };
    let made = tokio::join!(first(&one, "minsu"), first(&two, "younghee"));
    assert!(made.0 != made.1, "{made:?}");
    let same = tokio::join!(
        one.store.insert_account("sora".into(), "sora".into(), "!".into(), false),
        two.store.insert_account("sora".into(), "sora".into(), "!".into(), false)
    );
    let refused = if same.0.is_ok() { same.1 } else { same.0 };
    assert_eq!(refusal(refused), Refusal::LoginTaken);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_whose_answer_is_lost_is_broadcast_and_not_acknowledged() {
    let server = TestServer::get();
    let proxy = CutProxy::start(&server.socket());
    let mut node = TestNode::open(&server.new_database_behind(proxy.folder())).await;
    let (minsu, younghee, room) = node.pair().await;
    // A plain post is one call; a reply is a transaction of several.
    let post = new("첫 말");
    proxy.cut_at("첫 말");
    assert_eq!(refusal(node.store.insert_message(room, minsu, post.clone()).await), Refusal::Unavailable);
    assert_eq!(node.committed_posts(1).await, [(1, "첫 말".to_owned())]);
    let stored = already(node.insert_until_there(room, minsu, post.clone()).await);
    assert_eq!((stored.seq, stored.body.as_str()), (1, "첫 말"));
    let reply = protocol::room_socket::Post { reply_to: Some(post.id), ..new("대답") };
    // Only the writer's commit has this text: the indexer commits, too.
    proxy.cut_at("INSERT INTO feed (writer, seq, changes) VALUES ('");
    assert_eq!(refusal(node.store.insert_message(room, younghee, reply.clone()).await), Refusal::Unavailable);
    assert_eq!(node.committed_posts(1).await, [(2, "대답".to_owned())]);
    already(node.insert_until_there(room, younghee, reply).await);
    let messages = node.store.page(room, 0, Anchor::Newest).await.unwrap().messages;
    assert_eq!(bodies(&messages), ["첫 말", "대답"]);
    node.check().await;
}

impl TestNode {
    /// Repeats the post until the store takes writes again, as a client does.
    pub(crate) async fn insert_until_there(
        &self,
        room: RoomId,
        author: UserId,
        post: protocol::room_socket::Post,
    ) -> server::model::Changed {
        for _ in 0..400 {
            if let Ok(changed) = self.store.insert_message(room, author, post.clone()).await {
                return changed;
            }
            sleep(Duration::from_millis(50)).await;
        }
        panic!("the store does not come back");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lost_connections_lose_no_acknowledged_post_and_tell_what_is_stored() {
    let server = TestServer::get();
    let mut node = TestNode::open(&server.new_database()).await;
    let (minsu, _, room) = node.pair().await;
    const POSTS: usize = 300;
    let killing = async {
        for _ in 0..15 {
            sleep(Duration::from_millis(40)).await;
            server.cut_connections(&node.url);
        }
    };
    let posting = async {
        let each = (0..POSTS).map(|nth| async move { (nth, sleep(Duration::from_millis(2 * nth as u64)).await) });
        join_all(each.map(|wait| async {
            let (nth, ()) = wait.await;
            node.insert_until_there(room, minsu, new(&format!("{nth}"))).await;
        }))
        .await;
    };
    tokio::join!(killing, posting);
    let committed_posts = node.committed_posts(POSTS).await;
    let versions: Vec<u64> = committed_posts.iter().map(|(version, _)| *version).collect();
    assert_eq!(versions, (1..=POSTS as u64).collect::<Vec<_>>(), "each version once, in their order");
    assert_eq!(node.store.page(room, 0, Anchor::Newest).await.unwrap().version, POSTS as u64);
    node.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_keeps_ids_versions_and_epoch() {
    let source = tempfile::tempdir().unwrap();
    let (store, _committed) = Store::open(source.path(), Durability::Full).await.unwrap();
    let person = async |login: &str| {
        store.insert_account(login.to_owned(), login.to_owned(), "!".to_owned(), false).await.unwrap()
    };
    let (minsu, younghee) = (person("minsu").await, person("younghee").await);
    let room = store.open_direct(minsu, younghee).await.unwrap();
    let (first, second) = (new("정기회의 자료"), new("recalled"));
    store.insert_message(room, minsu, first.clone()).await.unwrap();
    store.insert_message(room, younghee, second.clone()).await.unwrap();
    let reply = protocol::room_socket::Post { reply_to: Some(first.id), ..new("네") };
    store.insert_message(room, younghee, reply).await.unwrap();
    store.recall(room, younghee, second.id, 0).await.unwrap();
    store.react(room, younghee, first.id, "👍".to_owned(), true).await.unwrap();
    store.set_bookmark(room, minsu, first.id, true).await.unwrap();
    store.pin_message(room, minsu, first.id, true).await.unwrap();
    let before = store.page(room, 0, Anchor::Newest).await.unwrap();
    let (accounts, lists) = (store.changed_accounts(-1).await.unwrap(), store.rooms_of(minsu).await.unwrap());
    let epoch = store.epoch();
    let url = TestServer::get().new_database();
    assert!(matches!(store::copy(source.path(), &url).await, Err(Fault::InUse { .. })));
    store.close().await;
    store::copy(source.path(), &url).await.unwrap();
    assert!(matches!(store::copy(source.path(), &url).await, Err(Fault::Shared { cause: SharedFault::NotEmpty, .. })));
    let node = TestNode::open(&url).await;
    let after = node.store.page(room, 0, Anchor::Newest).await.unwrap();
    assert_eq!((after.version, format!("{:?}", after.messages)), (before.version, format!("{:?}", before.messages)));
    assert_eq!(format!("{:?}", node.store.rooms_of(minsu).await.unwrap()), format!("{lists:?}"));
    assert_eq!(format!("{:?}", node.store.changed_accounts(-1).await.unwrap().1), format!("{:?}", accounts.1));
    assert_eq!(node.store.epoch(), epoch);
    node.store.catch_up_index().await;
    assert_eq!(node.store.search(minsu, "회의", None).await.unwrap().hits.len(), 1);
    node.store.insert_message(room, minsu, new("다음")).await.unwrap();
    node.store.set_bookmark(room, younghee, first.id, true).await.unwrap();
    node.check().await;
}

/// Why a database was refused.
async fn refused(url: &str) -> SharedFault {
    let (url, directory) = (url.parse::<DatabaseUrl>().unwrap(), tempfile::tempdir().unwrap());
    match Store::open_shared(directory.path(), &url, OpenMode::Serve, &Supervisor::default()).await {
        Err(fault @ Fault::Shared { .. }) => {
            assert!(!fault.to_string().contains("geheim"), "{fault}");
            let Fault::Shared { cause, .. } = fault else { unreachable!() };
            cause
        }
        Err(fault) => panic!("{fault}"),
        Ok(_) => panic!("it is not refused"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unusable_database_is_refused_with_its_reason() {
    let server = TestServer::get();
    let there = server.new_database();
    let there = there.secret();
    for url in ["postgres://a:geheim@[nowhere", "mysql://a:geheim@127.0.0.1/x", "geheim"] {
        assert!(matches!(refused(url).await, SharedFault::NotAUrl), "{url}");
    }
    assert!(matches!(refused("postgres://a:geheim@127.0.0.1:1/x").await, SharedFault::Unreachable(_)));
    assert!(matches!(refused(&there.replace("/test", "/missing")).await, SharedFault::NoDatabase));
    let locked = there.replace("daehwa@", "locked:geheim@");
    assert!(matches!(refused(&locked).await, SharedFault::Denied(_)), "a wrong password");
    server.execute(there, "CREATE DATABASE latin ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0");
    let latin = there.rsplit_once('/').unwrap().0.to_owned() + "/latin";
    assert!(matches!(refused(&latin).await, SharedFault::NotUtf8));
    server.execute(there, "CREATE TABLE invoices (id INT)");
    assert!(matches!(refused(there).await, SharedFault::Foreign));
    let url = server.new_database();
    TestNode::open(&url).await.store.close().await;
    server.execute(url.secret(), "INSERT INTO _sqlx_migrations SELECT 9999, description, installed_on, success, checksum, execution_time FROM _sqlx_migrations LIMIT 1");
    let checked = async || {
        let (directory, database) = (tempfile::tempdir().unwrap(), Some(url.clone()));
        store::check(&StoreLocation { directory: directory.path().to_owned(), database }).await
    };
    TestNode::open(&url).await.store.close().await;
    let newer = |fault: &Fault| matches!(fault, Fault::Shared { cause: SharedFault::Newer, .. });
    assert!(checked().await.is_err_and(|fault| newer(&fault)), "a command that reads every table must know them all");
    server.execute(url.secret(), "UPDATE meta SET value = convert_to('9999', 'UTF8') WHERE key = 'needs'");
    assert!(matches!(refused(url.secret()).await, SharedFault::Newer));
    server.execute(url.secret(), "DELETE FROM meta WHERE key = 'needs'");
    assert!(matches!(refused(url.secret()).await, SharedFault::Newer));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_empty_database_beside_one_of_the_directory_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    Store::open(directory.path(), Durability::Full).await.unwrap().0.close().await;
    let url = TestServer::get().new_database();
    let opened = Store::open_shared(directory.path(), &url, OpenMode::Serve, &Supervisor::default()).await;
    let expected = PathBuf::from(directory.path());
    assert!(
        matches!(opened, Err(Fault::Shared { cause: SharedFault::NotCopied(ref path), .. }) if *path == expected),
        "the people of the directory would seem lost"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn servers_of_a_database_read_what_the_others_commit() {
    let url = TestServer::get().new_database();
    let serve = async || {
        let directory = tempfile::tempdir().unwrap();
        Store::open_shared(directory.path(), &url, OpenMode::Serve, &Supervisor::default()).await
    };
    let (first, _committed) = serve().await.unwrap();
    let (second, mut of_second) = serve().await.unwrap();
    // A command may write meanwhile.
    TestNode::open(&url).await.pair().await;
    TestServer::get().cut_connections(&url);
    let (minsu, room) = {
        let (accounts, _) = first.changed_accounts(-1).await.unwrap();
        (accounts[0].id, first.rooms_of(accounts[0].id).await.unwrap()[0].id)
    };
    for _ in 0..200 {
        if first.insert_message(room, minsu, new("다시")).await.is_ok() {
            break;
        }
        sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(first.page(room, 0, Anchor::Newest).await.unwrap().version, 1, "it connects again");
    let is_post =
        |change: &Committed| matches!(change, Committed::Remote(positioned) if positioned.row.posts == [(room, 1)]);
    let read = async { while !of_second.recv().await.unwrap().iter().any(is_post) {} };
    timeout(Duration::from_secs(20), read).await.expect("the other server reads it");
    first.close().await;
    let left = async {
        while !of_second
            .recv()
            .await
            .unwrap()
            .iter()
            .any(|change| matches!(change, Committed::Node(NodeEvent::Left(_))))
        {}
    };
    timeout(Duration::from_secs(20), left).await.expect("the end of a server is noticed");
    second.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hints_without_an_end_do_not_make_a_node_read_without_a_pause() {
    const FLOOD: Duration = Duration::from_secs(2);
    let server = TestServer::get();
    let (proxy, directory) = (CutProxy::start(&server.socket()), tempfile::tempdir().unwrap());
    let url = server.new_database_behind(proxy.folder());
    let (store, _committed) =
        Store::open_shared(directory.path(), &url, OpenMode::Serve, &Supervisor::default()).await.unwrap();
    let (frames, hinting) = (proxy.frames(), store.clone());
    let hints = move || {
        let begun = Instant::now();
        while begun.elapsed() < FLOOD {
            hinting.read_feed();
            std::thread::sleep(Duration::from_micros(100));
        }
    };
    tokio::task::spawn_blocking(hints).await.unwrap();
    let asked = proxy.frames() - frames;
    // A round every five milliseconds, and ten times a second the nodes.
    assert!((50..=450).contains(&asked), "{asked} questions in {FLOOD:?}");
    store.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_joins_is_reported_although_the_feed_cannot_be_read_at_that_moment() {
    let (server, directory) = (TestServer::get(), tempfile::tempdir().unwrap());
    let url = server.new_database();
    let (store, mut committed) =
        Store::open_shared(directory.path(), &url, OpenMode::Serve, &Supervisor::default()).await.unwrap();
    let joining = "ALTER TABLE feed RENAME TO feed_away; INSERT INTO nodes (id, beat_at, first, top) \
                   VALUES (gen_random_uuid(), (extract(epoch FROM clock_timestamp()) * 1000)::bigint, 0, 0)";
    server.execute(url.secret(), joining);
    sleep(Duration::from_millis(500)).await;
    server.execute(url.secret(), "ALTER TABLE feed_away RENAME TO feed");
    let joined = async {
        let is_joined = |change: &Committed| matches!(change, Committed::Node(NodeEvent::Joined(_)));
        while !committed.recv().await.unwrap().iter().any(is_joined) {}
    };
    // Later the node would count as silent.
    timeout(Duration::from_secs(12), joined).await.expect("the event arrives");
    store.close().await;
}
