//! Daehwa next to other servers, on the same machine, in the same minutes, with the same clients: `make bench`.
//! docs/performance.md describes the measurements.
//!
//! `BENCH_ONLY` (all): `fanout`, `idle`, `posts`, `arrivals`, `on_demand`, `storm`, `statuses`, `cluster` (of which
//! `cluster_socketio` and `cluster_storm` are parts), or `plot` from the rows of an earlier run. `BENCH_SIZES`
//! (100,1000,5000,15000): connections. `BENCH_ROUNDS` (40): texts to all of them. `BENCH_TURNS` (3): turns of every server. `BENCH_PEOPLE` (100): users in Daehwa's group, each with as many
//! windows as needed. `BENCH_PROSODY_MAX` (5000): Prosody's connections at most. `BENCH_RATES` (500,2000,5000): posts a
//! second. `BENCH_SIGNED_IN` (5000): users who are signed in while some change their status. `BENCH_ARRIVALS` (as
//! `BENCH_SIZES`): users. `BENCH_NODES` (1,2,3,1,2,3): nodes on one PostgreSQL, for `BENCH_CLUSTER_WINDOWS` (900)
//! windows of a group, over the bus that `BENCH_BUS` names, if it does; `BENCH_CLUSTER_STORM` (2000): windows on three
//! nodes of which one is killed. `BENCH_ON_DEMAND` (500,5000,20000,100000): sizes of a large organisation, of which `BENCH_ARRIVING` (500) users come. `BENCH_STORMS` (100,1000,5000) and
//! `BENCH_MISSED` (40): windows that resume, and the texts they missed. `BENCH_OUT` (docs/performance): the directory
//! for rows and plot. `DAEHWA_BIN`: the program, the release build without it. `BENCH_PYTHON`: a Python that has
//! `websockets`.

mod arrivals;
mod cluster;
mod cluster_nodes;
mod cluster_storm;
mod fanout;
mod growth;
mod idle;
mod machine;
mod measured_cluster;
mod on_demand;
mod peer;
mod peer_client;
mod people;
mod plot;
mod posts;
mod process;
mod prosody;
mod redis_nodes;
mod row;
mod settings;
mod spread;
mod statuses;
mod storm;
mod table;
#[expect(clippy::unwrap_used, reason = "a measurement without its database server cannot go on")]
#[allow(dead_code, reason = "the tests use the rest")]
#[path = "../../crates/server/tests/conformance/test_server.rs"]
mod test_server;
mod wire;

use std::{env, fs, io, path::Path};

use peer::Peer;
use row::Row;
use settings::{most_connections, number, numbers, path, wants};
use table::Table;
use tokio::task::LocalSet;

/// The default numbers of connections.
const SIZES: &str = "100,1000,5000,15000";
/// Fewer connections get more texts, because CPU time is counted in hundredths of a second.
const ENOUGH: usize = 1_000;

fn main() -> io::Result<()> {
    // `cargo test --benches` only checks that it builds.
    if env::args().all(|argument| argument != "--bench") {
        return Ok(());
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, run())
}

async fn run() -> io::Result<()> {
    let (out, machine) = (path("BENCH_OUT", "docs/performance"), machine::lines());
    println!("{}", machine.join("\n"));
    if wants("fanout") {
        let rows = fanned_out(&out, &machine).await?;
        println!("\n{}", growth::table(&rows));
    }
    if wants("fanout") || wants("plot") {
        fs::write(out.join("fanout.svg"), plot::draw(&row::read(&out.join("fanout.tsv"))?))?;
    }
    if wants("idle") {
        idle::measure(&out, &machine, SIZES).await?;
    }
    if wants("posts") {
        posts::measure(&out, &machine).await?;
    }
    if wants("arrivals") {
        arrivals::measure(&out, &machine, SIZES).await?;
    }
    if wants("on_demand") {
        on_demand::measure(&out, &machine).await?;
    }
    if wants("storm") {
        storm::measure(&out, &machine).await?;
    }
    if wants("statuses") {
        statuses::measure(&out, &machine).await?;
    }
    if wants("cluster") {
        cluster::measure(&out, &machine).await?;
    }
    if wants("cluster") || wants("cluster_socketio") {
        cluster::measure_socketio(&out, &machine).await?;
    }
    if wants("cluster") || wants("cluster_storm") {
        cluster_storm::measure(&out, &machine).await?;
    }
    Ok(())
}

/// Writes a row for every size, turn and server, or the reason for its absence.
async fn fanned_out(out: &Path, machine: &[String]) -> io::Result<Vec<Row>> {
    let (rounds, turns) = (number("BENCH_ROUNDS", 40), number("BENCH_TURNS", 3));
    let (most, mut failed, mut rows) = (most_connections(), Vec::new(), Vec::new());
    let mut table = Table::begin(out, "fanout", machine, &row::COLUMNS)?;
    let missing: Vec<Peer> = Peer::ALL.into_iter().filter(|peer| peer.version().is_none()).collect();
    for peer in &missing {
        table.without(&[peer.name().to_owned()], "skipped: it is not installed here (`make setup-bench`)")?;
    }
    for size in numbers("BENCH_SIZES", SIZES) {
        for turn in 1..=turns {
            for peer in Peer::ALL.into_iter().filter(|peer| !missing.contains(peer)) {
                let which = [peer.name().to_owned(), size.to_string(), turn.to_string()];
                if let Some(reason) = skipped(peer, size, most, &failed) {
                    table.without(&which, &reason)?;
                    continue;
                }
                match fanout::measure(peer, size, turn, rounds * (ENOUGH / size).max(1)).await {
                    Ok(row) => {
                        table.row(&row.cells())?;
                        rows.push(row);
                    }
                    Err(error) => {
                        table.without(&which, &error.to_string())?;
                        failed.push(peer);
                    }
                }
            }
        }
    }
    Ok(rows)
}

/// Why a server is not measured with this many connections.
fn skipped(peer: Peer, size: usize, most: usize, failed: &[Peer]) -> Option<String> {
    if size > most {
        return Some(format!("skipped: {most} connections a process here (`ulimit -n`)"));
    }
    if failed.contains(&peer) {
        return Some("skipped: it has failed before".to_owned());
    }
    (size > peer.most()).then(|| format!("skipped: at most {} (BENCH_PROSODY_MAX)", peer.most()))
}
