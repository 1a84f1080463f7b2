//! A PostgreSQL server of one test, which kills it, copies it to a standby and promotes that.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use server::model::DatabaseUrl;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tempfile::TempDir;

use crate::test_server::{PORT, as_user, is_root, programs, run};

const START_TIMEOUT: Duration = Duration::from_secs(60);
/// Runs the server until its standard input ends, also when the test was killed. SIGQUIT ends it as
/// `pg_ctl stop -m immediate` does: it closes nothing in order, and recovers from its log at the next start.
const GUARD: &str = r#"
    "$@" >>"$LOG" 2>&1 & server=$!
    cat >/dev/null
    kill -QUIT $server; wait $server
"#;

pub(crate) struct OwnPostgres {
    folder: TempDir,
    running: Option<Child>,
}

impl OwnPostgres {
    /// A server with an empty database.
    pub(crate) fn start() -> Self {
        let mut server = Self::stopped();
        let mut make = as_user(&programs().join("initdb"));
        let options = ["-U", "daehwa", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "-D"];
        run(make.args(options).arg(server.data()));
        fs::write(server.data().join("pg_hba.conf"), "local all all trust\nlocal replication all trust\n").unwrap();
        server.start_again();
        run(server.program("createdb").arg("daehwa"));
        server
    }

    fn stopped() -> Self {
        let folder = tempfile::Builder::new().prefix("daehwa-own-postgres-").tempdir().unwrap();
        if is_root() {
            run(Command::new("chown").arg("postgres").arg(folder.path()));
        }
        Self { folder, running: None }
    }

    pub(crate) fn start_again(&mut self) {
        let serve = as_user(&programs().join("postgres"));
        let mut guard = Command::new("sh");
        guard.args(["-c", GUARD, "guard"]).arg(serve.get_program()).args(serve.get_args());
        guard.arg("-D").arg(self.data()).arg("-k").arg(self.folder()).args(["-p", &PORT.to_string()]);
        for setting in ["listen_addresses=", "max_connections=300", "autovacuum=off"] {
            guard.args(["-c", setting]);
        }
        let guard = guard.env("LOG", self.folder().join("log")).current_dir("/").stdin(Stdio::piped());
        self.running = Some(guard.spawn().unwrap());
        let deadline = Instant::now() + START_TIMEOUT;
        while !self.program("pg_isready").stdout(Stdio::null()).status().unwrap().success() {
            assert!(Instant::now() < deadline, "PostgreSQL did not start: {}", self.log());
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Ends it without order, as a machine that fails.
    pub(crate) fn kill(&mut self) {
        if let Some(mut guard) = self.running.take() {
            drop(guard.stdin.take());
            guard.wait().unwrap();
        }
    }

    /// A copy that follows this server. `name`: how this server knows it.
    pub(crate) fn standby(&self, name: &str) -> Self {
        let mut standby = Self::stopped();
        let mut copy = as_user(&programs().join("pg_basebackup"));
        let from = format!("host={} port={PORT} user=daehwa application_name={name}", self.folder().display());
        run(copy.args(["-d", &from, "-R", "-X", "stream", "-c", "fast", "--no-sync", "-D"]).arg(standby.data()));
        standby.start_again();
        standby
    }

    /// Makes a standby a primary.
    pub(crate) fn promote(&self) {
        run(as_user(&programs().join("pg_ctl")).args(["promote", "-w", "-D"]).arg(self.data()));
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn data(&self) -> PathBuf {
        self.folder().join("data")
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder().join("log")).unwrap_or_default()
    }

    /// One of PostgreSQL's programs, led to this server.
    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(programs().join(name));
        command.arg("-h").arg(self.folder()).args(["-p", &PORT.to_string(), "-U", "daehwa"]);
        command
    }

    pub(crate) fn url(&self) -> DatabaseUrl {
        database_behind(self.folder())
    }

    pub(crate) async fn connect(&self) -> PgConnection {
        PgConnection::connect(self.url().secret()).await.unwrap()
    }

    /// Runs statements, each in a transaction of its own.
    pub(crate) async fn execute(&self, statements: &[&str]) {
        let mut db = self.connect().await;
        for statement in statements {
            sqlx::raw_sql(AssertSqlSafe((*statement).to_owned())).execute(&mut db).await.unwrap();
        }
    }
}

impl Drop for OwnPostgres {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The URL of the database, reached through the socket in this folder.
pub(crate) fn database_behind(folder: &Path) -> DatabaseUrl {
    let folder = folder.display().to_string().replace('/', "%2F");
    format!("postgres://daehwa@{folder}:{PORT}/daehwa").parse().unwrap()
}
