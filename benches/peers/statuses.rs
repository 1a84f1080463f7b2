//! Posts while users change their status: everybody is signed in, and the limits are the server's defaults. Only the
//! number of sockets for each address is unlimited, because all users share a few loopback addresses here.

use std::{cell::RefCell, io, path::Path, rc::Rc, time::Duration};

use futures::{StreamExt, TryStreamExt, stream};
use tokio::{
    task::{JoinHandle, spawn_local},
    time::interval,
};

use crate::{
    peer,
    peer_client::{WELCOME, own},
    people::BenchPeople,
    posts::keep_posting,
    process::Process,
    settings::number,
    spread::Spread,
    table::{Table, cell},
};

const COLUMNS: [&str; 8] = [
    "people signed in",
    "status changes a second, 20 s",
    "posts acknowledged",
    "p50 ms",
    "p99 ms",
    "p99.9 ms",
    "CPU s",
    "frames to lists",
];
/// Connections opened concurrently.
const AT_ONCE: usize = 32;
/// Direct rooms with one post a second each.
const SPEAKERS: usize = 100;
/// Users who change their status in turn, so that none of them reaches the limit of one user.
const CHANGING: usize = 40;

/// Writes a row without status changes and one with a change a second, for `BENCH_SIGNED_IN` users.
///
/// # Errors
/// If a server cannot be started.
pub(crate) async fn measure(out: &Path, machine: &[String]) -> io::Result<()> {
    let mut table = Table::begin(out, "statuses", machine, &COLUMNS)?;
    let signed_in = number("BENCH_SIGNED_IN", 5_000);
    for changes in [0, 1] {
        let which = [signed_in.to_string(), changes.to_string()];
        match posts_beside(signed_in, changes).await {
            Ok(figures) => table.row(&which.into_iter().chain(figures.map(cell)).collect::<Vec<_>>())?,
            Err(error) => table.without(&which, &error.to_string())?,
        }
    }
    Ok(())
}

/// The figures of the row after the first two.
async fn posts_beside(signed_in: usize, changes: usize) -> io::Result<[f64; COLUMNS.len() - 2]> {
    let limits = ["--max-sockets-per-address", "0", "--list-everybody", "0"];
    let (process, people, _directory) = peer::organisation_with(signed_in, &limits).await?;
    let people = Rc::new(people);
    let frames = Rc::new(RefCell::new(0_u64));
    let lists = open_lists(&process, &people, &frames).await?;
    let changing = (changes > 0).then(|| spawn_local(change(process.address.clone(), people.clone(), changes)));
    let (cpu, before) = (process.cpu(), *frames.borrow());
    let posts = posts(&process, &people).await?;
    let spent = process.cpu() - cpu;
    let sent = *frames.borrow() - before;
    lists.iter().for_each(JoinHandle::abort);
    // If the task ended before it is aborted, it lost its connection.
    if let Some(changing) = changing
        && changing.is_finished()
    {
        changing.await.map_err(io::Error::other)??;
    }
    let (count, [p50, p99, p999]) = (posts.len() as f64, Spread::of(posts).ms());
    Ok([count, p50, p99, p999, spent.as_secs_f64(), sent as f64])
}

/// A main window for each user. The windows keep reading, because unread frames would stay in the server's memory.
async fn open_lists(
    process: &Process,
    people: &Rc<BenchPeople>,
    frames: &Rc<RefCell<u64>>,
) -> io::Result<Vec<JoinHandle<()>>> {
    let opening = stream::iter(0..people.ids.len()).map(async |number| {
        let mut wire = own(&process.address, "/usersServerEndpoint", people, number).await?;
        wire.until(WELCOME).await?;
        let frames = frames.clone();
        io::Result::Ok(spawn_local(async move { while wire.receive(|_| *frames.borrow_mut() += 1).await.is_ok() {} }))
    });
    opening.buffer_unordered(AT_ONCE).try_collect().await
}

/// Changes the status of one user after another, `a_second` in all, until it is aborted.
async fn change(address: String, people: Rc<BenchPeople>, a_second: usize) -> io::Result<()> {
    let mut wires = Vec::new();
    for number in 0..CHANGING {
        let mut wire = own(&address, "/usersServerEndpoint", &people, number).await?;
        wire.until(WELCOME).await?;
        wires.push(wire);
    }
    let mut ticks = interval(Duration::from_secs(1) / a_second as u32);
    for turn in 0.. {
        ticks.tick().await;
        let wire = &mut wires[turn % CHANGING];
        wire.send(&format!(r#"{{"type":"status","busy":{},"text":"회의 {turn}"}}"#, turn % 2 == 0)).await?;
    }
    Ok(())
}

/// The time from each post to its acknowledgement.
async fn posts(process: &Process, people: &BenchPeople) -> io::Result<Vec<Duration>> {
    let (all, pause) = (Rc::new(RefCell::new(Vec::new())), Duration::from_secs(1));
    let mut posting = Vec::new();
    for number in 0..SPEAKERS {
        let path = format!("/chat/{}", people.pairs[number]);
        let mut wire = own(&process.address, &path, people, number * 2).await?;
        wire.until(WELCOME).await?;
        let start = pause * number as u32 / SPEAKERS as u32;
        posting.push(spawn_local(keep_posting(wire, start, pause, all.clone())));
    }
    for task in posting {
        task.await.map_err(io::Error::other)??;
    }
    Ok(all.take())
}
