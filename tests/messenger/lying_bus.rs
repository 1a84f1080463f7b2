//! A bus that lies: each node has a server of NATS of its own, and what frames contain goes from one to the others late,
//! in another order, twice, once more much later, or never.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_nats::{Client, ConnectOptions, Message};
use futures::StreamExt;
use uuid::Uuid;

use crate::nats_server::NatsServer;

/// The longest delay of a frame: longer than the time between two polls of the feed.
const DELAY_MS: u128 = 250;
/// Frames that may come once more.
const PAST: usize = 200;

pub(crate) struct LyingBus {
    servers: Vec<NatsServer>,
}

/// Carries frames away from one server.
#[derive(Clone)]
struct Carrier {
    others: Vec<Client>,
    past: Arc<Mutex<Vec<Message>>>,
}

impl LyingBus {
    /// A bus for this number of nodes. It works as long as the runtime does.
    pub(crate) async fn start(nodes: usize) -> Self {
        let servers: Vec<NatsServer> = (0..nodes).map(|_| NatsServer::start("")).collect();
        let mut clients = Vec::new();
        for server in &servers {
            clients.push(ConnectOptions::new().no_echo().connect(server.url()).await.unwrap());
        }
        for (from, client) in clients.iter().enumerate() {
            let mut frames = client.subscribe("dh.>").await.unwrap();
            client.flush().await.unwrap();
            let others = clients.iter().enumerate().filter(|(to, _)| *to != from).map(|(_, client)| client.clone());
            let carrier = Carrier { others: others.collect(), past: Arc::default() };
            tokio::spawn(async move {
                while let Some(frame) = frames.next().await {
                    carrier.carry(&frame);
                }
            });
        }
        Self { servers }
    }

    /// The server of a node.
    pub(crate) fn of(&self, node: usize) -> &NatsServer {
        &self.servers[node]
    }
}

impl Carrier {
    /// Each of the others is lied to in its own way.
    fn carry(&self, frame: &Message) {
        self.keep(frame);
        for other in &self.others {
            let random = Uuid::new_v4().as_u128();
            let delay = Duration::from_millis(u64::try_from(random / 100 % DELAY_MS).unwrap());
            match random % 100 {
                0..10 => {}
                10..20 => {
                    send(other, frame, Duration::ZERO);
                    send(other, frame, delay);
                }
                20..45 => send(other, frame, delay),
                45..55 => {
                    send(other, frame, Duration::ZERO);
                    let past = self.past.lock().unwrap();
                    send(other, &past[(random / 100 % past.len() as u128) as usize], delay);
                }
                _ => send(other, frame, Duration::ZERO),
            }
        }
    }

    fn keep(&self, frame: &Message) {
        let mut past = self.past.lock().unwrap();
        if past.len() == PAST {
            past.remove(0);
        }
        past.push(frame.clone());
    }
}

/// Frames of one moment may overtake each other.
fn send(to: &Client, frame: &Message, delay: Duration) {
    let (to, subject, payload) = (to.clone(), frame.subject.clone(), frame.payload.clone());
    tokio::spawn(async move {
        tokio::time::sleep(delay).await;
        let _ = to.publish(subject, payload).await;
    });
}
