//! A window that applies messages and reactions, and counts their frames.

use std::collections::HashMap;

use protocol::{ids::RoomId, message::Message, room_socket::RoomEvent};

use crate::stage::{Person, Socket};

/// The state of a window, from the events it receives.
pub(crate) struct CountingWindow {
    pub(crate) socket: Socket,
    /// By `seq`.
    pub(crate) messages: HashMap<u64, Message>,
    /// How many messages arrived whole, and how many reactions alone.
    pub(crate) whole: usize,
    pub(crate) deltas: usize,
}

impl CountingWindow {
    pub(crate) async fn open(person: &Person, room: RoomId) -> Self {
        let mut socket = person.chat(room).await;
        let messages = socket.welcome().await.messages.into_iter().map(|message| (message.seq, message)).collect();
        Self { socket, messages, whole: 0, deltas: 0 }
    }

    /// Applies events up to this version.
    pub(crate) async fn until(&mut self, version: u64) {
        loop {
            let event = self
                .socket
                .chat_event(|event| {
                    matches!(event, RoomEvent::Message { .. } | RoomEvent::Reacted { .. }).then_some(event)
                })
                .await;
            let now = match event {
                RoomEvent::Message { message, cursor } => {
                    self.whole += 1;
                    self.messages.insert(message.seq, message);
                    cursor.version
                }
                RoomEvent::Reacted { seq, emoji, user, on, cursor, .. } => {
                    self.deltas += 1;
                    self.messages.get_mut(&seq).unwrap().react(emoji, user, on, cursor.version);
                    cursor.version
                }
                _ => continue,
            };
            if now >= version {
                return;
            }
        }
    }
}
