//! The connection of a node to the bus: it begins in the background, reconnects without limit, and no call waits for it.

use std::{
    future::ready,
    sync::{Arc, atomic::Ordering::Relaxed},
    time::Duration,
};

use async_nats::{Client, ConnectOptions, Subject, connection::State};
use futures::FutureExt;
use tokio::{
    sync::{Notify, mpsc},
    task::unconstrained,
};

use super::{
    config::BusConfig,
    connection_log::ConnectionLog,
    counts::{BusCounts, Counts},
    event::BusEvent,
    frame::{BusKey, FrameSealer, OVERHEAD},
    receiving::Receiving,
};
use crate::{
    model::{BusFault, Fault},
    supervisor::Supervisor,
};

/// Bytes of the largest frame: a larger one would delay those behind it. The server's own limit, 1 MiB by default, holds as
/// well.
const FRAME: usize = 64 * 1024;
/// Frames on their way to the server, and from the server to the task that decrypts them.
const SENDING: usize = 1_024;
const ARRIVED: usize = 16_384;
/// Events that wait for the consumer.
const READING: usize = 1_024;
/// The interval of pings. A connection ends after three without an answer.
const PING: Duration = Duration::from_secs(2);
const CONNECTING: Duration = Duration::from_secs(5);

/// A node's end of the bus.
#[derive(Clone)]
pub struct Bus(Arc<BusEnd>);

struct BusEnd {
    client: Client,
    subject: Subject,
    sealer: FrameSealer,
    counts: Arc<Counts>,
}

/// Why a frame was not sent. Other nodes read its content from the feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotPublished {
    /// A frame without the content may fit, as a hint that there is something to read.
    #[error("the frame is larger than the bus allows")]
    TooLarge,
    #[error("the bus is not connected")]
    Disconnected,
    #[error("the queue of the bus is full")]
    Full,
}

impl Bus {
    /// Begins to connect to a cluster's bus, and returns at once: a bus that is down is a warning in the log. Events
    /// wait for their consumer up to a number; then frames are dropped and [`BusEvent::Interrupted`] follows. `cluster`:
    /// letters, digits, `-` and `_`. The connection ends with the supervisor's shutdown.
    ///
    /// # Errors
    /// [`Fault::Bus`] if `cluster` has other characters, or without random numbers of the system.
    pub async fn connect(
        config: &BusConfig,
        cluster: &str,
        key: BusKey,
        supervisor: &Supervisor,
    ) -> Result<(Self, mpsc::Receiver<BusEvent>), Fault> {
        let subject = subject(cluster)?;
        let sealer = key.sealer().ok_or(BusFault::NoRandomness)?;
        let (counts, alarm) = (Arc::<Counts>::default(), Arc::<Notify>::default());
        let log = ConnectionLog::new(counts.clone(), alarm.clone());
        let addresses = config.servers.addresses()?;
        // Neither waits for a server, and both check only what was checked already.
        let connecting = options(config.options()?, log).connect(addresses).await;
        let client = connecting.map_err(|_| BusFault::Servers)?;
        let frames = client.subscribe(format!("dh.{cluster}.>")).await.map_err(|_| BusFault::Cluster)?;
        let (sender, consumer) = mpsc::channel(READING);
        let receiving = Receiving::new(frames, key.opener(), sender, alarm, counts.clone());
        supervisor.spawn_essential("bus", receiving.run());
        Ok((Self(Arc::new(BusEnd { client, subject, sealer, counts })), consumer))
    }

    /// Sends a frame with this content to all other nodes of the cluster, at most once each. It never waits.
    ///
    /// # Errors
    /// Why it was not sent.
    pub fn publish(&self, content: &[u8]) -> Result<(), NotPublished> {
        let BusEnd { client, subject, sealer, counts } = &*self.0;
        if content.len() + OVERHEAD > client.max_payload().min(FRAME) {
            return Err(NotPublished::TooLarge);
        }
        if !self.is_connected() {
            return self.drop_frame(NotPublished::Disconnected);
        }
        let Some(frame) = sealer.seal(subject, content) else { return Err(NotPublished::TooLarge) };
        let sending = client.publish(subject.clone(), frame);
        // async-nats waits when its queue is full. The budget of the calling task must not count as that.
        match unconstrained(sending).now_or_never() {
            Some(Ok(())) => {
                counts.published.fetch_add(1, Relaxed);
                Ok(())
            }
            _ => self.drop_frame(NotPublished::Full),
        }
    }

    fn drop_frame(&self, why: NotPublished) -> Result<(), NotPublished> {
        if let Some(total) = self.0.counts.dropped.add() {
            tracing::warn!(total, "{why}; other nodes read from the database what was not sent");
        }
        Err(why)
    }

    /// Whether a server is connected. It may have ended some seconds ago unnoticed.
    pub fn is_connected(&self) -> bool {
        self.0.client.connection_state() == State::Connected
    }

    pub fn counts(&self) -> BusCounts {
        self.0.counts.now()
    }
}

/// The subject of a cluster's frames.
fn subject(cluster: &str) -> Result<Subject, BusFault> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let is_name = !cluster.is_empty() && cluster.chars().all(is_plain);
    if is_name { Ok(Subject::from(format!("dh.{cluster}.frame"))) } else { Err(BusFault::Cluster) }
}

/// Servers that others in their cluster announce are ignored: their addresses do not say that they have TLS, and the
/// password would go to them.
fn options(options: ConnectOptions, log: ConnectionLog) -> ConnectOptions {
    let log = Arc::new(log);
    let attempts = log.clone();
    options
        .name("daehwa")
        .no_echo()
        .ignore_discovered_servers()
        .retry_on_initial_connect()
        .max_reconnects(None)
        .connection_timeout(CONNECTING)
        .ping_interval(PING)
        .client_capacity(SENDING)
        .subscription_capacity(ARRIVED)
        .event_callback(move |event| {
            log.note(&event);
            ready(())
        })
        .reconnect_to_server_callback(move |servers, _| {
            attempts.try_again(&servers);
            // async-nats chooses one.
            ready(None)
        })
}
