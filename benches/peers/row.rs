//! What one server cost with so many connections: as a row of the printed table, and as a line of a file.

use std::{fs, io, path::Path};

/// The columns of the file, in the order of [`Row::values`].
const COLUMNS: [&str; 9] = [
    "server",
    "connections",
    "turn",
    "kib_a_connection",
    "us_cpu_a_delivery",
    "p50_ms",
    "p99_ms",
    "p99.9_ms",
    "connected_in_s",
];

#[derive(Clone)]
pub(crate) struct Row {
    pub(crate) server: String,
    pub(crate) connections: usize,
    pub(crate) turn: usize,
    /// Resident KiB a connection, when nothing is said.
    pub(crate) idle_kib: f64,
    /// CPU time of the server a delivery, in microseconds.
    pub(crate) cpu_us: f64,
    /// Until a receiver has read a text, in milliseconds.
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    pub(crate) p999_ms: f64,
    pub(crate) connected_s: f64,
}

impl Row {
    pub(crate) fn head() -> String {
        let names = "| server | connections | turn | KiB a connection | µs CPU a delivery | p50 ms | p99 ms | p99.9 ms | connected in s |";
        format!("{names}\n|{}", " --- |".repeat(COLUMNS.len()))
    }

    /// A row of the printed table.
    pub(crate) fn cells(&self) -> String {
        let [server, connections, turn, ..] = self.values(0);
        let [.., kib, cpu, p50, p99, p999, connected] = self.values(1);
        format!("| {server} | {connections} | {turn} | {kib} | {cpu} | {p50} | {p99} | {p999} | {connected} |")
    }

    fn values(&self, decimals: usize) -> [String; COLUMNS.len()] {
        let Self { idle_kib, cpu_us, p50_ms, p99_ms, p999_ms, connected_s, .. } = *self;
        let [kib, cpu, p50, p99, p999, connected] =
            [idle_kib, cpu_us, p50_ms, p99_ms, p999_ms, connected_s].map(|value| format!("{value:.decimals$}"));
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

/// Writes all rows into a file of values between tabs.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn write(rows: &[Row], file: &Path) -> io::Result<()> {
    let lines = rows.iter().map(|row| row.values(3).join("\t"));
    let lines: Vec<String> = std::iter::once(COLUMNS.join("\t")).chain(lines).collect();
    fs::write(file, lines.join("\n") + "\n")
}

/// Reads what [`write`] wrote.
///
/// # Errors
/// When it cannot be read.
pub(crate) fn read(file: &Path) -> io::Result<Vec<Row>> {
    Ok(fs::read_to_string(file)?.lines().filter_map(Row::parse).collect())
}
