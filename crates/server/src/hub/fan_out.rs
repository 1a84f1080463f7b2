//! The interface between the domain layer and the sockets. [`Hub::fan_out`] is the only way to send an event, and the
//! only way to close the sockets of a session or of a former member.
//!
//! An audience and its event are plain values without a reference to a socket. They stay on their node: each node derives
//! its events from the commits of all nodes, and from their signals in the feed (typing indicators, presence), and
//! delivers them to its own sockets.

use std::sync::Arc;

use serde::Serialize;

use crate::hub::{
    handle::Hub,
    outbox::{CloseReason, Encoded},
    owner::SessionKey,
};
use protocol::{
    ids::{RoomId, UserId},
    lobby_socket::LobbyEvent,
    room_socket::RoomEvent,
};

/// A set of sockets, and the type of event for it.
pub trait Audience {
    type Event;

    /// Delivers the event to the sockets of this node.
    fn deliver(self, event: Self::Event, hub: &Hub);
}

/// Main windows.
#[derive(Clone, Debug)]
pub enum LobbyAudience {
    Everybody,
    User(UserId),
    Users(Vec<UserId>),
}

/// Windows of one room.
#[derive(Clone, Copy, Debug)]
pub enum RoomAudience {
    Everybody(RoomId),
    Except(RoomId, UserId),
    Member(RoomId, UserId),
}

/// Sockets of any kind, to be closed.
#[derive(Clone, Copy, Debug)]
pub enum SocketAudience {
    Session(SessionKey),
    User(UserId),
    Member(RoomId, UserId),
    /// Every window of a room.
    Room(RoomId),
    /// Every main window.
    Lobbies,
    All,
}

/// Rooms with an open window. A window that opens later reads the current members itself.
#[derive(Clone, Copy, Debug)]
pub struct OpenRooms;

/// Members whose row in a room changed. The presence tick coalesces them into one `members_changed` for each room.
#[derive(Clone, Debug)]
pub struct ChangedMembers(pub Vec<(RoomId, UserId)>);

impl ChangedMembers {
    pub fn of_room(room: RoomId, users: &[UserId]) -> Self {
        Self(users.iter().map(|user| (room, *user)).collect())
    }
}

impl Hub {
    /// Sends `event` to all sockets of `audience`. The event is encoded once.
    pub fn fan_out<A: Audience>(&self, audience: A, event: A::Event) {
        audience.deliver(event, self);
    }
}

impl Audience for LobbyAudience {
    type Event = LobbyEvent;

    fn deliver(self, event: LobbyEvent, hub: &Hub) {
        let event = encode(event);
        let registry = hub.lock();
        match self {
            Self::Everybody => registry.lobbies().for_each(|sender| sender.push(&event)),
            Self::User(user) => registry.lobbies_of(user).for_each(|sender| sender.push(&event)),
            Self::Users(users) => {
                let lobbies = users.into_iter().flat_map(|user| registry.lobbies_of(user));
                lobbies.for_each(|sender| sender.push(&event));
            }
        }
    }
}

impl Audience for RoomAudience {
    type Event = RoomEvent;

    fn deliver(self, event: RoomEvent, hub: &Hub) {
        let event = encode(event);
        let (Self::Everybody(room) | Self::Except(room, _) | Self::Member(room, _)) = self;
        let is_meant = |user: UserId| match self {
            Self::Everybody(_) => true,
            Self::Except(_, except) => user != except,
            Self::Member(_, member) => user == member,
        };
        for (owner, sender) in hub.lock().windows(room) {
            if is_meant(owner.user) {
                sender.push(&event);
            }
        }
    }
}

impl Audience for SocketAudience {
    type Event = CloseReason;

    fn deliver(self, reason: CloseReason, hub: &Hub) {
        let registry = hub.lock();
        match self {
            Self::Session(session) => registry.close_session(&session, reason),
            Self::User(user) => registry.close_user(user, reason),
            Self::Room(room) => registry.windows(room).for_each(|(_, sender)| sender.close(reason)),
            Self::Lobbies => registry.lobbies().for_each(|sender| sender.close(reason)),
            Self::All => registry.close_all(reason),
            Self::Member(room, user) => {
                let windows = registry.windows(room).filter(|(owner, _)| owner.user == user);
                windows.for_each(|(_, sender)| sender.close(reason));
            }
        }
    }
}

impl Audience for OpenRooms {
    type Event = ChangedMembers;

    fn deliver(self, ChangedMembers(members): ChangedMembers, hub: &Hub) {
        hub.lock().mark_members(&members);
        hub.wake_presence();
    }
}

fn encode<E: Serialize>(event: E) -> Arc<Encoded<E>> {
    Arc::new(Encoded::new(event))
}

#[cfg(test)]
mod tests {
    use std::{
        collections::{BTreeMap, BTreeSet},
        net::Ipv4Addr,
        time::Instant,
    };

    use super::*;
    use crate::hub::{Caps, Owner, Subscription};

    fn open(hub: &Hub, room: RoomId, user: UserId, session: u8) -> Subscription<RoomEvent> {
        let owner = Owner { user, session: [session; 32], address: Ipv4Addr::LOCALHOST.into() };
        hub.subscribe_room(owner, Caps::default(), room).unwrap()
    }

    fn received(windows: &[&Subscription<RoomEvent>]) -> Vec<bool> {
        windows.iter().map(|window| window.outbox.next().is_some()).collect()
    }

    #[test]
    fn an_event_reaches_its_audience_and_nobody_else() {
        let (hub, room, [me, other]) = (Hub::default(), RoomId::new(), [UserId::new(), UserId::new()]);
        let windows = [open(&hub, room, me, 1), open(&hub, room, other, 2), open(&hub, RoomId::new(), me, 1)];
        let windows: Vec<_> = windows.iter().collect();
        for (audience, expected) in [
            (RoomAudience::Everybody(room), [true, true, false]),
            (RoomAudience::Except(room, me), [false, true, false]),
            (RoomAudience::Member(room, me), [true, false, false]),
        ] {
            hub.fan_out(audience, RoomEvent::Pong);
            assert_eq!(received(&windows), expected, "{audience:?}");
        }
    }

    #[test]
    fn all_sockets_of_an_audience_share_one_encoded_event() {
        let (hub, room) = (Hub::default(), RoomId::new());
        let windows = [1, 2].map(|session| open(&hub, room, UserId::new(), session));
        hub.fan_out(RoomAudience::Everybody(room), RoomEvent::Pong);
        let [one, two] = windows.map(|window| window.outbox.next().unwrap());
        assert!(Arc::ptr_eq(&one, &two));
    }

    #[test]
    fn changed_members_are_marked_in_open_rooms_only() {
        let (hub, [open_room, closed]) = (Hub::default(), [RoomId::new(), RoomId::new()]);
        let [reader, renamed] = [UserId::new(), UserId::new()];
        let _window = open(&hub, open_room, reader, 1);
        hub.take_changes(Instant::now());
        hub.fan_out(OpenRooms, ChangedMembers(vec![(open_room, renamed), (closed, renamed)]));
        let marked = hub.take_changes(Instant::now()).rooms;
        assert_eq!(marked, BTreeMap::from([(open_room, BTreeSet::from([renamed]))]));
    }

    #[test]
    fn the_sockets_of_an_ended_session_and_of_a_former_member_close() {
        let (hub, room, user) = (Hub::default(), RoomId::new(), UserId::new());
        let (first, second) = (open(&hub, room, user, 1), open(&hub, RoomId::new(), user, 2));
        hub.fan_out(SocketAudience::Member(room, user), CloseReason::NotAMember);
        assert_eq!((first.outbox.ended(), second.outbox.ended()), (Some(CloseReason::NotAMember), None));
        hub.fan_out(SocketAudience::Session([2; 32]), CloseReason::GoingAway);
        assert_eq!(second.outbox.ended(), Some(CloseReason::GoingAway));
    }
}
