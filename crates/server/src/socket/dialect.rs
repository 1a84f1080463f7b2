//! The interface of a dialect: how one connection's commands are parsed and carried out, and how replies and events
//! are encoded for its client.

use std::{future::Future, sync::Arc};

use serde::de::DeserializeOwned;

use crate::{hub::Encoded, socket::codec::Frames};

/// One connection's dialect. It carries out commands without a lock, so that events reach the client during a slow
/// one; what it encodes depends on its [`View`](Self::View), which the connection keeps under a lock.
///
/// A command takes three steps: [`begin`](Self::begin) under the lock, [`execute`](Self::execute) without it,
/// [`encode_reply`](Self::encode_reply) under it again. A connection has one command under way at a time, so replies
/// come in the order of the commands.
pub(super) trait Dialect: Send + Sync + 'static {
    type Event: Send + Sync + 'static;
    type Command: Send;
    type Reply: Send;
    /// What this client was sent so far, as far as encoding depends on it.
    type View: Default + Send + 'static;

    /// The limit of frames that a client may send in a second; `None` sets no limit.
    fn frames_per_second(&self) -> Option<u32>;

    /// Encodes the refusal of frames that are too large or too many, for a client that ignores close codes: then a frame
    /// that is too large is skipped, and one that is too early waits. False closes the connection instead.
    fn refuse_excess(&self, _: &mut Self::View, _: Excess, _: &mut Frames) -> bool {
        false
    }

    /// Loads the first reply, which precedes all events.
    fn welcome(&self) -> impl Future<Output = Self::Reply> + Send;

    /// Parses a command and notes in the view that it is under way.
    fn begin(&self, view: &mut Self::View, received: Incoming<'_>) -> Self::Command;

    fn execute(&self, command: Self::Command) -> impl Future<Output = Self::Reply> + Send;

    /// Encodes the reply to the welcome or to the command that is under way.
    fn encode_reply(&self, view: &mut Self::View, reply: Self::Reply, frames: &mut Frames);

    /// Whether an event may be encoded now. Otherwise it stays in the outbox until the next reply is encoded.
    fn accepts_events(&self, _: &Self::View) -> bool {
        true
    }

    /// Encodes an event; nothing when the dialect has no frame for it.
    fn encode_event(&self, view: &mut Self::View, event: &Arc<Encoded<Self::Event>>, frames: &mut Frames);
}

/// A data message from the client.
#[derive(Clone, Copy)]
pub(super) enum Incoming<'a> {
    Text(&'a str),
    #[cfg_attr(not(test), expect(dead_code, reason = "no dialect has binary messages; Autobahn's echo does"))]
    Binary(&'a [u8]),
}

impl Incoming<'_> {
    /// Parses it as JSON; `None` when it is something else.
    pub(super) fn parse<T: DeserializeOwned>(self) -> Option<T> {
        match self {
            Self::Text(text) => serde_json::from_str(text).ok(),
            Self::Binary(_) => None,
        }
    }
}

/// Which limit of a connection a client exceeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Excess {
    TooLarge,
    TooFast,
}
