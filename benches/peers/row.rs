//! The costs of one server with a number of connections, as a row of a table that is written and read again.

use std::{fs, io, path::Path};

use crate::table::cell;

/// The columns of the table, in the order of [`Row::cells`].
pub(crate) const COLUMNS: [&str; 9] = [
    "server",
    "connections",
    "turn",
    "KiB a connection",
    "µs CPU a delivery",
    "p50 ms",
    "p99 ms",
    "p99.9 ms",
    "connected in s",
];

#[derive(Clone)]
pub(crate) struct Row {
    pub(crate) server: String,
    pub(crate) connections: usize,
    pub(crate) turn: usize,
    /// Resident KiB per idle connection.
    pub(crate) idle_kib: f64,
    /// CPU time of the server per delivery, in microseconds.
    pub(crate) cpu_us: f64,
    /// The time until a receiver has read a text, in milliseconds.
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    pub(crate) p999_ms: f64,
    pub(crate) connected_s: f64,
}

impl Row {
    pub(crate) fn cells(&self) -> [String; COLUMNS.len()] {
        let Self { idle_kib, cpu_us, p50_ms, p99_ms, p999_ms, connected_s, .. } = *self;
        let [kib, cpu, p50, p99, p999, connected] = [idle_kib, cpu_us, p50_ms, p99_ms, p999_ms, connected_s].map(cell);
        let (connections, turn) = (self.connections.to_string(), self.turn.to_string());
        [self.server.clone(), connections, turn, kib, cpu, p50, p99, p999, connected]
    }

    fn parse(line: &str) -> Option<Self> {
        let mut values = line.split('\t');
        let (server, connections) = (values.next()?.to_owned(), values.next()?.parse().ok()?);
        let turn = values.next()?.parse().ok()?;
        let mut next = || values.next()?.parse::<f64>().ok();
        let (idle_kib, cpu_us, p50_ms) = (next()?, next()?, next()?);
        let (p99_ms, p999_ms, connected_s) = (next()?, next()?, next()?);
        Some(Self { server, connections, turn, idle_kib, cpu_us, p50_ms, p99_ms, p999_ms, connected_s })
    }
}

/// Reads the table of an earlier run.
///
/// # Errors
/// If it cannot be read.
pub(crate) fn read(file: &Path) -> io::Result<Vec<Row>> {
    Ok(fs::read_to_string(file)?.lines().filter_map(Row::parse).collect())
}
