//! Saved posts: how long until a text is acknowledged, beside what the disk alone takes in the same minute.

use std::{
    cell::RefCell,
    collections::VecDeque,
    fs::File,
    io::{self, Write},
    path::Path,
    rc::Rc,
    time::{Duration, Instant},
};

use tokio::{task::spawn_local, time::interval};

use crate::{
    peer,
    people::People,
    process::Process,
    settings::numbers,
    speech::{MARK, WELCOME, own, own_text},
    spread::Spread,
    table::{Table, cell},
    wire::{Wire, contains},
};

const COLUMNS: [&str; 9] = [
    "posts a second, 20 s",
    "acknowledged a second",
    "p50 ms",
    "p99 ms",
    "p99.9 ms",
    "fdatasync p50 ms",
    "p99 ms",
    "p99.9 ms",
    "p99 in fdatasync's",
];

const LASTING: Duration = Duration::from_secs(20);
/// Of the conversations of two.
const SPEAKERS: usize = 500;
/// Writes by which the disk is judged, before and after.
const SYNCS: usize = 300;

/// A row for every rate (`BENCH_RATES`).
///
/// # Errors
/// When the rows cannot be written.
pub(crate) async fn measure(out: &Path, machine: &[String]) -> io::Result<()> {
    let mut table = Table::begin(out, "posts", machine, &COLUMNS)?;
    for a_second in numbers("BENCH_RATES", "500,2000,5000") {
        let which = [a_second.to_string()];
        match beside_the_disk(a_second).await {
            Ok(figures) => table.row(&which.into_iter().chain(figures.map(cell)).collect::<Vec<_>>())?,
            Err(error) => table.without(&which, &error.to_string())?,
        }
    }
    Ok(())
}

/// The row's figures after the first.
async fn beside_the_disk(a_second: usize) -> io::Result<[f64; COLUMNS.len() - 1]> {
    let (process, people, directory) = peer::organisation(2 * SPEAKERS).await?;
    // The disk's mood changes: it is asked before and after.
    let mut disk = disk(directory.path())?;
    let (reached, posts) = posts(&process, &people, a_second).await?;
    disk.extend(self::disk(directory.path())?);
    let ([p50, p99, p999], [disk50, disk99, disk999]) = (Spread::of(posts).ms(), Spread::of(disk).ms());
    Ok([reached, p50, p99, p999, disk50, disk99, disk999, p99 / disk99])
}

/// Says so many texts a second in all; gives back how many were acknowledged a second, and how long each took until
/// its author heard it back, which is when it was on disk.
async fn posts(process: &Process, people: &People, a_second: usize) -> io::Result<(f64, Vec<Duration>)> {
    let all = Rc::new(RefCell::new(Vec::new()));
    let mut wires = Vec::new();
    for number in 0..SPEAKERS {
        let path = format!("/chat/{}", people.pairs[number]);
        let mut wire = own(&process.address, &path, people, number * 2).await?;
        wire.until(WELCOME).await?;
        wires.push(wire);
    }
    let (began, pause) = (Instant::now(), Duration::from_secs(1) * SPEAKERS as u32 / a_second as u32);
    let speaking = wires.into_iter().enumerate().map(|(number, wire)| {
        // Evenly, rather than all at the same moment.
        let start = pause * number as u32 / SPEAKERS as u32;
        spawn_local(speak(wire, start, pause, all.clone()))
    });
    for one in speaking.collect::<Vec<_>>() {
        one.await.map_err(io::Error::other)??;
    }
    let all = all.take();
    Ok((all.len() as f64 / began.elapsed().as_secs_f64(), all))
}

async fn speak(mut wire: Wire, start: Duration, pause: Duration, all: Rc<RefCell<Vec<Duration>>>) -> io::Result<()> {
    tokio::time::sleep(start).await;
    let (began, mut ticks) = (Instant::now(), interval(pause));
    let mut waiting = VecDeque::<Instant>::new();
    while began.elapsed() < LASTING || !waiting.is_empty() {
        tokio::select! {
            _ = ticks.tick(), if began.elapsed() < LASTING => {
                waiting.push_back(Instant::now());
                wire.say(&own_text()).await?;
            }
            heard = wire.hear(|text| if contains(text, MARK) && let Some(sent_at) = waiting.pop_front() {
                all.borrow_mut().push(sent_at.elapsed());
            }) => heard?,
        }
    }
    Ok(())
}

/// How long this disk takes to have four KiB for good.
fn disk(directory: &Path) -> io::Result<Vec<Duration>> {
    let path = directory.join("fdatasync");
    let mut file = File::create(&path)?;
    let mut all = Vec::new();
    for _ in 0..SYNCS {
        let began = Instant::now();
        file.write_all(&[7; 4096])?;
        file.sync_data()?;
        all.push(began.elapsed());
    }
    std::fs::remove_file(path)?;
    Ok(all)
}
