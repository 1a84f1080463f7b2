//! A node's end of the bus, and what the tests wait for.

use std::{future::Future, time::Duration};

use bytes::Bytes;
use server::{
    bus::{Bus, BusAccess, BusConfig, BusEvent, BusKey},
    supervisor::Supervisor,
};
use tokio::{
    sync::mpsc,
    time::{sleep, timeout},
};

use crate::nats_server::NatsServer;

const PATIENCE: Duration = Duration::from_secs(20);
pub(crate) const CLUSTER: &str = "test";
pub(crate) const SECRET: [u8; 32] = [7; 32];

pub(crate) struct BusNode {
    pub(crate) bus: Bus,
    pub(crate) events: mpsc::Receiver<BusEvent>,
    supervisor: Supervisor,
}

impl BusNode {
    pub(crate) async fn of(server: &NatsServer) -> Self {
        Self::with(&server.url(), &BusAccess::default(), SECRET).await
    }

    /// A node that is connected.
    pub(crate) async fn with(urls: &str, access: &BusAccess, secret: [u8; 32]) -> Self {
        let node = Self::begin(urls, access, secret).await;
        node.is_connected(true).await;
        node
    }

    /// A node that may still be without a connection.
    pub(crate) async fn begin(urls: &str, access: &BusAccess, secret: [u8; 32]) -> Self {
        let supervisor = Supervisor::default();
        let config = BusConfig::read(&urls.parse().unwrap(), access).unwrap();
        let (bus, events) = Bus::connect(&config, CLUSTER, BusKey::new(secret), &supervisor).await.unwrap();
        Self { bus, events, supervisor }
    }

    pub(crate) async fn is_connected(&self, is_connected: bool) {
        until("the state of the connection", async || self.bus.is_connected() == is_connected).await;
    }

    pub(crate) async fn event(&mut self) -> BusEvent {
        within("an event", self.events.recv()).await.expect("the bus ended")
    }

    /// The next frame, after any interruptions.
    pub(crate) async fn frame(&mut self) -> Bytes {
        loop {
            if let BusEvent::Frame(frame) = self.event().await {
                return frame;
            }
        }
    }

    /// Waits for an interruption, after any frames.
    pub(crate) async fn interruption(&mut self) {
        while self.event().await != BusEvent::Interrupted {}
    }

    /// Forgets the events of the past.
    pub(crate) fn forget(&mut self) {
        while self.events.try_recv().is_ok() {}
    }

    /// Publishes until the other node receives it: a subscription has no answer.
    pub(crate) async fn reach(&self, other: &mut Self, content: &[u8]) {
        let reached = async {
            loop {
                let _ = self.bus.publish(content);
                let received = timeout(Duration::from_millis(50), other.frame());
                if received.await.is_ok_and(|frame| frame == content) {
                    return;
                }
            }
        };
        within("the other node", reached).await;
    }

    /// Both receive the frames of the other, and no frame is on its way.
    pub(crate) async fn meet(&mut self, other: &mut Self) {
        self.reach(other, b"hello").await;
        other.reach(self, b"hello").await;
        self.end_at(other).await;
        other.end_at(self).await;
    }

    /// Waits until all earlier frames have arrived.
    async fn end_at(&self, other: &mut Self) {
        self.bus.publish(b"end").unwrap();
        while within("the last frame", other.frame()).await != b"end"[..] {}
    }
}

impl Drop for BusNode {
    fn drop(&mut self) {
        self.supervisor.shut_down();
    }
}

pub(crate) async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    timeout(PATIENCE, future).await.unwrap_or_else(|_| panic!("waited too long for {what}"))
}

pub(crate) async fn until(what: &str, mut done: impl AsyncFnMut() -> bool) {
    let done = async {
        while !done().await {
            sleep(Duration::from_millis(10)).await;
        }
    };
    within(what, done).await;
}
