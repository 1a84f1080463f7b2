//! A storm off a killed node: windows of a group are spread over three nodes and get texts all the time. One node is
//! killed, and all its windows resume at the others at once.

use std::{
    cell::{Cell, RefCell},
    io,
    path::Path,
    rc::Rc,
    time::{Duration, Instant},
};

use futures::{
    StreamExt,
    future::{try_join, try_join_all},
    stream,
};
use tokio::time::{interval, timeout};

use crate::{
    cluster_nodes::Nodes,
    peer_client::{MARK, WELCOME, own, own_post},
    people::BenchPeople,
    settings::number,
    spread::Spread,
    storm::numbers_in,
    table::{Table, cell},
    wire::{Wire, contains},
};

const COLUMNS: [&str; 12] = [
    "windows on 3 nodes",
    "texts a second",
    "windows of the killed node",
    "all up to date after ms",
    "p50 ms",
    "p99 ms",
    "CPU s until then, nodes",
    "database",
    "other windows: p99 ms of a text before",
    "in the 2 s after",
    "texts lost",
    "received twice",
];
const NODES: usize = 3;
const TEXTS_A_SECOND: usize = 10;
/// Texts before the node is killed, and in all.
const BEFORE: usize = 50;
const TEXTS: usize = 150;
/// Texts that are posted within this time after the end of the node.
const SOON: Duration = Duration::from_secs(2);
const AT_ONCE: usize = 32;
const RUN_TIMEOUT: Duration = Duration::from_secs(120);
const RESUMED: &str = r#""type":"resumed""#;

struct ClusterStorm {
    /// The first one is killed.
    nodes: RefCell<Nodes>,
    addresses: Vec<String>,
    people: Rc<BenchPeople>,
    killed_at: Cell<Option<Instant>>,
    /// CPU time of the other nodes and of the database at that moment, and when the last window was up to date.
    cpu: Cell<[[Duration; 2]; 2]>,
    posted_at: RefCell<Vec<Instant>>,
    /// How long texts took to windows of the other nodes: before the end of the node, and soon after it.
    texts: RefCell<[Vec<Duration>; 2]>,
}

struct StormWindow {
    number: usize,
    node: usize,
    wire: Wire,
    epoch: String,
    version: u64,
    /// How often each text was received, by its number.
    received: Vec<u32>,
    /// The time from the end of its node until it had received what it missed.
    after: Option<Duration>,
}

/// Writes a row for `BENCH_CLUSTER_STORM` windows.
///
/// # Errors
/// If the row cannot be written.
pub(crate) async fn measure(out: &Path, machine: &[String]) -> io::Result<()> {
    let mut table = Table::begin(out, "cluster_storm", machine, &COLUMNS)?;
    let windows = number("BENCH_CLUSTER_STORM", 2_000);
    let which = [windows.to_string(), TEXTS_A_SECOND.to_string()];
    for _ in 0..number("BENCH_TURNS", 3) {
        let run = async { ClusterStorm::start().await?.run(windows).await };
        match timeout(RUN_TIMEOUT, run).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())) {
            Ok(figures) => table.row(&which.iter().cloned().chain(figures.map(cell)).collect::<Vec<_>>())?,
            Err(error) => table.without(&which, &error.to_string())?,
        }
    }
    Ok(())
}

impl ClusterStorm {
    async fn start() -> io::Result<Self> {
        let nodes = Nodes::start(NODES, 100, 100).await?;
        let addresses = nodes.nodes.iter().map(|node| node.address.clone()).collect();
        let people = nodes.people.clone();
        let (killed_at, cpu) = (Cell::default(), Cell::default());
        let (posted_at, texts) = (RefCell::default(), RefCell::default());
        Ok(Self { nodes: nodes.into(), addresses, people, killed_at, cpu, posted_at, texts })
    }

    /// The cells of the row after the first two.
    async fn run(&self, windows: usize) -> io::Result<[f64; COLUMNS.len() - 2]> {
        let opening = stream::iter(0..windows).map(|number| self.open(number)).buffer_unordered(AT_ONCE);
        let opened = opening.collect::<Vec<_>>().await.into_iter().collect::<io::Result<Vec<_>>>()?;
        let living = try_join_all(opened.into_iter().map(|window| self.live(window)));
        let (lived, ()) = try_join(living, self.keep_posting()).await?;
        let after: Vec<Duration> = lived.iter().filter_map(|window| window.after).collect();
        let all = after.iter().max().copied().unwrap_or_default();
        let (moved, [p50, p99, _]) = (after.len(), Spread::of(after).ms());
        let [killed, done] = self.cpu.get();
        let [nodes, database] = [0, 1].map(|part| done[part].saturating_sub(killed[part]).as_secs_f64());
        let [before, soon] = self.texts.take().map(|all| Spread::of(all).ms()[1]);
        let times = || lived.iter().flat_map(|window| &window.received);
        let lost = times().filter(|times| **times == 0).count();
        let twice = times().filter(|times| **times > 1).count();
        let all = all.as_secs_f64() * 1e3;
        Ok([moved as f64, all, p50, p99, nodes, database, before, soon, lost as f64, twice as f64])
    }

    async fn window(&self, node: usize, number: usize, query: &str) -> io::Result<Wire> {
        own(&self.addresses[node], &format!("/chat/{}{query}", self.people.group), &self.people, number).await
    }

    async fn open(&self, number: usize) -> io::Result<StormWindow> {
        let node = number % NODES;
        let mut wire = self.window(node, number, "").await?;
        let welcome: serde_json::Value = serde_json::from_slice(&wire.until(WELCOME).await?)?;
        let cursor = &welcome["cursor"];
        let epoch = cursor["epoch"].as_str().unwrap_or_default().to_owned();
        let version = cursor["version"].as_u64().unwrap_or_default();
        Ok(StormWindow { number, node, wire, epoch, version, received: vec![0; TEXTS], after: None })
    }

    /// Receives until the last text, and resumes elsewhere when the node ends.
    async fn live(&self, mut window: StormWindow) -> io::Result<StormWindow> {
        while window.received[TEXTS - 1] == 0 {
            match window.receive(self).await {
                Ok(_) => {}
                Err(_) if window.node == 0 => self.resume(&mut window).await?,
                Err(error) => return Err(error),
            }
        }
        Ok(window)
    }

    async fn resume(&self, window: &mut StormWindow) -> io::Result<()> {
        window.node = 1 + window.number / NODES % (NODES - 1);
        let cursor = format!("?since={}.{}", window.epoch, window.version);
        window.wire = self.window(window.node, window.number, &cursor).await?;
        while !window.receive(self).await? {}
        window.after = self.killed_at.get().map(|killed_at| killed_at.elapsed());
        self.cpu.set([self.cpu.get()[0], self.nodes.borrow().cpu()]);
        Ok(())
    }

    /// Posts from a node that stays, and ends the first one.
    async fn keep_posting(&self) -> io::Result<()> {
        let mut author = self.window(1, 0, "").await?;
        author.until(WELCOME).await?;
        let mut ticks = interval(Duration::from_secs(1) / TEXTS_A_SECOND as u32);
        let mut number = 0;
        while number < TEXTS {
            tokio::select! {
                _ = ticks.tick() => {
                    if number == BEFORE {
                        self.kill();
                    }
                    self.posted_at.borrow_mut().push(Instant::now());
                    author.send(&own_post(&format!("{} {number:06} amid a storm", MARK))).await?;
                    number += 1;
                }
                read = author.receive(|_| {}) => read?,
            }
        }
        Ok(())
    }

    fn kill(&self) {
        let mut nodes = self.nodes.borrow_mut();
        let first = nodes.nodes.remove(0);
        self.cpu.set([nodes.cpu(); 2]);
        self.killed_at.set(Some(Instant::now()));
        drop(first);
    }

    /// How long a text took to a window of a node that stays.
    fn note(&self, number: usize) {
        let Some(posted_at) = self.posted_at.borrow().get(number).copied() else { return };
        let killed_at = self.killed_at.get().filter(|_| number >= BEFORE);
        let part = match killed_at {
            None => 0,
            Some(at) if posted_at < at + SOON => 1,
            Some(_) => return,
        };
        self.texts.borrow_mut()[part].push(posted_at.elapsed());
    }
}

impl StormWindow {
    /// Returns whether what was missed has arrived.
    async fn receive(&mut self, storm: &ClusterStorm) -> io::Result<bool> {
        let stays = !self.number.is_multiple_of(NODES);
        let (received, version, mut is_resumed, mut is_new) = (&mut self.received, &mut self.version, false, false);
        let receiving = self.wire.receive(|text| {
            is_resumed |= contains(text, RESUMED);
            is_new |= contains(&text[..text.len().min(40)], WELCOME);
            *version = version_in(text).unwrap_or(*version);
            for number in numbers_in(text) {
                if let Some(times) = received.get_mut(number) {
                    *times += 1;
                }
                if stays {
                    storm.note(number);
                }
            }
        });
        receiving.await?;
        if is_new { Err(io::Error::other("a cursor was answered with a snapshot")) } else { Ok(is_resumed) }
    }
}

/// The version of the cursor in a frame.
fn version_in(frame: &[u8]) -> Option<u64> {
    let cursor = memchr::memmem::rfind(frame, b"\"cursor\":{")?;
    let part = &frame[cursor..];
    let digits = &part[memchr::memmem::find(part, b"\"version\":")? + 10..];
    let length = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
    str::from_utf8(&digits[..length]).ok()?.parse().ok()
}
