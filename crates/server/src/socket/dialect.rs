//! The interface of a dialect: how one connection's commands are parsed and executed, and how replies and events are
//! encoded for its client.

use std::{future::Future, sync::Arc};

use serde::de::DeserializeOwned;

use crate::{
    hub::Encoded,
    socket::{codec::Frames, delivery::DeliveryLane},
};

/// One connection's dialect. It executes commands without a lock, so that events reach the client during a slow one.
/// Encoding depends on its [`View`](Self::View), which the connection keeps under a lock.
///
/// A command has three steps: [`begin`](Self::begin) under the lock, [`execute`](Self::execute) without it,
/// [`encode_reply`](Self::encode_reply) under it again. A connection executes one command at a time, so replies are in
/// the order of the commands.
pub(super) trait Dialect: Send + Sync + 'static {
    type Event: Send + Sync + 'static;
    type Command: Send;
    type Reply: Send;
    /// What this client was sent so far, as far as encoding depends on it.
    type View: Default + Send + 'static;

    /// The queue in which its events wait for a delivery worker.
    const LANE: DeliveryLane = DeliveryLane::Immediate;

    /// The limit of frames from a client in a second; `None` means no limit.
    fn frames_per_second(&self) -> Option<u32>;

    /// Encodes the refusal of frames that are too large or too many, for a client that ignores close codes. A frame
    /// that is too large is then skipped, and a frame over the rate waits. False closes the connection instead.
    fn refuse_excess(&self, _: &mut Self::View, _: Excess, _: &mut Frames) -> bool {
        false
    }

    /// Loads the first reply, which precedes all events.
    fn welcome(&self) -> impl Future<Output = Self::Reply> + Send;

    /// Parses a command and marks it in the view as in progress.
    fn begin(&self, view: &mut Self::View, received: Incoming<'_>) -> Self::Command;

    fn execute(&self, command: Self::Command) -> impl Future<Output = Self::Reply> + Send;

    /// Encodes the reply to the welcome or to the command in progress.
    fn encode_reply(&self, view: &mut Self::View, reply: Self::Reply, frames: &mut Frames);

    /// Whether an event may be encoded now. Otherwise it stays in the outbox until the next reply is encoded.
    fn accepts_events(&self, _: &Self::View) -> bool {
        true
    }

    /// Encodes an event; nothing if the dialect has no frame for it.
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
    /// Parses the message as JSON; `None` if it is invalid.
    pub(super) fn parse<T: DeserializeOwned>(self) -> Option<T> {
        match self {
            Self::Text(text) => serde_json::from_str(text).ok(),
            Self::Binary(_) => None,
        }
    }
}

/// The limit of a connection that a client exceeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Excess {
    TooLarge,
    TooFast,
}
