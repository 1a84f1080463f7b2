//! The hub's data. Invariants: every socket is in exactly one audience, `online` counts all of them.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    net::IpAddr,
    time::Instant,
};

use crate::hub::{
    online::OnlineUsers,
    outbox::{CloseReason, Sender},
    owner::{Activity, Caps, Owner, SessionKey, TooManySockets},
    windows::Windows,
};
use protocol::{
    ids::{RoomId, UserId},
    lobby_socket::LobbyEvent,
    room_socket::RoomEvent,
};

/// Presence that changed since it was last taken.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct PresenceChanges {
    /// Users who came online, went offline, or became idle or active.
    pub users: BTreeSet<UserId>,
    /// By room: members who opened their first window, closed their last one, or changed in another way.
    pub rooms: BTreeMap<RoomId, BTreeSet<UserId>>,
}

impl PresenceChanges {
    fn mark(&mut self, room: RoomId, user: UserId) {
        self.rooms.entry(room).or_default().insert(user);
    }
}

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
    rooms: HashMap<RoomId, Windows>,
    online: OnlineUsers,
    addresses: HashMap<IpAddr, usize>,
    changes: PresenceChanges,
}

impl Registry {
    pub(super) fn enter(&mut self, owner: Owner, caps: Caps, endpoint: Endpoint) -> Result<u64, TooManySockets> {
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
        Ok(id)
    }

    pub(super) fn leave(&mut self, id: u64, now: Instant) {
        let Some(socket) = self.sockets.remove(&id) else { return };
        match &socket.endpoint {
            Endpoint::Lobby(_) => remove(&mut self.lobby, &socket.owner.user, id),
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

    /// The main windows of all users.
    pub(super) fn lobbies(&self) -> impl Iterator<Item = &Sender<LobbyEvent>> {
        self.sockets.values().filter_map(|socket| socket.endpoint.lobby())
    }

    pub(super) fn take_changes(&mut self, now: Instant) -> PresenceChanges {
        self.changes.users.extend(self.online.expire(now));
        std::mem::take(&mut self.changes)
    }

    pub(super) fn activity(&self, user: UserId) -> Option<Activity> {
        let activity = || if self.is_idle(user) { Activity::Idle } else { Activity::Active };
        self.online.contains(user).then(activity)
    }

    pub(super) fn online(&self) -> HashMap<UserId, Activity> {
        self.online.ids().filter_map(|user| Some((user, self.activity(user)?))).collect()
    }

    /// Whether a user has main windows and all of them are idle.
    fn is_idle(&self, user: UserId) -> bool {
        let mut windows = self.lobby.get(&user).into_iter().flatten().filter_map(|id| self.sockets.get(id)).peekable();
        windows.peek().is_some() && windows.all(|socket| socket.is_idle)
    }

    pub(super) fn set_idle(&mut self, id: u64, is_idle: bool) {
        let Some(socket) = self.sockets.get_mut(&id) else { return };
        if std::mem::replace(&mut socket.is_idle, is_idle) != is_idle {
            let user = socket.owner.user;
            self.changes.users.insert(user);
        }
    }

    pub(super) fn in_room(&self, room: RoomId) -> HashSet<UserId> {
        self.rooms.get(&room).map(|windows| windows.of.keys().copied().collect()).unwrap_or_default()
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
mod tests {
    use std::net::Ipv4Addr;

    use proptest::prelude::*;

    use super::*;
    use crate::hub::{outbox, owner::GRACE};

    fn owner(user: UserId) -> Owner {
        Owner { user, session: [0; 32], address: Ipv4Addr::LOCALHOST.into() }
    }

    fn lobby() -> Endpoint {
        Endpoint::Lobby(outbox::channel().0)
    }

    #[test]
    fn only_the_first_and_the_last_socket_of_a_user_change_their_presence() {
        let (mut registry, user, now) = (Registry::default(), UserId::new(), Instant::now());
        let first = registry.enter(owner(user), Caps::default(), lobby()).unwrap();
        assert_eq!(registry.take_changes(now).users, [user].into());
        let second = registry.enter(owner(user), Caps::default(), lobby()).unwrap();
        registry.leave(first, now);
        assert_eq!(registry.take_changes(now + 2 * GRACE), PresenceChanges::default());
        registry.leave(second, now);
        assert_eq!(registry.take_changes(now), PresenceChanges::default());
        assert!(registry.activity(user).is_some(), "a reload is not a departure");
        assert_eq!(registry.take_changes(now + GRACE).users, [user].into());
        assert_eq!(registry.activity(user), None);
    }

    #[test]
    fn only_the_first_and_the_last_window_of_a_user_change_a_rooms_presence() {
        let (mut registry, user, room, now) = (Registry::default(), UserId::new(), RoomId::new(), Instant::now());
        let open = |registry: &mut Registry| {
            registry.enter(owner(user), Caps::default(), Endpoint::Room(room, outbox::channel().0)).unwrap()
        };
        let changed = || BTreeMap::from([(room, BTreeSet::from([user]))]);
        let first = open(&mut registry);
        assert_eq!(registry.take_changes(now).rooms, changed());
        let second = open(&mut registry);
        registry.leave(first, now);
        assert_eq!(registry.take_changes(now).rooms, BTreeMap::new());
        assert_eq!(registry.in_room(room), [user].into());
        registry.leave(second, now);
        assert_eq!(registry.take_changes(now).rooms, changed());
        assert_eq!(registry.in_room(room), [].into());
    }

    #[test]
    fn caps_hold_for_a_user_and_for_an_address() {
        let (mut registry, user) = (Registry::default(), UserId::new());
        let per_user = Caps { per_user: 1, per_address: 0 };
        assert!(registry.enter(owner(user), per_user, lobby()).is_ok());
        assert_eq!(registry.enter(owner(user), per_user, lobby()), Err(TooManySockets));
        let per_address = Caps { per_user: 0, per_address: 2 };
        assert!(registry.enter(owner(UserId::new()), per_address, lobby()).is_ok());
        assert_eq!(registry.enter(owner(UserId::new()), per_address, lobby()), Err(TooManySockets));
    }

    proptest! {
        #[test]
        fn an_empty_registry_holds_no_data(steps in proptest::collection::vec((0u8..4, 0u8..3), 0..60)) {
            let users: Vec<UserId> = (0..4).map(|_| UserId::new()).collect();
            let rooms: Vec<RoomId> = (0..3).map(|_| RoomId::new()).collect();
            let (mut registry, mut open, now) = (Registry::default(), Vec::new(), Instant::now());
            for (user, room) in steps {
                let endpoint = if room == 0 { lobby() } else { Endpoint::Room(rooms[room as usize], outbox::channel().0) };
                open.push(registry.enter(owner(users[user as usize]), Caps::default(), endpoint).unwrap());
                if user == 3 {
                    registry.leave(open.remove(0), now);
                }
                prop_assert_eq!(registry.online.sockets(), registry.sockets());
            }
            open.drain(..).for_each(|id| registry.leave(id, now));
            registry.take_changes(now + GRACE);
            prop_assert!(registry.online.is_empty() && registry.lobby.is_empty() && registry.rooms.is_empty());
            prop_assert!(registry.addresses.is_empty() && registry.sockets.is_empty() && registry.sessions.is_empty());
        }
    }
}
