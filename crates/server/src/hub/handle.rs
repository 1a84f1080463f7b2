//! The handle on the hub: a cloneable reference to the registry and its lock.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Instant,
};

use parking_lot::{Mutex, MutexGuard};
use tokio::sync::{Notify, futures::Notified};

use crate::hub::{
    outbox::{self, CloseReason, Outbox},
    owner::{Activity, Caps, Owner, TooManySockets},
    registry::{Endpoint, PresenceChanges, Registry},
};
use protocol::{
    ids::{RoomId, UserId},
    lobby_socket::LobbyEvent,
    room_socket::RoomEvent,
};

#[derive(Clone, Default)]
pub struct Hub(Arc<Shared>);

#[derive(Default)]
struct Shared {
    registry: Mutex<Registry>,
    /// Wakes the presence task.
    presence_changed: Notify,
}

/// A socket's subscription: its outbox receives every event of its audience until the guard is dropped.
pub struct Subscription<E> {
    pub hold: SubscriptionGuard,
    pub outbox: Outbox<E>,
}

/// Unsubscribes the socket when it is dropped.
pub struct SubscriptionGuard {
    id: u64,
    hub: Hub,
}

impl<E> Subscription<E> {
    /// The handle with which the socket reports that its window is idle.
    pub fn idleness(&self) -> IdleFlag {
        IdleFlag { id: self.hold.id, hub: self.hold.hub.clone() }
    }
}

/// Whether one main window is idle.
pub struct IdleFlag {
    id: u64,
    hub: Hub,
}

impl IdleFlag {
    pub fn set(&self, is_idle: bool) {
        self.hub.lock().set_idle(self.id, is_idle);
        self.hub.wake_presence();
    }
}

impl Drop for SubscriptionGuard {
    fn drop(&mut self) {
        self.hub.lock().leave(self.id, Instant::now());
        self.hub.wake_presence();
    }
}

impl Hub {
    /// Subscribes a main window.
    ///
    /// # Errors
    /// [`TooManySockets`] when a cap is reached.
    pub fn enter_lobby(&self, owner: Owner, caps: Caps) -> Result<Subscription<LobbyEvent>, TooManySockets> {
        let (sender, outbox) = outbox::channel();
        let id = self.lock().enter(owner, caps, Endpoint::Lobby(sender))?;
        Ok(self.subscription(id, outbox))
    }

    /// Subscribes a window of a room. The caller checks that the owner is a member.
    ///
    /// # Errors
    /// [`TooManySockets`] when a cap is reached.
    pub fn enter_room(
        &self,
        owner: Owner,
        caps: Caps,
        room: RoomId,
    ) -> Result<Subscription<RoomEvent>, TooManySockets> {
        let (sender, outbox) = outbox::channel();
        let id = self.lock().enter(owner, caps, Endpoint::Room(room, sender))?;
        Ok(self.subscription(id, outbox))
    }

    fn subscription<E>(&self, id: u64, outbox: Outbox<E>) -> Subscription<E> {
        self.wake_presence();
        Subscription { hold: SubscriptionGuard { id, hub: self.clone() }, outbox }
    }

    /// The activity of a user; `None` if they are offline.
    pub fn activity(&self, user: UserId) -> Option<Activity> {
        self.lock().activity(user)
    }

    /// All users who are online.
    pub fn online(&self) -> HashMap<UserId, Activity> {
        self.lock().online()
    }

    /// The users who have a window of this room open.
    pub fn in_room(&self, room: RoomId) -> HashSet<UserId> {
        self.lock().in_room(room)
    }

    /// The users who have a main window open.
    pub fn in_lobby(&self) -> HashSet<UserId> {
        self.lock().in_lobby()
    }

    /// Takes the presence changes since the last call; `now` decides which grace periods are over.
    pub fn take_changes(&self, now: Instant) -> PresenceChanges {
        self.lock().take_changes(now)
    }

    /// Completes when presence may have changed.
    pub fn presence_changed(&self) -> Notified<'_> {
        self.0.presence_changed.notified()
    }

    /// Closes all sockets of this node, and every socket that subscribes later, with the code for going away.
    pub fn close_all(&self) {
        let mut registry = self.lock();
        registry.is_closing = true;
        registry.close_all(CloseReason::GoingAway);
    }

    /// The number of sockets.
    pub fn sockets(&self) -> usize {
        self.lock().sockets()
    }

    pub(super) fn wake_presence(&self) {
        self.0.presence_changed.notify_one();
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Registry> {
        self.0.registry.lock()
    }
}
