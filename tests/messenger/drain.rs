//! How a server leaves: its health first, then its windows, little by little.

use std::time::{Duration, Instant};

use futures::future::join_all;

use crate::{
    daemon::{Server, add_people, open_room},
    stage::{Person, Socket, refused},
};

const WINDOWS: usize = 200;
/// How long the health check fails before the first window is closed.
const UNHEALTHY_BEFORE_CLOSING: Duration = Duration::from_secs(5);
const DRAIN_SECONDS: usize = 4;

struct DrainingServer {
    server: Server,
    minsu: Person,
    windows: Vec<Socket>,
    _directory: tempfile::TempDir,
}

impl DrainingServer {
    async fn start(windows: usize) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let data = directory.path().join("data");
        add_people(&data);
        let seconds = DRAIN_SECONDS.to_string();
        let server = Server::start_with(&data, "127.0.0.1:0", |command| command.args(["--drain-seconds", &seconds]));
        let minsu = server.sign_in("minsu").await;
        let windows = join_all((0..windows).map(|_| minsu.lobby())).await;
        Self { server, minsu, windows, _directory: directory }
    }

    async fn health_fails(&self) {
        let begun = Instant::now();
        while self.health().await != 503 {
            assert!(begun.elapsed() < Duration::from_secs(2), "a balancer does not learn of it");
        }
    }

    async fn health(&self) -> u16 {
        reqwest::get(format!("http://{}/healthz", self.server.address)).await.unwrap().status().as_u16()
    }
}

/// When each window was closed as going away, in order.
async fn closings(windows: Vec<Socket>, begun: Instant) -> Vec<Duration> {
    let each = windows.into_iter().map(|mut window| async move {
        assert_eq!(window.close_code().await, 1001);
        begun.elapsed()
    });
    let mut closings = join_all(each).await;
    closings.sort();
    closings
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draining_server_fails_its_health_check_then_closes_its_windows_little_by_little() {
    let mut draining = DrainingServer::start(WINDOWS).await;
    let room = open_room(&draining.minsu).await;
    assert_eq!(draining.health().await, 200);
    draining.server.signal("-TERM");
    let begun = Instant::now();
    draining.health_fails().await;
    let mut socket = draining.minsu.chat(room).await;
    let posted = socket.post("아직 됩니다").await;
    assert_eq!(socket.message().await.0.id, posted, "everything is still served");
    let windows = std::mem::take(&mut draining.windows);
    let (closings, (status, health)) = tokio::join!(closings(windows, begun), async {
        tokio::time::sleep(UNHEALTHY_BEFORE_CLOSING + Duration::from_secs(1)).await;
        (refused(draining.minsu.own_request("/usersServerEndpoint")).await, draining.health().await)
    });
    assert_eq!((status, health), (503, 503), "new windows go to another node, and the balancer keeps away");
    assert!(closings[0] >= UNHEALTHY_BEFORE_CLOSING, "{:?}", closings[0]);
    let busiest = closings
        .iter()
        .map(|start| closings.iter().filter(|at| (*start..*start + Duration::from_secs(1)).contains(*at)).count());
    let busiest = busiest.max().unwrap();
    assert!(busiest < WINDOWS * 3 / 2 / DRAIN_SECONDS, "{busiest} windows in one second");
    assert!(draining.server.child.wait().unwrap().success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_signal_ends_a_drain_at_once() {
    let mut draining = DrainingServer::start(20).await;
    draining.server.signal("-TERM");
    draining.health_fails().await;
    let begun = Instant::now();
    draining.server.signal("-TERM");
    let closings = closings(std::mem::take(&mut draining.windows), begun).await;
    assert!(closings[19] < Duration::from_secs(2), "{:?}", closings[19]);
    assert!(draining.server.child.wait().unwrap().success());
    assert!(begun.elapsed() < UNHEALTHY_BEFORE_CLOSING);
}
