//! Fan-out: the cost of a connection and of a delivery, and the latency of a text to everybody.

use std::{
    cell::{Cell, RefCell},
    io,
    rc::Rc,
    time::{Duration, Instant},
};

use futures::{StreamExt, stream};
use tokio::{
    sync::Notify,
    task::spawn_local,
    time::{sleep, timeout},
};

use crate::{
    peer::{Peer, Running},
    peer_client::MARK,
    row::Row,
    spread::Spread,
    wire::{Wire, contains},
};

/// Connections opened concurrently.
const AT_ONCE: usize = 32;
/// Texts before the count starts.
const WARM_UP: usize = 5;
/// The pause before the server's memory is read.
const SETTLE: Duration = Duration::from_secs(2);
/// The time limit for all connections.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(240);
/// The time limit for a text.
const TEXT_TIMEOUT: Duration = Duration::from_secs(60);

/// State that the receivers share.
struct Deliveries {
    count: Cell<usize>,
    sent_at: Cell<Instant>,
    latencies: RefCell<Vec<Duration>>,
    all: Notify,
    receivers: usize,
}

impl Deliveries {
    fn by(receivers: usize) -> Rc<Self> {
        let (count, sent_at) = (Cell::new(0), Cell::new(Instant::now()));
        Rc::new(Self { count, sent_at, latencies: RefCell::default(), all: Notify::new(), receivers })
    }

    fn one(&self) {
        self.latencies.borrow_mut().push(self.sent_at.get().elapsed());
        self.count.set(self.count.get() + 1);
        if self.count.get() == self.receivers {
            self.all.notify_one();
        }
    }
}

/// Starts a server, connects `receivers`, reads the memory, then posts `rounds` texts, each when all have received the
/// one before.
///
/// # Errors
/// If the server cannot be started, is too slow, or loses a connection or a text.
pub(crate) async fn measure(peer: Peer, receivers: usize, turn: usize, rounds: usize) -> io::Result<Row> {
    let running = Rc::new(peer.start(receivers).await?);
    let process = &running.process;
    let (before, began) = (process.resident(), Instant::now());
    let received = Deliveries::by(receivers);
    timeout(CONNECT_TIMEOUT, connect(&running, &received)).await.map_err(|_| late("were not all connected"))??;
    let connected_in = began.elapsed();
    sleep(SETTLE).await;
    let idle_kib = process.resident().saturating_sub(before) as f64 / receivers as f64;
    // Not earlier, because connecting may take longer than a server waits for a silent client.
    let mut sender = running.client.connect(&process.address, 0).await?;
    let mut cpu_before = process.cpu();
    for round in 0..WARM_UP + rounds {
        if round == WARM_UP {
            received.latencies.borrow_mut().clear();
            cpu_before = process.cpu();
        }
        timeout(TEXT_TIMEOUT, send_and_wait(&mut sender, &running, &received))
            .await
            .map_err(|_| late("had not all received a text"))??;
    }
    let cpu = process.cpu() - cpu_before;
    let cpu_us = cpu.as_secs_f64() * 1e6 / ((receivers + 1) * rounds) as f64;
    let [p50_ms, p99_ms, p999_ms] = Spread::of(received.latencies.take()).ms();
    let (server, connected_s) = (peer.name().to_owned(), connected_in.as_secs_f64());
    Ok(Row { server, connections: receivers, turn, idle_kib, cpu_us, p50_ms, p99_ms, p999_ms, connected_s })
}

fn late(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, format!("they {what} in time"))
}

async fn connect(running: &Rc<Running>, received: &Rc<Deliveries>) -> io::Result<()> {
    let connecting = stream::iter(1..=received.receivers).map(|number| async move {
        let wire = running.client.connect(&running.process.address, number).await?;
        // Read from the start: later arrivals send frames, too.
        spawn_local(receive(wire, received.clone(), running.client.answer_of()));
        io::Result::Ok(())
    });
    let connected: Vec<io::Result<()>> = connecting.buffer_unordered(AT_ONCE).collect().await;
    connected.into_iter().collect()
}

/// Posts one text, and returns when everybody has received it.
async fn send_and_wait(sender: &mut Wire, running: &Running, received: &Deliveries) -> io::Result<()> {
    received.count.set(0);
    received.sent_at.set(Instant::now());
    sender.send(&running.client.post()).await?;
    sender.until(MARK).await?;
    received.all.notified().await;
    Ok(())
}

/// `answer`: a keep-alive text of the server, and the reply that it expects.
async fn receive(mut wire: Wire, received: Rc<Deliveries>, answer: Option<(&str, &str)>) {
    loop {
        let mut is_asked = false;
        let receiving = wire.receive(|text| {
            if contains(text, MARK) {
                received.one();
            }
            is_asked |= answer.is_some_and(|(question, _)| text == question.as_bytes());
        });
        if receiving.await.is_err() {
            return;
        }
        if let Some((_, answer)) = answer.filter(|_| is_asked)
            && wire.send(answer).await.is_err()
        {
            return;
        }
    }
}
