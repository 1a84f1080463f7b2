//! The handle on the hub: a cloneable reference to the registry and its lock.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Instant,
};

use parking_lot::{Mutex, MutexGuard};
use tokio::sync::{Notify, futures::Notified};

use crate::{
    hub::{
        changes::PresenceChanges,
        interests::FirstInterests,
        outbox::{self, CloseReason, Outbox},
        owner::{Activity, Caps, Owner, TooManySockets},
        registry::{Endpoint, Registry},
    },
    model::{NodeId, NodePresence},
};
use protocol::{
    cursor::Cursor,
    ids::{RoomId, UserId},
    lobby_socket::LobbyEvent,
    room_socket::RoomEvent,
};

#[derive(Clone, Default)]
pub struct Hub(Arc<HubInner>);

#[derive(Default)]
struct HubInner {
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

impl Subscription<LobbyEvent> {
    pub fn main_window(&self) -> LobbyHandle {
        LobbyHandle { id: self.hold.id, hub: self.hold.hub.clone() }
    }
}

/// The handle with which a main window says what it is and what it receives.
pub struct LobbyHandle {
    id: u64,
    hub: Hub,
}

impl LobbyHandle {
    pub fn set_idle(&self, is_idle: bool) {
        self.hub.lock().set_idle(self.id, is_idle);
        self.hub.wake_presence();
    }

    /// Receives only some users from now on, in a large organisation.
    pub fn begin(&self, first: FirstInterests) {
        self.hub.lock().interests.begin(self.id, first);
    }

    /// Replaces the users and departments that this window watches. Returns the users whom it did not watch before, and
    /// the cursor with which the connection began; `None` if it receives all users.
    pub fn watch(&self, users: Vec<UserId>, departments: Vec<String>) -> Option<(Vec<UserId>, Cursor)> {
        self.hub.lock().interests.watch(self.id, users, departments)
    }

    /// The users whom this window watches.
    pub fn watched(&self) -> Vec<UserId> {
        self.hub.lock().interests.watched(self.id).to_vec()
    }

    /// The cursor with which the connection began; `None` if this window receives all users.
    pub fn began_at(&self) -> Option<Cursor> {
        self.hub.lock().interests.began_at(self.id)
    }
}

impl Drop for SubscriptionGuard {
    fn drop(&mut self) {
        self.hub.lock().unsubscribe(self.id, Instant::now());
        self.hub.wake_presence();
    }
}

impl Hub {
    /// Subscribes a main window.
    ///
    /// # Errors
    /// [`TooManySockets`] when a cap is reached.
    pub fn subscribe_lobby(&self, owner: Owner, caps: Caps) -> Result<Subscription<LobbyEvent>, TooManySockets> {
        let (sender, outbox) = outbox::channel();
        let id = self.lock().subscribe(owner, caps, Endpoint::Lobby(sender))?;
        Ok(self.subscription(id, outbox))
    }

    /// Subscribes a window of a room. The caller checks that the owner is a member.
    ///
    /// # Errors
    /// [`TooManySockets`] when a cap is reached.
    pub fn subscribe_room(
        &self,
        owner: Owner,
        caps: Caps,
        room: RoomId,
    ) -> Result<Subscription<RoomEvent>, TooManySockets> {
        let (sender, outbox) = outbox::channel();
        let id = self.lock().subscribe(owner, caps, Endpoint::Room(room, sender))?;
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

    /// The activities of these users; `None` for each who is offline.
    pub fn activities(&self, users: &[UserId]) -> Vec<Option<Activity>> {
        let registry = self.lock();
        users.iter().map(|user| registry.activity(*user)).collect()
    }

    /// Whether a main window of this user receives only some users, and lists not all of these.
    pub fn lacks(&self, user: UserId, others: &[UserId]) -> bool {
        let registry = self.lock();
        registry.lobby_ids(user).into_iter().any(|window| registry.interests.lacks(window, others))
    }

    /// Who is connected to this node, of these users and windows.
    pub fn presence_here(&self, of: &PresenceChanges) -> NodePresence {
        self.lock().presence_here(of)
    }

    /// All users and windows of this node.
    pub fn all_here(&self) -> PresenceChanges {
        self.lock().all_here()
    }

    /// Takes the presence that another node sends. The next presence tick broadcasts what changed.
    pub fn apply_elsewhere(&self, node: NodeId, presence: NodePresence) {
        self.lock().apply_elsewhere(node, presence);
        self.wake_presence();
    }

    /// Drops the presence that another node sent.
    pub fn forget_elsewhere(&self, node: NodeId) {
        self.lock().forget_elsewhere(node);
        self.wake_presence();
    }

    /// Whether a user has a socket on this node.
    pub fn is_here(&self, user: UserId) -> bool {
        self.lock().activity_here(user).is_some()
    }

    /// Whether a window of this room is open on this node.
    pub fn has_windows(&self, room: RoomId) -> bool {
        self.lock().has_windows(room)
    }

    /// Whether a user has a window of this room open on this node.
    pub fn has_window_of(&self, user: UserId, room: RoomId) -> bool {
        self.lock().has_window_of(user, room)
    }

    /// The users who have a window of this room open, on any node.
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

    /// Closes every socket that subscribes from now on with the code for going away.
    pub fn begin_closing(&self) {
        self.lock().is_closing = true;
    }

    /// Whether every new socket is closed.
    pub fn is_closing(&self) -> bool {
        self.lock().is_closing
    }

    /// The ids of this node's sockets, in no order: a part of them is a sample.
    pub fn ids(&self) -> Vec<u64> {
        self.lock().ids()
    }

    /// Closes those of these sockets that are still there.
    pub fn close(&self, ids: &[u64], reason: CloseReason) {
        self.lock().close(ids, reason);
    }

    /// The number of sockets.
    pub fn sockets(&self) -> usize {
        self.lock().sockets()
    }

    /// Wakes the presence tick.
    pub fn wake_presence(&self) {
        self.0.presence_changed.notify_one();
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Registry> {
        self.0.registry.lock()
    }
}
