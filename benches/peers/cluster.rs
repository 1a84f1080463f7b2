//! One, two and three nodes on one database, and as many processes of socket.io on one Redis: the CPU time of a delivery
//! and of a post, and how much later a window on another node reads a text than one on the author's node.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    io,
    path::Path,
    rc::Rc,
    time::{Duration, Instant},
};

use futures::future::try_join_all;
use tokio::{
    task::{JoinHandle, spawn_local},
    time::{interval, sleep},
};

use crate::{
    cluster_nodes::Nodes,
    measured_cluster::{ClusterRoom, MeasuredCluster},
    redis_nodes::RedisNodes,
    settings::{number, numbers},
    spread::Spread,
    table::{Table, cell},
    wire::{Wire, contains},
};

const COLUMNS: [&str; 12] = [
    "nodes",
    "windows of a group",
    "deliveries",
    "µs CPU a delivery, nodes",
    "database",
    "posts",
    "µs CPU a post, nodes",
    "database",
    "same node p50 ms",
    "p99 ms",
    "other node p50 ms",
    "p99 ms",
];
/// How long each part lasts.
const LASTING: Duration = Duration::from_secs(15);
/// Texts a second to the group.
const GROUP_RATE: usize = 20;
/// Direct rooms, with one post a second each.
const ROOMS: usize = 200;
/// Texts that are on their way get this long.
const REST: Duration = Duration::from_secs(2);
const TEXT: &str = "cluster says what people say to each other in an office on a day like any other";

/// When each text was posted, and how long it took to each kind of window.
#[derive(Default)]
struct Times {
    posted: RefCell<HashMap<String, Instant>>,
    same: RefCell<Vec<Duration>>,
    other: RefCell<Vec<Duration>>,
}

/// Writes a row for every number of nodes (`BENCH_NODES`).
///
/// # Errors
/// If the rows cannot be written.
pub(crate) async fn measure(out: &Path, machine: &[String]) -> io::Result<()> {
    let mut table = Table::begin(out, "cluster", machine, &COLUMNS)?;
    for (count, which, windows) in sizes() {
        let cluster = Nodes::start(count, 2 * ROOMS, 100).await.map(MeasuredCluster::Daehwa);
        write(&mut table, &which, cluster, windows).await?;
    }
    Ok(())
}

/// The same of socket.io. The columns of the database are those of Redis.
///
/// # Errors
/// If the rows cannot be written.
pub(crate) async fn measure_socketio(out: &Path, machine: &[String]) -> io::Result<()> {
    let machine = [machine, &RedisNodes::version().map_or_else(Vec::new, |version| vec![version])].concat();
    let mut table = Table::begin(out, "cluster_socketio", &machine, &COLUMNS)?;
    for (count, which, windows) in sizes() {
        let cluster = RedisNodes::start(count).await.map(MeasuredCluster::SocketIo);
        write(&mut table, &which, cluster, windows).await?;
    }
    Ok(())
}

/// Numbers of nodes, the first two cells of their rows, and the number of windows.
fn sizes() -> impl Iterator<Item = (usize, [String; 2], usize)> {
    let windows = number("BENCH_CLUSTER_WINDOWS", 900);
    let nodes = numbers("BENCH_NODES", "1,2,3,1,2,3").into_iter();
    nodes.map(move |count| (count, [count.to_string(), windows.to_string()], windows))
}

async fn write(
    table: &mut Table,
    which: &[String; 2],
    cluster: io::Result<MeasuredCluster>,
    windows: usize,
) -> io::Result<()> {
    let figures = match cluster {
        Ok(cluster) => figures(&cluster, windows).await,
        Err(error) => Err(error),
    };
    match figures {
        Ok(figures) => table.row(&which.iter().cloned().chain(figures.map(cell)).collect::<Vec<_>>()),
        Err(error) => table.without(which, &error.to_string()),
    }
}

/// The figures of the row after the first two.
async fn figures(cluster: &MeasuredCluster, windows: usize) -> io::Result<[f64; COLUMNS.len() - 2]> {
    let (deliveries, [of_nodes, of_database]) = group(cluster, windows).await?;
    let times = Rc::new(Times::default());
    let (posts, [post_nodes, post_database]) = posts(cluster, &times).await?;
    let [[same50, same99, _], [other50, other99, _]] =
        [times.same.take(), times.other.take()].map(|all| Spread::of(all).ms());
    Ok([deliveries, of_nodes, of_database, posts, post_nodes, post_database, same50, same99, other50, other99])
}

/// Microseconds of CPU time for each of `count`, since `before`.
fn each(cluster: &MeasuredCluster, before: [Duration; 2], count: f64) -> [f64; 2] {
    let after = cluster.cpu();
    [0, 1].map(|part| (after[part] - before[part]).as_secs_f64() * 1e6 / count)
}

/// Texts to the windows of a group that are spread over the nodes.
async fn group(cluster: &MeasuredCluster, windows: usize) -> io::Result<(f64, [f64; 2])> {
    let received = Rc::new(Cell::new(0_u64));
    let mut reading = Vec::new();
    for number in 0..windows {
        let wire = cluster.open(number, ClusterRoom::Group, number % 100).await?;
        let received = received.clone();
        reading.push(read(wire, move |_| received.set(received.get() + 1)));
    }
    let mut author = cluster.open(0, ClusterRoom::Group, 0).await?;
    sleep(REST).await;
    let (before, begun, mut ticks) =
        (cluster.cpu(), Instant::now(), interval(Duration::from_secs(1) / GROUP_RATE as u32));
    received.set(0);
    while begun.elapsed() < LASTING {
        tokio::select! {
            _ = ticks.tick() => author.send(&cluster.post(ClusterRoom::Group, TEXT)).await?,
            read = author.receive(|_| {}) => read?,
        }
    }
    sleep(REST).await;
    let deliveries = received.get() as f64;
    let figures = each(cluster, before, deliveries);
    reading.iter().for_each(JoinHandle::abort);
    Ok((deliveries, figures))
}

/// Posts in direct rooms. The author has a second window on the same node, the other member one on the next node.
async fn posts(cluster: &MeasuredCluster, times: &Rc<Times>) -> io::Result<(f64, [f64; 2])> {
    let (mut reading, mut authors) = (Vec::new(), Vec::new());
    for room in 0..ROOMS {
        let of = ClusterRoom::Pair(room);
        authors.push(cluster.open(room, of, 2 * room).await?);
        for (node, user, is_other) in [(room, 2 * room, false), (room + 1, 2 * room + 1, true)] {
            let (wire, times) = (cluster.open(node, of, user).await?, times.clone());
            reading.push(read(wire, move |text| times.note(text, is_other)));
        }
    }
    sleep(REST).await;
    let (before, pause) = (cluster.cpu(), Duration::from_secs(1));
    let posting = authors
        .into_iter()
        .enumerate()
        .map(|(room, author)| keep_posting(cluster, author, room, pause * room as u32 / ROOMS as u32, times));
    let count: usize = try_join_all(posting).await?.into_iter().sum();
    sleep(REST).await;
    let figures = each(cluster, before, count as f64);
    reading.iter().for_each(JoinHandle::abort);
    Ok((count as f64, figures))
}

async fn keep_posting(
    cluster: &MeasuredCluster,
    mut author: Wire,
    room: usize,
    start: Duration,
    times: &Times,
) -> io::Result<usize> {
    sleep(start).await;
    let (begun, mut ticks, mut count) = (Instant::now(), interval(Duration::from_secs(1)), 0);
    while begun.elapsed() < LASTING {
        tokio::select! {
            _ = ticks.tick() => {
                let tag = format!("<{room}.{count}>");
                times.posted.borrow_mut().insert(tag.clone(), Instant::now());
                author.send(&cluster.post(ClusterRoom::Pair(room), &format!("{TEXT} {tag}"))).await?;
                count += 1;
            }
            read = author.receive(|_| {}) => read?,
        }
    }
    Ok(count)
}

impl Times {
    fn note(&self, text: &[u8], is_other: bool) {
        if !contains(text, TEXT) {
            return;
        }
        let text = String::from_utf8_lossy(text);
        let tag = text.find('<').zip(text.find('>')).map(|(from, to)| text[from..=to].to_owned());
        let posted = tag.and_then(|tag| self.posted.borrow().get(&tag).copied());
        let all = if is_other { &self.other } else { &self.same };
        all.borrow_mut().extend(posted.map(|posted| posted.elapsed()));
    }
}

fn read(mut wire: Wire, visit: impl Fn(&[u8]) + 'static) -> JoinHandle<()> {
    spawn_local(async move { while wire.receive(&visit).await.is_ok() {} })
}
