//! Daehwa beside servers that store nothing, on the same machine, in the same minutes, by the same clients:
//! `make bench`. What is measured and why stands in docs/performance.md.
//!
//! `BENCH_SIZES` (100,1000,5000): connections. `BENCH_ROUNDS` (40): texts to all of them. `BENCH_TURNS` (3): how
//! often every server has its turn. `BENCH_PEOPLE` (100): people in our group, each with as many windows as it
//! takes. `DAEHWA_BIN`: the program, the release build without it. `BENCH_PYTHON`: a Python that has `websockets`.

mod load;
mod people;
mod process;
mod wire;

use std::{
    env, io,
    path::{Path, PathBuf},
    time::Duration,
};

use load::{Cost, Speech, Spread};
use people::People;
use process::Process;
use tokio::task::LocalSet;

/// What a server is called, how one talks to it, and how it is started.
struct Peer {
    name: &'static str,
    is_socket_io: bool,
    program: PathBuf,
    script: &'static str,
}

fn main() -> io::Result<()> {
    // `cargo test --benches` only wants to know that it builds.
    if env::args().any(|argument| argument == "--test") {
        return Ok(());
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, run())
}

async fn run() -> io::Result<()> {
    let sizes = env::var("BENCH_SIZES").unwrap_or_else(|_| "100,1000,5000".to_owned());
    let sizes: Vec<usize> = sizes.split(',').filter_map(|size| size.trim().parse().ok()).collect();
    let (rounds, turns) = (number("BENCH_ROUNDS", 40), number("BENCH_TURNS", 3));
    println!(
        "| server | connections | turn | KiB a connection | µs CPU a delivery | p50 ms | p99 ms | p99.9 ms | connected in s |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    for size in sizes {
        for turn in 1..=turns {
            ours(size, turn, rounds).await?;
            for peer in peers() {
                match theirs(&peer, size, rounds).await {
                    Ok(cost) => row(peer.name, size, turn, &cost),
                    Err(error) => println!("| {} | {size} | {turn} | {error} |", peer.name),
                }
            }
        }
    }
    acknowledged().await?;
    arrived().await
}

fn number(name: &str, otherwise: usize) -> usize {
    env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(otherwise)
}

fn peers() -> Vec<Peer> {
    let modules = servers().join("node_modules");
    let python = env::var_os("BENCH_PYTHON").map_or_else(|| PathBuf::from("python3"), PathBuf::from);
    let peer = |name, is_socket_io, program: PathBuf, script| Peer { name, is_socket_io, program, script };
    vec![
        peer("Bun", false, modules.join(".bin/bun"), "bun.js"),
        peer("node ws", false, "node".into(), "ws.mjs"),
        peer("socket.io", true, "node".into(), "socketio.mjs"),
        peer("Python websockets", false, python, "websockets_server.py"),
    ]
}

fn servers() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers/servers")
}

async fn theirs(peer: &Peer, size: usize, rounds: usize) -> io::Result<Cost> {
    let process = Process::start(&peer.program, &[peer.script], &servers())?;
    let speech = if peer.is_socket_io { Speech::SocketIo } else { Speech::Plain };
    load::broadcast(&process, &speech, size, rounds).await
}

/// A server of ours with an organisation of so many people, on a disk rather than in memory.
async fn organisation(count: usize) -> io::Result<(Process, People, tempfile::TempDir)> {
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("target");
    let directory = tempfile::Builder::new().prefix("bench-").tempdir_in(target)?;
    let data = directory.path().join("data");
    // The first start makes the database.
    drop(start(&data, directory.path())?);
    let group_size = count.min(daehwa::protocol::limit::GROUP_MEMBERS);
    let people = People::settle(&data, count, group_size).await.map_err(io::Error::other)?;
    Ok((start(&data, directory.path())?, people, directory))
}

fn start(data: &Path, directory: &Path) -> io::Result<Process> {
    let otherwise = || Path::new(env!("CARGO_MANIFEST_DIR")).join("target/release/daehwa");
    let program = env::var_os("DAEHWA_BIN").map_or_else(otherwise, PathBuf::from);
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
    Process::start(&program, &arguments, directory)
}

async fn ours(size: usize, turn: usize, rounds: usize) -> io::Result<()> {
    let (process, people, _directory) = organisation(size.min(number("BENCH_PEOPLE", 100))).await?;
    let cost = load::broadcast(&process, &Speech::Daehwa(&people), size, rounds).await?;
    row("Daehwa", size, turn, &cost);
    Ok(())
}

fn row(name: &str, size: usize, turn: usize, cost: &Cost) {
    let Cost { idle_kib, cpu_us, latency, connected_in } = cost;
    println!(
        "| {name} | {size} | {turn} | {idle_kib:.1} | {cpu_us:.1} | {} | {:.1} |",
        spread(*latency),
        connected_in.as_secs_f64()
    );
}

fn spread(spread: Spread) -> String {
    let ms = |duration: Duration| format!("{:.1}", duration.as_secs_f64() * 1e3);
    [spread.p50, spread.p99, spread.p999].map(ms).join(" | ")
}

/// Saved messages a second, beside what the disk alone takes in the same minute.
async fn acknowledged() -> io::Result<()> {
    println!(
        "\n| posts a second, 20 s | acknowledged p50 ms | p99 ms | p99.9 ms | fdatasync p50 ms | p99 ms | p99.9 ms |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- |");
    for a_second in [500, 2_000, 5_000] {
        let (process, people, directory) = organisation(1_000).await?;
        let disk = load::disk(directory.path())?;
        let posts = load::posts(&process, &people, a_second, Duration::from_secs(20)).await?;
        println!("| {a_second} | {} | {} |", spread(posts), spread(disk));
    }
    Ok(())
}

/// A morning: everybody comes within ten seconds.
async fn arrived() -> io::Result<()> {
    println!("\n| people who come within 10 s | frames | MiB | CPU s | everybody's list is right after ms |");
    println!("| --- | --- | --- | --- | --- |");
    for count in [500, 1_000, 2_000, 5_000] {
        let (process, people, _directory) = organisation(count).await?;
        match load::arrivals(&process, &people, Duration::from_secs(10)).await {
            Ok(seen) => println!(
                "| {count} | {} | {:.0} | {:.1} | {} |",
                seen.frames,
                seen.bytes as f64 / 1024.0 / 1024.0,
                seen.cpu.as_secs_f64(),
                seen.right_after.as_millis()
            ),
            Err(error) => println!("| {count} | {error} |"),
        }
    }
    Ok(())
}
