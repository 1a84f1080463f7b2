//! Messages: post, edit, recall, react, confirm, page, read marks and typing indicators.

use crate::{
    hub::RoomAudience,
    messenger::{actor::Actor, budget::CommandClass, policy::Result, services::Messages},
    model::{Anchor, Changed, ConfirmedMessage, Membership, MessagePage, NodeSignal, Reacted, ReactionState, Revision},
    store::now_ms,
    text,
};
use protocol::{
    cursor::Cursor,
    error::Refusal,
    ids::{MessageId, RoomId},
    limit::{BODY_CHARS, MENTIONS},
    message::{Mentions, Message},
    room_socket::{Post, RoomEvent},
    schedule::ScheduledMessage,
};

/// The result of an idempotent retry, whose actor may have missed the broadcast. A new change is acknowledged by its
/// broadcast.
#[derive(Clone, Debug)]
pub enum Repeated {
    /// The message in its current state.
    Message { message: Box<Message>, cursor: Cursor },
    /// A reaction to a message with so many that only one is sent.
    Reaction { reacted: Reacted, cursor: Cursor },
    /// A scheduled message of the actor, perhaps unsent.
    Scheduled(Box<ScheduledMessage>),
    /// A scheduled message that the actor deleted.
    Unscheduled(MessageId),
    /// A confirmation by the actor.
    Confirmation { confirmed: ConfirmedMessage, cursor: Cursor },
}

impl Messages<'_> {
    /// Stores a message and broadcasts it to the room. `Some` if it was stored before.
    ///
    /// # Errors
    /// [`Refusal::EmptyBody`], [`Refusal::BodyTooLong`], [`Refusal::TooFast`], [`Refusal::NotFound`],
    /// [`Refusal::NotReady`], [`Refusal::TooMany`], [`Refusal::IdConflict`], [`Refusal::Unavailable`]; of its mentions
    /// [`Refusal::TooMany`], [`Refusal::NotAGroup`], [`Refusal::AllTooOften`].
    pub async fn post(self, actor: Actor, room: RoomId, message: Post) -> Result<Option<Repeated>> {
        if !message.body.is_empty() || message.files.is_empty() {
            check_body(&message.body)?;
        }
        self.0.check_message_rate(actor)?;
        self.spend_mentions(actor, room, &message.mentions).await?;
        if message.asks_confirmation {
            self.0.spend(actor, CommandClass::AskConfirmation, 1.0)?;
        }
        Ok(self.repeated(self.0.0.store.insert_message(room, actor.user, message).await?))
    }

    /// Replaces the text of a message of the actor, within the minutes that the policy allows.
    ///
    /// # Errors
    /// As for [`Messages::post`], and [`Refusal::NotYours`], [`Refusal::Recalled`], [`Refusal::TooLate`].
    pub async fn edit(self, actor: Actor, room: RoomId, id: MessageId, text: Revision) -> Result<Option<Repeated>> {
        // The store knows whether the message has files, with which the text may be empty.
        if !text.body.is_empty() {
            check_body(&text.body)?;
        }
        self.0.check_message_rate(actor)?;
        if let Some(mentions) = &text.mentions {
            self.spend_mentions(actor, room, mentions).await?;
        }
        let oldest = oldest(self.0.policy().edit_minutes);
        Ok(self.repeated(self.0.0.store.edit(room, actor.user, id, text, oldest).await?))
    }

    /// Recalls a message of the actor, within the minutes that the policy allows.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::NotYours`], [`Refusal::TooLate`], [`Refusal::TooFast`].
    pub async fn recall(self, actor: Actor, room: RoomId, id: MessageId) -> Result<Option<Repeated>> {
        self.0.check_message_rate(actor)?;
        let oldest = oldest(self.0.policy().recall_minutes);
        Ok(self.repeated(self.0.0.store.recall(room, actor.user, id, oldest).await?))
    }

    /// Adds the actor's reaction to a message, or removes it.
    ///
    /// # Errors
    /// [`Refusal::NotAnEmoji`], [`Refusal::NotFound`], [`Refusal::Recalled`], [`Refusal::TooMany`],
    /// [`Refusal::TooFast`].
    pub async fn react(
        self,
        actor: Actor,
        room: RoomId,
        id: MessageId,
        emoji: &str,
        on: bool,
    ) -> Result<Option<Repeated>> {
        self.0.check_message_rate(actor)?;
        // Unicode's recommended spelling, so that one emoji is not counted as two.
        let emoji = emojis::get(emoji).ok_or(Refusal::NotAnEmoji)?.as_str().to_owned();
        Ok(self.0.0.store.react(room, actor.user, id, emoji, on).await?.and_then(|stored| match stored {
            ReactionState::Whole(message) => self.repeated(Changed::Already(message)),
            ReactionState::One(reacted) => Some(Repeated::Reaction { cursor: self.0.cursor(reacted.version), reacted }),
        }))
    }

    /// Confirms a message that asks the actor to. `Some` if they confirmed it before.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] also for a message that does not ask the actor, [`Refusal::Oneself`],
    /// [`Refusal::Recalled`], [`Refusal::TooFast`].
    pub async fn confirm(self, actor: Actor, room: RoomId, id: MessageId) -> Result<Option<Repeated>> {
        self.0.check_message_rate(actor)?;
        let known = self.0.0.store.confirm(room, actor.user, id).await?;
        let repeated = |confirmed: ConfirmedMessage| Repeated::Confirmation {
            cursor: self.0.cursor(confirmed.version),
            confirmed,
        };
        Ok(known.map(repeated))
    }

    /// Bookmarks a message for the actor, in all of their windows, or removes the bookmark.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::Recalled`], [`Refusal::TooMany`].
    pub async fn bookmark(self, actor: Actor, room: RoomId, id: MessageId, on: bool) -> Result<()> {
        Ok(self.0.0.store.set_bookmark(room, actor.user, id, on).await?)
    }

    /// Moves the actor's read mark forward to `seq`. Does nothing in a room that the actor is not a member of.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn mark_read(self, actor: Actor, room: RoomId, seq: u64) -> Result<()> {
        Ok(self.0.0.store.mark_read(room, actor.user, seq).await?)
    }

    /// Broadcasts a typing indicator to the others in the room. It is dropped over the rate limit, and without a window
    /// of the room on this node: only a member has one, so that this needs no read.
    pub fn typing(self, actor: Actor, room: RoomId) {
        if self.0.0.hub.has_window_of(actor.user, room) && self.0.0.rates.typing(actor.user).is_ok() {
            self.0.fan_out(RoomAudience::Except(room, actor.user), RoomEvent::Typing { user: actor.user });
            self.0.signal(NodeSignal::Typing { room, user: actor.user });
        }
    }

    /// A page of messages.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for a room that the actor is not a member of.
    pub async fn page(self, actor: Actor, room: RoomId, anchor: Anchor) -> Result<MessagePage> {
        let Membership { visible_after, .. } = self.0.membership(actor.user, room).await?;
        let mut page = self.0.0.store.page(room, visible_after, anchor).await?;
        page.messages = seen_by(actor, page.messages);
        Ok(page)
    }

    /// Messages of others above the actor's read mark, oldest first, at most a page.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for a room that the actor is not a member of.
    pub async fn unread(self, actor: Actor, room: RoomId) -> Result<Vec<Message>> {
        let Membership { visible_after, last_read, .. } = self.0.membership(actor.user, room).await?;
        let messages = self.0.0.store.unread(room, visible_after, visible_after.max(last_read)).await?;
        let is_unread = |message: &Message| {
            message.author != actor.user && message.system_event.is_none() && message.recalled.is_none()
        };
        Ok(messages.into_iter().filter(is_unread).collect())
    }

    /// `@모두` has a separate budget, because it overrides what members muted.
    async fn spend_mentions(self, actor: Actor, room: RoomId, mentions: &Mentions) -> Result<()> {
        self.check_mentions(actor, room, mentions).await?;
        if !mentions.all {
            return Ok(());
        }
        self.0.spend(actor, CommandClass::MentionAll, 1.0).map_err(|_| Refusal::AllTooOften)
    }

    pub(super) async fn check_mentions(self, actor: Actor, room: RoomId, mentions: &Mentions) -> Result<()> {
        if mentions.users.len() > MENTIONS {
            return Err(Refusal::TooMany);
        }
        if mentions.all && !self.0.membership(actor.user, room).await?.is_group {
            return Err(Refusal::NotAGroup);
        }
        Ok(())
    }

    fn repeated(self, changed: Changed) -> Option<Repeated> {
        match changed {
            Changed::Now => None,
            Changed::Already(message) => Some(Repeated::Message { cursor: self.0.cursor(message.version), message }),
        }
    }
}

/// The messages as the actor sees them.
pub(super) fn seen_by(actor: Actor, messages: Vec<Message>) -> Vec<Message> {
    messages.into_iter().map(|message| message.seen_by(actor.user)).collect()
}

pub(super) fn check_body(body: &str) -> Result<()> {
    if !text::is_visible(body) {
        return Err(Refusal::EmptyBody);
    }
    if body.chars().count() > BODY_CHARS { Err(Refusal::BodyTooLong) } else { Ok(()) }
}

/// The time of the oldest message that may still be changed, UTC milliseconds. 0 minutes means no limit.
fn oldest(minutes: u32) -> i64 {
    if minutes == 0 { i64::MIN } else { now_ms() - i64::from(minutes) * 60_000 }
}
