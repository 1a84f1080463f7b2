//! `/chat/{room}` in our own language.

use axum::extract::ws::Utf8Bytes;

use crate::{
    protocol::{
        chat::{ChatCommand, ChatEvent},
        cursor::Cursor,
        error::Refusal,
        ids::{RoomId, UserId},
    },
    server::{
        hub::Told,
        live::connection::{Language, encode, frame},
        messenger::Messenger,
    },
};

pub(super) struct Chat {
    messenger: Messenger,
    me: UserId,
    room: RoomId,
    since: Option<Cursor>,
    /// The room's version that the greeting told: what waits in the outbox up to it was told already.
    greeted: u64,
}

impl Chat {
    pub(super) fn new(messenger: Messenger, me: UserId, room: RoomId, since: Option<Cursor>) -> Self {
        Self { messenger, me, room, since, greeted: 0 }
    }

    async fn carry_out(&self, command: ChatCommand) -> Option<ChatEvent> {
        match command {
            ChatCommand::Post { id, body } => match self.messenger.post(self.me, self.room, id, body).await {
                Ok(known) => known,
                Err(error) => Some(ChatEvent::Refused { error, id: Some(id) }),
            },
            ChatCommand::Read { seq } => refused(self.messenger.mark_read(self.me, self.room, seq).await),
            ChatCommand::Typing => {
                self.messenger.typing(self.me, self.room);
                None
            }
            ChatCommand::Earlier { before } => {
                let earlier = self.messenger.earlier(self.me, self.room, before).await;
                Some(earlier.unwrap_or_else(|error| ChatEvent::Refused { error, id: None }))
            }
            ChatCommand::Ping => Some(ChatEvent::Pong),
        }
    }
}

fn refused(outcome: Result<(), Refusal>) -> Option<ChatEvent> {
    outcome.err().map(|error| ChatEvent::Refused { error, id: None })
}

impl Language for Chat {
    type Event = ChatEvent;

    fn frames_per_second(&self) -> Option<u32> {
        self.messenger.settings().frames_per_second()
    }

    async fn greet(&mut self) -> Vec<Utf8Bytes> {
        let event = self.messenger.resume(self.me, self.room, self.since).await;
        let event = event.unwrap_or_else(|error| ChatEvent::Refused { error, id: None });
        if let ChatEvent::Resumed { cursor, .. } = &event {
            self.greeted = cursor.version;
        } else if let ChatEvent::Welcome(snapshot) = &event {
            self.greeted = snapshot.cursor.version;
        }
        encode(&event)
    }

    async fn hear(&mut self, frame: Option<&str>) -> Vec<Utf8Bytes> {
        let command = frame.and_then(|text| serde_json::from_str(text).ok());
        let answer = match command {
            Some(command) => self.carry_out(command).await,
            None => Some(ChatEvent::Refused { error: Refusal::Malformed, id: None }),
        };
        answer.iter().flat_map(encode).collect()
    }

    fn say(&mut self, told: &Told<ChatEvent>) -> Vec<Utf8Bytes> {
        match &told.event {
            ChatEvent::Message { message, .. } if message.version <= self.greeted => Vec::new(),
            _ => frame(told),
        }
    }
}
