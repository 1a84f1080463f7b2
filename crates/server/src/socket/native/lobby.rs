//! `/usersServerEndpoint` in the native dialect.

use std::sync::Arc;

use bytes::Bytes;

use crate::{
    hub::{Encoded, IdleFlag},
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
    lobby_socket::{LobbyCommand, LobbyEvent},
};

pub(in crate::socket) struct LobbyDialect {
    messenger: Messenger,
    actor: Actor,
    idle: IdleFlag,
    /// The cursor of the user list that this window has.
    resume_from: Option<Cursor>,
}

#[derive(Default)]
pub(in crate::socket) struct LobbyView {
    is_welcomed: bool,
    /// Recalls that were sent while a search or a collection is read, whose hits may be older.
    recalls: Repeats<LobbyEvent>,
}

#[expect(clippy::large_enum_variant, reason = "a reply is encoded at once and never kept")]
pub(in crate::socket) enum LobbyReply {
    /// Encoded events: the welcome.
    Encoded(Vec<Bytes>),
    /// The reply to a command; `None` if an event to all windows of the user is the reply.
    Event(Option<LobbyEvent>),
}

impl LobbyDialect {
    pub(in crate::socket) fn new(
        messenger: Messenger,
        actor: Actor,
        idle: IdleFlag,
        resume_from: Option<Cursor>,
    ) -> Self {
        Self { messenger, actor, idle, resume_from }
    }
}

impl Dialect for LobbyDialect {
    type Event = LobbyEvent;
    type Command = Result<LobbyCommand, Refusal>;
    type Reply = LobbyReply;
    type View = LobbyView;

    fn frames_per_second(&self) -> Option<u32> {
        self.messenger.policy().frames_per_second()
    }

    async fn welcome(&self) -> LobbyReply {
        match self.messenger.people().welcome(self.actor, self.resume_from).await {
            Ok(texts) => LobbyReply::Encoded(texts),
            Err(error) => LobbyReply::Event(Some(LobbyEvent::Refused { error, id: None })),
        }
    }

    fn begin(&self, view: &mut LobbyView, received: Incoming<'_>) -> Result<LobbyCommand, Refusal> {
        let command = received.parse().ok_or(Refusal::Malformed)?;
        if matches!(command, LobbyCommand::Search { .. } | LobbyCommand::Collect { .. }) {
            view.recalls.start();
        }
        Ok(command)
    }

    async fn execute(&self, command: Result<LobbyCommand, Refusal>) -> LobbyReply {
        let about = command.as_ref().ok().and_then(reply::delivered);
        let idle = if let Ok(LobbyCommand::Idle { on }) = command { Some(on) } else { None };
        let outcome = match command {
            Ok(command) => self.messenger.execute_in_lobby(self.actor, command).await,
            Err(refusal) => Err(refusal),
        };
        if let Some(is_idle) = idle.filter(|_| outcome.is_ok()) {
            self.idle.set(is_idle);
        }
        LobbyReply::Event(reply::to_lobby(outcome, about))
    }

    fn encode_reply(&self, view: &mut LobbyView, reply: LobbyReply, frames: &mut Frames) {
        view.is_welcomed = true;
        match &reply {
            LobbyReply::Encoded(texts) => texts.iter().for_each(|text| frames.text(text)),
            LobbyReply::Event(event) => event.iter().for_each(|event| frames.event(event)),
        }
        view.recalls.finish().iter().for_each(|recall| frames.text(&recall.frame));
    }

    fn accepts_events(&self, view: &LobbyView) -> bool {
        view.is_welcomed && !view.recalls.is_full()
    }

    fn encode_event(&self, view: &mut LobbyView, event: &Arc<Encoded<LobbyEvent>>, frames: &mut Frames) {
        match &event.event {
            // The inviting user's own window gets `entered` as its reply. A direct room appears with its first message.
            LobbyEvent::Invited { by, is_direct, .. } if *is_direct || *by == self.actor.user => return,
            LobbyEvent::Recalled { .. } => view.recalls.note(event),
            _ => {}
        }
        frames.text(&event.frame);
    }
}
