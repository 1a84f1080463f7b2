//! A client that loses its connection and resumes, with the state of the browser's program.

use std::time::Duration;

use client::state::conversation::Conversation;
use futures::{SinkExt, StreamExt};
use protocol::{
    ids::RoomId,
    room_socket::{RoomCommand, RoomEvent},
};
use tokio::time::timeout;
use tokio_tungstenite::{connect_async, tungstenite::Message as Frame};

use crate::stage::{ClientStream, Person, TEST_TIMEOUT};

pub(crate) struct ResumingClient {
    pub(crate) person: Person,
    pub(crate) room: RoomId,
    pub(crate) conversation: Conversation,
    wire: Option<ClientStream>,
    /// Connections made.
    pub(crate) connections: usize,
    /// Every event of every connection, in their order.
    pub(crate) received: Vec<RoomEvent>,
    /// The version of the last event of this connection.
    latest: u64,
    /// Events that a connection received again or too late.
    pub(crate) stale: Vec<String>,
    /// Versions that a connection did not receive.
    pub(crate) gaps: usize,
}

impl ResumingClient {
    pub(crate) fn new(person: &Person, room: RoomId) -> Self {
        let conversation = Conversation::opening(person.id, room);
        let (person, received) = (person.clone(), Vec::new());
        Self { person, room, conversation, wire: None, connections: 0, received, latest: 0, stale: Vec::new(), gaps: 0 }
    }

    /// Posts a text, now or after the next connection.
    pub(crate) async fn post(&mut self, body: &str) {
        let command = self.conversation.post(body, None, 0).expect("a body that can be sent");
        self.send(&command).await;
    }

    /// Sends a command if it is connected, as the browser does.
    pub(crate) async fn send(&mut self, command: &RoomCommand) {
        let Some(wire) = &mut self.wire else { return };
        let text = serde_json::to_string(command).unwrap();
        let sending = timeout(Duration::from_secs(5), wire.send(Frame::text(text)));
        if !matches!(sending.await, Ok(Ok(()))) {
            self.cut();
        }
    }

    /// Loses the connection.
    pub(crate) fn cut(&mut self) {
        self.wire = None;
    }

    pub(crate) fn is_connected(&self) -> bool {
        self.wire.is_some()
    }

    /// Resumes, with as many attempts as necessary.
    pub(crate) async fn connect(&mut self) {
        while !self.is_connected() {
            if !self.try_connect().await {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }

    /// One attempt, unless it is connected; false if the server cannot be reached.
    pub(crate) async fn try_connect_or_not(&mut self) -> bool {
        self.is_connected() || self.try_connect().await
    }

    /// One attempt: connects, applies the first frame, sends unacknowledged messages again.
    pub(crate) async fn try_connect(&mut self) -> bool {
        let path = format!("/chat/{}?since={}", self.room, self.conversation.cursor());
        let connecting = timeout(Duration::from_secs(5), connect_async(self.person.own_request(&path)));
        let Ok(Ok((wire, _))) = connecting.await else { return false };
        self.wire = Some(wire);
        (self.connections, self.latest) = (self.connections + 1, 0);
        // The first frame is `welcome` or `resumed`.
        if !self.step(Duration::from_secs(5)).await {
            self.cut();
            return false;
        }
        for command in self.conversation.unacknowledged() {
            self.send(&command).await;
        }
        self.is_connected()
    }

    /// Applies one event; `false` if none arrived in time or the connection closed.
    pub(crate) async fn step(&mut self, time_limit: Duration) -> bool {
        let Some(wire) = &mut self.wire else { return false };
        match timeout(time_limit, wire.next()).await {
            Ok(Some(Ok(Frame::Text(text)))) => {
                let event: RoomEvent = serde_json::from_str(&text).expect("a frame of the language");
                self.note(&event);
                self.conversation.apply(event, 0);
                if self.conversation.needs_resync() {
                    self.gaps += 1;
                    self.cut();
                }
                true
            }
            Ok(Some(Ok(Frame::Ping(_) | Frame::Pong(_)))) => true,
            Ok(_) => {
                self.cut();
                false
            }
            Err(_) => false,
        }
    }

    fn note(&mut self, event: &RoomEvent) {
        if let RoomEvent::Message { cursor, .. }
        | RoomEvent::Reacted { cursor, .. }
        | RoomEvent::Confirmed { cursor, .. }
        | RoomEvent::Advanced { cursor, .. } = event
        {
            // A post that was stored already is acknowledged again, to its author alone. Then the server repeats what
            // changed while it read that.
            let is_own = matches!(event, RoomEvent::Message { message, .. } if message.author == self.person.id);
            if cursor.version <= self.latest && !is_own {
                let (latest, connection) = (self.latest, self.connections);
                self.stale.push(format!("{} after {latest}, connection {connection}", cursor.version));
            }
            self.latest = cursor.version;
        }
        if let RoomEvent::Earlier { .. } | RoomEvent::Later { .. } | RoomEvent::Around { .. } = event {
            // What changed while it read the page comes again.
            self.latest = 0;
        }
        self.received.push(event.clone());
    }

    /// Resumes as often as necessary and reads until everything up to `version` has arrived and every post is
    /// acknowledged.
    pub(crate) async fn catch_up(&mut self, version: u64) {
        let catching_up = async {
            while self.conversation.cursor().version < version
                || !self.conversation.unacknowledged().is_empty()
                || self.conversation.has_later
            {
                self.connect().await;
                if let Some(question) = self.conversation.ask_later() {
                    self.send(&question).await;
                }
                self.step(Duration::from_secs(1)).await;
            }
        };
        timeout(TEST_TIMEOUT * 3, catching_up).await.expect("everything arrives in time");
    }

    /// The shown messages, oldest first: `seq` and text.
    pub(crate) fn shown(&self) -> Vec<(u64, String)> {
        self.conversation.messages().map(|message| (message.seq, message.body.clone())).collect()
    }
}
