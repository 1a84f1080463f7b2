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
    speech::{MARK, WELCOME, own, own_text},
    spread::Spread,
    wire::{Wire, contains},
};

const LASTING: Duration = Duration::from_secs(20);
/// Of the conversations of two.
const SPEAKERS: usize = 500;

/// Prints a row for every rate.
///
/// # Errors
/// When a server cannot be started or a connection is lost.
pub(crate) async fn measure() -> io::Result<()> {
    println!(
        "\n| posts a second, 20 s | acknowledged p50 ms | p99 ms | p99.9 ms | fdatasync p50 ms | p99 ms | p99.9 ms |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- |");
    for a_second in [500, 2_000, 5_000] {
        let (process, people, directory) = peer::organisation(2 * SPEAKERS).await?;
        let disk = disk(directory.path())?;
        let posts = posts(&process, &people, a_second).await?;
        println!("| {a_second} | {} | {} |", posts.cells(), disk.cells());
    }
    Ok(())
}

/// Says so many texts a second in all; gives back how long each took until its author heard it back, which is
/// when it was on disk.
async fn posts(process: &Process, people: &People, a_second: u32) -> io::Result<Spread> {
    let all = Rc::new(RefCell::new(Vec::new()));
    let mut speaking = Vec::new();
    for number in 0..SPEAKERS {
        let path = format!("/chat/{}", people.pairs[number]);
        let mut wire = own(&process.address, &path, people, number * 2).await?;
        wire.until(WELCOME).await?;
        let pause = Duration::from_secs(1) * SPEAKERS as u32 / a_second;
        // Evenly, rather than all at the same moment.
        let start = pause * number as u32 / SPEAKERS as u32;
        speaking.push(spawn_local(speak(wire, start, pause, all.clone())));
    }
    for one in speaking {
        one.await.map_err(io::Error::other)??;
    }
    Ok(Spread::of(all.take()))
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
fn disk(directory: &Path) -> io::Result<Spread> {
    let path = directory.join("fdatasync");
    let mut file = File::create(&path)?;
    let mut all = Vec::new();
    for _ in 0..300 {
        let began = Instant::now();
        file.write_all(&[7; 4096])?;
        file.sync_data()?;
        all.push(began.elapsed());
    }
    std::fs::remove_file(path)?;
    Ok(Spread::of(all))
}
