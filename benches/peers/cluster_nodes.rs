//! Nodes on one PostgreSQL database, as processes, and the CPU time of all of them.

use std::{env, fs, io, path::Path, process::Command, rc::Rc, time::Duration};

use crate::{
    peer,
    people::BenchPeople,
    process::{Process, cpu_of},
    test_server::TestServer,
};

/// Nodes of one database, with an organisation. Dropping it ends them.
pub(crate) struct Nodes {
    pub(crate) nodes: Vec<Process>,
    pub(crate) people: Rc<BenchPeople>,
    _directory: tempfile::TempDir,
}

impl Nodes {
    /// Starts `count` nodes without limits, with an organisation of `size` users, a group of up to `group` of them, and
    /// direct rooms of two each. The database server does not sync its files: the disk is not what is measured.
    ///
    /// # Errors
    /// If they cannot be started.
    pub(crate) async fn start(count: usize, size: usize, group: usize) -> io::Result<Self> {
        let directory = peer::directory()?;
        keep_statistics();
        let data = directory.path().join("data");
        // The first start creates the database that is copied.
        drop(peer::ours(&data, directory.path(), &peer::UNLIMITED)?);
        let people = BenchPeople::settle(&data, size, group).await.map_err(io::Error::other)?;
        let url = TestServer::get().new_database();
        let mut copy = Command::new(peer::program());
        let copied = copy.arg("--data").arg(&data).args(["copy", "--to", url.secret()]).output()?;
        if !copied.status.success() {
            return Err(io::Error::other(String::from_utf8_lossy(&copied.stderr).into_owned()));
        }
        let bus = env::var("BENCH_BUS").ok();
        let bus: Vec<&str> = bus.iter().flat_map(|bus| ["--bus", bus]).collect();
        let limits = [&["--list-everybody", "0", "--database", url.secret()], &bus[..], &peer::UNLIMITED[..]].concat();
        let nodes = (0..count).map(|_| peer::ours(&data, directory.path(), &limits)).collect::<io::Result<_>>()?;
        Ok(Self { nodes, people: people.into(), _directory: directory })
    }

    /// The address of the `number`th node, modulo their number.
    pub(crate) fn address(&self, number: usize) -> &str {
        &self.nodes[number % self.nodes.len()].address
    }

    /// CPU time so far of the nodes, and of the database server with all its processes.
    pub(crate) fn cpu(&self) -> [Duration; 2] {
        [self.nodes.iter().map(Process::cpu).sum(), database_cpu(&TestServer::get().folder)]
    }
}

/// Lets the database server keep the statistics that its plans need, as in production.
fn keep_statistics() {
    let server = TestServer::get();
    for setting in ["autovacuum = on", "autovacuum_naptime = '1s'"] {
        server.execute("/postgres", &format!("ALTER SYSTEM SET {setting}"));
    }
    server.execute("/postgres", "SELECT pg_reload_conf()");
}

/// The processes of a database server are children of the one that its folder names.
fn database_cpu(folder: &Path) -> Duration {
    let pid = fs::read_to_string(folder.join("data/postmaster.pid")).unwrap_or_default();
    let Some(parent) = pid.lines().next().map(str::trim).map(str::to_owned) else { return Duration::ZERO };
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let is_of_it = |pid: &u32| {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let of = stat.rsplit(')').next().and_then(|rest| rest.split_whitespace().nth(1).map(str::to_owned));
        pid.to_string() == parent || of.is_some_and(|of| of == parent)
    };
    pids.filter(is_of_it).map(cpu_of).sum()
}
