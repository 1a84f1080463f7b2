//! A resume storm: all windows lose their connection at once, texts are posted, and all windows resume at once.

use std::{
    cell::Cell,
    io,
    path::Path,
    time::{Duration, Instant},
};

use futures::{StreamExt, future::try_join_all, stream};
use tokio::time::{sleep, timeout};

use crate::{
    peer,
    peer_client::{MARK, WELCOME, own, own_post},
    people::BenchPeople,
    process::Process,
    settings::{number, numbers},
    spread::Spread,
    table::{Table, cell},
    wire::{Wire, contains},
};

const COLUMNS: [&str; 10] = [
    "windows that resume",
    "texts missed",
    "all complete after ms",
    "p50 ms",
    "p99 ms",
    "p99.9 ms",
    "CPU s",
    "µs CPU a window",
    "frames",
    "MiB",
];
/// Connections opened concurrently before the cut, and after it.
const AT_ONCE: usize = 32;
const RESUMES_AT_ONCE: usize = 512;
/// The time limit for the server to notice the cut.
const SETTLE: Duration = Duration::from_secs(2);
const RESUME_TIMEOUT: Duration = Duration::from_secs(120);

/// The room, its members, and the texts received in the storm.
struct Storm<'a> {
    process: &'a Process,
    people: &'a BenchPeople,
    missed: usize,
    frames: Cell<u64>,
    bytes: Cell<u64>,
}

/// A window that resumed.
struct ResumedWindow {
    wire: Wire,
    /// How often each text was received, by its number.
    received: Vec<u32>,
    /// The time from the start of the storm until it had received all texts.
    after: Duration,
}

/// Writes a row for every number of windows (`BENCH_STORMS`) that missed `BENCH_MISSED` texts.
///
/// # Errors
/// If a server cannot be started.
pub(crate) async fn measure(out: &Path, machine: &[String]) -> io::Result<()> {
    let mut table = Table::begin(out, "storm", machine, &COLUMNS)?;
    let missed = number("BENCH_MISSED", 40);
    for windows in numbers("BENCH_STORMS", "100,1000,5000") {
        let (process, people, _directory) = peer::group_of(windows).await?;
        let storm = Storm { process: &process, people: &people, missed, frames: Cell::new(0), bytes: Cell::new(0) };
        let which = [windows.to_string(), missed.to_string()];
        match timeout(RESUME_TIMEOUT, storm.run(windows)).await {
            Ok(Ok(figures)) => table.row(&which.into_iter().chain(figures).collect::<Vec<_>>())?,
            Ok(Err(error)) => table.without(&which, &error.to_string())?,
            Err(_) => {
                table.without(&which, &format!("not all windows had resumed after {} s", RESUME_TIMEOUT.as_secs()))?
            }
        }
    }
    Ok(())
}

impl Storm<'_> {
    /// The cells of the row after the first two.
    async fn run(&self, windows: usize) -> io::Result<[String; COLUMNS.len() - 2]> {
        let mut author = self.window(0, "").await?;
        author.until(WELCOME).await?;
        let opening = stream::iter(1..=windows).map(|number| self.open(number)).buffer_unordered(AT_ONCE);
        let opened = opening.collect::<Vec<_>>().await.into_iter().collect::<io::Result<Vec<_>>>()?;
        // All connections close here, at once; the cursors remain.
        let cursors: Vec<(usize, String)> = opened.into_iter().map(|(number, cursor, _)| (number, cursor)).collect();
        for number in 0..self.missed {
            self.post(&mut author, number).await?;
        }
        sleep(SETTLE).await;
        let (cpu, began) = (self.process.cpu(), Instant::now());
        let resuming = stream::iter(&cursors).map(|(number, cursor)| self.resume(*number, cursor, began));
        let resumed = resuming.buffer_unordered(RESUMES_AT_ONCE).collect::<Vec<_>>().await;
        let (right_after, cpu) = (began.elapsed(), (self.process.cpu() - cpu).as_secs_f64());
        let (frames, mib) = (self.frames.get(), self.bytes.get() as f64 / 1024.0 / 1024.0);
        let mut windows_after = resumed.into_iter().collect::<io::Result<Vec<_>>>()?;
        self.post(&mut author, self.missed).await?;
        try_join_all(windows_after.iter_mut().map(|window| self.wait_for_last(window))).await?;
        let [p50, p99, p999] = Spread::of(windows_after.iter().map(|window| window.after).collect()).ms();
        let (all_ms, a_window) = (right_after.as_secs_f64() * 1e3, cpu * 1e6 / windows as f64);
        Ok([all_ms, p50, p99, p999, cpu, a_window, frames as f64, mib].map(cell))
    }

    async fn window(&self, number: usize, query: &str) -> io::Result<Wire> {
        own(&self.process.address, &format!("/chat/{}{query}", self.people.group), self.people, number).await
    }

    /// A window before the cut, with the cursor of its `welcome`.
    async fn open(&self, number: usize) -> io::Result<(usize, String, Wire)> {
        let mut wire = self.window(number, "").await?;
        let welcome: serde_json::Value = serde_json::from_slice(&wire.until(WELCOME).await?)?;
        let (epoch, version) = (&welcome["cursor"]["epoch"], &welcome["cursor"]["version"]);
        Ok((number, format!("{}.{version}", epoch.as_str().unwrap_or_default()), wire))
    }

    /// Posts a numbered text, and waits until it is acknowledged.
    async fn post(&self, author: &mut Wire, number: usize) -> io::Result<()> {
        author.send(&own_post(&format!("{MARK} {number:06} that was posted while all windows were cut"))).await?;
        author.until(MARK).await.map(drop)
    }

    async fn resume(&self, number: usize, cursor: &str, began: Instant) -> io::Result<ResumedWindow> {
        let wire = self.window(number, &format!("?since={cursor}")).await?;
        let mut window = ResumedWindow { wire, received: vec![0; self.missed + 1], after: Duration::ZERO };
        while window.received[..self.missed].contains(&0) {
            window
                .receive(|text| {
                    self.frames.set(self.frames.get() + 1);
                    self.bytes.set(self.bytes.get() + text.len() as u64);
                })
                .await?;
        }
        window.after = began.elapsed();
        Ok(window)
    }

    /// Waits for the text after the storm. Every other text must have been received once.
    async fn wait_for_last(&self, window: &mut ResumedWindow) -> io::Result<()> {
        while window.received[self.missed] == 0 {
            window.receive(|_| {}).await?;
        }
        match window.received.iter().find(|times| **times != 1) {
            Some(times) => Err(io::Error::other(format!("a text was received {times} times"))),
            None => Ok(()),
        }
    }
}

impl ResumedWindow {
    async fn receive(&mut self, mut count: impl FnMut(&[u8])) -> io::Result<()> {
        let (received, mut has_snapshot) = (&mut self.received, false);
        let receiving = self.wire.receive(|text| {
            count(text);
            has_snapshot |= contains(&text[..text.len().min(40)], WELCOME);
            for number in numbers_in(text) {
                if let Some(times) = received.get_mut(number) {
                    *times += 1;
                }
            }
        });
        receiving.await?;
        if has_snapshot { Err(io::Error::other("a cursor was answered with a snapshot")) } else { Ok(()) }
    }
}

/// The numbers of the texts in a frame.
pub(crate) fn numbers_in(frame: &[u8]) -> impl Iterator<Item = usize> {
    memchr::memmem::find_iter(frame, MARK).filter_map(|at| {
        let digits = frame.get(at + MARK.len() + 1..at + MARK.len() + 7)?;
        str::from_utf8(digits).ok()?.parse().ok()
    })
}
