//! The hub's data and its invariants: every socket is in exactly one place, and `present` counts them.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    net::IpAddr,
    sync::Arc,
    time::Instant,
};

use crate::{
    protocol::{
        chat::ChatEvent,
        ids::{RoomId, UserId},
        lobby::LobbyEvent,
    },
    server::hub::{
        Caps, GRACE, Owner, Session, Standing, TooMany,
        outbox::{CloseReason, Sender, Told},
        windows::Windows,
    },
};

/// Who came or went, and where, since it was last asked.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// People who are here now and were not, or the other way round.
    pub users: BTreeSet<UserId>,
    /// Whose windows of which rooms came or went.
    pub rooms: BTreeMap<RoomId, BTreeSet<UserId>>,
}

impl Changes {
    fn mark(&mut self, room: RoomId, users: impl IntoIterator<Item = UserId>) {
        self.rooms.entry(room).or_default().extend(users);
    }
}

pub(super) enum Place {
    Lobby(Sender<LobbyEvent>),
    Room(RoomId, Sender<ChatEvent>),
}

struct Socket {
    owner: Owner,
    place: Place,
    /// Nobody has touched its window for a while.
    is_idle: bool,
}

#[derive(Default)]
struct Present {
    sockets: usize,
    /// When the last socket went; none while there is one.
    gone_at: Option<Instant>,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) is_closing: bool,
    next_id: u64,
    sockets: HashMap<u64, Socket>,
    lobby: HashMap<UserId, Vec<u64>>,
    rooms: HashMap<RoomId, Windows>,
    present: HashMap<UserId, Present>,
    departing: BTreeSet<UserId>,
    addresses: HashMap<IpAddr, usize>,
    changes: Changes,
}

impl State {
    pub(super) fn enter(&mut self, owner: Owner, caps: Caps, place: Place) -> Result<u64, TooMany> {
        if self.is_closing {
            place.close(CloseReason::GoingAway);
        }
        let held = self.present.get(&owner.user).map_or(0, |present| present.sockets);
        let from_address = self.addresses.get(&owner.address).copied().unwrap_or(0);
        if is_reached(caps.per_user, held) || is_reached(caps.per_address, from_address) {
            return Err(TooMany);
        }
        let id = self.next_id;
        self.next_id += 1;
        match &place {
            Place::Lobby(_) => self.lobby.entry(owner.user).or_default().push(id),
            Place::Room(room, _) => {
                if self.rooms.entry(*room).or_default().open(owner.user, id) {
                    self.changes.mark(*room, [owner.user]);
                }
            }
        }
        self.arrive(owner);
        self.sockets.insert(id, Socket { owner, place, is_idle: false });
        Ok(id)
    }

    fn arrive(&mut self, owner: Owner) {
        *self.addresses.entry(owner.address).or_default() += 1;
        if !self.present.contains_key(&owner.user) {
            self.changes.users.insert(owner.user);
        }
        let present = self.present.entry(owner.user).or_default();
        present.sockets += 1;
        present.gone_at = None;
        self.departing.remove(&owner.user);
    }

    pub(super) fn leave(&mut self, id: u64, now: Instant) {
        let Some(socket) = self.sockets.remove(&id) else { return };
        match &socket.place {
            Place::Lobby(_) => forget(&mut self.lobby, &socket.owner.user, id),
            Place::Room(room, _) => self.close_window(*room, socket.owner.user, id),
        }
        if let Some(count) = self.addresses.get_mut(&socket.owner.address) {
            *count -= 1;
            if *count == 0 {
                self.addresses.remove(&socket.owner.address);
            }
        }
        if let Some(present) = self.present.get_mut(&socket.owner.user) {
            present.sockets -= 1;
            if present.sockets == 0 {
                present.gone_at = Some(now);
                self.departing.insert(socket.owner.user);
            }
        }
    }

    fn close_window(&mut self, room: RoomId, user: UserId, id: u64) {
        let Some(windows) = self.rooms.get_mut(&room) else { return };
        if windows.close(user, id) {
            self.changes.mark(room, [user]);
        }
        if windows.ids.is_empty() {
            self.rooms.remove(&room);
        }
    }

    /// The windows of a room.
    fn windows(&self, room: RoomId) -> impl Iterator<Item = (&Owner, &Sender<ChatEvent>)> {
        let sockets = self.rooms.get(&room).into_iter().flat_map(|windows| &windows.ids);
        sockets.filter_map(|id| match self.sockets.get(id)? {
            Socket { owner, place: Place::Room(_, sender), .. } => Some((owner, sender)),
            _ => None,
        })
    }

    pub(super) fn take_changes(&mut self, now: Instant) -> Changes {
        let present = &self.present;
        let is_over = |user: &UserId| {
            present
                .get(user)
                .and_then(|present| present.gone_at)
                .is_some_and(|gone_at| now.duration_since(gone_at) >= GRACE)
        };
        let gone: Vec<UserId> = self.departing.iter().filter(|user| is_over(user)).copied().collect();
        for user in gone {
            self.departing.remove(&user);
            self.present.remove(&user);
            self.changes.users.insert(user);
        }
        std::mem::take(&mut self.changes)
    }

    pub(super) fn standing(&self, user: UserId) -> Option<Standing> {
        let standing = |_| if self.is_idle(user) { Standing::Idle } else { Standing::Here };
        self.present.get(&user).map(standing)
    }

    pub(super) fn here(&self) -> HashMap<UserId, Standing> {
        self.present.keys().filter_map(|user| Some((*user, self.standing(*user)?))).collect()
    }

    /// Whether all main windows of a person are idle, and there is one.
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

    /// Has everybody told at the next tick what a person tells of themselves.
    pub(super) fn mark_user(&mut self, user: UserId) {
        self.changes.users.insert(user);
    }

    pub(super) fn in_room(&self, room: RoomId) -> HashSet<UserId> {
        self.rooms.get(&room).map(|windows| windows.of.keys().copied().collect()).unwrap_or_default()
    }

    pub(super) fn in_lobby(&self) -> HashSet<UserId> {
        self.lobby.keys().copied().collect()
    }

    pub(super) fn tell_user(&self, user: UserId, event: &Arc<Told<LobbyEvent>>) {
        for id in self.lobby.get(&user).into_iter().flatten() {
            if let Some(Socket { place: Place::Lobby(sender), .. }) = self.sockets.get(id) {
                sender.push(event);
            }
        }
    }

    pub(super) fn tell_lobby(&self, event: &Arc<Told<LobbyEvent>>) {
        for socket in self.sockets.values() {
            if let Place::Lobby(sender) = &socket.place {
                sender.push(event);
            }
        }
    }

    pub(super) fn tell_room(&self, room: RoomId, event: &Arc<Told<ChatEvent>>, except: Option<UserId>) {
        for (owner, sender) in self.windows(room) {
            if Some(owner.user) != except {
                sender.push(event);
            }
        }
    }

    pub(super) fn tell_member(&self, room: RoomId, user: UserId, event: &Arc<Told<ChatEvent>>) {
        self.each_of(room, user, |sender| sender.push(event));
    }

    pub(super) fn close_member(&self, room: RoomId, user: UserId) {
        self.each_of(room, user, |sender| sender.close(CloseReason::NotAMember));
    }

    fn each_of(&self, room: RoomId, user: UserId, act: impl Fn(&Sender<ChatEvent>)) {
        self.windows(room).filter(|(owner, _)| owner.user == user).for_each(|(_, sender)| act(sender));
    }

    pub(super) fn mark_members(&mut self, room: RoomId, users: &[UserId]) {
        self.changes.mark(room, users.iter().copied());
    }

    pub(super) fn mark_everywhere(&mut self, users: &[UserId]) {
        for room in self.rooms.keys() {
            self.changes.mark(*room, users.iter().copied());
        }
    }

    pub(super) fn close(&self, reason: CloseReason, is_meant: impl Fn(&Owner) -> bool) {
        for socket in self.sockets.values().filter(|socket| is_meant(&socket.owner)) {
            socket.place.close(reason);
        }
    }

    pub(super) fn sessions(&self) -> HashMap<Session, UserId> {
        self.sockets.values().map(|socket| (socket.owner.session, socket.owner.user)).collect()
    }

    pub(super) fn sockets(&self) -> usize {
        self.sockets.len()
    }
}

impl Place {
    fn close(&self, reason: CloseReason) {
        match self {
            Self::Lobby(sender) => sender.close(reason),
            Self::Room(_, sender) => sender.close(reason),
        }
    }
}

/// 0 caps nothing.
fn is_reached(cap: usize, count: usize) -> bool {
    cap != 0 && count >= cap
}

fn forget<K: std::hash::Hash + Eq>(map: &mut HashMap<K, Vec<u64>>, key: &K, id: u64) {
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
    use crate::server::hub::outbox;

    fn owner(user: UserId) -> Owner {
        Owner { user, session: [0; 32], address: Ipv4Addr::LOCALHOST.into() }
    }

    fn lobby() -> Place {
        Place::Lobby(outbox::channel().0)
    }

    #[test]
    fn a_second_window_is_no_arrival_and_its_end_no_departure() {
        let (mut state, user, now) = (State::default(), UserId::new(), Instant::now());
        let first = state.enter(owner(user), Caps::default(), lobby()).unwrap();
        assert_eq!(state.take_changes(now).users, [user].into());
        let second = state.enter(owner(user), Caps::default(), lobby()).unwrap();
        state.leave(first, now);
        assert_eq!(state.take_changes(now + 2 * GRACE), Changes::default());
        state.leave(second, now);
        assert_eq!(state.take_changes(now), Changes::default());
        assert!(state.standing(user).is_some(), "a reload is not a departure");
        assert_eq!(state.take_changes(now + GRACE).users, [user].into());
        assert_eq!(state.standing(user), None);
    }

    #[test]
    fn of_a_persons_windows_of_a_room_the_first_and_the_last_are_news() {
        let (mut state, user, room, now) = (State::default(), UserId::new(), RoomId::new(), Instant::now());
        let open = |state: &mut State| {
            state.enter(owner(user), Caps::default(), Place::Room(room, outbox::channel().0)).unwrap()
        };
        let told = || BTreeMap::from([(room, BTreeSet::from([user]))]);
        let first = open(&mut state);
        assert_eq!(state.take_changes(now).rooms, told());
        let second = open(&mut state);
        state.leave(first, now);
        assert_eq!(state.take_changes(now).rooms, BTreeMap::new());
        assert_eq!(state.in_room(room), [user].into());
        state.leave(second, now);
        assert_eq!(state.take_changes(now).rooms, told());
        assert_eq!(state.in_room(room), [].into());
    }

    #[test]
    fn caps_hold_for_a_person_and_for_an_address() {
        let (mut state, user) = (State::default(), UserId::new());
        let per_user = Caps { per_user: 1, per_address: 0 };
        assert!(state.enter(owner(user), per_user, lobby()).is_ok());
        assert_eq!(state.enter(owner(user), per_user, lobby()), Err(TooMany));
        let per_address = Caps { per_user: 0, per_address: 2 };
        assert!(state.enter(owner(UserId::new()), per_address, lobby()).is_ok());
        assert_eq!(state.enter(owner(UserId::new()), per_address, lobby()), Err(TooMany));
    }

    proptest! {
        #[test]
        fn whoever_all_left_leaves_nothing_behind(steps in proptest::collection::vec((0u8..4, 0u8..3), 0..60)) {
            let users: Vec<UserId> = (0..4).map(|_| UserId::new()).collect();
            let rooms: Vec<RoomId> = (0..3).map(|_| RoomId::new()).collect();
            let (mut state, mut open, now) = (State::default(), Vec::new(), Instant::now());
            for (user, room) in steps {
                let place = if room == 0 { lobby() } else { Place::Room(rooms[room as usize], outbox::channel().0) };
                open.push(state.enter(owner(users[user as usize]), Caps::default(), place).unwrap());
                if user == 3 {
                    state.leave(open.remove(0), now);
                }
                let counted: usize = state.present.values().map(|present| present.sockets).sum();
                prop_assert_eq!(counted, state.sockets());
            }
            open.drain(..).for_each(|id| state.leave(id, now));
            state.take_changes(now + GRACE);
            prop_assert!(state.present.is_empty() && state.lobby.is_empty() && state.rooms.is_empty());
            prop_assert!(state.addresses.is_empty() && state.sockets.is_empty() && state.departing.is_empty());
        }
    }
}
