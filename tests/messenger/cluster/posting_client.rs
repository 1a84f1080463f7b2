//! A window that posts while nodes come and go: it moves to the next node when it loses one, and measures how long it
//! waits.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use protocol::{
    ids::{MessageId, RoomId},
    message::Quote,
    room_socket::{Post, RoomCommand, RoomEvent},
};

use crate::{resuming_client::ResumingClient, stage::Person};

/// The delay before refused posts are sent again.
const RETRY: Duration = Duration::from_millis(250);
/// Posts without an acknowledgement, at most.
const WAITING: usize = 20;

/// Asks posting clients to end.
#[derive(Clone, Default)]
pub(crate) struct Stop(Arc<AtomicBool>);

impl Stop {
    pub(crate) fn now(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

pub(crate) struct PostingClient {
    pub(crate) client: ResumingClient,
    addresses: Vec<SocketAddr>,
    at: usize,
    pub(crate) posts: usize,
    waiting: HashMap<MessageId, Instant>,
    /// How many of the received events were examined.
    seen: usize,
    retry_at: Option<Instant>,
    /// When each refusal arrived.
    pub(crate) refused: Vec<Instant>,
    /// The longest time between a lost connection and the next one.
    pub(crate) slowest_return: Duration,
    /// How long each post waited for its acknowledgement.
    pub(crate) waits: Vec<Duration>,
}

impl PostingClient {
    /// `addresses`: of the nodes, its own first.
    pub(crate) fn new(person: &Person, room: RoomId, addresses: Vec<SocketAddr>) -> Self {
        let client = ResumingClient::new(&Person { address: addresses[0], ..person.clone() }, room);
        Self {
            client,
            addresses,
            at: 0,
            posts: 0,
            waiting: HashMap::new(),
            seen: 0,
            retry_at: None,
            refused: Vec::new(),
            slowest_return: Duration::ZERO,
            waits: Vec::new(),
        }
    }

    /// Stays at its node: it comes back there, or not at all.
    pub(crate) fn at_one_node(mut self) -> Self {
        self.addresses.truncate(1);
        self
    }

    /// Posts with this pause until it is asked to stop, then waits until everything is acknowledged.
    pub(crate) async fn post_until_stopped(mut self, pause: Duration, stop: Stop) -> Self {
        while !stop.is_set() {
            self.reconnect().await;
            if self.waiting.len() < WAITING {
                self.post().await;
            }
            self.apply_events(pause).await;
        }
        self.finish().await;
        self
    }

    pub(crate) async fn post(&mut self) {
        self.post_quoting(None).await;
    }

    /// Answers the newest message. An answer is more than one statement.
    pub(crate) async fn answer(&mut self) {
        let quote = self.client.conversation.messages().last().map(Quote::of);
        self.post_quoting(quote).await;
    }

    async fn post_quoting(&mut self, quote: Option<Quote>) {
        let body = format!("말 {} {}", self.client.person.id, self.posts);
        let Some(command) = self.client.conversation.post(&body, quote, 0) else { return };
        let RoomCommand::Post(Post { id, .. }) = &command else { return };
        self.waiting.insert(*id, Instant::now());
        self.posts += 1;
        self.client.send(&command).await;
    }

    /// Applies what arrives in this time.
    pub(crate) async fn apply_events(&mut self, time: Duration) {
        let until = Instant::now() + time;
        while self.client.is_connected() && Instant::now() < until {
            self.client.step(until.saturating_duration_since(Instant::now())).await;
            self.note_answers();
            if self.retry_at.take_if(|at| *at <= Instant::now()).is_some() {
                for command in self.client.conversation.unacknowledged() {
                    self.client.send(&command).await;
                }
            }
        }
    }

    fn note_answers(&mut self) {
        for event in &self.client.received[self.seen..] {
            if let RoomEvent::Refused { .. } = event {
                self.refused.push(Instant::now());
                self.retry_at.get_or_insert(Instant::now() + RETRY);
            }
        }
        self.seen = self.client.received.len();
        let (unsent, waits) = (self.client.conversation.unsent(), &mut self.waits);
        self.waiting.retain(|id, since| {
            let is_waiting = unsent.iter().any(|unsent| unsent.id == *id);
            if !is_waiting {
                waits.push(since.elapsed());
            }
            is_waiting
        });
    }

    /// Connects, to the next nodes if its own is gone.
    pub(crate) async fn reconnect(&mut self) {
        let begun = Instant::now();
        while !self.client.try_connect_or_not().await {
            self.at = (self.at + 1) % self.addresses.len();
            self.client.person.address = self.addresses[self.at];
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        if self.client.connections > 1 {
            self.slowest_return = self.slowest_return.max(begun.elapsed());
        }
        self.note_answers();
    }

    pub(crate) async fn finish(&mut self) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while !self.client.conversation.unacknowledged().is_empty() {
            assert!(Instant::now() < deadline, "posts stay without an acknowledgement");
            self.reconnect().await;
            self.apply_events(Duration::from_millis(100)).await;
        }
    }

    /// The longest wait of a post for its acknowledgement.
    pub(crate) fn slowest_post(&self) -> Duration {
        self.waits.iter().copied().max().unwrap_or_default()
    }
}
