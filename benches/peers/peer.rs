//! The compared servers: their names, how to start them and how to connect to them.

use std::{
    env, io,
    path::{Path, PathBuf},
};

use crate::{
    machine::output,
    peer_client::PeerClient,
    people::BenchPeople,
    process::Process,
    prosody,
    settings::{number, path},
};

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Peer {
    Daehwa,
    /// Daehwa, in the legacy dialect.
    Original,
    Bun,
    NodeWs,
    SocketIo,
    Python,
    Prosody,
}

/// A running server, and how to connect to it. Dropping it ends the server.
pub(crate) struct Running {
    pub(crate) process: Process,
    pub(crate) client: PeerClient,
    /// The server's data directory.
    _directory: Option<tempfile::TempDir>,
}

impl Peer {
    pub(crate) const ALL: [Self; 7] =
        [Self::Daehwa, Self::Original, Self::Bun, Self::NodeWs, Self::SocketIo, Self::Python, Self::Prosody];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Daehwa => "Daehwa",
            Self::Original => "Daehwa, original's dialect",
            Self::Bun => "Bun",
            Self::NodeWs => "node ws",
            Self::SocketIo => "socket.io",
            Self::Python => "Python websockets",
            Self::Prosody => "Prosody",
        }
    }

    /// The largest number of connections it is measured with.
    pub(crate) fn most(self) -> usize {
        if self == Self::Prosody { number("BENCH_PROSODY_MAX", 5_000) } else { usize::MAX }
    }

    /// The installed version; `None` if it cannot be measured on this machine.
    pub(crate) fn version(self) -> Option<String> {
        let node = |package: &str| {
            let script = format!("require('{package}/package.json').version + ' on node ' + process.versions.node");
            output("node", &["-p", &script], &servers())
        };
        match self {
            Self::Daehwa | Self::Original => {
                let version = output(program(), &["--version"], &servers())?;
                Some(version.trim_start_matches("daehwa ").to_owned())
            }
            Self::Bun => output(bun(), &["--version"], &servers()),
            Self::NodeWs => node("ws"),
            Self::SocketIo => node("socket.io"),
            Self::Python => {
                let script =
                    "import platform, websockets; print(websockets.__version__, 'on', platform.python_version())";
                output(python(), &["-c", script], &servers())
            }
            // A Prosody that does not know the argument would start instead.
            Self::Prosody => Some(output("prosodyctl", &["about"], &servers())?.replace("Prosody ", "")),
        }
    }

    /// # Errors
    /// If it cannot be started.
    pub(crate) async fn start(self, connections: usize) -> io::Result<Running> {
        match self {
            Self::Daehwa | Self::Original => {
                let (process, people, directory) = group_of(connections).await?;
                let client =
                    if self == Self::Daehwa { PeerClient::Daehwa(people) } else { PeerClient::Original(people) };
                Ok(Running { process, client, _directory: Some(directory) })
            }
            Self::Bun => script(&bun(), "bun.js", PeerClient::Plain),
            Self::NodeWs => script(Path::new("node"), "ws.mjs", PeerClient::Plain),
            Self::SocketIo => script(Path::new("node"), "socketio.mjs", PeerClient::SocketIo),
            Self::Python => script(&python(), "websockets_server.py", PeerClient::Plain),
            Self::Prosody => {
                let directory = directory()?;
                let process = prosody::start(directory.path()).await?;
                Ok(Running { process, client: PeerClient::Xmpp, _directory: Some(directory) })
            }
        }
    }
}

/// The directory of the compared servers.
pub(crate) fn servers() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers/servers")
}

pub(crate) fn program() -> PathBuf {
    path("DAEHWA_BIN", "target/release/daehwa")
}

fn bun() -> PathBuf {
    servers().join("node_modules/.bin/bun")
}

fn python() -> PathBuf {
    env::var_os("BENCH_PYTHON").map_or_else(|| PathBuf::from("python3"), PathBuf::from)
}

fn script(program: &Path, script: &str, client: PeerClient) -> io::Result<Running> {
    let process = Process::start(program, &[script], &servers())?;
    Ok(Running { process, client, _directory: None })
}

/// A Daehwa server with a group of `BENCH_PEOPLE` users, who share this number of windows.
pub(crate) async fn group_of(windows: usize) -> io::Result<(Process, BenchPeople, tempfile::TempDir)> {
    organisation(windows.min(number("BENCH_PEOPLE", 100))).await
}

/// A Daehwa server without limits, with an organisation of `count` users.
pub(crate) async fn organisation(count: usize) -> io::Result<(Process, BenchPeople, tempfile::TempDir)> {
    organisation_with(count, &[&["--list-everybody", "0"], &UNLIMITED[..]].concat()).await
}

/// A Daehwa server with these limits, given as arguments, and an organisation of `count` users.
pub(crate) async fn organisation_with(
    count: usize,
    limits: &[&str],
) -> io::Result<(Process, BenchPeople, tempfile::TempDir)> {
    let directory = directory()?;
    let data = directory.path().join("data");
    // The first start creates the database.
    drop(ours(&data, directory.path(), limits)?);
    let group_size = count.min(protocol::limit::GROUP_MEMBERS);
    let people = BenchPeople::settle(&data, count, group_size).await.map_err(io::Error::other)?;
    Ok((ours(&data, directory.path(), limits)?, people, directory))
}

/// A directory on a disk, because /tmp may be in memory.
pub(crate) fn directory() -> io::Result<tempfile::TempDir> {
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("target");
    tempfile::Builder::new().prefix("bench-").tempdir_in(target)
}

/// No limit of rate or number.
pub(crate) const UNLIMITED: [&str; 8] = [
    "--max-sockets-per-user",
    "0",
    "--max-sockets-per-address",
    "0",
    "--connections-per-minute",
    "0",
    "--messages-per-second",
    "0",
];

pub(crate) fn ours(data: &Path, directory: &Path, limits: &[&str]) -> io::Result<Process> {
    let data = data.to_string_lossy();
    let arguments = ["--data", &data, "--addr", "127.0.0.1:0", "--log", "warn"];
    Process::start(&program(), &[&arguments, limits].concat(), directory)
}
