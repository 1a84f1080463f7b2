//! `/usersServerEndpoint` in our own language.

use axum::extract::ws::Utf8Bytes;

use crate::{
    protocol::{
        chat::ChatCommand,
        error::Refusal,
        ids::{RoomId, UserId},
        lobby::{LobbyCommand, LobbyEvent},
    },
    server::{
        hub::Told,
        live::connection::{Language, encode, frame},
        messenger::{Messenger, NewMessage},
    },
};

pub(super) struct Lobby {
    messenger: Messenger,
    me: UserId,
}

impl Lobby {
    pub(super) fn new(messenger: Messenger, me: UserId) -> Self {
        Self { messenger, me }
    }

    async fn carry_out(&self, command: LobbyCommand) -> LobbyEvent {
        let (messenger, me) = (&self.messenger, self.me);
        let answer = match command {
            LobbyCommand::OpenDirect { user } => {
                messenger.open_direct(me, user).await.map(|room| LobbyEvent::Entered { room })
            }
            LobbyCommand::OpenGroup { users, title } => {
                messenger.open_group(me, users, title).await.map(|room| LobbyEvent::Entered { room })
            }
            LobbyCommand::Deliver { room, command } => return self.deliver(room, command).await,
            LobbyCommand::Search { query, before } => messenger.search(me, query, before).await,
            LobbyCommand::Ping => Ok(LobbyEvent::Pong),
        };
        answer.unwrap_or_else(|error| LobbyEvent::Refused { error, id: None })
    }

    async fn deliver(&self, room: RoomId, command: ChatCommand) -> LobbyEvent {
        let (id, outcome) = match command {
            ChatCommand::Post { id, body, reply_to } => {
                (id, self.messenger.post(self.me, room, NewMessage { id, body, reply_to }).await)
            }
            ChatCommand::Edit { id, body } => (id, self.messenger.edit(self.me, room, id, body).await),
            _ => return LobbyEvent::Refused { error: Refusal::Malformed, id: None },
        };
        match outcome {
            Ok(_) => LobbyEvent::Delivered { room, id },
            Err(error) => LobbyEvent::Refused { error, id: Some(id) },
        }
    }
}

impl Language for Lobby {
    type Event = LobbyEvent;

    fn frames_per_second(&self) -> Option<u32> {
        self.messenger.settings().frames_per_second()
    }

    async fn greet(&mut self) -> Vec<Utf8Bytes> {
        let snapshot = self.messenger.lobby(self.me).await;
        encode(&snapshot.map_or_else(|error| LobbyEvent::Refused { error, id: None }, LobbyEvent::Welcome))
    }

    async fn hear(&mut self, frame: Option<&str>) -> Vec<Utf8Bytes> {
        let command = frame.and_then(|text| serde_json::from_str(text).ok());
        encode(&match command {
            Some(command) => self.carry_out(command).await,
            None => LobbyEvent::Refused { error: Refusal::Malformed, id: None },
        })
    }

    fn say(&mut self, told: &Told<LobbyEvent>) -> Vec<Utf8Bytes> {
        match &told.event {
            // Whoever asked hears `entered`.
            LobbyEvent::Invited { by, .. } if *by == self.me => Vec::new(),
            _ => frame(told),
        }
    }
}
