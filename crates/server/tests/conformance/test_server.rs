//! A PostgreSQL server for the tests of this process: it is started once, in a folder and behind a socket of its own, and
//! ends with the process.

use std::{
    env, fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use server::model::DatabaseUrl;

pub(crate) const PORT: u16 = 5432;
const START_TIMEOUT: Duration = Duration::from_secs(60);

/// Runs the server until its standard input ends, then removes the folder: also after a test process was killed.
const GUARD: &str = r#"
    "$@" >"$FOLDER/log" 2>&1 & server=$!
    cat >/dev/null
    kill -QUIT $server; wait $server
    rm -rf "$FOLDER"
"#;

static SERVER: OnceLock<TestServer> = OnceLock::new();
static DATABASES: AtomicU32 = AtomicU32::new(0);

pub(crate) struct TestServer {
    pub(crate) folder: PathBuf,
    pub(crate) programs: PathBuf,
    pub(crate) port: u16,
}

impl TestServer {
    pub(crate) fn get() -> &'static Self {
        SERVER.get_or_init(Self::start)
    }

    fn start() -> Self {
        let server = Self::stopped(PORT, "local all locked scram-sha-256\nlocal all all trust\n");
        server.run(&["listen_addresses="]);
        server.execute("/postgres", "CREATE ROLE locked LOGIN PASSWORD 'correct'");
        server
    }

    /// A server in a folder of its own. `access`: its `pg_hba.conf`.
    pub(crate) fn stopped(port: u16, access: &str) -> Self {
        let programs = programs();
        let folder = tempfile::Builder::new().prefix("daehwa-postgres-").tempdir().unwrap().keep();
        give(&folder);
        let server = Self { folder, programs, port };
        let mut make = as_user(&server.programs.join("initdb"));
        let options = ["-U", "daehwa", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "-D"];
        run(make.args(options).arg(server.data()));
        fs::write(server.data().join("pg_hba.conf"), access).unwrap();
        // In the file of `ALTER SYSTEM`, so that a benchmark can change it.
        fs::write(server.data().join("postgresql.auto.conf"), "autovacuum = off\n").unwrap();
        server
    }

    /// Starts it with these settings. It ends with this process.
    pub(crate) fn run(&self, settings: &[&str]) {
        self.guard(settings);
        let deadline = Instant::now() + START_TIMEOUT;
        while !self.is_ready() {
            let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
            assert!(Instant::now() < deadline, "PostgreSQL did not start:\n{log}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn guard(&self, settings: &[&str]) {
        let serve = as_user(&self.programs.join("postgres"));
        let mut guard = Command::new("sh");
        guard.args(["-c", GUARD, "guard"]).arg(serve.get_program()).args(serve.get_args());
        guard.arg("-D").arg(self.data()).arg("-k").arg(&self.folder).args(["-p", &self.port.to_string()]);
        for setting in ["fsync=off", "max_connections=300"].iter().chain(settings) {
            guard.args(["-c", setting]);
        }
        let child = guard.env("FOLDER", &self.folder).stdin(Stdio::piped()).spawn().unwrap();
        // Its standard input stays open as long as this process.
        std::mem::forget(child);
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn is_ready(&self) -> bool {
        let mut ask = Command::new(self.programs.join("pg_isready"));
        ask.args(self.address()).stdout(Stdio::null()).status().is_ok_and(|status| status.success())
    }

    /// The arguments that lead the server's own programs to it.
    pub(crate) fn address(&self) -> [String; 6] {
        let folder = self.folder.display().to_string();
        ["-h", &folder, "-p", &self.port.to_string(), "-U", "daehwa"].map(str::to_owned)
    }

    /// The URL of a new, empty database.
    pub(crate) fn new_database(&self) -> DatabaseUrl {
        self.new_database_behind(&self.folder)
    }

    /// The same, reached through the socket in another folder.
    pub(crate) fn new_database_behind(&self, folder: &Path) -> DatabaseUrl {
        let name = format!("test{}", DATABASES.fetch_add(1, Ordering::Relaxed));
        run(Command::new(self.programs.join("createdb")).args(self.address()).arg(&name));
        let folder = folder.display().to_string().replace('/', "%2F");
        format!("postgres://daehwa@{folder}:{}/{name}", self.port).parse().unwrap()
    }

    /// Runs a statement.
    pub(crate) fn execute(&self, url: &str, sql: &str) {
        let name = url.rsplit('/').next().unwrap();
        let mut psql = Command::new(self.programs.join("psql"));
        run(psql.args(self.address()).args(["-q", "-v", "ON_ERROR_STOP=1", "-d", name, "-c", sql]));
    }
}

/// The folder of the newest PostgreSQL's programs.
pub(crate) fn programs() -> PathBuf {
    if let Some(folder) = env::var_os("DAEHWA_POSTGRES") {
        return folder.into();
    }
    let installed = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|entry| entry.path());
    let mut versions: Vec<PathBuf> = installed.map(|path| path.join("bin")).filter(|path| path.is_dir()).collect();
    versions.sort();
    versions
        .pop()
        .expect("these tests need PostgreSQL: `make setup` installs it, or DAEHWA_POSTGRES names its bin folder")
}

pub(crate) fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

/// Gives a file or folder to the user whose PostgreSQL runs.
pub(crate) fn give(path: &Path) {
    if is_root() {
        run(Command::new("chown").arg("postgres").arg(path));
    }
}

/// PostgreSQL refuses to run as root.
pub(crate) fn as_user(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid", "postgres", "--regid", "postgres", "--clear-groups"]).arg(program);
    command
}

pub(crate) fn run(command: &mut Command) {
    let output = command.current_dir("/").output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}
