//! A node that loses its PostgreSQL database: its windows go to other nodes, and it serves again when the database is
//! back.

use std::{
    io::{Read, Write},
    net::Shutdown,
    os::unix::net::{UnixListener, UnixStream},
    path::PathBuf,
    process::Command,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use futures::future::join_all;
use tempfile::TempDir;

use crate::{
    daemon::{Server, add_people_with, open_room},
    stage::{Person, Socket, TEST_TIMEOUT},
    test_server::{PORT, TestServer},
};

/// How long the database may be away before the windows are sent elsewhere, less the time between two questions.
const PATIENCE: Duration = Duration::from_secs(4);
const WINDOWS: usize = 40;

/// The way from a node to the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Open,
    /// Connections are closed, as when the database server has ended.
    Refused,
    /// Nothing arrives any more, as when a network is cut.
    Silent,
}

/// A socket in front of the database server's.
pub(crate) struct DatabaseGate {
    pub(crate) folder: TempDir,
    way: Arc<GateWay>,
}

struct GateWay {
    now: Mutex<Way>,
    /// Counts up when all connections of before are forgotten.
    forgotten: AtomicUsize,
}

impl DatabaseGate {
    pub(crate) fn start() -> Self {
        let way = Arc::new(GateWay { now: Mutex::new(Way::Open), forgotten: AtomicUsize::new(0) });
        let gate = Self { folder: tempfile::tempdir().unwrap(), way };
        let name = format!(".s.PGSQL.{PORT}");
        let (server, way) = (TestServer::get().folder.join(&name), gate.way.clone());
        let listener = UnixListener::bind(gate.folder.path().join(&name)).unwrap();
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                pass(client, &server, &way);
            }
        });
        gate
    }

    pub(crate) fn set(&self, way: Way) {
        *self.way.now.lock().unwrap() = way;
    }

    /// Lets nothing pass on the connections of before any more, as a network that has lost its state. New ones work.
    pub(crate) fn forget(&self) {
        self.way.forgotten.fetch_add(1, Ordering::Relaxed);
    }
}

fn pass(client: UnixStream, server: &PathBuf, way: &Arc<GateWay>) {
    let server = UnixStream::connect(server).unwrap();
    let begun = way.forgotten.load(Ordering::Relaxed);
    let back = (server.try_clone().unwrap(), client.try_clone().unwrap());
    for (from, to) in [(client, server), back] {
        let way = way.clone();
        thread::spawn(move || forward(from, to, &way, begun));
    }
}

fn forward(mut from: UnixStream, mut to: UnixStream, way: &GateWay, begun: usize) {
    from.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    let mut buffer = [0; 65_536];
    loop {
        let now = *way.now.lock().unwrap();
        match now {
            _ if way.forgotten.load(Ordering::Relaxed) > begun => thread::sleep(Duration::from_millis(20)),
            Way::Refused => break,
            Way::Silent => thread::sleep(Duration::from_millis(20)),
            Way::Open => match from.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) if to.write_all(&buffer[..count]).is_ok() => {}
                Err(error) if matches!(error.kind(), std::io::ErrorKind::WouldBlock) => {}
                _ => break,
            },
        }
    }
    let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
}

struct CutOffNode {
    gate: DatabaseGate,
    server: Server,
    minsu: Person,
    _directory: TempDir,
}

impl CutOffNode {
    async fn start() -> Self {
        let (gate, directory) = (DatabaseGate::start(), tempfile::tempdir().unwrap());
        let url = TestServer::get().new_database_behind(gate.folder.path());
        let on_database = |command: &mut Command| {
            command.env("DAEHWA_DATABASE", url.secret());
        };
        let data = directory.path().join("data");
        add_people_with(&data, |command| {
            on_database(command);
            command
        });
        let server = Server::start_with(&data, "127.0.0.1:0", |command| {
            on_database(command);
            command
        });
        let minsu = server.sign_in("minsu").await;
        Self { gate, server, minsu, _directory: directory }
    }

    async fn health_becomes(&self, expected: u16) {
        let (url, begun) = (format!("http://{}/healthz", self.server.address), Instant::now());
        while reqwest::get(&url).await.unwrap().status().as_u16() != expected {
            assert!(begun.elapsed() < TEST_TIMEOUT, "never {expected}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Loses the database until all windows are closed. They come back to this node, as no other is there.
    async fn lose_it(&mut self, way: Way) {
        let room = open_room(&self.minsu).await;
        let windows = join_all((0..WINDOWS).map(|_| self.minsu.lobby())).await;
        self.gate.set(way);
        let begun = Instant::now();
        self.health_becomes(503).await;
        let closings = join_all(windows.into_iter().map(|window| closing(window, begun))).await;
        let (first, last) = (closings.iter().min().unwrap(), closings.iter().max().unwrap());
        assert!(*first >= PATIENCE && *last - *first >= Duration::from_secs(3), "{way:?}: from {first:?} to {last:?}");
        self.gate.set(Way::Open);
        self.health_becomes(200).await;
        let mut socket = self.minsu.chat(room).await;
        let posted = socket.post("다시 됩니다").await;
        assert_eq!(socket.message().await.0.id, posted);
        assert!(self.server.child.try_wait().unwrap().is_none(), "without a restart");
    }
}

async fn closing(mut window: Socket, begun: Instant) -> Duration {
    assert_eq!(window.close_code().await, 1013);
    begun.elapsed()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_without_its_database_sends_its_windows_elsewhere_and_serves_again_when_it_is_back() {
    let mut node = CutOffNode::start().await;
    node.lose_it(Way::Refused).await;
    node.lose_it(Way::Silent).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_short_absence_of_the_database_closes_no_window() {
    let node = CutOffNode::start().await;
    let windows = join_all((0..WINDOWS).map(|_| node.minsu.lobby())).await;
    node.gate.set(Way::Refused);
    node.health_becomes(503).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    node.gate.set(Way::Open);
    node.health_becomes(200).await;
    for mut window in windows {
        window.settle().await;
    }
}
