//! `/chat/{room}` in our own language.

use std::sync::Arc;

use crate::{
    protocol::{
        chat::{ChatCommand, ChatEvent},
        cursor::Cursor,
        error::Refusal,
        ids::{MessageId, RoomId, UserId},
    },
    server::{
        hub::Told,
        live::{
            codec::Frames,
            connection::{Language, Said},
        },
        messenger::{Messenger, NewMessage, Page, Place},
    },
};

pub(super) struct Chat {
    messenger: Messenger,
    me: UserId,
    room: RoomId,
    cursor: Option<Cursor>,
    /// This member sees messages with a higher `seq`.
    since: u64,
    /// The room's version that the greeting told: what waits in the outbox up to it was told already.
    greeted: u64,
}

impl Chat {
    pub(super) fn new(messenger: Messenger, me: UserId, room: RoomId, cursor: Option<Cursor>, since: u64) -> Self {
        Self { messenger, me, room, cursor, since, greeted: 0 }
    }

    async fn carry_out(&self, command: ChatCommand) -> Option<ChatEvent> {
        let (messenger, me, room) = (&self.messenger, self.me, self.room);
        match command {
            ChatCommand::Post { id, body, reply_to } => {
                about(id, messenger.post(me, room, NewMessage { id, body, reply_to }).await)
            }
            ChatCommand::Edit { id, body } => about(id, messenger.edit(me, room, id, body).await),
            ChatCommand::Recall { id } => about(id, messenger.recall(me, room, id).await),
            ChatCommand::React { id, emoji, on } => about(id, messenger.react(me, room, id, &emoji, on).await),
            ChatCommand::Read { seq } => done(messenger.mark_read(me, room, seq).await),
            ChatCommand::Typing => {
                messenger.typing(me, room);
                None
            }
            ChatCommand::Earlier { before } => self.page(Place::Before(before)).await,
            ChatCommand::Later { after } => self.page(Place::After(after)).await,
            ChatCommand::Around { seq } => self.page(Place::Around(seq)).await,
            ChatCommand::AroundTime { at } => self.page(Place::AroundTime(at)).await,
            ChatCommand::People => {
                answer(messenger.people_outside(me, room).await.map(|users| ChatEvent::People { users }))
            }
            ChatCommand::Invite { users, history } => match messenger.invite(me, room, users, history).await {
                Ok(made) => made.map(|room| ChatEvent::Entered { room }),
                Err(error) => Some(ChatEvent::Refused { error, id: None }),
            },
            ChatCommand::Rename { title } => done(messenger.rename(me, room, title).await),
            ChatCommand::Mute { on } => done(messenger.mute(me, room, on).await),
            ChatCommand::Hide => done(messenger.hide(me, room).await),
            ChatCommand::Leave => done(messenger.leave(me, room).await),
            ChatCommand::Ping => Some(ChatEvent::Pong),
        }
    }

    /// A message as this member may read it: what it quotes may be from before they came.
    fn seen(&self, event: ChatEvent) -> ChatEvent {
        match event {
            ChatEvent::Message { message, cursor } => {
                ChatEvent::Message { message: message.seen_after(self.since), cursor }
            }
            other => other,
        }
    }

    async fn page(&self, place: Place) -> Option<ChatEvent> {
        let page = self.messenger.page(self.me, self.room, place).await;
        answer(page.map(|Page { messages, has_earlier, has_later, .. }| match place {
            Place::Newest | Place::Unread { .. } | Place::Before(_) => ChatEvent::Earlier { messages, has_earlier },
            Place::After(_) => ChatEvent::Later { messages, has_later },
            Place::Around(_) | Place::AroundTime(_) => ChatEvent::Around { messages, has_earlier, has_later },
        }))
    }
}

fn about(id: MessageId, outcome: Result<Option<ChatEvent>, Refusal>) -> Option<ChatEvent> {
    outcome.unwrap_or_else(|error| Some(ChatEvent::Refused { error, id: Some(id) }))
}

fn answer(outcome: Result<ChatEvent, Refusal>) -> Option<ChatEvent> {
    Some(outcome.unwrap_or_else(|error| ChatEvent::Refused { error, id: None }))
}

fn done(outcome: Result<(), Refusal>) -> Option<ChatEvent> {
    outcome.err().map(|error| ChatEvent::Refused { error, id: None })
}

impl Language for Chat {
    type Event = ChatEvent;

    fn frames_per_second(&self) -> Option<u32> {
        self.messenger.settings().frames_per_second()
    }

    async fn greet(&mut self) -> Frames {
        let event = self.messenger.resume(self.me, self.room, self.cursor).await;
        let event = event.unwrap_or_else(|error| ChatEvent::Refused { error, id: None });
        if let ChatEvent::Resumed { cursor, .. } = &event {
            self.greeted = cursor.version;
        } else if let ChatEvent::Welcome(snapshot) = &event {
            self.greeted = snapshot.cursor.version;
        }
        Frames::of(&event)
    }

    async fn hear(&mut self, said: Said<'_>) -> Frames {
        let command = said.parse();
        let answer = match command {
            Some(command) => match self.messenger.admit_to_chat(self.me, &command) {
                Ok(()) => self.carry_out(command).await,
                Err(error) => Some(ChatEvent::Refused { error, id: None }),
            },
            None => Some(ChatEvent::Refused { error: Refusal::Malformed, id: None }),
        };
        answer.map(|answer| Frames::of(&self.seen(answer))).unwrap_or_default()
    }

    fn say(&mut self, told: &Arc<Told<ChatEvent>>, frames: &mut Frames) {
        match &told.event {
            ChatEvent::Message { message, .. } if message.version <= self.greeted => {}
            ChatEvent::Reacted { cursor, .. } if cursor.version <= self.greeted => {}
            ChatEvent::Reacted { seq, cursor, .. } if *seq <= self.since => {
                frames.event(&ChatEvent::Advanced { cursor: *cursor });
            }
            ChatEvent::Message { message, cursor } if message.seq <= self.since => {
                frames.event(&ChatEvent::Advanced { cursor: *cursor });
            }
            ChatEvent::Message { message, cursor } if message.quotes_hidden(self.since) => {
                frames.event(&self.seen(ChatEvent::Message { message: message.clone(), cursor: *cursor }));
            }
            _ => frames.text(&told.frame),
        }
    }
}
