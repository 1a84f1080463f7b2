use std::{
    collections::{BTreeMap, BTreeSet},
    net::Ipv4Addr,
};

use proptest::prelude::*;

use super::*;
use crate::hub::{FirstInterests, outbox, owner::GRACE};

fn owner(user: UserId) -> Owner {
    Owner { user, session: [0; 32], address: Ipv4Addr::LOCALHOST.into() }
}

fn lobby() -> Endpoint {
    Endpoint::Lobby(outbox::channel().0)
}

#[test]
fn only_the_first_and_the_last_socket_of_a_user_change_their_presence() {
    let (mut registry, user, now) = (Registry::default(), UserId::new(), Instant::now());
    let first = registry.subscribe(owner(user), Caps::default(), lobby()).unwrap();
    assert_eq!(registry.take_changes(now).users, [user].into());
    let second = registry.subscribe(owner(user), Caps::default(), lobby()).unwrap();
    registry.unsubscribe(first, now);
    assert_eq!(registry.take_changes(now + 2 * GRACE), PresenceChanges::default());
    registry.unsubscribe(second, now);
    assert_eq!(registry.take_changes(now), PresenceChanges::default());
    assert!(registry.activity(user).is_some(), "a reload is not a departure");
    assert_eq!(registry.take_changes(now + GRACE).users, [user].into());
    assert_eq!(registry.activity(user), None);
}

#[test]
fn a_user_is_idle_while_all_their_main_windows_are() {
    let (mut registry, user, now) = (Registry::default(), UserId::new(), Instant::now());
    let subscribe = |registry: &mut Registry| registry.subscribe(owner(user), Caps::default(), lobby()).unwrap();
    let first = subscribe(&mut registry);
    registry.take_changes(now);
    let becomes = |registry: &mut Registry, expected: Option<Activity>| {
        let is_marked = registry.take_changes(now).users.contains(&user);
        assert_eq!((is_marked, registry.activity(user)), (expected.is_some(), expected.or(registry.activity(user))));
    };
    registry.set_idle(first, true);
    becomes(&mut registry, Some(Activity::Idle));
    let second = subscribe(&mut registry);
    becomes(&mut registry, Some(Activity::Active));
    registry.set_idle(second, true);
    becomes(&mut registry, Some(Activity::Idle));
    registry.set_idle(second, false);
    becomes(&mut registry, Some(Activity::Active));
    registry.unsubscribe(second, now);
    becomes(&mut registry, Some(Activity::Idle));
    registry.unsubscribe(first, now);
    becomes(&mut registry, None);
    assert_eq!(registry.activity(user), Some(Activity::Idle), "until a window opens or their grace period is over");
    subscribe(&mut registry);
    becomes(&mut registry, Some(Activity::Active));
}

#[test]
fn only_the_first_and_the_last_window_of_a_user_change_a_rooms_presence() {
    let (mut registry, user, room, now) = (Registry::default(), UserId::new(), RoomId::new(), Instant::now());
    let open = |registry: &mut Registry| {
        registry.subscribe(owner(user), Caps::default(), Endpoint::Room(room, outbox::channel().0)).unwrap()
    };
    let changed = || BTreeMap::from([(room, BTreeSet::from([user]))]);
    let first = open(&mut registry);
    assert_eq!(registry.take_changes(now).rooms, changed());
    let second = open(&mut registry);
    registry.unsubscribe(first, now);
    assert_eq!(registry.take_changes(now).rooms, BTreeMap::new());
    assert_eq!(registry.in_room(room), [user].into());
    registry.unsubscribe(second, now);
    assert_eq!(registry.take_changes(now).rooms, changed());
    assert_eq!(registry.in_room(room), [].into());
}

#[test]
fn caps_hold_for_a_user_and_for_an_address() {
    let (mut registry, user) = (Registry::default(), UserId::new());
    let per_user = Caps { per_user: 1, per_address: 0 };
    assert!(registry.subscribe(owner(user), per_user, lobby()).is_ok());
    assert_eq!(registry.subscribe(owner(user), per_user, lobby()), Err(TooManySockets));
    let per_address = Caps { per_user: 0, per_address: 2 };
    assert!(registry.subscribe(owner(UserId::new()), per_address, lobby()).is_ok());
    assert_eq!(registry.subscribe(owner(UserId::new()), per_address, lobby()), Err(TooManySockets));
}

proptest! {
    #[test]
    fn an_empty_registry_holds_no_data(steps in proptest::collection::vec((0u8..4, 0u8..3), 0..60)) {
        let users: Vec<UserId> = (0..4).map(|_| UserId::new()).collect();
        let rooms: Vec<RoomId> = (0..3).map(|_| RoomId::new()).collect();
        let (mut registry, mut open, now) = (Registry::default(), Vec::new(), Instant::now());
        for (user, room) in steps {
            let endpoint = if room == 0 { lobby() } else { Endpoint::Room(rooms[room as usize], outbox::channel().0) };
            let id = registry.subscribe(owner(users[user as usize]), Caps::default(), endpoint).unwrap();
            if room == 0 {
                let (listed, watched) = (users.clone(), users[1..].to_vec());
                registry.interests.begin(id, FirstInterests { listed, watched, ..Default::default() });
                registry.interests.watch(id, users[..2].to_vec(), vec![String::new()]);
            }
            open.push(id);
            if user == 3 {
                registry.unsubscribe(open.remove(0), now);
            }
            prop_assert_eq!(registry.online.sockets(), registry.sockets());
        }
        open.drain(..).for_each(|id| registry.unsubscribe(id, now));
        registry.take_changes(now + GRACE);
        prop_assert!(registry.online.is_empty() && registry.lobby.is_empty() && registry.rooms.is_empty());
        prop_assert!(registry.interests.is_empty());
        prop_assert!(registry.idle.is_empty());
        prop_assert!(registry.addresses.is_empty() && registry.sockets.is_empty() && registry.sessions.is_empty());
    }
}
