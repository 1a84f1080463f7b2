//! Arrivals: all users open the main window within ten seconds.

use std::{
    cell::Cell,
    io,
    path::Path,
    rc::Rc,
    time::{Duration, Instant},
};

use tokio::{
    sync::Notify,
    task::spawn_local,
    time::{sleep, sleep_until, timeout},
};

use crate::{
    peer,
    peer_client::own,
    people::BenchPeople,
    process::Process,
    settings::{most_connections, numbers},
    table::{Table, cell},
    wire::{Wire, contains},
};

const WITHIN: Duration = Duration::from_secs(10);
/// The time limit until all are connected and every list is complete.
const ARRIVAL_TIMEOUT: Duration = Duration::from_secs(180);
/// The pause before the server's memory is read.
const SETTLE: Duration = Duration::from_secs(2);
const COLUMNS: [&str; 9] = [
    "people who come",
    "came within s",
    "everybody's list is right after ms",
    "frames",
    "frames a person",
    "MiB",
    "KiB a person",
    "CPU s",
    "memory KiB a person",
];

/// State that the windows share.
struct Arrivals {
    people: usize,
    /// The last user to arrive, as frames name them.
    last: String,
    frames: Cell<u64>,
    bytes: Cell<u64>,
    known: Cell<usize>,
    everybody: Notify,
}

impl Arrivals {
    fn of(people: &BenchPeople) -> Rc<Self> {
        let last = people.ids.last().map(ToString::to_string).unwrap_or_default();
        let (frames, bytes, known) = (Cell::new(0), Cell::new(0), Cell::new(0));
        Rc::new(Self { people: people.ids.len(), last, frames, bytes, known, everybody: Notify::new() })
    }

    /// Counts a frame. Returns whether it names the last user to arrive.
    fn names_the_last(&self, text: &[u8]) -> bool {
        self.frames.set(self.frames.get() + 1);
        self.bytes.set(self.bytes.get() + text.len() as u64);
        contains(&text[..text.len().min(40)], "users_changed") && contains(text, &self.last)
    }

    fn complete_one(&self) {
        self.known.set(self.known.get() + 1);
        if self.known.get() == self.people {
            self.everybody.notify_one();
        }
    }
}

/// Writes a row for every number of users (`BENCH_ARRIVALS`).
///
/// # Errors
/// If a server cannot be started.
pub(crate) async fn measure(out: &Path, machine: &[String], sizes: &str) -> io::Result<()> {
    let mut table = Table::begin(out, "arrivals", machine, &COLUMNS)?;
    let most = most_connections();
    for count in numbers("BENCH_ARRIVALS", sizes).into_iter().filter(|count| *count <= most) {
        let (process, people, _directory) = peer::organisation(count).await?;
        let which = [count.to_string()];
        match timeout(ARRIVAL_TIMEOUT, arrive(&process, &people)).await {
            Ok(Ok(figures)) => table.row(&which.into_iter().chain(figures).collect::<Vec<_>>())?,
            Ok(Err(error)) => table.without(&which, &error.to_string())?,
            Err(_) => table
                .without(&which, &format!("not everybody's list was right after {} s", ARRIVAL_TIMEOUT.as_secs()))?,
        }
    }
    Ok(())
}

/// The cells of the row after the first.
async fn arrive(process: &Process, people: &BenchPeople) -> io::Result<[String; COLUMNS.len() - 1]> {
    let arrivals = Arrivals::of(people);
    let (memory, cpu, began) = (process.resident(), process.cpu(), Instant::now());
    for number in 0..arrivals.people {
        sleep_until((began + WITHIN * number as u32 / arrivals.people as u32).into()).await;
        let wire = own(&process.address, "/usersServerEndpoint", people, number).await?;
        spawn_local(watch(wire, number, arrivals.clone()));
    }
    let arrived_at = Instant::now();
    arrivals.everybody.notified().await;
    let (right_after_ms, cpu) = (arrived_at.elapsed().as_secs_f64() * 1e3, (process.cpu() - cpu).as_secs_f64());
    let (frames, kib) = (arrivals.frames.get() as f64, arrivals.bytes.get() as f64 / 1024.0);
    sleep(SETTLE).await;
    let (count, memory) = (arrivals.people as f64, process.resident().saturating_sub(memory) as f64);
    let arrived_s = (arrived_at - began).as_secs_f64();
    let figures = [arrived_s, right_after_ms, frames, frames / count, kib / 1024.0, kib / count, cpu];
    let [arrived, right, frames, frames_each, mib, kib_each, cpu] = figures.map(cell);
    Ok([arrived, right, frames, frames_each, mib, kib_each, cpu, cell(memory / count)])
}

async fn watch(mut wire: Wire, number: usize, arrivals: Rc<Arrivals>) {
    let mut is_complete = false;
    loop {
        // The `welcome` of the last window names them.
        let receiving =
            wire.receive(|text| is_complete |= arrivals.names_the_last(text) || number + 1 == arrivals.people);
        if receiving.await.is_err() {
            return;
        }
        if std::mem::take(&mut is_complete) {
            arrivals.complete_one();
        }
    }
}
