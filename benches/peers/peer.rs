//! The servers that are compared: what each is called, how it is started, how one talks to it.

use std::{
    env, io,
    path::{Path, PathBuf},
};

use crate::{
    machine::output,
    people::People,
    process::Process,
    prosody,
    settings::{number, path},
    speech::Speech,
};

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Peer {
    Daehwa,
    /// Daehwa, in the language of the original component.
    Original,
    Bun,
    NodeWs,
    SocketIo,
    Python,
    Prosody,
}

/// A server that runs, with how to talk to it. It ends when this is dropped.
pub(crate) struct Running {
    pub(crate) process: Process,
    pub(crate) speech: Speech,
    /// Where it keeps what it keeps.
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

    /// Connections it is measured with at most.
    pub(crate) fn most(self) -> usize {
        if self == Self::Prosody { number("BENCH_PROSODY_MAX", 5_000) } else { usize::MAX }
    }

    /// What is installed of it; none when it cannot be measured here.
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
            // Prosody itself would start where it does not know the argument.
            Self::Prosody => Some(output("prosodyctl", &["about"], &servers())?.replace("Prosody ", "")),
        }
    }

    /// # Errors
    /// When it cannot be started.
    pub(crate) async fn start(self, connections: usize) -> io::Result<Running> {
        match self {
            Self::Daehwa | Self::Original => {
                let (process, people, directory) = group_of(connections).await?;
                let speech = if self == Self::Daehwa { Speech::Daehwa(people) } else { Speech::Original(people) };
                Ok(Running { process, speech, _directory: Some(directory) })
            }
            Self::Bun => script(&bun(), "bun.js", Speech::Plain),
            Self::NodeWs => script(Path::new("node"), "ws.mjs", Speech::Plain),
            Self::SocketIo => script(Path::new("node"), "socketio.mjs", Speech::SocketIo),
            Self::Python => script(&python(), "websockets_server.py", Speech::Plain),
            Self::Prosody => {
                let directory = directory()?;
                let process = prosody::start(directory.path()).await?;
                Ok(Running { process, speech: Speech::Xmpp, _directory: Some(directory) })
            }
        }
    }
}

fn servers() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers/servers")
}

fn program() -> PathBuf {
    path("DAEHWA_BIN", "target/release/daehwa")
}

fn bun() -> PathBuf {
    servers().join("node_modules/.bin/bun")
}

fn python() -> PathBuf {
    env::var_os("BENCH_PYTHON").map_or_else(|| PathBuf::from("python3"), PathBuf::from)
}

fn script(program: &Path, script: &str, speech: Speech) -> io::Result<Running> {
    let process = Process::start(program, &[script], &servers())?;
    Ok(Running { process, speech, _directory: None })
}

/// A server of ours with a group of `BENCH_PEOPLE` people, who share so many windows.
pub(crate) async fn group_of(windows: usize) -> io::Result<(Process, People, tempfile::TempDir)> {
    organisation(windows.min(number("BENCH_PEOPLE", 100))).await
}

/// A server of ours with an organisation of so many people.
pub(crate) async fn organisation(count: usize) -> io::Result<(Process, People, tempfile::TempDir)> {
    let directory = directory()?;
    let data = directory.path().join("data");
    // The first start makes the database.
    drop(ours(&data, directory.path())?);
    let group_size = count.min(daehwa::protocol::limit::GROUP_MEMBERS);
    let people = People::settle(&data, count, group_size).await.map_err(io::Error::other)?;
    Ok((ours(&data, directory.path())?, people, directory))
}

/// On a disk: /tmp may be memory.
fn directory() -> io::Result<tempfile::TempDir> {
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("target");
    tempfile::Builder::new().prefix("bench-").tempdir_in(target)
}

fn ours(data: &Path, directory: &Path) -> io::Result<Process> {
    let data = data.to_string_lossy();
    let unlimited = [
        "--max-sockets-per-user",
        "0",
        "--max-sockets-per-address",
        "0",
        "--connections-per-minute",
        "0",
        "--messages-per-second",
        "0",
        "--log",
        "warn",
    ];
    let arguments: Vec<&str> = ["--data", &data, "--addr", "127.0.0.1:0"].into_iter().chain(unlimited).collect();
    Process::start(&program(), &arguments, directory)
}
