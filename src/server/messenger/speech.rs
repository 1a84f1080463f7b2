//! What people say and do to what they said: post, edit, recall, react, read, type.

use crate::{
    protocol::{
        chat::ChatEvent,
        error::Refusal,
        ids::{MessageId, RoomId, UserId},
        limit::BODY_CHARS,
    },
    server::{
        hub::told,
        messenger::{Messenger, Result},
        store::{Changed, Committed, NewMessage, Reacted, now_ms},
        text,
    },
};

impl Messenger {
    /// Saves a message; everybody in the room is told when it is on disk, the author by the same event.
    /// `Some` when it had been saved before: only the author needs to hear it again.
    ///
    /// # Errors
    /// [`Refusal::EmptyBody`], [`Refusal::BodyTooLong`], [`Refusal::TooFast`], [`Refusal::NotFound`],
    /// [`Refusal::IdConflict`], [`Refusal::Unavailable`].
    pub async fn post(&self, me: UserId, room: RoomId, message: NewMessage) -> Result<Option<ChatEvent>> {
        check_body(&message.body)?;
        self.check_message_rate(me)?;
        Ok(self.known(self.0.store.insert_message(room, me, message).await?))
    }

    /// Gives one's message another text, within the time for it.
    ///
    /// # Errors
    /// As for [`Messenger::post`], and [`Refusal::NotYours`], [`Refusal::Recalled`], [`Refusal::TooLate`].
    pub async fn edit(&self, me: UserId, room: RoomId, id: MessageId, body: String) -> Result<Option<ChatEvent>> {
        check_body(&body)?;
        self.check_message_rate(me)?;
        let oldest = oldest(self.settings().edit_minutes);
        Ok(self.known(self.0.store.edit(room, me, id, body, oldest).await?))
    }

    /// Takes one's message back, within the time for it.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::NotYours`], [`Refusal::TooLate`], [`Refusal::TooFast`].
    pub async fn recall(&self, me: UserId, room: RoomId, id: MessageId) -> Result<Option<ChatEvent>> {
        self.check_message_rate(me)?;
        let oldest = oldest(self.settings().recall_minutes);
        Ok(self.known(self.0.store.recall(room, me, id, oldest).await?))
    }

    /// Gives a message an emoji, or takes it away.
    ///
    /// # Errors
    /// [`Refusal::NotAnEmoji`], [`Refusal::NotFound`], [`Refusal::Recalled`], [`Refusal::TooMany`],
    /// [`Refusal::TooFast`].
    pub async fn react(
        &self,
        me: UserId,
        room: RoomId,
        id: MessageId,
        emoji: &str,
        on: bool,
    ) -> Result<Option<ChatEvent>> {
        self.check_message_rate(me)?;
        // In the one spelling that Unicode recommends, so that the same emoji is not counted as two.
        let emoji = emojis::get(emoji).ok_or(Refusal::NotAnEmoji)?.as_str().to_owned();
        Ok(self.0.store.react(room, me, id, emoji, on).await?.and_then(|known| match known {
            Committed::Message { message, .. } => self.known(Changed::Already(message)),
            Committed::Reacted { reacted, .. } => Some(self.reacted(reacted)),
            Committed::Read { .. } => None,
        }))
    }

    /// Remembers that everything up to `seq` was read.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn mark_read(&self, me: UserId, room: RoomId, seq: u64) -> Result<()> {
        Ok(self.0.store.mark_read(room, me, seq).await?)
    }

    /// Tells the others that this person is writing; dropped without a word when said too often.
    pub fn typing(&self, me: UserId, room: RoomId) {
        if self.check_rate(|rates, _| rates.typing(me), 0).is_ok() {
            self.hub().tell_room(room, &told(ChatEvent::Typing { user: me }), Some(me));
        }
    }

    pub(super) fn check_message_rate(&self, me: UserId) -> Result<()> {
        self.check_rate(|rates, limit| rates.message(me, limit), self.0.settings.messages_per_second)
    }

    pub(super) fn reacted(&self, reacted: Reacted) -> ChatEvent {
        let Reacted { id, seq, version, emoji, user, on } = reacted;
        ChatEvent::Reacted { id, seq, emoji, user, on, cursor: self.cursor(version) }
    }

    /// What is new is told to everybody by the news; what was so before, to the asker alone.
    fn known(&self, changed: Changed) -> Option<ChatEvent> {
        match changed {
            Changed::Now(_) => None,
            Changed::Already(message) => {
                let cursor = self.cursor(message.version);
                Some(ChatEvent::Message { message, cursor })
            }
        }
    }
}

fn check_body(body: &str) -> Result<()> {
    if !text::is_visible(body) {
        return Err(Refusal::EmptyBody);
    }
    if body.chars().count() > BODY_CHARS { Err(Refusal::BodyTooLong) } else { Ok(()) }
}

/// The moment before which what was sent stays as it is; 0 minutes: at any time.
fn oldest(minutes: u32) -> i64 {
    if minutes == 0 { i64::MIN } else { now_ms() - i64::from(minutes) * 60_000 }
}
