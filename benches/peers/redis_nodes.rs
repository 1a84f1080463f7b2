//! Processes of socket.io that one Redis connects: its own way to more than one process. It stores nothing.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    path::Path,
    time::Duration,
};

use crate::{
    machine::output,
    peer::{directory, servers},
    process::Process,
    wire::Wire,
};

/// Dropping it ends the processes.
pub(crate) struct RedisNodes {
    nodes: Vec<Process>,
    redis: Process,
    _directory: tempfile::TempDir,
}

impl RedisNodes {
    /// Starts a Redis that saves nothing, and `count` processes.
    ///
    /// # Errors
    /// If they cannot be started (`make setup-bench` installs them).
    pub(crate) async fn start(count: usize) -> io::Result<Self> {
        let directory = directory()?;
        // Redis cannot report a port that the system chose.
        let address: SocketAddr = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let port = address.port().to_string();
        let arguments = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--loglevel", "warning", "--port"];
        let arguments = [&arguments[..], &[&port]].concat();
        let redis = Process::start_at(address, Path::new("redis-server"), &arguments, directory.path()).await?;
        let url = format!("redis://{address}");
        let node = |_| Process::start(Path::new("node"), &["socketio_redis.mjs", &url], &servers());
        Ok(Self { nodes: (0..count).map(node).collect::<io::Result<_>>()?, redis, _directory: directory })
    }

    /// What is installed; `None` if it cannot be measured on this machine.
    pub(crate) fn version() -> Option<String> {
        // The package does not export its package.json.
        let script = "const at = require.resolve('@socket.io/redis-adapter'); \
                      const file = at.slice(0, at.indexOf('redis-adapter') + 13) + '/package.json'; \
                      JSON.parse(require('fs').readFileSync(file)).version";
        let adapter = output("node", &["-p", script], &servers())?;
        let redis = output("redis-server", &["--version"], &servers())?;
        let redis = redis.split_whitespace().find_map(|word| word.strip_prefix("v="))?.to_owned();
        Some(format!("@socket.io/redis-adapter {adapter}; Redis {redis}"))
    }

    /// The address of the `number`th process, modulo their number.
    pub(crate) fn address(&self, number: usize) -> &str {
        &self.nodes[number % self.nodes.len()].address
    }

    /// CPU time so far of the processes, and of Redis.
    pub(crate) fn cpu(&self) -> [Duration; 2] {
        [self.nodes.iter().map(Process::cpu).sum(), self.redis.cpu()]
    }
}

/// Connects, and joins a room.
///
/// # Errors
/// If the connection is lost.
pub(crate) async fn join(address: &str, room: &str, number: usize) -> io::Result<Wire> {
    let mut wire = Wire::connect(address, "/socket.io/?EIO=4&transport=websocket", "", number).await?;
    wire.until("0{").await?;
    wire.send("40").await?;
    wire.until("40").await?;
    wire.send(&format!(r#"42["join","{room}"]"#)).await?;
    wire.until("joined").await?;
    Ok(wire)
}

/// A text to a room.
pub(crate) fn post(room: &str, text: &str) -> String {
    format!(r#"42["said","{room}","{text}"]"#)
}
