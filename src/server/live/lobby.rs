//! `/usersServerEndpoint` in our own language.

use axum::extract::ws::Utf8Bytes;

use crate::{
    protocol::{
        error::Refusal,
        ids::UserId,
        lobby::{LobbyCommand, LobbyEvent},
    },
    server::{
        hub::Told,
        live::connection::{Language, encode, frame},
        messenger::Messenger,
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
        match command {
            LobbyCommand::OpenDirect { user } => match self.messenger.open_direct(self.me, user).await {
                Ok(room) => LobbyEvent::Entered { room },
                Err(error) => LobbyEvent::Refused { error },
            },
            LobbyCommand::Ping => LobbyEvent::Pong,
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
        encode(&snapshot.map_or_else(|error| LobbyEvent::Refused { error }, LobbyEvent::Welcome))
    }

    async fn hear(&mut self, frame: Option<&str>) -> Vec<Utf8Bytes> {
        let command = frame.and_then(|text| serde_json::from_str(text).ok());
        encode(&match command {
            Some(command) => self.carry_out(command).await,
            None => LobbyEvent::Refused { error: Refusal::Malformed },
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
