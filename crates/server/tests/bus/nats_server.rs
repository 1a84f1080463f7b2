//! Real servers of NATS for the tests: each has a port and a folder of its own, and ends with the process.

use std::{
    env, fs,
    io::{BufRead, BufReader},
    net::{TcpListener, TcpStream},
    path::PathBuf,
    process::{self, Child, Command, Stdio},
    sync::atomic::{AtomicU16, Ordering},
    thread::sleep,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

const START_TIMEOUT: Duration = Duration::from_secs(20);

/// Runs the server until the standard input ends: also after a test process was killed. Says the server's process.
const GUARD: &str = r#"
    "$@" >>"$FOLDER/log" 2>&1 & server=$!
    echo $server
    cat >/dev/null
    kill -KILL $server 2>/dev/null
"#;

static PORT: AtomicU16 = AtomicU16::new(0);

pub(crate) struct NatsServer {
    pub(crate) port: u16,
    folder: TempDir,
    running: Option<NatsProcess>,
}

struct NatsProcess {
    guard: Child,
    server: Pid,
}

impl NatsServer {
    /// A server with these settings besides its address.
    pub(crate) fn start(settings: &str) -> Self {
        Self::start_at(free_port(), settings)
    }

    pub(crate) fn start_at(port: u16, settings: &str) -> Self {
        let mut server = Self::stopped(port, settings);
        server.restart();
        server
    }

    pub(crate) fn stopped(port: u16, settings: &str) -> Self {
        let folder = tempfile::Builder::new().prefix("daehwa-nats-").tempdir().unwrap();
        let settings = format!("listen: \"127.0.0.1:{port}\"\ndebug: true\n{settings}\n");
        fs::write(folder.path().join("nats.conf"), settings).unwrap();
        Self { port, folder, running: None }
    }

    pub(crate) fn restart(&mut self) {
        let mut guard = Command::new("sh");
        guard.args(["-c", GUARD, "guard"]).arg(program()).arg("-c").arg(self.folder.path().join("nats.conf"));
        guard.env("FOLDER", self.folder.path()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut guard = guard.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(guard.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let server = Pid::from_raw(line.trim().parse().unwrap()).unwrap();
        self.running = Some(NatsProcess { guard, server });
        self.wait("it did not start", |server| server.answers());
    }

    /// As a crash does it. Returns when the port is closed.
    pub(crate) fn kill(&mut self) {
        self.running = None;
        self.wait("it did not end", |server| !server.answers());
    }

    /// Stops it as a machine without a processor would be: connections stay open and silent.
    pub(crate) fn pause(&self) {
        kill_process(self.running.as_ref().unwrap().server, Signal::STOP).unwrap();
    }

    pub(crate) fn resume(&self) {
        kill_process(self.running.as_ref().unwrap().server, Signal::CONT).unwrap();
    }

    pub(crate) fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// Waits until the server's log contains this.
    pub(crate) async fn wait_for_log(&self, words: &str) {
        let deadline = Instant::now() + START_TIMEOUT;
        while !self.log().contains(words) {
            assert!(Instant::now() < deadline, "the server does not log {words:?}:\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    fn answers(&self) -> bool {
        TcpStream::connect(("127.0.0.1", self.port)).is_ok()
    }

    fn wait(&self, otherwise: &str, done: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + START_TIMEOUT;
        while !done(self) {
            assert!(Instant::now() < deadline, "nats-server: {otherwise}:\n{}", self.log());
            sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for NatsProcess {
    fn drop(&mut self) {
        let _ = kill_process(self.server, Signal::KILL);
        drop(self.guard.stdin.take());
        let _ = self.guard.wait();
    }
}

/// Below the ports that the system gives to clients, and different in test processes that run at once.
pub(crate) fn free_port() -> u16 {
    let first = 20_000 + u16::try_from(process::id() % 600).unwrap() * 20;
    loop {
        let port = first + PORT.fetch_add(1, Ordering::Relaxed) % 400;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

fn program() -> PathBuf {
    if let Some(program) = env::var_os("DAEHWA_NATS") {
        return program.into();
    }
    let path = env::var_os("PATH").unwrap_or_default();
    // Debian's package has it where only root's PATH leads.
    let folders = env::split_paths(&path).chain(["/usr/sbin".into(), "/usr/local/sbin".into()]);
    folders
        .map(|folder| folder.join("nats-server"))
        .find(|program| program.is_file())
        .expect("these tests need nats-server: `make setup` installs it, or DAEHWA_NATS names the program")
}
