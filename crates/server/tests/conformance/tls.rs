//! TLS between a node and its database.

use std::{fs, io::ErrorKind, path::PathBuf, process::Command, time::Duration};

use protocol::ids::{RoomId, UserId};
use server::{
    model::{Anchor, BlobHash, Committed, DatabaseUrl, Durability, Fault, OpenMode, SharedFault, StoreLocation},
    store::{self, Store},
    supervisor::Supervisor,
};
use tempfile::TempDir;
use tokio::{sync::mpsc, time::timeout};

use crate::{fixture::new, test_server::TestServer, tls_server::tls_file};

const HERE: &str = "127.0.0.1";
const REMOTE: &str = "remote:geheim";
/// All, and those without TLS.
const CONNECTIONS: &str = "SELECT count(*), count(*) FILTER (WHERE NOT ssl) FROM pg_stat_ssl JOIN pg_stat_activity \
                           USING (pid) WHERE datname = current_database() AND application_name = 'daehwa'";

struct TlsNode {
    store: Store,
    committed: mpsc::Receiver<Vec<Committed>>,
    _directory: TempDir,
}

impl TlsNode {
    async fn open(url: &DatabaseUrl) -> Result<Self, Fault> {
        let directory = tempfile::tempdir().unwrap();
        let opened = Store::open_shared(directory.path(), url, OpenMode::Serve, &Supervisor::default()).await;
        opened.map(|(store, committed)| Self { store, committed, _directory: directory })
    }
}

/// Connects as a server does.
async fn serve(url: &DatabaseUrl) {
    TlsNode::open(url).await.unwrap_or_else(|fault| panic!("{fault}")).store.close().await;
}

async fn fault(url: &DatabaseUrl) -> Fault {
    let fault = TlsNode::open(url).await.err().expect("it is not refused");
    assert!(!fault.to_string().contains("geheim"), "{fault}");
    fault
}

async fn refused(url: &DatabaseUrl) -> SharedFault {
    match fault(url).await {
        Fault::Shared { cause, .. } => cause,
        fault => panic!("{fault}"),
    }
}

fn verified() -> String {
    format!("sslmode=verify-full&sslrootcert={}", tls_file("certificate.pem").display())
}

fn stranger() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/conformance/stranger.pem")
}

async fn pair(store: &Store) -> (UserId, RoomId) {
    let person = async |login: &str| {
        store.insert_account(login.to_owned(), login.to_owned(), "!".to_owned(), false).await.unwrap()
    };
    let (minsu, younghee) = (person("minsu").await, person("younghee").await);
    (minsu, store.open_direct(minsu, younghee).await.unwrap())
}

fn connections(server: &TestServer, url: &DatabaseUrl) -> (u32, u32) {
    let name = url.secret().rsplit('/').next().unwrap();
    let mut psql = Command::new(server.programs.join("psql"));
    let output = psql.args(server.address()).args(["-At", "-d", name, "-c", CONNECTIONS]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let (all, plain) = text.trim().split_once('|').unwrap();
    (all.parse().unwrap(), plain.parse().unwrap())
}

/// The server refuses connections without TLS, so what works here has it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_connection_is_encrypted_and_verified() {
    let server = TestServer::with_tls();
    let local = server.new_database();
    let url = server.tcp_url(&local, REMOTE, HERE, &verified());
    let (node, mut other) = (TlsNode::open(&url).await.unwrap(), TlsNode::open(&url).await.unwrap());
    let (minsu, room) = pair(&node.store).await;
    node.store.insert_message(room, minsu, new("정기회의")).await.unwrap();
    assert_eq!(node.store.page(room, 0, Anchor::Newest).await.unwrap().version, 1);
    node.store.catch_up_index().await;
    assert_eq!(node.store.search(minsu, "회의", None).await.unwrap().hits.len(), 1);
    assert!(node.store.is_reachable().await);
    let lock = node.store.lock_blobs(&[BlobHash([1; 32])]).await.unwrap();
    let is_post =
        |change: &Committed| matches!(change, Committed::Remote(positioned) if positioned.row.posts == [(room, 1)]);
    let read = async { while !other.committed.recv().await.unwrap().iter().any(is_post) {} };
    timeout(Duration::from_secs(20), read).await.expect("the feed is read");
    // Writer, feed follower, read pool, indexer, search pool, probe and lock of one node; writer and feed follower of the other.
    let (all, plain) = connections(&server, &local);
    assert!(all >= 9 && plain == 0, "{all} connections, {plain} without TLS");
    lock.release().await;
    node.store.close().await;
    other.store.close().await;
    let directory = tempfile::tempdir().unwrap();
    let location = StoreLocation { directory: directory.path().to_owned(), database: Some(url) };
    assert!(store::check(&location).await.unwrap().iter().all(|finding| finding.wrong.is_empty()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_is_encrypted() {
    let server = TestServer::with_tls();
    let url = server.tcp_url(&server.new_database(), REMOTE, HERE, &verified());
    let source = tempfile::tempdir().unwrap();
    let (sqlite, _committed) = Store::open(source.path(), Durability::Full).await.unwrap();
    let (minsu, room) = pair(&sqlite).await;
    sqlite.insert_message(room, minsu, new("정기회의")).await.unwrap();
    sqlite.close().await;
    assert_eq!(store::copy(source.path(), &url).await.unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_is_verified_as_far_as_its_mode_says() {
    let server = TestServer::with_tls();
    let (local, certificate) = (server.new_database(), tls_file("certificate.pem"));
    let at = |host: &str, parameters: &str| server.tcp_url(&local, REMOTE, host, parameters);
    let roots = |mode: &str, file: &PathBuf| format!("sslmode={mode}&sslrootcert={}", file.display());
    for parameters in ["", "sslmode=allow", "sslmode=prefer", "sslmode=require"] {
        serve(&at("localhost", parameters)).await;
    }
    for mode in ["require", "verify-ca"] {
        serve(&at("localhost", &roots(mode, &certificate))).await;
    }
    let other_host = refused(&at("localhost", &roots("verify-full", &certificate))).await;
    assert!(matches!(other_host, SharedFault::OtherHost(ref names) if names.contains(HERE)), "{other_host}");
    for mode in ["require", "verify-ca", "verify-full"] {
        assert_eq!(refused(&at(HERE, &roots(mode, &stranger()))).await, SharedFault::Untrusted, "{mode}");
    }
    for mode in ["verify-ca", "verify-full"] {
        let system = refused(&at(HERE, &format!("sslmode={mode}"))).await;
        assert_eq!(system, SharedFault::Untrusted, "the system does not know the authority: {mode}");
    }
    // An authority without a mode is asked, for the host, too; a mode that verifies nothing is a word of its own.
    let root = |file: &PathBuf| format!("sslrootcert={}", file.display());
    serve(&at(HERE, &root(&certificate))).await;
    assert_eq!(refused(&at(HERE, &root(&stranger()))).await, SharedFault::Untrusted);
    let other_host = refused(&at("localhost", &root(&certificate))).await;
    assert!(matches!(other_host, SharedFault::OtherHost(_)), "{other_host}");
    serve(&at("localhost", &roots("prefer", &stranger()))).await;
    let plain = refused(&at(HERE, "sslmode=disable")).await;
    assert!(matches!(plain, SharedFault::Denied(ref words) if words.contains("no encryption")), "{plain}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_without_tls_serves_whom_does_not_require_it() {
    let server = TestServer::without_tls();
    let local = server.new_database();
    for parameters in ["", "sslmode=disable", "sslmode=allow", "sslmode=prefer"] {
        let url = server.tcp_url(&local, REMOTE, HERE, parameters);
        serve(&url).await;
    }
    let root = format!("sslrootcert={}", tls_file("certificate.pem").display());
    for mode in ["sslmode=require", "sslmode=verify-ca", &verified(), &root] {
        let url = server.tcp_url(&local, REMOTE, HERE, mode);
        assert_eq!(refused(&url).await, SharedFault::NoTls, "{mode}");
    }
    for parameters in ["sslmode=require", "sslmode=verify-full", &root] {
        let socket = format!("{}?{parameters}", local.secret()).parse().unwrap();
        serve(&socket).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_signs_a_node_in() {
    let server = TestServer::with_tls();
    let (local, name) = (server.new_database(), "S3%20of%20the%20tests");
    let own = format!("sslcert={}&sslkey={}", tls_file("certificate.pem").display(), tls_file("key.pem").display());
    let url = server.tcp_url(&local, name, HERE, &format!("{}&{own}", verified()));
    serve(&url).await;
    let without = refused(&server.tcp_url(&local, name, HERE, &verified())).await;
    assert!(matches!(without, SharedFault::Denied(_)), "{without}");
    let (half, _) = own.split_once('&').unwrap();
    assert_eq!(refused(&server.tcp_url(&local, name, HERE, half)).await, SharedFault::HalfPair);
}

#[tokio::test]
async fn wrong_settings_of_tls_are_refused_before_a_connection() {
    let folder = tempfile::tempdir().unwrap();
    let (missing, text) = (folder.path().join("missing.pem"), folder.path().join("text.pem"));
    fs::write(&text, "no certificate").unwrap();
    let at = |parameters: &str| format!("postgres://a:geheim@127.0.0.1:1/x?{parameters}").parse().unwrap();
    for word in ["sslmode=verify_full", "sslmode=geheim", "ssl-mode=on", "sslmode="] {
        assert_eq!(refused(&at(word)).await, SharedFault::SslMode, "{word}");
    }
    for word in ["sslrootca=geheim", "sslmod=verify-full", "sslcrl=x"] {
        assert_eq!(refused(&at(word)).await, SharedFault::SslParameter, "{word}");
    }
    let (certificate, key) = (tls_file("certificate.pem"), tls_file("key.pem"));
    let (certificate, key) = (certificate.display(), key.display());
    for parameters in [
        "sslmode=verify-full&sslrootcert={}".to_owned(),
        format!("sslcert={{}}&sslkey={key}"),
        format!("sslcert={certificate}&sslkey={{}}"),
    ] {
        match fault(&at(&parameters.replace("{}", &missing.display().to_string()))).await {
            Fault::File { path, error } => assert!(path == missing && error.kind() == ErrorKind::NotFound, "{error}"),
            fault => panic!("{fault}"),
        }
        let refused = refused(&at(&parameters.replace("{}", &text.display().to_string()))).await;
        assert_eq!(refused, SharedFault::NotPem(text.clone()), "{parameters}");
    }
}
