//! `/usersServerEndpoint` in the native dialect.

use std::sync::Arc;

use bytes::Bytes;

use crate::{
    hub::{Encoded, LobbyHandle},
    messenger::{Actor, Messenger},
    socket::{
        codec::Frames,
        delivery::DeliveryLane,
        dialect::{Dialect, Incoming},
        native::{repeats::Repeats, reply},
    },
};
use protocol::{
    cursor::Cursor,
    error::Refusal,
    lobby_socket::{LobbyCommand, LobbyEvent},
};

pub(in crate::socket) struct LobbyDialect {
    messenger: Messenger,
    actor: Actor,
    window: LobbyHandle,
    /// The cursor of the user list that this window has.
    resume_from: Option<Cursor>,
}

#[derive(Default)]
pub(in crate::socket) struct LobbyView {
    is_welcomed: bool,
    /// Recalls that were sent while a search or a collection is read, whose hits may be older.
    recalls: Repeats<LobbyEvent>,
    /// Changed users that were sent while a command reads users, which may be older.
    users: Repeats<LobbyEvent>,
}

pub(in crate::socket) enum LobbyReply {
    /// Encoded events: the welcome.
    Encoded(Vec<Bytes>),
    /// The reply to a command; empty if an event to all windows of the user is the reply.
    Events(Vec<LobbyEvent>),
}

impl LobbyDialect {
    pub(in crate::socket) fn new(
        messenger: Messenger,
        actor: Actor,
        window: LobbyHandle,
        resume_from: Option<Cursor>,
    ) -> Self {
        Self { messenger, actor, window, resume_from }
    }
}

/// Whether the reply to a command has users or their presence.
fn reads_users(command: &LobbyCommand) -> bool {
    use LobbyCommand::{Department, FindPeople, People, Watch};
    matches!(command, Watch { .. } | Department { .. } | FindPeople { .. } | People { .. })
}

impl Dialect for LobbyDialect {
    type Event = LobbyEvent;
    type Command = Result<LobbyCommand, Refusal>;
    type Reply = LobbyReply;
    type View = LobbyView;

    const LANE: DeliveryLane = DeliveryLane::Paced;

    fn frames_per_second(&self) -> Option<u32> {
        self.messenger.policy().frames_per_second()
    }

    async fn welcome(&self) -> LobbyReply {
        match self.messenger.people().welcome(self.actor, &self.window, self.resume_from).await {
            Ok(texts) => LobbyReply::Encoded(texts),
            Err(error) => LobbyReply::Events(vec![LobbyEvent::Refused { error, id: None }]),
        }
    }

    fn begin(&self, view: &mut LobbyView, received: Incoming<'_>) -> Result<LobbyCommand, Refusal> {
        let command = received.parse().ok_or(Refusal::Malformed)?;
        if matches!(command, LobbyCommand::Search { .. } | LobbyCommand::Collect { .. }) {
            view.recalls.start();
        }
        if reads_users(&command) {
            view.users.start();
        }
        Ok(command)
    }

    async fn execute(&self, command: Result<LobbyCommand, Refusal>) -> LobbyReply {
        let about = command.as_ref().ok().and_then(reply::delivered);
        let outcome = match command {
            Ok(command) => self.messenger.execute_in_lobby(self.actor, &self.window, command).await,
            Err(refusal) => Err(refusal),
        };
        LobbyReply::Events(reply::to_lobby(outcome, about))
    }

    fn encode_reply(&self, view: &mut LobbyView, reply: LobbyReply, frames: &mut Frames) {
        view.is_welcomed = true;
        match &reply {
            LobbyReply::Encoded(texts) => texts.iter().for_each(|text| frames.text(text)),
            LobbyReply::Events(events) => events.iter().for_each(|event| frames.event(event)),
        }
        let repeated = [view.recalls.finish(), view.users.finish()];
        repeated.iter().flatten().for_each(|change| frames.text(&change.frame));
    }

    fn accepts_events(&self, view: &LobbyView) -> bool {
        view.is_welcomed && !view.recalls.is_full() && !view.users.is_full()
    }

    fn encode_event(&self, view: &mut LobbyView, event: &Arc<Encoded<LobbyEvent>>, frames: &mut Frames) {
        match &event.event {
            // The inviting user's own window gets `entered` as its reply. A direct room appears with its first message.
            LobbyEvent::Invited { by, is_direct, .. } if *is_direct || *by == self.actor.user => return,
            LobbyEvent::Recalled { .. } => view.recalls.note(event),
            LobbyEvent::UsersChanged { .. } | LobbyEvent::Presence(_) => view.users.note(event),
            _ => {}
        }
        frames.text(&event.frame);
    }
}
