//! `/chat/{room}` in the native dialect.

use std::sync::Arc;

use crate::{
    hub::Encoded,
    messenger::{Actor, Messenger},
    socket::{
        codec::Frames,
        dialect::{Dialect, Incoming},
        native::{repeats::Repeats, reply},
    },
};
use protocol::{
    cursor::Cursor,
    error::Refusal,
    ids::{RoomId, UserId},
    room_socket::{RoomCommand, RoomEvent},
};

pub(in crate::socket) struct RoomDialect {
    messenger: Messenger,
    actor: Actor,
    room: RoomId,
    resume_from: Option<Cursor>,
    /// This member sees messages with a higher `seq`.
    visible_after: u64,
}

#[derive(Default)]
pub(in crate::socket) struct RoomEncoder {
    /// The room's version in the welcome, which covers all changes up to it; `None` until the welcome is sent.
    welcomed_at: Option<u64>,
    /// Up to which version the window has received every change.
    reached: u64,
    /// Changes that were sent while a reply's messages are read.
    changes: Repeats<RoomEvent>,
}

impl RoomDialect {
    pub(in crate::socket) fn new(
        messenger: Messenger,
        actor: Actor,
        room: RoomId,
        resume_from: Option<Cursor>,
        visible_after: u64,
    ) -> Self {
        Self { messenger, actor, room, resume_from, visible_after }
    }

    /// The event without the parts that this member may not see: a quote, a pin, confirmations of others.
    fn visible(&self, event: RoomEvent) -> RoomEvent {
        match event {
            RoomEvent::Message { message, cursor } => {
                let message = message.seen_after(self.visible_after).seen_by(self.actor.user);
                RoomEvent::Message { message, cursor }
            }
            RoomEvent::Pins { mut pins, by_maker } => {
                pins.retain(|pin| pin.seq > self.visible_after);
                RoomEvent::Pins { pins, by_maker }
            }
            other => other,
        }
    }

    /// Whether a confirmation is by this user, or of their message.
    fn sees_confirmation(&self, seq: u64, author: UserId, user: UserId) -> bool {
        seq > self.visible_after && [author, user].contains(&self.actor.user)
    }

    fn encode_visible(&self, event: &Encoded<RoomEvent>, frames: &mut Frames) {
        match &event.event {
            RoomEvent::Reacted { seq, cursor, .. } if *seq <= self.visible_after => {
                frames.event(&RoomEvent::Advanced { cursor: *cursor, after: None });
            }
            RoomEvent::Confirmed { seq, author, user, cursor, after, .. }
                if !self.sees_confirmation(*seq, *author, *user) =>
            {
                frames.event(&RoomEvent::Advanced { cursor: *cursor, after: *after });
            }
            RoomEvent::Pins { pins, .. } if pins.iter().any(|pin| pin.seq <= self.visible_after) => {
                frames.event(&self.visible(event.event.clone()));
            }
            RoomEvent::Message { message, cursor } if message.seq <= self.visible_after => {
                frames.event(&RoomEvent::Advanced { cursor: *cursor, after: None });
            }
            RoomEvent::Message { message, cursor }
                if message.quotes_hidden(self.visible_after) || message.hides_confirmations(self.actor.user) =>
            {
                frames.event(&self.visible(RoomEvent::Message { message: message.clone(), cursor: *cursor }));
            }
            _ => frames.text(&event.frame),
        }
    }
}

/// The room's version of a change of messages; `None` for other events.
fn version(event: &RoomEvent) -> Option<u64> {
    match event {
        RoomEvent::Message { message, .. } => Some(message.version),
        RoomEvent::Reacted { cursor, .. } | RoomEvent::Confirmed { cursor, .. } => Some(cursor.version),
        _ => None,
    }
}

/// Up to where an event advances its window.
fn cursor(event: &RoomEvent) -> Option<Cursor> {
    match event {
        RoomEvent::Message { cursor, .. }
        | RoomEvent::Reacted { cursor, .. }
        | RoomEvent::Confirmed { cursor, .. }
        | RoomEvent::Advanced { cursor, .. } => Some(*cursor),
        _ => None,
    }
}

/// The reply to a repeated command, whose change was stored before. It may overtake the broadcast of earlier changes:
/// then its cursor stays behind them, and the window sees no gap.
fn not_ahead(mut reply: RoomEvent, reached: u64) -> RoomEvent {
    if let RoomEvent::Message { cursor, .. } | RoomEvent::Reacted { cursor, .. } | RoomEvent::Confirmed { cursor, .. } =
        &mut reply
    {
        cursor.version = cursor.version.min(reached);
    }
    reply
}

/// Whether a reply has messages, as they were when the command read them.
fn has_messages(reply: &RoomEvent) -> bool {
    use RoomEvent::{Around, Confirmed, Earlier, Found, Later, Message, Reacted};
    let is_change = matches!(reply, Message { .. } | Reacted { .. } | Confirmed { .. });
    is_change || matches!(reply, Earlier { .. } | Later { .. } | Around { .. } | Found { .. })
}

/// Whether the reply to a command may have messages.
fn reads_messages(command: &RoomCommand) -> bool {
    use RoomCommand::{Around, AroundTime, Confirm, Earlier, Edit, Later, Post, React, Recall, Search};
    let is_change = matches!(command, Post(_) | Edit { .. } | Recall { .. } | React { .. } | Confirm { .. });
    is_change || matches!(command, Earlier { .. } | Later { .. } | Around { .. } | AroundTime { .. } | Search { .. })
}

impl Dialect for RoomDialect {
    type Event = RoomEvent;
    type Command = Result<RoomCommand, Refusal>;
    type Reply = Option<RoomEvent>;
    type View = RoomEncoder;

    fn frames_per_second(&self) -> Option<u32> {
        self.messenger.policy().frames_per_second()
    }

    async fn welcome(&self) -> Option<RoomEvent> {
        Some(reply::welcome(self.messenger.rooms().resume(self.actor, self.room, self.resume_from).await))
    }

    fn begin(&self, view: &mut RoomEncoder, received: Incoming<'_>) -> Result<RoomCommand, Refusal> {
        let command = received.parse().ok_or(Refusal::Malformed)?;
        if reads_messages(&command) {
            view.changes.start();
        }
        Ok(command)
    }

    async fn execute(&self, command: Result<RoomCommand, Refusal>) -> Option<RoomEvent> {
        let about = command.as_ref().ok().and_then(reply::message_of);
        let outcome = match command {
            Ok(command) => self.messenger.execute_in_room(self.actor, self.room, command).await,
            Err(refusal) => Err(refusal),
        };
        reply::to_room(outcome, about)
    }

    fn encode_reply(&self, view: &mut RoomEncoder, reply: Option<RoomEvent>, frames: &mut Frames) {
        let welcomed_at = match &reply {
            Some(RoomEvent::Resumed(delta)) => delta.details.cursor.version,
            Some(RoomEvent::Welcome(snapshot)) => snapshot.details.cursor.version,
            _ => 0,
        };
        view.welcomed_at.get_or_insert(welcomed_at);
        view.reached = view.reached.max(welcomed_at);
        let changes = view.changes.finish();
        let Some(reply) = reply.map(|reply| not_ahead(reply, view.reached)) else { return };
        let is_repeated = has_messages(&reply);
        frames.event(&self.visible(reply));
        if is_repeated {
            changes.iter().for_each(|change| self.encode_visible(change, frames));
        }
    }

    fn accepts_events(&self, view: &RoomEncoder) -> bool {
        view.welcomed_at.is_some() && !view.changes.is_full()
    }

    fn encode_event(&self, view: &mut RoomEncoder, event: &Arc<Encoded<RoomEvent>>, frames: &mut Frames) {
        view.reached = view.reached.max(cursor(&event.event).map_or(0, |cursor| cursor.version));
        if let Some(version) = version(&event.event) {
            if view.welcomed_at.is_some_and(|welcomed_at| version <= welcomed_at) {
                return;
            }
            view.changes.note(event);
        }
        self.encode_visible(event, frames);
    }
}
