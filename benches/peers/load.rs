//! What is done to a server, and what it cost.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    fs::File,
    io::{self, Write},
    path::Path,
    rc::Rc,
    time::{Duration, Instant},
};

use futures::{StreamExt, stream};
use tokio::{sync::Notify, task::spawn_local, time::interval};

use crate::{
    people::People,
    process::Process,
    wire::{Wire, contains},
};

/// In every text that is broadcast, about a hundred bytes in all.
const MARK: &[u8] = b"bench says";
const TEXT: &str =
    "bench says what people say to each other in an office on a day like any other day, in about so many words";
/// Connections that are being made at the same time.
const AT_ONCE: usize = 32;
/// What is broadcast before anything is counted.
const WARM_UP: usize = 5;
/// How long a server may settle before its memory is read.
const SETTLE: Duration = Duration::from_secs(2);
/// How long everything that is asked for may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// How one talks to a server.
pub(crate) enum Speech<'a> {
    /// Texts, as they are.
    Plain,
    SocketIo,
    /// Ours, in the group of all people.
    Daehwa(&'a People),
}

pub(crate) struct Cost {
    /// Resident KiB a connection, when nothing is said.
    pub(crate) idle_kib: f64,
    /// CPU time of the server a delivery, in microseconds.
    pub(crate) cpu_us: f64,
    /// Until a receiver has read it.
    pub(crate) latency: Spread,
    pub(crate) connected_in: Duration,
}

/// Of many durations: the middle, and what one in a hundred and one in a thousand exceed.
#[derive(Clone, Copy)]
pub(crate) struct Spread {
    pub(crate) p50: Duration,
    pub(crate) p99: Duration,
    pub(crate) p999: Duration,
}

impl Spread {
    pub(crate) fn of(mut all: Vec<Duration>) -> Self {
        all.sort_unstable();
        let at = |part: f64| all.get(((all.len() as f64 * part) as usize).min(all.len().saturating_sub(1)));
        let at = |part| at(part).copied().unwrap_or_default();
        Self { p50: at(0.5), p99: at(0.99), p999: at(0.999) }
    }
}

impl Speech<'_> {
    /// Connects as the `number`th, and waits until the server has taken it in.
    async fn connect(&self, address: &str, number: usize) -> io::Result<Wire> {
        match self {
            Self::Plain => Wire::connect(address, "/", "").await,
            Self::SocketIo => {
                let mut wire = Wire::connect(address, "/socket.io/?EIO=4&transport=websocket", "").await?;
                wire.until(|text| text.starts_with(b"0")).await?;
                wire.say("40").await?;
                wire.until(|text| text.starts_with(b"40")).await?;
                Ok(wire)
            }
            Self::Daehwa(people) => {
                let token = &people.tokens[number % people.tokens.len()];
                let mut wire = own(address, &format!("/chat/{}", people.group), token).await?;
                wire.until(|text| contains(text, br#""type":"welcome""#)).await?;
                Ok(wire)
            }
        }
    }

    fn post(&self) -> String {
        match self {
            Self::Plain => TEXT.to_owned(),
            Self::SocketIo => format!(r#"42["said","{TEXT}"]"#),
            Self::Daehwa(_) => own_post(),
        }
    }
}

async fn own(address: &str, path: &str, token: &str) -> io::Result<Wire> {
    let headers = format!("Cookie: daehwa={token}\r\nSec-WebSocket-Protocol: daehwa.v1\r\n");
    Wire::connect(address, path, &headers).await
}

fn own_post() -> String {
    format!(r#"{{"type":"post","id":"{}","body":"{TEXT}"}}"#, uuid::Uuid::now_v7())
}

/// What the receivers of a broadcast share.
struct Heard {
    count: Cell<usize>,
    sent_at: Cell<Instant>,
    latencies: RefCell<Vec<Duration>>,
    all: Notify,
    receivers: usize,
}

impl Heard {
    fn one(&self) {
        self.latencies.borrow_mut().push(self.sent_at.get().elapsed());
        self.count.set(self.count.get() + 1);
        if self.count.get() == self.receivers {
            self.all.notify_one();
        }
    }
}

/// Connects `receivers`, looks at the memory, then says `rounds` texts, each when all have read the one before.
///
/// # Errors
/// When the server loses a connection or a text.
pub(crate) async fn broadcast(
    process: &Process,
    speech: &Speech<'_>,
    receivers: usize,
    rounds: usize,
) -> io::Result<Cost> {
    let mut speaker = speech.connect(&process.address, 0).await?;
    let (before, began) = (process.resident(), Instant::now());
    let heard = Rc::new(Heard {
        count: Cell::new(0),
        sent_at: Cell::new(Instant::now()),
        latencies: RefCell::default(),
        all: Notify::new(),
        receivers,
    });
    let is_socket_io = matches!(speech, Speech::SocketIo);
    let connecting = stream::iter(1..=receivers).map(|number| {
        let heard = heard.clone();
        async move {
            let wire = speech.connect(&process.address, number).await?;
            // Read from the beginning: who comes later is told of, too.
            spawn_local(receive(wire, heard, is_socket_io));
            io::Result::Ok(())
        }
    });
    let connected: Vec<io::Result<()>> = connecting.buffer_unordered(AT_ONCE).collect().await;
    connected.into_iter().collect::<io::Result<()>>()?;
    let connected_in = began.elapsed();
    tokio::time::sleep(SETTLE).await;
    let idle_kib = process.resident().saturating_sub(before) as f64 / receivers as f64;
    let mut cpu_before = process.cpu();
    for round in 0..WARM_UP + rounds {
        if round == WARM_UP {
            heard.latencies.borrow_mut().clear();
            cpu_before = process.cpu();
        }
        heard.count.set(0);
        heard.sent_at.set(Instant::now());
        speaker.say(&speech.post()).await?;
        let everybody = async {
            speaker.until(|text| contains(text, MARK)).await?;
            heard.all.notified().await;
            io::Result::Ok(())
        };
        tokio::time::timeout(PATIENCE, everybody).await.map_err(io::Error::other)??;
    }
    let cpu = process.cpu() - cpu_before;
    let cpu_us = cpu.as_secs_f64() * 1e6 / ((receivers + 1) * rounds) as f64;
    Ok(Cost { idle_kib, cpu_us, latency: Spread::of(heard.latencies.take()), connected_in })
}

async fn receive(mut wire: Wire, heard: Rc<Heard>, is_socket_io: bool) {
    loop {
        let mut is_asked = false;
        let hearing = wire.hear(|text| {
            if contains(text, MARK) {
                heard.one();
            }
            is_asked |= text == b"2";
        });
        if hearing.await.is_err() || (is_socket_io && is_asked && wire.say("3").await.is_err()) {
            return;
        }
    }
}

/// Says so many texts a second in all, in conversations of two; gives back how long each took until it was
/// acknowledged, which is when it was on disk.
///
/// # Errors
/// When a connection cannot be made.
pub(crate) async fn posts(process: &Process, people: &People, a_second: u32, lasting: Duration) -> io::Result<Spread> {
    let speakers = people.pairs.len().min(500);
    let all = Rc::new(RefCell::new(Vec::new()));
    let mut speaking = Vec::new();
    for number in 0..speakers {
        let path = format!("/chat/{}", people.pairs[number]);
        let mut wire = own(&process.address, &path, &people.tokens[number * 2]).await?;
        wire.until(|text| contains(text, br#""type":"welcome""#)).await?;
        let pause = Duration::from_secs(1) * speakers as u32 / a_second;
        // Evenly, rather than all at the same moment.
        let start = pause * number as u32 / speakers as u32;
        speaking.push(spawn_local(speak(wire, start, pause, lasting, all.clone())));
    }
    for one in speaking {
        one.await.map_err(io::Error::other)??;
    }
    Ok(Spread::of(all.take()))
}

async fn speak(
    mut wire: Wire,
    start: Duration,
    pause: Duration,
    lasting: Duration,
    all: Rc<RefCell<Vec<Duration>>>,
) -> io::Result<()> {
    tokio::time::sleep(start).await;
    let (began, mut ticks) = (Instant::now(), interval(pause));
    let mut waiting = VecDeque::<Instant>::new();
    while began.elapsed() < lasting || !waiting.is_empty() {
        tokio::select! {
            _ = ticks.tick(), if began.elapsed() < lasting => {
                waiting.push_back(Instant::now());
                wire.say(&own_post()).await?;
            }
            heard = wire.hear(|text| if contains(text, MARK) && let Some(sent_at) = waiting.pop_front() {
                all.borrow_mut().push(sent_at.elapsed());
            }) => heard?,
        }
    }
    Ok(())
}

/// How long this disk takes to have four KiB for good.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn disk(directory: &Path) -> io::Result<Spread> {
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

pub(crate) struct Arrivals {
    pub(crate) frames: u64,
    pub(crate) bytes: u64,
    /// From the last arrival until everybody's list had it.
    pub(crate) right_after: Duration,
    pub(crate) cpu: Duration,
}

/// All people come to the main window within `lasting`.
///
/// # Errors
/// When a connection cannot be made or the last one is not told of.
pub(crate) async fn arrivals(process: &Process, people: &People, lasting: Duration) -> io::Result<Arrivals> {
    let count = people.tokens.len();
    let last = people.ids[count - 1].to_string();
    let (frames, bytes) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
    let (known, everybody) = (Rc::new(Cell::new(0)), Rc::new(Notify::new()));
    let (before, began) = (process.cpu(), Instant::now());
    for (number, token) in people.tokens.iter().enumerate() {
        tokio::time::sleep_until((began + lasting * number as u32 / count as u32).into()).await;
        let mut wire = own(&process.address, "/usersServerEndpoint", token).await?;
        let (last, frames, bytes) = (last.clone(), frames.clone(), bytes.clone());
        let (known, everybody) = (known.clone(), everybody.clone());
        spawn_local(async move {
            let mut knows = false;
            loop {
                let hearing = wire.hear(|text| {
                    frames.set(frames.get() + 1);
                    bytes.set(bytes.get() + text.len() as u64);
                    let is_told =
                        contains(&text[..text.len().min(40)], b"users_changed") && contains(text, last.as_bytes());
                    // The last one's own greeting has it.
                    knows |= is_told || number + 1 == count;
                });
                if hearing.await.is_err() {
                    return;
                }
                if std::mem::take(&mut knows) {
                    known.set(known.get() + 1);
                    if known.get() == count {
                        everybody.notify_one();
                    }
                }
            }
        });
    }
    let arrived_at = Instant::now();
    tokio::time::timeout(PATIENCE, everybody.notified()).await.map_err(io::Error::other)?;
    let right_after = arrived_at.elapsed();
    Ok(Arrivals { frames: frames.get(), bytes: bytes.get(), right_after, cpu: process.cpu() - before })
}
