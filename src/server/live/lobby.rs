//! `/usersServerEndpoint` in our own language.

use std::sync::Arc;

use crate::{
    protocol::{
        chat::ChatCommand,
        cursor::Cursor,
        error::Refusal,
        ids::{RoomId, UserId},
        lobby::{LobbyCommand, LobbyEvent},
    },
    server::{
        hub::{Idleness, Told},
        live::{
            codec::Frames,
            connection::{Language, Said},
        },
        messenger::{Messenger, NewMessage},
    },
};

pub(super) struct Lobby {
    messenger: Messenger,
    me: UserId,
    idleness: Idleness,
    /// How far this window has seen people.
    since: Option<Cursor>,
}

impl Lobby {
    pub(super) fn new(messenger: Messenger, me: UserId, idleness: Idleness, since: Option<Cursor>) -> Self {
        Self { messenger, me, idleness, since }
    }

    /// The answer; none where what is changed is told to all of one's windows anyway.
    async fn carry_out(&self, command: LobbyCommand) -> Option<LobbyEvent> {
        let (messenger, me) = (&self.messenger, self.me);
        let answer = match command {
            LobbyCommand::OpenDirect { user } => {
                messenger.open_direct(me, user).await.map(|room| Some(LobbyEvent::Entered { room }))
            }
            LobbyCommand::OpenGroup { users, title } => {
                messenger.open_group(me, users, title).await.map(|room| Some(LobbyEvent::Entered { room }))
            }
            LobbyCommand::Deliver { room, command } => Ok(Some(self.deliver(room, command).await)),
            LobbyCommand::Search { query, before } => messenger.search(me, query, before).await.map(Some),
            LobbyCommand::Favour { user, on } => messenger.favour(me, user, on).await.map(|()| None),
            LobbyCommand::Pin { room, on } => messenger.pin(me, room, on).await.map(|()| None),
            LobbyCommand::Status { busy, text } => {
                messenger.set_status(me, busy, text.as_deref().unwrap_or_default()).await.map(|()| None)
            }
            LobbyCommand::Idle { on } => {
                self.idleness.set(on);
                Ok(None)
            }
            LobbyCommand::Ping => Ok(Some(LobbyEvent::Pong)),
        };
        answer.unwrap_or_else(|error| Some(LobbyEvent::Refused { error, id: None }))
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

    async fn greet(&mut self) -> Frames {
        let mut frames = Frames::default();
        match self.messenger.greeting(self.me, self.since).await {
            Ok(texts) => texts.iter().for_each(|text| frames.text(text)),
            Err(error) => frames.event(&LobbyEvent::Refused { error, id: None }),
        }
        frames
    }

    async fn hear(&mut self, said: Said<'_>) -> Frames {
        let command = said.parse();
        let answer = match command {
            Some(command) => match self.messenger.admit_to_lobby(self.me, &command) {
                Ok(()) => self.carry_out(command).await,
                Err(error) => Some(LobbyEvent::Refused { error, id: None }),
            },
            None => Some(LobbyEvent::Refused { error: Refusal::Malformed, id: None }),
        };
        answer.as_ref().map(Frames::of).unwrap_or_default()
    }

    fn say(&mut self, told: &Arc<Told<LobbyEvent>>, frames: &mut Frames) {
        match &told.event {
            // Whoever asked hears `entered`.
            LobbyEvent::Invited { by, .. } if *by == self.me => {}
            _ => frames.text(&told.frame),
        }
    }
}
