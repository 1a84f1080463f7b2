//! The growth of a cost with the connections, relative to the smallest number of connections.

use crate::row::Row;

/// Up to this power of the connections a total counts as linear, because measurements scatter.
const LINEAR: f64 = 1.05;

/// A cost per connection or per delivery.
#[derive(Clone, Copy)]
pub(crate) struct Metric {
    pub(crate) name: &'static str,
    pub(crate) of: fn(&Row) -> f64,
    /// Whether it is a total, rather than a cost per connection.
    is_total: bool,
}

pub(crate) const METRICS: [Metric; 3] = [
    Metric { name: "p99 latency, ms", of: |row| row.p99_ms, is_total: true },
    Metric { name: "CPU a delivery, µs", of: |row| row.cpu_us, is_total: false },
    Metric { name: "memory a connection, KiB", of: |row| row.idle_kib, is_total: false },
];

/// The median of one server's turns, by connections, in ascending order; without values too small to measure.
pub(crate) fn series(rows: &[Row], server: &str, metric: Metric) -> Vec<(usize, f64)> {
    let of_server: Vec<&Row> = rows.iter().filter(|row| row.server == server).collect();
    let mut sizes: Vec<usize> = of_server.iter().map(|row| row.connections).collect();
    sizes.sort_unstable();
    sizes.dedup();
    let middle = |size: usize| {
        let at_size = of_server.iter().filter(|row| row.connections == size);
        let mut values: Vec<f64> = at_size.map(|row| (metric.of)(row)).collect();
        values.sort_by(f64::total_cmp);
        (size, values[values.len() / 2])
    };
    sizes.into_iter().map(middle).filter(|(_, value)| *value > 0.0).collect()
}

/// The servers, in the order of their first rows.
pub(crate) fn servers(rows: &[Row]) -> Vec<&str> {
    let mut servers: Vec<&str> = Vec::new();
    for row in rows {
        if !servers.contains(&row.server.as_str()) {
            servers.push(&row.server);
        }
    }
    servers
}

/// The table, with a row for every server and metric.
pub(crate) fn table(rows: &[Row]) -> String {
    let mut lines = vec![
        "| server | metric | at the smallest | then, a connection, beside it | the total grows as |".to_owned(),
        "| --- | --- | --- | --- | --- |".to_owned(),
    ];
    for server in servers(rows) {
        let lines_of = METRICS.iter().filter_map(|metric| line(server, *metric, &series(rows, server, *metric)));
        lines.extend(lines_of);
    }
    lines.join("\n")
}

fn line(server: &str, metric: Metric, series: &[(usize, f64)]) -> Option<String> {
    let (&(smallest, first), later) = series.split_first()?;
    let a_connection = |size: usize, value: f64| if metric.is_total { value / size as f64 } else { value };
    let ratio = |&(size, value): &(usize, f64)| a_connection(size, value) / a_connection(smallest, first);
    let ratios: Vec<String> = later.iter().map(|point| format!("{}: ×{:.2}", point.0, ratio(point))).collect();
    let largest = later.last()?;
    let power = 1.0 + ratio(largest).ln() / (largest.0 as f64 / smallest as f64).ln();
    let verdict = if power <= LINEAR { "linear or better" } else { "more than linear" };
    let (name, ratios) = (metric.name, ratios.join(", "));
    Some(format!("| {server} | {name} | {smallest}: {first:.1} | {ratios} | n^{power:.2}, {verdict} |"))
}
