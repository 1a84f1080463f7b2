//! Room summaries that changed, coalesced and sent once a tick to the members who have a main window open.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use parking_lot::Mutex;
use tokio::{sync::Notify, time::sleep};

use crate::{
    hub::{LobbyAudience, NewlyListed},
    messenger::{
        inner::Messenger,
        intervals::{PAIRS, TICK, report},
        policy::Result,
    },
};
use protocol::{
    ids::{MessageId, RoomId, UserId},
    lobby_socket::LobbyEvent,
};

/// The summaries that changed since the last tick.
#[derive(Default)]
pub(super) struct StaleSummaries {
    summaries: Mutex<Summaries>,
    changed: Notify,
}

#[derive(Default)]
pub(super) struct Summaries {
    /// Rooms whose summary changed for all members.
    pub(super) rooms: BTreeSet<RoomId>,
    /// Summaries that changed for one member alone: the unread count, their own settings.
    pub(super) of_members: BTreeSet<(RoomId, UserId)>,
    /// Recalled messages, whose text a search hit or a notice of any member may show.
    pub(super) recalled: BTreeMap<RoomId, Vec<MessageId>>,
}

impl Summaries {
    pub(super) fn is_empty(&self) -> bool {
        self.rooms.is_empty() && self.of_members.is_empty() && self.recalled.is_empty()
    }

    /// Adds those of `other`.
    pub(super) fn add(&mut self, other: Self) {
        self.rooms.extend(other.rooms);
        self.of_members.extend(other.of_members);
        other.recalled.into_iter().for_each(|(room, ids)| self.recalled.entry(room).or_default().extend(ids));
    }
}

impl StaleSummaries {
    /// Marks summaries as stale, and wakes the tick.
    pub(super) fn mark(&self, add: impl FnOnce(&mut Summaries)) {
        add(&mut self.summaries.lock());
        self.changed.notify_one();
    }
}

impl Messenger {
    /// Sends each user the current summary of each room.
    async fn send_room_summaries(&self, pairs: &[(RoomId, UserId)]) -> Result<()> {
        for (user, room) in self.0.store.summaries(pairs).await? {
            self.0.departures.send_summary(room.id, user, || {
                self.list_users(user, &room.others);
                self.fan_out(LobbyAudience::User(user), LobbyEvent::RoomChanged { room });
            });
        }
        Ok(())
    }

    /// Before an event names these users to a user: sends them to those main windows that do not list them, in a large
    /// organisation.
    pub(super) fn list_users(&self, user: UserId, others: &[UserId]) {
        if self.is_large() && self.0.hub.lacks(user, others) {
            self.fan_out(NewlyListed(user), self.users(&self.directory(), others));
        }
    }

    async fn send_stale(&self, Summaries { rooms, of_members, recalled }: Summaries) -> Result<()> {
        let watching = self.0.hub.in_lobby();
        if watching.is_empty() {
            return Ok(());
        }
        self.0.departures.begin_read();
        let mut pairs = self.0.store.people_in(rooms.iter().copied()).await?;
        self.send_recalled(recalled, &pairs);
        pairs.extend(of_members.into_iter().filter(|(room, _)| !rooms.contains(room)));
        pairs.retain(|(_, user)| watching.contains(user));
        for pairs in pairs.chunks(PAIRS) {
            self.send_room_summaries(pairs).await?;
        }
        Ok(())
    }

    fn send_recalled(&self, recalled: BTreeMap<RoomId, Vec<MessageId>>, members: &[(RoomId, UserId)]) {
        for (room, ids) in recalled {
            let of_room = members.iter().filter(|(of, _)| *of == room).map(|(_, user)| *user).collect();
            self.fan_out(LobbyAudience::Users(of_room), LobbyEvent::Recalled { room, ids });
        }
    }
}

pub(super) async fn broadcast_summaries(messenger: Messenger, stale: Arc<StaleSummaries>) {
    loop {
        stale.changed.notified().await;
        let summaries = std::mem::take(&mut *stale.summaries.lock());
        report("room summaries", messenger.send_stale(summaries).await);
        sleep(TICK).await;
    }
}
