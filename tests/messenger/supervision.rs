//! The end of the process when an essential background task fails.

use std::{
    fs::{self, File},
    net::TcpListener,
    thread::sleep,
    time::{Duration, Instant},
};

use daehwa::run;
use protocol::ids::UserId;
use server::{app::AppState, messenger::Messenger, origin::Origins};
use tempfile::TempDir;
use tokio::{task::JoinHandle, time::timeout};

use crate::{
    daemon::{Server, add_people, user},
    stage::{HERE, PASSWORD, Person, Socket, TEST_TIMEOUT, actor, unlimited},
    torture::shim,
};

/// A server in this process, and a window of its one user.
struct RunningServer {
    messenger: Messenger,
    /// The result of `run`, as text.
    outcome: JoinHandle<String>,
    me: UserId,
    lobby: Socket,
    _data: TempDir,
}

impl RunningServer {
    async fn start() -> Self {
        let data = tempfile::tempdir().unwrap();
        let messenger = Messenger::open(data.path(), unlimited()).await.unwrap();
        let me = messenger.accounts().add("minsu", "김민수", PASSWORD, false).await.unwrap();
        let token = messenger.accounts().sign_in("minsu", PASSWORD, HERE).await.unwrap().token;
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let app = AppState::new(messenger.clone(), Origins::default(), "127.0.0.0/8".parse().unwrap(), address.port());
        let server = run::run(listener, app, Duration::ZERO);
        let outcome = tokio::spawn(async { server.await.map_or_else(|error| error.to_string(), |()| String::new()) });
        let mut lobby = Person { id: me, token, address }.lobby().await;
        lobby.settle().await;
        Self { messenger, outcome, me, lobby, _data: data }
    }

    /// The close code of the window, and the result of `run`.
    async fn end(mut self) -> (u16, String) {
        let code = self.lobby.close_code().await;
        let outcome = timeout(Duration::from_secs(10), self.outcome).await.unwrap().unwrap();
        let opened = self.messenger.rooms().open_direct(actor(self.me), self.me).await;
        assert!(opened.is_err(), "the store is closed");
        (code, outcome)
    }
}

#[tokio::test]
async fn a_failed_task_closes_the_sockets_as_going_away_and_ends_the_server_with_its_name() {
    let running = RunningServer::start().await;
    running.messenger.supervisor().spawn_essential("clock", async { panic!("no time") });
    assert_eq!(running.end().await, (1001, "essential task 'clock' failed: it panicked: no time".into()));
}

/// The tasks that start with the sockets. `messenger/open.rs` kills the others.
#[cfg(debug_assertions)]
#[tokio::test]
async fn the_death_of_the_accept_loop_or_of_a_delivery_worker_ends_the_server_with_its_name() {
    for task in ["accept loop", "delivery worker", "paced delivery worker"] {
        let running = RunningServer::start().await;
        running.messenger.supervisor().kill(task);
        assert_eq!(running.end().await, (1001, format!("essential task '{task}' failed: it panicked: killed")));
    }
}

/// errno(3) of a call that a sandbox forbids.
const EPERM: i32 = 1;

#[test]
fn the_program_exits_with_a_failure_and_a_log_line_when_an_essential_task_dies() {
    let directory = tempfile::tempdir().unwrap();
    let [data, fault, log] = ["data", "fault", "log"].map(|name| directory.path().join(name));
    add_people(&data);
    let stderr = File::create(&log).unwrap();
    let mut server = Server::start_with(&data, "127.0.0.1:0", |command| {
        command.env("LD_PRELOAD", shim::library()).env("DAEHWA_RANDOM_FAULT", &fault).stderr(stderr)
    });
    // Another process disables an account. The account watch then begins a new epoch of the user log, which needs
    // randomness.
    fs::write(&fault, EPERM.to_string()).unwrap();
    assert!(user(&data, &["disable", "younghee"], "").status.success());
    let begun = Instant::now();
    let status = loop {
        if let Some(status) = server.child.try_wait().unwrap() {
            break status;
        }
        assert!(begun.elapsed() < TEST_TIMEOUT, "the server goes on without its account watch");
        sleep(Duration::from_millis(50));
    };
    let log = fs::read_to_string(&log).unwrap();
    assert_eq!(status.code(), Some(1), "{log}");
    let line = log.lines().find(|line| line.contains("essential task failed")).unwrap_or_else(|| panic!("{log}"));
    assert!(line.contains("ERROR") && line.contains("account watch") && line.contains("random"), "{line}");
    assert!(log.lines().any(|line| line.starts_with("daehwa: essential task 'account watch' failed")), "{log}");
}
