//! Audiences of a large organisation: each main window receives what it watches and lists.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use crate::hub::{fan_out::Audience, handle::Hub, outbox::Encoded, registry::Registry};
use protocol::{
    cursor::Cursor,
    ids::UserId,
    lobby_socket::LobbyEvent,
    people::{DepartmentCount, WatchedPresence},
    user::{Presence, User},
};

/// The main windows that watch a user, for their presence.
#[derive(Clone, Copy, Debug)]
pub struct PresenceWatchers;

/// The main windows that watch or list a user, or watch their department, for changes of accounts.
#[derive(Clone, Copy, Debug)]
pub struct AccountWatchers;

/// The main windows that watch a department or the one above it, for their sizes.
#[derive(Clone, Copy, Debug)]
pub struct DepartmentWatchers;

/// The main windows of a user that do not list other users yet: they do from now on.
#[derive(Clone, Copy, Debug)]
pub struct NewlyListed(pub UserId);

/// Changed accounts, and the position after the change.
#[derive(Clone, Debug)]
pub struct ChangedUsers {
    pub users: Vec<ChangedUser>,
    pub cursor: Cursor,
}

#[derive(Clone, Debug)]
pub struct ChangedUser {
    pub user: User,
    /// The paths of their department before and after the change; empty without one.
    pub departments: Vec<String>,
}

/// The size of a department, and the path of the one above it.
#[derive(Clone, Debug)]
pub struct ChangedDepartment {
    pub count: DepartmentCount,
    pub above: Option<String>,
}

impl Audience for PresenceWatchers {
    type Event = Vec<(UserId, Presence)>;

    fn deliver(self, changes: Self::Event, hub: &Hub) {
        let registry = hub.lock();
        let mut events: BTreeMap<u64, WatchedPresence> = BTreeMap::new();
        for (user, presence) in changes {
            for window in registry.interests.watching(user) {
                events.entry(*window).or_default().add(user, presence);
            }
        }
        for (window, event) in events {
            registry.push(window, LobbyEvent::Presence(event));
        }
    }
}

impl Audience for AccountWatchers {
    type Event = ChangedUsers;

    fn deliver(self, ChangedUsers { users, cursor }: ChangedUsers, hub: &Hub) {
        let registry = hub.lock();
        let mut concerned: BTreeMap<u64, BTreeSet<usize>> = BTreeMap::new();
        for (index, ChangedUser { user, departments }) in users.iter().enumerate() {
            for window in registry.interests.interested_in(user.id, departments) {
                concerned.entry(window).or_default().insert(index);
            }
        }
        // Windows that receive the same users share one encoded event.
        let mut events: BTreeMap<BTreeSet<usize>, Arc<Encoded<LobbyEvent>>> = BTreeMap::new();
        for (window, indexes) in concerned {
            let event = events.entry(indexes).or_insert_with_key(|indexes| {
                let users = indexes.iter().map(|index| users[*index].user.clone()).collect();
                Arc::new(Encoded::new(LobbyEvent::UsersChanged { users, cursor }))
            });
            registry.push_encoded(window, event);
        }
    }
}

impl Audience for DepartmentWatchers {
    type Event = Vec<ChangedDepartment>;

    fn deliver(self, changes: Self::Event, hub: &Hub) {
        let registry = hub.lock();
        let mut events: BTreeMap<u64, BTreeMap<&str, &DepartmentCount>> = BTreeMap::new();
        for ChangedDepartment { count, above } in &changes {
            for path in above.iter().chain([&count.path]) {
                for window in registry.interests.of_department(path) {
                    events.entry(*window).or_default().insert(&count.path, count);
                }
            }
        }
        for (window, counts) in events {
            let departments = counts.into_values().cloned().collect();
            registry.push(window, LobbyEvent::Presence(WatchedPresence { departments, ..Default::default() }));
        }
    }
}

impl Audience for NewlyListed {
    type Event = Vec<User>;

    fn deliver(self, users: Vec<User>, hub: &Hub) {
        let mut registry = hub.lock();
        let ids: Vec<UserId> = users.iter().map(|user| user.id).collect();
        for window in registry.lobby_ids(self.0) {
            let Some((added, cursor)) = registry.interests.list(window, &ids) else { continue };
            let users: Vec<User> = users.iter().filter(|user| added.contains(&user.id)).cloned().collect();
            if !users.is_empty() {
                registry.push(window, LobbyEvent::UsersChanged { users, cursor });
            }
        }
    }
}

impl Registry {
    fn push(&self, window: u64, event: LobbyEvent) {
        self.push_encoded(window, &Arc::new(Encoded::new(event)));
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;
    use crate::hub::{Caps, FirstInterests, LobbyHandle, Owner, Subscription};
    use protocol::user::Profile;

    fn open(hub: &Hub, user: UserId) -> (Subscription<LobbyEvent>, LobbyHandle) {
        let owner = Owner { user, session: [0; 32], address: Ipv4Addr::LOCALHOST.into() };
        let subscription = hub.subscribe_lobby(owner, Caps::default()).unwrap();
        let window = subscription.main_window();
        window.begin(FirstInterests::default());
        (subscription, window)
    }

    fn next(window: &Subscription<LobbyEvent>) -> Option<LobbyEvent> {
        window.outbox.next().map(|event| event.event.clone())
    }

    fn person(id: UserId) -> User {
        let (login, name, profile) = ("minsu".into(), "김민수".into(), Profile::default());
        User { id, login, name, is_ambiguous: false, presence: Presence::Offline, profile, absence: None }
    }

    #[test]
    fn presence_reaches_only_who_watches() {
        let (hub, [a, b, c]) = (Hub::default(), [UserId::new(), UserId::new(), UserId::new()]);
        let [(of_a, both), (of_b, one), (of_c, _)] = [a, b, c].map(|user| open(&hub, user));
        both.watch(vec![a, b], Vec::new());
        one.watch(vec![b], Vec::new());
        hub.fan_out(PresenceWatchers, vec![(a, Presence::Online), (b, Presence::Offline), (c, Presence::Idle)]);
        let (online, offline) = (vec![a], vec![b]);
        let to_both = WatchedPresence { online, offline: offline.clone(), ..Default::default() };
        assert_eq!(next(&of_a), Some(LobbyEvent::Presence(to_both)));
        assert_eq!(next(&of_b), Some(LobbyEvent::Presence(WatchedPresence { offline, ..Default::default() })));
        assert_eq!(next(&of_c), None);
    }

    #[test]
    fn a_changed_account_reaches_each_concerned_window_once() {
        let (hub, [a, b]) = (Hub::default(), [UserId::new(), UserId::new()]);
        let [(of_a, first), (of_b, _)] = [a, b].map(|user| open(&hub, user));
        first.watch(vec![b], vec!["총무과".into()]);
        let departments = vec![String::new(), "총무과".to_owned()];
        let users = vec![ChangedUser { user: person(b), departments }];
        hub.fan_out(AccountWatchers, ChangedUsers { users, cursor: Cursor::default() });
        assert_eq!(next(&of_a), Some(LobbyEvent::UsersChanged { users: vec![person(b)], cursor: Cursor::default() }));
        assert_eq!((next(&of_a), next(&of_b)), (None, None));
    }

    #[test]
    fn the_size_of_a_department_reaches_who_watches_it_or_the_one_above() {
        let (hub, [a, b]) = (Hub::default(), [UserId::new(), UserId::new()]);
        let [(of_a, top), (of_b, other)] = [a, b].map(|user| open(&hub, user));
        top.watch(Vec::new(), vec!["기획국".into()]);
        other.watch(Vec::new(), vec![String::new()]);
        let count = DepartmentCount { path: "기획국/총무과".into(), people: 3, online: 1 };
        let change = ChangedDepartment { count: count.clone(), above: Some("기획국".into()) };
        hub.fan_out(DepartmentWatchers, vec![change]);
        let event = WatchedPresence { departments: vec![count], ..Default::default() };
        assert_eq!((next(&of_a), next(&of_b)), (Some(LobbyEvent::Presence(event)), None));
    }

    #[test]
    fn a_newly_listed_user_is_sent_once() {
        let (hub, [me, other]) = (Hub::default(), [UserId::new(), UserId::new()]);
        let (window, _) = open(&hub, me);
        assert!(hub.lacks(me, &[other]));
        for expected in [1, 0] {
            hub.fan_out(NewlyListed(me), vec![person(other)]);
            assert_eq!(std::iter::from_fn(|| next(&window)).count(), expected);
        }
        assert!(!hub.lacks(me, &[other]));
    }
}
