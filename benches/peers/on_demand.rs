//! Arrivals in a large organisation: some users open the main window within ten seconds, and each watches a hundred
//! others. The bytes of a person are the same whatever the size of the organisation.

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
    peer_client::{WELCOME, own},
    people::BenchPeople,
    process::Process,
    settings::{most_connections, number, numbers},
    table::{Table, cell},
    wire::{Wire, contains},
};

const WITHIN: Duration = Duration::from_secs(10);
const ARRIVAL_TIMEOUT: Duration = Duration::from_secs(180);
/// The pause before bytes and memory are read: the server broadcasts the last arrivals meanwhile.
const SETTLE: Duration = Duration::from_secs(2);
/// Users whom a window watches: those that a screen and the newest conversations show.
const WATCHED: usize = 100;
const COLUMNS: [&str; 8] = [
    "people, on demand",
    "of whom come",
    "came within s",
    "everybody was answered after ms",
    "frames a person",
    "KiB a person",
    "CPU s",
    "memory KiB a person",
];

/// State that the windows share.
#[derive(Default)]
struct Answered {
    frames: Cell<u64>,
    bytes: Cell<u64>,
    windows: Cell<usize>,
    one: Notify,
}

/// Writes a row for every size of an organisation (`BENCH_ON_DEMAND`), of which `BENCH_ARRIVING` users come.
///
/// # Errors
/// If a server cannot be started.
pub(crate) async fn measure(out: &Path, machine: &[String]) -> io::Result<()> {
    let mut table = Table::begin(out, "arrivals-on-demand", machine, &COLUMNS)?;
    let arriving = number("BENCH_ARRIVING", 500).min(most_connections());
    let limits = [&["--list-everybody", "100"], &peer::UNLIMITED[..]].concat();
    for size in numbers("BENCH_ON_DEMAND", "500,5000,20000,100000") {
        let (process, people, _directory) = peer::organisation_with(size, &limits).await?;
        let count = arriving.min(size);
        let which = [size, count].map(|number| number.to_string());
        match timeout(ARRIVAL_TIMEOUT, arrive(&process, Rc::new(people), count)).await {
            Ok(Ok(figures)) => table.row(&which.into_iter().chain(figures).collect::<Vec<_>>())?,
            Ok(Err(error)) => table.without(&which, &error.to_string())?,
            Err(_) => table.without(&which, &format!("not answered after {} s", ARRIVAL_TIMEOUT.as_secs()))?,
        }
    }
    Ok(())
}

/// The cells of the row after the first two. `count` users come, from all over the organisation.
async fn arrive(process: &Process, people: Rc<BenchPeople>, count: usize) -> io::Result<[String; COLUMNS.len() - 2]> {
    let (answered, apart) = (Rc::<Answered>::default(), people.ids.len() / count);
    let (memory, cpu, began) = (process.resident(), process.cpu(), Instant::now());
    for number in 0..count {
        sleep_until((began + WITHIN * number as u32 / count as u32).into()).await;
        let person = number * apart;
        let wire = own(&process.address, "/usersServerEndpoint", &people, person).await?;
        spawn_local(watch(wire, person, people.clone(), answered.clone()));
    }
    let arrived_at = Instant::now();
    while answered.windows.get() < count {
        answered.one.notified().await;
    }
    let after_ms = arrived_at.elapsed().as_secs_f64() * 1e3;
    sleep(SETTLE).await;
    let cpu = (process.cpu() - cpu).as_secs_f64();
    let (frames, kib) = (answered.frames.get() as f64, answered.bytes.get() as f64 / 1024.0);
    let (people, memory) = (count as f64, process.resident().saturating_sub(memory) as f64);
    let arrived_s = (arrived_at - began).as_secs_f64();
    Ok([arrived_s, after_ms, frames / people, kib / people, cpu, memory / people].map(cell))
}

/// Watches the next users of the organisation.
async fn watch(mut wire: Wire, number: usize, people: Rc<BenchPeople>, answered: Rc<Answered>) {
    let ids = (0..WATCHED).map(|next| people.ids[(number + next) % people.ids.len()].to_string());
    let command = format!(r#"{{"type":"watch","users":["{}"]}}"#, ids.collect::<Vec<_>>().join(r#"",""#));
    let (mut has_asked, mut is_answered) = (false, false);
    loop {
        let (mut is_welcome, mut is_presence) = (false, false);
        let receiving = wire.receive(|text| {
            answered.frames.set(answered.frames.get() + 1);
            answered.bytes.set(answered.bytes.get() + text.len() as u64);
            is_welcome |= contains(&text[..text.len().min(40)], WELCOME);
            is_presence |= contains(&text[..text.len().min(40)], "presence");
        });
        if receiving.await.is_err() {
            return;
        }
        if is_presence && has_asked && !is_answered {
            is_answered = true;
            answered.windows.set(answered.windows.get() + 1);
            answered.one.notify_one();
        }
        if is_welcome && !has_asked {
            has_asked = true;
            if wire.send(&command).await.is_err() {
                return;
            }
        }
    }
}
