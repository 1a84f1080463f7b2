//! A server as a process: starts it, measures it from outside, and ends it.

use std::{
    fs,
    io::{BufRead, BufReader, Error, Result},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use tokio::{net::TcpStream, time::sleep};

/// The kernel's unit of CPU time: a hundred a second on every current Linux.
const TICK: Duration = Duration::from_millis(10);
/// The time limit until a server can be reached.
const START_TIMEOUT: Duration = Duration::from_secs(20);

pub(crate) struct Process {
    child: Child,
    /// `host:port`.
    pub(crate) address: String,
}

impl Process {
    /// Starts a server that prints its address on a separate line.
    ///
    /// # Errors
    /// If it cannot be started or ends at once.
    pub(crate) fn start(program: &Path, arguments: &[&str], directory: &Path) -> Result<Self> {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(directory).stdout(Stdio::piped()).stderr(Stdio::inherit());
        let mut child = command.spawn()?;
        let Some(output) = child.stdout.take() else { return Err(Error::other("no output")) };
        for line in BufReader::new(output).lines() {
            if let Some((_, address)) = line?.split_once("http://") {
                let address = address.split([' ', '/']).next().unwrap_or_default().to_owned();
                return Ok(Self { child, address });
            }
        }
        Err(Error::other("ended before it had an address"))
    }

    /// Starts a server at a given address, and waits until it can be reached there.
    ///
    /// # Errors
    /// If it cannot be started, ends at once, or cannot be reached in time.
    pub(crate) async fn start_at(
        address: SocketAddr,
        program: &Path,
        arguments: &[&str],
        directory: &Path,
    ) -> Result<Self> {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(directory).stdout(Stdio::null()).stderr(Stdio::inherit());
        let mut process = Self { child: command.spawn()?, address: address.to_string() };
        let began = Instant::now();
        while TcpStream::connect(address).await.is_err() {
            if process.child.try_wait()?.is_some() || began.elapsed() > START_TIMEOUT {
                return Err(Error::other("cannot be reached"));
            }
            sleep(Duration::from_millis(50)).await;
        }
        Ok(process)
    }

    /// Resident memory in KiB.
    pub(crate) fn resident(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
    }

    /// CPU time so far, of user and system.
    pub(crate) fn cpu(&self) -> Duration {
        cpu_of(self.child.id())
    }
}

/// CPU time so far of a process, of user and system.
pub(crate) fn cpu_of(pid: u32) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The process name before the last parenthesis may contain anything.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
    TICK * fields.filter_map(|field| field.parse::<u32>().ok()).sum::<u32>()
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
