//! Daehwa beside other servers, on the same machine, in the same minutes, by the same clients: `make bench`.
//! What is measured and why stands in docs/performance.md.
//!
//! `BENCH_ONLY` (all): `fanout`, `posts`, `arrivals`, `storm`, or `plot` from the rows of an earlier run.
//! `BENCH_SIZES` (100,1000,5000,15000): connections. `BENCH_ROUNDS` (40): texts to all of them. `BENCH_TURNS` (3):
//! how often every server has its turn. `BENCH_PEOPLE` (100): people in our group, each with as many windows as it
//! takes. `BENCH_PROSODY_MAX` (5000): Prosody's connections at most. `BENCH_STORMS` (500,1000,5000) and
//! `BENCH_MISSED` (40): windows that come back, and what they missed. `BENCH_OUT` (docs): where rows and plot go.
//! `DAEHWA_BIN`: the program, the release build without it. `BENCH_PYTHON`: a Python that has `websockets`.

mod arrivals;
mod fanout;
mod growth;
mod peer;
mod people;
mod plot;
mod posts;
mod process;
mod prosody;
mod row;
mod settings;
mod speech;
mod spread;
mod storm;
mod wire;

use std::{env, fs, io};

use peer::Peer;
use row::Row;
use settings::{number, numbers, path, wants};
use tokio::task::LocalSet;

fn main() -> io::Result<()> {
    // `cargo test --benches` only wants to know that it builds.
    if env::args().all(|argument| argument != "--bench") {
        return Ok(());
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, run())
}

async fn run() -> io::Result<()> {
    let out = path("BENCH_OUT", "docs");
    let (rows_file, plot_file) = (out.join("performance.tsv"), out.join("performance.svg"));
    if wants("fanout") {
        let rows = fanned_out().await;
        println!("\n{}", growth::table(&rows));
        row::write(&rows, &rows_file)?;
    }
    if wants("fanout") || wants("plot") {
        fs::write(plot_file, plot::draw(&row::read(&rows_file)?))?;
    }
    if wants("posts") {
        posts::measure().await?;
    }
    if wants("arrivals") {
        arrivals::measure().await?;
    }
    if wants("storm") {
        storm::measure().await?;
    }
    Ok(())
}

/// Prints a row for every size, turn and server; what could not be measured says why.
async fn fanned_out() -> Vec<Row> {
    let (rounds, turns) = (number("BENCH_ROUNDS", 40), number("BENCH_TURNS", 3));
    let most = settings::most_connections();
    let mut rows = Vec::new();
    println!("{}", Row::head());
    for size in numbers("BENCH_SIZES", "100,1000,5000,15000") {
        for turn in 1..=turns {
            for peer in Peer::ALL {
                match skipped(peer, size, most) {
                    Some(reason) => println!("| {} | {size} | {turn} | {reason} |", peer.name()),
                    None => match fanout::measure(peer, size, turn, rounds).await {
                        Ok(row) => {
                            println!("{}", row.cells());
                            rows.push(row);
                        }
                        Err(error) => println!("| {} | {size} | {turn} | {error} |", peer.name()),
                    },
                }
            }
        }
    }
    rows
}

/// Why a server is not measured with so many connections.
fn skipped(peer: Peer, size: usize, most: usize) -> Option<String> {
    if size > most {
        return Some(format!("skipped: {most} connections a process here (`ulimit -n`)"));
    }
    (size > peer.most()).then(|| format!("skipped: at most {} (BENCH_PROSODY_MAX)", peer.most()))
}
