//! The presence tick: users who came online, went offline or changed, and members whose row in a room changed, are
//! coalesced and broadcast once a tick; the sizes of departments every few seconds.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Instant,
};

use tokio::time::{sleep, timeout};

use crate::{
    hub::{
        AccountWatchers, ChangedDepartment, ChangedUser, ChangedUsers, DepartmentWatchers, LobbyAudience,
        PresenceWatchers, RoomAudience,
    },
    messenger::{
        departments::{above, path_of},
        directory::{Directory, presence},
        inner::Messenger,
        intervals::{DEPARTMENTS, PAIRS, TICK, report},
        policy::Result,
    },
};
use protocol::{
    ids::{RoomId, UserId},
    lobby_socket::LobbyEvent,
    room_socket::RoomEvent,
};

impl Messenger {
    /// Broadcasts these users to all main windows, under the next version of the user log. In a large organisation to
    /// those that watch or list them; `before` is the directory before their accounts changed.
    pub(super) fn broadcast_users(&self, before: &Directory, changed: &[UserId]) {
        if changed.is_empty() {
            return;
        }
        if self.is_large() {
            return self.0.user_log.record(changed, |cursor| {
                let users = changed.iter().filter_map(|user| self.changed_user(before, *user)).collect();
                self.fan_out(AccountWatchers, ChangedUsers { users, cursor });
            });
        }
        self.0.user_log.record(changed, |cursor| {
            let users = changed.iter().filter_map(|user| self.people().user(*user)).collect();
            self.fan_out(LobbyAudience::Everybody, LobbyEvent::UsersChanged { users, cursor });
        });
    }

    fn changed_user(&self, before: &Directory, user: UserId) -> Option<ChangedUser> {
        let after = self.directory();
        let accounts = [before.account(user), after.account(user)].into_iter().flatten();
        let mut departments: Vec<String> = accounts.map(|account| path_of(account).to_owned()).collect();
        departments.dedup();
        Some(ChangedUser { user: self.people().user(user)?, departments })
    }

    /// Broadcasts users who came online or went offline, or became idle or active. In a large organisation that is no
    /// change of their account, and not in the user log.
    fn broadcast_presence_of(&self, users: &[UserId]) {
        if !self.is_large() {
            return self.broadcast_users(&self.directory(), users);
        }
        let (directory, activities) = (self.directory(), self.0.hub.activities(users));
        let states = users.iter().zip(activities);
        let states = states.filter_map(|(user, activity)| Some((*user, presence(directory.account(*user)?, activity))));
        self.fan_out(PresenceWatchers, states.collect());
    }

    /// Counts these users again, whose presence or department may have changed.
    pub(super) fn count_online(&self, users: &[UserId]) {
        // The lock spans the reads and the update, so that an older state never replaces a newer one.
        let mut counts = self.0.online_counts.lock();
        let (directory, activities) = (self.directory(), self.0.hub.activities(users));
        for (user, activity) in users.iter().zip(activities) {
            let account = directory.account(*user).filter(|account| activity.is_some() && !account.disabled);
            let departments = account.map(|account| directory.departments().lineage(account)).unwrap_or_default();
            counts.count(*user, departments);
        }
    }

    /// Sends the sizes of departments that changed since the last call.
    fn broadcast_departments(&self) {
        let changed = self.0.online_counts.lock().take_changed();
        let directory = self.directory();
        let departments = directory.departments();
        let counts = changed.into_iter().filter_map(|number| {
            let path = departments.path(number)?;
            Some(ChangedDepartment {
                count: self.count(&directory, path, number),
                above: above(path).map(str::to_owned),
            })
        });
        self.fan_out(DepartmentWatchers, counts.collect());
    }

    async fn broadcast_members(&self, rooms: &BTreeMap<RoomId, BTreeSet<UserId>>) -> Result<()> {
        let pairs: Vec<_> =
            rooms.iter().flat_map(|(room, users)| users.iter().map(move |user| (*room, *user))).collect();
        for pairs in pairs.chunks(PAIRS) {
            for (room, members) in self.memberships(pairs).await? {
                self.fan_out(RoomAudience::Everybody(room), RoomEvent::MembersChanged { members });
            }
        }
        Ok(())
    }

    async fn broadcast_presence_changes(&self) -> Result<()> {
        let changes = self.0.hub.take_changes(Instant::now());
        let users: Vec<UserId> = changes.users.iter().copied().collect();
        self.count_online(&users);
        self.broadcast_presence_of(&users);
        let (of_rooms, of_nodes) = tokio::join!(self.broadcast_members(&changes.rooms), self.signal_presence(&changes));
        of_rooms.and(of_nodes)
    }
}

pub(super) async fn broadcast_presence(messenger: Messenger) {
    let mut departments_at = Instant::now();
    loop {
        // The end of a grace period wakes nothing: the next tick finds it.
        let _ = timeout(TICK, messenger.0.hub.presence_changed()).await;
        report("presence", messenger.broadcast_presence_changes().await);
        if departments_at.elapsed() >= DEPARTMENTS {
            departments_at = Instant::now();
            messenger.broadcast_departments();
        }
        sleep(TICK).await;
    }
}
