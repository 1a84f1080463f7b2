//! Who may hold a connection. Files are few: connections on which nobody has signed in are bounded, by network and in
//! all, and give way when there is no room.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use tokio::sync::Notify;

use crate::server::network::Network;

/// Files that are kept free for the database, its backup and what else is opened now and then.
const KEPT_FREE: usize = 32;
/// How many files there are where the system does not say.
const FILES: usize = 1024;

/// How many connections there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    pub all: usize,
    /// Of them on which nobody has signed in.
    pub strangers: usize,
    /// And from one network.
    pub strangers_of_one: usize,
}

impl Room {
    /// What the process may still open.
    pub fn of_this_process() -> Self {
        Self::new(file_limit().saturating_sub(open_files() + KEPT_FREE))
    }

    fn new(all: usize) -> Self {
        let all = all.max(8);
        let strangers = (all / 4).clamp(4, 2048);
        Self { all, strangers, strangers_of_one: (strangers / 4).max(4) }
    }
}

#[cfg(unix)]
fn file_limit() -> usize {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX))
}

#[cfg(not(unix))]
fn file_limit() -> usize {
    FILES
}

fn open_files() -> usize {
    std::fs::read_dir("/proc/self/fd").map_or(FILES / 16, Iterator::count)
}

#[derive(Clone, Debug)]
pub struct Doors(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    room: Room,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    next: u64,
    /// Connections that speak HTTP, or have not said anything yet.
    callers: HashMap<u64, Caller>,
    /// Connections that have become sockets of somebody.
    sockets: usize,
}

#[derive(Debug)]
struct Caller {
    /// None for a proxy: many people share its address.
    network: Option<Network>,
    is_stranger: bool,
    is_busy: bool,
    /// Since when it waits, or is busy.
    since: Instant,
    leave: Arc<Notify>,
}

/// A connection's place, given up when it is dropped.
#[derive(Debug)]
pub struct Place {
    id: u64,
    doors: Doors,
    leave: Arc<Notify>,
}

/// A request is being answered, until this is dropped.
pub struct Busy(Arc<Place>);

impl Doors {
    pub fn new(room: Room) -> Self {
        Self(Arc::new(Inner { room, state: Mutex::default() }))
    }

    /// A place for who comes from this address. None when all are taken and nobody can be asked to leave.
    pub fn enter(&self, peer: IpAddr, is_proxy: bool) -> Option<Arc<Place>> {
        let network = (!is_proxy).then(|| Network::from(peer));
        let (id, leave) = self.lock().enter(self.0.room, network, Instant::now())?;
        Some(Arc::new(Place { id, doors: self.clone(), leave }))
    }

    /// Asks somebody to leave who has said nothing: the process has run out of files.
    pub fn make_room(&self) {
        self.lock().send_away(|_| true);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn enter(&mut self, room: Room, network: Option<Network>, now: Instant) -> Option<(u64, Arc<Notify>)> {
        let strangers = self.callers.values().filter(|caller| caller.is_stranger);
        let (count, of_one) = strangers.fold((0, 0), |(count, of_one), caller| {
            (count + 1, of_one + usize::from(network.is_some() && caller.network == network))
        });
        let has_room = if of_one >= room.strangers_of_one {
            self.send_away(|caller| caller.is_stranger && caller.network == network)
        } else if count >= room.strangers {
            let crowd = self.crowd();
            self.send_away(|caller| caller.is_stranger && caller.network == crowd)
                || self.send_away(|caller| caller.is_stranger)
        } else if self.callers.len() + self.sockets >= room.all {
            self.send_away(|caller| caller.is_stranger) || self.send_away(|_| true)
        } else {
            true
        };
        has_room.then(|| self.admit(network, now))
    }

    fn admit(&mut self, network: Option<Network>, now: Instant) -> (u64, Arc<Notify>) {
        let (id, leave) = (self.next, Arc::<Notify>::default());
        self.next += 1;
        let caller = Caller { network, is_stranger: true, is_busy: false, since: now, leave: leave.clone() };
        self.callers.insert(id, caller);
        (id, leave)
    }

    /// From where most strangers come.
    fn crowd(&self) -> Option<Network> {
        let mut counts: HashMap<Option<Network>, usize> = HashMap::new();
        for caller in self.callers.values().filter(|caller| caller.is_stranger) {
            *counts.entry(caller.network).or_default() += 1;
        }
        counts.into_iter().max_by_key(|(_, count)| *count).and_then(|(network, _)| network)
    }

    /// Of those that wait to say something the one that has waited longest. Its place is free at once: the few files
    /// that are closed a moment later are among those kept free.
    fn send_away(&mut self, is_meant: impl Fn(&Caller) -> bool) -> bool {
        let waiting = self.callers.iter().filter(|(_, caller)| !caller.is_busy && is_meant(caller));
        let Some(id) = waiting.min_by_key(|(_, caller)| caller.since).map(|(id, _)| *id) else { return false };
        if let Some(caller) = self.callers.remove(&id) {
            caller.leave.notify_one();
        }
        true
    }
}

impl Place {
    /// Completes when it is to be given up.
    pub async fn asked_to_leave(&self) {
        self.leave.notified().await;
    }

    /// Somebody who is signed in sends requests here.
    pub fn is_known(&self) {
        self.change(|caller| caller.is_stranger = false);
    }

    pub fn busy(self: &Arc<Self>) -> Busy {
        self.change(|caller| (caller.is_busy, caller.since) = (true, Instant::now()));
        Busy(self.clone())
    }

    /// It is a socket from now on, which the hub counts and closes.
    pub fn becomes_socket(self: Arc<Self>) -> Seated {
        let mut state = self.doors.lock();
        state.callers.remove(&self.id);
        state.sockets += 1;
        Seated(self.doors.clone())
    }

    fn change(&self, change: impl FnOnce(&mut Caller)) {
        self.doors.lock().callers.get_mut(&self.id).map(change);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.doors.lock().callers.remove(&self.id);
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.change(|caller| (caller.is_busy, caller.since) = (false, Instant::now()));
    }
}

/// A socket's place, given up when it is dropped.
pub struct Seated(Doors);

impl Drop for Seated {
    fn drop(&mut self) {
        self.0.lock().sockets -= 1;
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    const ROOM: Room = Room { all: 8, strangers: 4, strangers_of_one: 2 };

    fn from(last: u8) -> IpAddr {
        IpAddr::from([198, 51, 100, last])
    }

    fn is_asked(place: &Place) -> bool {
        place.asked_to_leave().now_or_never().is_some()
    }

    #[test]
    fn a_network_s_silent_connections_give_way_to_its_own_new_ones() {
        let doors = Doors::new(ROOM);
        let (other, first) = (doors.enter(from(1), false).unwrap(), doors.enter(from(2), false).unwrap());
        let second = doors.enter(from(2), false).unwrap();
        let third = doors.enter(from(2), false).unwrap();
        assert!(is_asked(&first) && !is_asked(&second) && !is_asked(&third) && !is_asked(&other));
    }

    #[test]
    fn where_strangers_are_too_many_the_crowd_gives_way() {
        let doors = Doors::new(ROOM);
        let places: Vec<_> = [1, 2, 2, 3].map(|last| doors.enter(from(last), false).unwrap()).into();
        let new = doors.enter(from(4), false).unwrap();
        assert_eq!(places.iter().map(|place| is_asked(place)).collect::<Vec<_>>(), [false, true, false, false]);
        assert!(!is_asked(&new));
    }

    #[test]
    fn many_people_come_by_one_proxy() {
        let doors = Doors::new(ROOM);
        let places: Vec<_> = (0..4).map(|_| doors.enter(from(1), true).unwrap()).collect();
        assert!(places.iter().all(|place| !is_asked(place)));
    }

    #[test]
    fn who_is_answered_or_known_is_not_sent_away_for_a_stranger() {
        let doors = Doors::new(ROOM);
        let answered = [1, 2, 3, 4].map(|last| doors.enter(from(last), false).unwrap().busy());
        assert!(doors.enter(from(5), false).is_none(), "every stranger is being answered");
        drop(answered);
        let known: Vec<_> =
            (0..8).map_while(|_| doors.enter(from(1), false)).inspect(|place| place.is_known()).collect();
        assert_eq!(known.len(), 8, "strangers' bounds are not theirs");
        assert!(known.iter().all(|place| !is_asked(place)));
    }

    #[test]
    fn sockets_stay_and_what_they_leave_is_free() {
        let doors = Doors::new(ROOM);
        let mut sockets: Vec<_> = (0..8).map(|n| doors.enter(from(n), false).unwrap().becomes_socket()).collect();
        assert!(doors.enter(from(9), false).is_none());
        sockets.pop();
        assert!(doors.enter(from(9), false).is_some());
    }

    #[test]
    fn few_files_leave_some_room_and_many_no_more_than_is_of_use() {
        assert_eq!(Room::new(0), Room { all: 8, strangers: 4, strangers_of_one: 4 });
        assert_eq!(Room::new(1_000_000).strangers, 2048);
        let room = Room::of_this_process();
        assert!(room.all > 8 && room.strangers <= room.all / 4 + 4, "{room:?}");
    }
}
