//! The presence tick: users who came online, went offline or changed, and members whose row in a room changed, are
//! coalesced and broadcast once a tick.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Instant,
};

use tokio::time::{sleep, timeout};

use crate::{
    hub::{LobbyAudience, RoomAudience},
    messenger::{
        inner::Messenger,
        intervals::{PAIRS, TICK, report},
        policy::Result,
    },
};
use protocol::{
    ids::{RoomId, UserId},
    lobby_socket::LobbyEvent,
    room_socket::RoomEvent,
};

impl Messenger {
    /// Broadcasts these users to all main windows, under the next version of the user log.
    pub(super) fn broadcast_users(&self, changed: &[UserId]) {
        if changed.is_empty() {
            return;
        }
        self.0.user_log.record(changed, |cursor| {
            let users = changed.iter().filter_map(|user| self.people().user(*user)).collect();
            self.fan_out(LobbyAudience::Everybody, LobbyEvent::UsersChanged { users, cursor });
        });
    }

    async fn broadcast_members(&self, rooms: BTreeMap<RoomId, BTreeSet<UserId>>) -> Result<()> {
        let pairs: Vec<_> =
            rooms.into_iter().flat_map(|(room, users)| users.into_iter().map(move |user| (room, user))).collect();
        for pairs in pairs.chunks(PAIRS) {
            for (room, members) in self.memberships(pairs).await? {
                self.fan_out(RoomAudience::Everybody(room), RoomEvent::MembersChanged { members });
            }
        }
        Ok(())
    }

    async fn broadcast_presence_changes(&self) -> Result<()> {
        let changes = self.0.hub.take_changes(Instant::now());
        self.broadcast_users(&changes.users.into_iter().collect::<Vec<_>>());
        self.broadcast_members(changes.rooms).await
    }
}

pub(super) async fn broadcast_presence(messenger: Messenger) {
    loop {
        // The end of a grace period wakes nothing: the next tick finds it.
        let _ = timeout(TICK, messenger.0.hub.presence_changed()).await;
        report("presence", messenger.broadcast_presence_changes().await);
        sleep(TICK).await;
    }
}
