//! Stored posts: the time until a post is acknowledged, compared with the time of the disk alone in the same minute.

use std::{
    cell::RefCell,
    collections::VecDeque,
    fs::File,
    io::{self, Write},
    path::{Path, PathBuf},
    rc::Rc,
    sync::mpsc::{self, RecvTimeoutError},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use tokio::{task::spawn_local, time::interval};

use crate::{
    peer,
    peer_client::{MARK, WELCOME, own, own_text},
    people::BenchPeople,
    process::Process,
    settings::numbers,
    spread::Spread,
    table::{Table, cell},
    wire::{Wire, contains},
};

const COLUMNS: [&str; 11] = [
    "posts a second, 20 s",
    "acknowledged a second",
    "p50 ms",
    "p99 ms",
    "p99.9 ms",
    "fdatasync alone p50 ms",
    "p99 ms",
    "p99.9 ms",
    "fdatasync beside p50 ms",
    "p99 ms",
    "p99 in that beside",
];

const LASTING: Duration = Duration::from_secs(20);
/// The number of direct rooms.
const SPEAKERS: usize = 500;
/// Writes that measure the disk, before and after.
const SYNCS: usize = 300;
/// The pause between two such writes during the posts.
const BESIDE: Duration = Duration::from_millis(20);

/// Writes a row for every rate (`BENCH_RATES`).
///
/// # Errors
/// If the rows cannot be written.
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

/// The figures of the row after the first.
async fn beside_the_disk(a_second: usize) -> io::Result<[f64; COLUMNS.len() - 1]> {
    let (process, people, directory) = peer::organisation(2 * SPEAKERS).await?;
    // The disk's speed varies: it is measured before, after and during the posts.
    let mut alone = disk(directory.path())?;
    let meanwhile = Beside::start(directory.path())?;
    let (reached, posts) = posts(&process, &people, a_second).await?;
    let beside = meanwhile.stop()?;
    alone.extend(disk(directory.path())?);
    let [p50, p99, p999] = Spread::of(posts).ms();
    let ([alone50, alone99, alone999], [beside50, beside99, _]) = (Spread::of(alone).ms(), Spread::of(beside).ms());
    Ok([reached, p50, p99, p999, alone50, alone99, alone999, beside50, beside99, p99 / beside99])
}

/// Posts `a_second` texts a second in all. Returns how many were acknowledged a second, and the time from each post to
/// its acknowledgement, which is sent when the post is on disk.
async fn posts(process: &Process, people: &BenchPeople, a_second: usize) -> io::Result<(f64, Vec<Duration>)> {
    let all = Rc::new(RefCell::new(Vec::new()));
    let mut wires = Vec::new();
    for number in 0..SPEAKERS {
        let path = format!("/chat/{}", people.pairs[number]);
        let mut wire = own(&process.address, &path, people, number * 2).await?;
        wire.until(WELCOME).await?;
        wires.push(wire);
    }
    let (began, pause) = (Instant::now(), Duration::from_secs(1) * SPEAKERS as u32 / a_second as u32);
    let posting = wires.into_iter().enumerate().map(|(number, wire)| {
        // Starts are spread evenly.
        let start = pause * number as u32 / SPEAKERS as u32;
        spawn_local(keep_posting(wire, start, pause, all.clone()))
    });
    for task in posting.collect::<Vec<_>>() {
        task.await.map_err(io::Error::other)??;
    }
    let all = all.take();
    Ok((all.len() as f64 / began.elapsed().as_secs_f64(), all))
}

/// Posts after `start` and then once every `pause`, and adds the time of each post to `all`.
pub(crate) async fn keep_posting(
    mut wire: Wire,
    start: Duration,
    pause: Duration,
    all: Rc<RefCell<Vec<Duration>>>,
) -> io::Result<()> {
    tokio::time::sleep(start).await;
    let (began, mut ticks) = (Instant::now(), interval(pause));
    let mut waiting = VecDeque::<Instant>::new();
    while began.elapsed() < LASTING || !waiting.is_empty() {
        tokio::select! {
            _ = ticks.tick(), if began.elapsed() < LASTING => {
                waiting.push_back(Instant::now());
                wire.send(&own_text()).await?;
            }
            received = wire.receive(|text| if contains(text, MARK) && let Some(sent_at) = waiting.pop_front() {
                all.borrow_mut().push(sent_at.elapsed());
            }) => received?,
        }
    }
    Ok(())
}

/// A file for measuring how long this disk takes to write and sync 4 KiB.
struct Sample {
    file: File,
    path: PathBuf,
}

impl Sample {
    fn new(directory: &Path, name: &str) -> io::Result<Self> {
        let path = directory.join(name);
        Ok(Self { file: File::create(&path)?, path })
    }

    fn take(&mut self) -> io::Result<Duration> {
        let began = Instant::now();
        self.file.write_all(&[7; 4096])?;
        self.file.sync_data()?;
        Ok(began.elapsed())
    }
}

impl Drop for Sample {
    fn drop(&mut self) {
        // The file is in a temporary directory.
        let _ = std::fs::remove_file(&self.path);
    }
}

fn disk(directory: &Path) -> io::Result<Vec<Duration>> {
    let mut sample = Sample::new(directory, "fdatasync")?;
    (0..SYNCS).map(|_| sample.take()).collect()
}

/// The same at intervals on a separate thread, until it is stopped.
struct Beside {
    stop: mpsc::Sender<()>,
    taken: JoinHandle<io::Result<Vec<Duration>>>,
}

impl Beside {
    fn start(directory: &Path) -> io::Result<Self> {
        let mut sample = Sample::new(directory, "fdatasync-beside")?;
        let (stop, stopped) = mpsc::channel();
        let taken = thread::spawn(move || {
            let mut all = Vec::new();
            while stopped.recv_timeout(BESIDE) == Err(RecvTimeoutError::Timeout) {
                all.push(sample.take()?);
            }
            Ok(all)
        });
        Ok(Self { stop, taken })
    }

    fn stop(self) -> io::Result<Vec<Duration>> {
        drop(self.stop);
        self.taken.join().map_err(|_| io::Error::other("the thread that asked the disk panicked"))?
    }
}
