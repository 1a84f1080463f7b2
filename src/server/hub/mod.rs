//! Who is connected where. Pure data behind one private lock: it answers questions and hands events to
//! sockets' outboxes, never awaits, and knows neither the store nor what a socket is.

mod outbox;
mod state;
mod windows;

use std::{
    collections::{HashMap, HashSet},
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use serde::Serialize;
use tokio::sync::{Notify, futures::Notified};

use crate::protocol::{
    chat::ChatEvent,
    ended::Ended,
    ids::{RoomId, UserId},
    lobby::LobbyEvent,
};

pub use outbox::{CloseReason, Outbox, Told};
pub use state::Changes;
use state::State;

/// How long somebody without a socket is still called here: a reload is not a departure.
pub const GRACE: Duration = Duration::from_secs(1);

/// Which sign-in a socket belongs to; ending it closes the socket.
pub type Session = [u8; 32];

/// Whose socket it is.
#[derive(Clone, Copy, Debug)]
pub struct Owner {
    pub user: UserId,
    pub session: Session,
    pub address: IpAddr,
}

/// How many sockets one person and one address may hold; 0 means any number.
#[derive(Clone, Copy, Debug, Default)]
pub struct Caps {
    pub per_user: usize,
    pub per_address: usize,
}

/// How somebody is here: a socket of theirs is, or was a moment ago, connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Here,
    /// Nobody has touched any of their main windows for a while.
    Idle,
}

/// There are as many sockets of this person or from this address as may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooMany;

#[derive(Clone, Default)]
pub struct Hub(Arc<Inner>);

#[derive(Default)]
struct Inner {
    state: Mutex<State>,
    changed: Notify,
}

/// A socket's place in the hub: it hears what is told there until it gives up its hold.
pub struct Seat<E> {
    pub hold: Hold,
    pub outbox: Outbox<E>,
}

/// Gives the place up when it is dropped.
pub struct Hold {
    id: u64,
    hub: Hub,
}

impl<E> Seat<E> {
    /// What its owner may say of it later.
    pub fn idleness(&self) -> Idleness {
        Idleness { id: self.hold.id, hub: self.hold.hub.clone() }
    }
}

/// Whether nobody has touched a seat's window for a while.
pub struct Idleness {
    id: u64,
    hub: Hub,
}

impl Idleness {
    pub fn set(&self, is_idle: bool) {
        self.hub.lock().set_idle(self.id, is_idle);
        self.hub.0.changed.notify_one();
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.hub.lock().leave(self.id, Instant::now());
        self.hub.0.changed.notify_one();
    }
}

impl Hub {
    /// # Errors
    /// [`TooMany`] when a cap is reached.
    pub fn enter_lobby(&self, owner: Owner, caps: Caps) -> Result<Seat<LobbyEvent>, TooMany> {
        let (sender, outbox) = outbox::channel();
        let id = self.lock().enter(owner, caps, state::Place::Lobby(sender))?;
        Ok(self.seat(id, outbox))
    }

    /// The caller has made sure that the owner is a member of the room.
    ///
    /// # Errors
    /// [`TooMany`] when a cap is reached.
    pub fn enter_room(&self, owner: Owner, caps: Caps, room: RoomId) -> Result<Seat<ChatEvent>, TooMany> {
        let (sender, outbox) = outbox::channel();
        let id = self.lock().enter(owner, caps, state::Place::Room(room, sender))?;
        Ok(self.seat(id, outbox))
    }

    fn seat<E>(&self, id: u64, outbox: Outbox<E>) -> Seat<E> {
        self.0.changed.notify_one();
        Seat { hold: Hold { id, hub: self.clone() }, outbox }
    }

    /// How a person is here; none when they are not.
    pub fn standing(&self, user: UserId) -> Option<Standing> {
        self.lock().standing(user)
    }

    /// Everybody who is here.
    pub fn here(&self) -> HashMap<UserId, Standing> {
        self.lock().here()
    }

    /// Has everybody told at the next tick how this person is, as if they had come or gone.
    pub fn mark_user(&self, user: UserId) {
        self.lock().mark_user(user);
        self.0.changed.notify_one();
    }

    /// Who has this room open.
    pub fn in_room(&self, room: RoomId) -> HashSet<UserId> {
        self.lock().in_room(room)
    }

    /// Who has a main window open.
    pub fn in_lobby(&self) -> HashSet<UserId> {
        self.lock().in_lobby()
    }

    pub fn tell_user(&self, user: UserId, event: &Arc<Told<LobbyEvent>>) {
        self.lock().tell_user(user, event);
    }

    /// Tells every main window of everybody.
    pub fn tell_lobby(&self, event: &Arc<Told<LobbyEvent>>) {
        self.lock().tell_lobby(event);
    }

    /// Tells every window of a room, but none of `except`'s.
    pub fn tell_room(&self, room: RoomId, event: &Arc<Told<ChatEvent>>, except: Option<UserId>) {
        self.lock().tell_room(room, event, except);
    }

    /// Tells one member's windows of a room.
    pub fn tell_member(&self, room: RoomId, user: UserId, event: &Arc<Told<ChatEvent>>) {
        self.lock().tell_member(room, user, event);
    }

    /// Has these members of a room told at the next tick, as if windows of theirs had come or gone.
    pub fn mark_members(&self, room: RoomId, users: &[UserId]) {
        self.lock().mark_members(room, users);
        self.0.changed.notify_one();
    }

    /// As [`Hub::mark_members`], in every room that somebody has open.
    pub fn mark_everywhere(&self, users: &[UserId]) {
        self.lock().mark_everywhere(users);
        self.0.changed.notify_one();
    }

    /// Closes one person's windows of a room that they are no longer a member of.
    pub fn close_member(&self, room: RoomId, user: UserId) {
        self.lock().close_member(room, user);
    }

    /// What changed in who is here since the last call; `now` decides whose grace is over.
    pub fn take_changes(&self, now: Instant) -> Changes {
        self.lock().take_changes(now)
    }

    /// Completes when somebody came or went; the hub itself never waits.
    pub fn changed(&self) -> Notified<'_> {
        self.0.changed.notified()
    }

    /// The sign-ins that hold a socket, and whose they are.
    pub fn sessions(&self) -> HashMap<Session, UserId> {
        self.lock().sessions()
    }

    /// Closes every socket of a sign-in that has ended.
    pub fn close_session(&self, session: &Session, why: Ended) {
        self.lock().close(CloseReason::SessionEnded(why), |owner| owner.session == *session);
    }

    /// Closes every socket there is and all that come: the server is going away.
    pub fn close_all(&self) {
        let mut state = self.lock();
        state.is_closing = true;
        state.close(CloseReason::GoingAway, |_| true);
    }

    /// How many sockets there are.
    pub fn sockets(&self) -> usize {
        self.lock().sockets()
    }

    /// A panic elsewhere while the lock was held leaves consistent data: every method changes it in one go.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Encodes an event once for everybody who will hear it.
pub fn told<E: Serialize>(event: E) -> Arc<Told<E>> {
    Arc::new(Told::new(event))
}
