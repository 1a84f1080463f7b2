//! The hub's data. Invariants: every socket is in its room or among the main windows, `online` counts all of them. In a
//! large organisation a main window is also with those whom it watches.

use std::{
    collections::{HashMap, HashSet},
    net::IpAddr,
    sync::Arc,
    time::Instant,
};

use crate::{
    hub::{
        changes::PresenceChanges,
        elsewhere::Elsewhere,
        interests::Interests,
        online::OnlineUsers,
        outbox::{CloseReason, Encoded, Sender},
        owner::{Activity, Caps, Owner, SessionKey, TooManySockets},
        windows::RoomWindows,
    },
    model::{NodeId, NodePresence},
};
use protocol::{
    ids::{RoomId, UserId},
    lobby_socket::LobbyEvent,
    room_socket::RoomEvent,
};

/// The subscription of a socket, and its outbox.
pub(super) enum Endpoint {
    Lobby(Sender<LobbyEvent>),
    Room(RoomId, Sender<RoomEvent>),
}

struct RegisteredSocket {
    owner: Owner,
    endpoint: Endpoint,
    is_idle: bool,
}

#[derive(Default)]
pub(super) struct Registry {
    /// Whether new sockets are closed at once.
    pub(super) is_closing: bool,
    next_id: u64,
    sockets: HashMap<u64, RegisteredSocket>,
    lobby: HashMap<UserId, Vec<u64>>,
    sessions: HashMap<SessionKey, Vec<u64>>,
    rooms: HashMap<RoomId, RoomWindows>,
    online: OnlineUsers,
    /// The online users who are idle, until their grace period is over.
    idle: HashSet<UserId>,
    elsewhere: Elsewhere,
    addresses: HashMap<IpAddr, usize>,
    changes: PresenceChanges,
    pub(super) interests: Interests,
}

impl Registry {
    pub(super) fn subscribe(&mut self, owner: Owner, caps: Caps, endpoint: Endpoint) -> Result<u64, TooManySockets> {
        if self.is_closing {
            endpoint.close(CloseReason::GoingAway);
        }
        let from_address = self.addresses.get(&owner.address).copied().unwrap_or(0);
        let of_user = self.online.sockets_of(owner.user);
        if is_reached(caps.per_user, of_user) || is_reached(caps.per_address, from_address) {
            return Err(TooManySockets);
        }
        let id = self.next_id;
        self.next_id += 1;
        match &endpoint {
            Endpoint::Lobby(_) => self.lobby.entry(owner.user).or_default().push(id),
            Endpoint::Room(room, _) => {
                if self.rooms.entry(*room).or_default().open(owner.user, id) {
                    self.changes.mark(*room, owner.user);
                }
            }
        }
        *self.addresses.entry(owner.address).or_default() += 1;
        if self.online.connect(owner.user) {
            self.changes.users.insert(owner.user);
        }
        self.sessions.entry(owner.session).or_default().push(id);
        self.sockets.insert(id, RegisteredSocket { owner, endpoint, is_idle: false });
        self.note_idleness(owner.user);
        Ok(id)
    }

    pub(super) fn unsubscribe(&mut self, id: u64, now: Instant) {
        let Some(socket) = self.sockets.remove(&id) else { return };
        match &socket.endpoint {
            Endpoint::Lobby(_) => {
                remove(&mut self.lobby, &socket.owner.user, id);
                self.interests.leave(id);
            }
            Endpoint::Room(room, _) => self.close_window(*room, socket.owner.user, id),
        }
        remove(&mut self.sessions, &socket.owner.session, id);
        if let Some(count) = self.addresses.get_mut(&socket.owner.address) {
            *count -= 1;
            if *count == 0 {
                self.addresses.remove(&socket.owner.address);
            }
        }
        self.online.disconnect(socket.owner.user, now);
        self.note_idleness(socket.owner.user);
    }

    /// Marks a user who became idle or active: by a window that says so, opens or closes. Without a socket they stay what
    /// they were, because a reload is no change.
    fn note_idleness(&mut self, user: UserId) {
        if self.online.sockets_of(user) == 0 {
            return;
        }
        let is_change = if self.is_idle(user) { self.idle.insert(user) } else { self.idle.remove(&user) };
        self.changes.users.extend(is_change.then_some(user));
    }

    fn close_window(&mut self, room: RoomId, user: UserId, id: u64) {
        let Some(windows) = self.rooms.get_mut(&room) else { return };
        if windows.close(user, id) {
            self.changes.mark(room, user);
        }
        if windows.ids.is_empty() {
            self.rooms.remove(&room);
        }
    }

    /// The windows of a room.
    pub(super) fn windows(&self, room: RoomId) -> impl Iterator<Item = (&Owner, &Sender<RoomEvent>)> {
        let sockets = self.rooms.get(&room).into_iter().flat_map(|windows| &windows.ids);
        sockets.filter_map(|id| match self.sockets.get(id)? {
            RegisteredSocket { owner, endpoint: Endpoint::Room(_, sender), .. } => Some((owner, sender)),
            _ => None,
        })
    }

    /// The main windows of a user.
    pub(super) fn lobbies_of(&self, user: UserId) -> impl Iterator<Item = &Sender<LobbyEvent>> {
        let ids = self.lobby.get(&user).into_iter().flatten();
        ids.filter_map(|id| self.sockets.get(id)?.endpoint.lobby())
    }

    /// The main windows of a user, by id.
    pub(super) fn lobby_ids(&self, user: UserId) -> Vec<u64> {
        self.lobby.get(&user).cloned().unwrap_or_default()
    }

    pub(super) fn push_encoded(&self, window: u64, event: &Arc<Encoded<LobbyEvent>>) {
        let sender = self.sockets.get(&window).and_then(|socket| socket.endpoint.lobby());
        sender.into_iter().for_each(|sender| sender.push(event));
    }

    /// The main windows of all users.
    pub(super) fn lobbies(&self) -> impl Iterator<Item = &Sender<LobbyEvent>> {
        self.sockets.values().filter_map(|socket| socket.endpoint.lobby())
    }

    pub(super) fn take_changes(&mut self, now: Instant) -> PresenceChanges {
        let offline = self.online.expire(now);
        for user in &offline {
            self.idle.remove(user);
        }
        self.changes.users.extend(offline);
        std::mem::take(&mut self.changes)
    }

    /// The activity of a user on any node.
    pub(super) fn activity(&self, user: UserId) -> Option<Activity> {
        match (self.activity_here(user), self.elsewhere.activity(user)) {
            (Some(Activity::Idle), Some(elsewhere)) => Some(elsewhere),
            (here, elsewhere) => here.or(elsewhere),
        }
    }

    /// The activity of a user on this node.
    pub(super) fn activity_here(&self, user: UserId) -> Option<Activity> {
        let activity = || if self.idle.contains(&user) { Activity::Idle } else { Activity::Active };
        self.online.contains(user).then(activity)
    }

    /// The users who are online on any node.
    pub(super) fn online(&self) -> HashMap<UserId, Activity> {
        let users = self.online.ids().chain(self.elsewhere.users());
        users.filter_map(|user| Some((user, self.activity(user)?))).collect()
    }

    /// Who is connected to this node, of these users and windows.
    pub(super) fn presence_here(&self, of: &PresenceChanges) -> NodePresence {
        let is_idle = |user| self.activity_here(user).map(|activity| activity == Activity::Idle);
        let users = of.users.iter().map(|user| (*user, is_idle(*user))).collect();
        let pairs = of.rooms.iter().flat_map(|(room, users)| users.iter().map(move |user| (room, user)));
        let windows = pairs.map(|(room, user)| (*room, *user, self.has_window_of(*user, *room))).collect();
        NodePresence { users, windows, ..NodePresence::default() }
    }

    /// All users and windows of this node.
    pub(super) fn all_here(&self) -> PresenceChanges {
        let rooms = self.rooms.iter().map(|(room, windows)| (*room, windows.of.keys().copied().collect()));
        PresenceChanges { users: self.online.ids().collect(), rooms: rooms.collect() }
    }

    /// Takes the presence that another node sends.
    pub(super) fn apply_elsewhere(&mut self, node: NodeId, presence: NodePresence) {
        self.elsewhere.apply(node, presence, &mut self.changes);
    }

    pub(super) fn forget_elsewhere(&mut self, node: NodeId) {
        self.elsewhere.forget(node, &mut self.changes);
    }

    /// Whether a user has main windows and all of them are idle.
    fn is_idle(&self, user: UserId) -> bool {
        let mut windows = self.lobby.get(&user).into_iter().flatten().filter_map(|id| self.sockets.get(id)).peekable();
        windows.peek().is_some() && windows.all(|socket| socket.is_idle)
    }

    pub(super) fn set_idle(&mut self, id: u64, is_idle: bool) {
        let Some(socket) = self.sockets.get_mut(&id) else { return };
        socket.is_idle = is_idle;
        let user = socket.owner.user;
        self.note_idleness(user);
    }

    pub(super) fn in_room(&self, room: RoomId) -> HashSet<UserId> {
        let here = self.rooms.get(&room).into_iter().flat_map(|windows| windows.of.keys().copied());
        here.chain(self.elsewhere.in_room(room)).collect()
    }

    pub(super) fn has_windows(&self, room: RoomId) -> bool {
        self.rooms.contains_key(&room)
    }

    /// Whether a user has a window of this room open on this node.
    pub(super) fn has_window_of(&self, user: UserId, room: RoomId) -> bool {
        self.rooms.get(&room).is_some_and(|windows| windows.of.contains_key(&user))
    }

    pub(super) fn in_lobby(&self) -> HashSet<UserId> {
        self.lobby.keys().copied().collect()
    }

    /// Queues members of rooms for the next presence tick, except in rooms without an open window.
    pub(super) fn mark_members(&mut self, members: &[(RoomId, UserId)]) {
        for (room, user) in members.iter().filter(|(room, _)| self.rooms.contains_key(room)) {
            self.changes.mark(*room, *user);
        }
    }

    pub(super) fn close_all(&self, reason: CloseReason) {
        self.sockets.values().for_each(|socket| socket.endpoint.close(reason));
    }

    pub(super) fn close(&self, ids: &[u64], reason: CloseReason) {
        let sockets = ids.iter().filter_map(|id| self.sockets.get(id));
        sockets.for_each(|socket| socket.endpoint.close(reason));
    }

    pub(super) fn ids(&self) -> Vec<u64> {
        self.sockets.keys().copied().collect()
    }

    pub(super) fn close_user(&self, user: UserId, reason: CloseReason) {
        let sockets = self.sockets.values().filter(|socket| socket.owner.user == user);
        sockets.for_each(|socket| socket.endpoint.close(reason));
    }

    pub(super) fn close_session(&self, session: &SessionKey, reason: CloseReason) {
        let sockets = self.sessions.get(session).into_iter().flatten().filter_map(|id| self.sockets.get(id));
        sockets.for_each(|socket| socket.endpoint.close(reason));
    }

    pub(super) fn sockets(&self) -> usize {
        self.sockets.len()
    }
}

impl Endpoint {
    fn lobby(&self) -> Option<&Sender<LobbyEvent>> {
        if let Self::Lobby(sender) = self { Some(sender) } else { None }
    }

    fn close(&self, reason: CloseReason) {
        match self {
            Self::Lobby(sender) => sender.close(reason),
            Self::Room(_, sender) => sender.close(reason),
        }
    }
}

/// A cap of 0 means no limit.
fn is_reached(cap: usize, count: usize) -> bool {
    cap != 0 && count >= cap
}

fn remove<K: std::hash::Hash + Eq>(map: &mut HashMap<K, Vec<u64>>, key: &K, id: u64) {
    if let Some(ids) = map.get_mut(key) {
        ids.retain(|other| *other != id);
        if ids.is_empty() {
            map.remove(key);
        }
    }
}

#[cfg(test)]
mod tests;
