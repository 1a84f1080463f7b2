//! A morning: everybody comes to the main window within ten seconds.

use std::{
    cell::Cell,
    io,
    rc::Rc,
    time::{Duration, Instant},
};

use tokio::{
    sync::Notify,
    task::spawn_local,
    time::{sleep_until, timeout},
};

use crate::{
    peer,
    people::People,
    process::Process,
    speech::own,
    wire::{Wire, contains},
};

const WITHIN: Duration = Duration::from_secs(10);
/// How long until everybody's list is right.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the windows share.
struct Morning {
    people: usize,
    /// Who came last, as frames name them.
    last: String,
    frames: Cell<u64>,
    bytes: Cell<u64>,
    known: Cell<usize>,
    everybody: Notify,
}

impl Morning {
    fn of(people: &People) -> Rc<Self> {
        let last = people.ids.last().map(ToString::to_string).unwrap_or_default();
        let (frames, bytes, known) = (Cell::new(0), Cell::new(0), Cell::new(0));
        Rc::new(Self { people: people.ids.len(), last, frames, bytes, known, everybody: Notify::new() })
    }

    /// Counts a frame; says whether it tells of the last one.
    fn hears(&self, text: &[u8]) -> bool {
        self.frames.set(self.frames.get() + 1);
        self.bytes.set(self.bytes.get() + text.len() as u64);
        contains(&text[..text.len().min(40)], "users_changed") && contains(text, &self.last)
    }

    fn one_knows(&self) {
        self.known.set(self.known.get() + 1);
        if self.known.get() == self.people {
            self.everybody.notify_one();
        }
    }
}

/// Prints a row for every number of people.
///
/// # Errors
/// When a server cannot be started.
pub(crate) async fn measure() -> io::Result<()> {
    println!("\n| people who come within 10 s | frames | MiB | CPU s | everybody's list is right after ms |");
    println!("| --- | --- | --- | --- | --- |");
    for count in [500, 1_000, 2_000, 5_000] {
        let (process, people, _directory) = peer::organisation(count).await?;
        match arrive(&process, &people).await {
            Ok(row) => println!("| {count} | {row} |"),
            Err(error) => println!("| {count} | {error} |"),
        }
    }
    Ok(())
}

async fn arrive(process: &Process, people: &People) -> io::Result<String> {
    let morning = Morning::of(people);
    let (before, began) = (process.cpu(), Instant::now());
    for number in 0..morning.people {
        sleep_until((began + WITHIN * number as u32 / morning.people as u32).into()).await;
        let wire = own(&process.address, "/usersServerEndpoint", people, number).await?;
        spawn_local(watch(wire, number, morning.clone()));
    }
    let arrived_at = Instant::now();
    timeout(PATIENCE, morning.everybody.notified()).await.map_err(io::Error::other)?;
    let (right_after, cpu) = (arrived_at.elapsed().as_millis(), (process.cpu() - before).as_secs_f64());
    let (frames, mib) = (morning.frames.get(), morning.bytes.get() as f64 / 1024.0 / 1024.0);
    Ok(format!("{frames} | {mib:.0} | {cpu:.1} | {right_after}"))
}

async fn watch(mut wire: Wire, number: usize, morning: Rc<Morning>) {
    let mut knows = false;
    loop {
        // The last one's own greeting has it.
        let hearing = wire.hear(|text| knows |= morning.hears(text) || number + 1 == morning.people);
        if hearing.await.is_err() {
            return;
        }
        if std::mem::take(&mut knows) {
            morning.one_knows();
        }
    }
}
