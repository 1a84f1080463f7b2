//! Who is connected to the other nodes, as these nodes sent it.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::{
    hub::{changes::PresenceChanges, owner::Activity},
    model::{NodeId, NodePresence},
};
use protocol::ids::{RoomId, UserId};

/// The sockets of a node.
#[derive(Default)]
struct NodeSockets {
    users: HashMap<UserId, Activity>,
    windows: HashMap<RoomId, HashSet<UserId>>,
}

#[derive(Default)]
struct OtherNode {
    sockets: NodeSockets,
    /// The parts of a whole state that have arrived so far.
    arriving: Option<NodeSockets>,
}

/// The users of all other nodes. There are few nodes, so each look-up asks every one.
#[derive(Default)]
pub(super) struct Elsewhere(HashMap<NodeId, OtherNode>);

impl NodeSockets {
    /// Applies a delta, and marks what changed.
    fn apply(&mut self, presence: NodePresence, changes: &mut PresenceChanges) {
        for (user, is_idle) in presence.users {
            let activity = is_idle.map(|is_idle| if is_idle { Activity::Idle } else { Activity::Active });
            let before = match activity {
                Some(activity) => self.users.insert(user, activity),
                None => self.users.remove(&user),
            };
            changes.users.extend((before != activity).then_some(user));
        }
        for (room, user, is_open) in presence.windows {
            let users = self.windows.entry(room).or_default();
            let is_change = if is_open { users.insert(user) } else { users.remove(&user) };
            if users.is_empty() {
                self.windows.remove(&room);
            }
            if is_change {
                changes.mark(room, user);
            }
        }
    }

    /// Marks the users and counts in which `other` differs.
    fn mark_differences(&self, other: &Self, changes: &mut PresenceChanges) {
        let users = self.users.keys().chain(other.users.keys()).copied();
        changes.users.extend(users.filter(|user| self.users.get(user) != other.users.get(user)));
        for room in self.windows.keys().chain(other.windows.keys()) {
            let in_room = |sockets: &Self| sockets.windows.get(room).cloned().unwrap_or_default();
            for user in in_room(self).symmetric_difference(&in_room(other)) {
                changes.mark(*room, *user);
            }
        }
    }
}

impl Elsewhere {
    /// Takes the presence that a node sends, and marks what changed.
    pub(super) fn apply(&mut self, node: NodeId, presence: NodePresence, changes: &mut PresenceChanges) {
        let known = self.0.entry(node).or_default();
        if presence.is_whole {
            known.arriving = Some(NodeSockets::default());
        }
        let Some(mut arriving) = known.arriving.take() else { return known.sockets.apply(presence, changes) };
        let has_more = presence.has_more;
        arriving.apply(presence, &mut PresenceChanges::default());
        if has_more {
            known.arriving = Some(arriving);
        } else {
            known.sockets.mark_differences(&arriving, changes);
            known.sockets = arriving;
        }
    }

    /// Drops the presence that a node sent.
    pub(super) fn forget(&mut self, node: NodeId, changes: &mut PresenceChanges) {
        if let Some(node) = self.0.remove(&node) {
            node.sockets.mark_differences(&NodeSockets::default(), changes);
        }
    }

    /// The activity of a user on the other nodes: active, if on any.
    pub(super) fn activity(&self, user: UserId) -> Option<Activity> {
        let activities = self.0.values().filter_map(|node| node.sockets.users.get(&user).copied());
        activities.reduce(|one, other| if one == Activity::Active { one } else { other })
    }

    pub(super) fn users(&self) -> BTreeSet<UserId> {
        self.0.values().flat_map(|node| node.sockets.users.keys().copied()).collect()
    }

    pub(super) fn in_room(&self, room: RoomId) -> impl Iterator<Item = UserId> {
        self.0.values().filter_map(move |node| node.sockets.windows.get(&room)).flatten().copied()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn presence(is_whole: bool, users: &[(UserId, Option<bool>)], windows: &[(RoomId, UserId, bool)]) -> NodePresence {
        NodePresence { is_whole, users: users.to_vec(), windows: windows.to_vec(), ..Default::default() }
    }

    #[test]
    fn a_user_is_as_active_as_on_their_most_active_node() {
        let (mut elsewhere, mut changes) = (Elsewhere::default(), PresenceChanges::default());
        let (user, [one, two]) = (UserId::new(), [NodeId(Uuid::from_u128(1)), NodeId(Uuid::from_u128(2))]);
        elsewhere.apply(one, presence(false, &[(user, Some(true))], &[]), &mut changes);
        assert_eq!(elsewhere.activity(user), Some(Activity::Idle));
        elsewhere.apply(two, presence(false, &[(user, Some(false))], &[]), &mut changes);
        assert_eq!(elsewhere.activity(user), Some(Activity::Active));
        elsewhere.forget(two, &mut changes);
        assert_eq!(elsewhere.activity(user), Some(Activity::Idle));
        elsewhere.apply(one, presence(false, &[(user, None)], &[]), &mut changes);
        assert_eq!((elsewhere.activity(user), elsewhere.users()), (None, BTreeSet::new()));
    }

    #[test]
    fn only_what_changed_is_marked_and_a_whole_state_replaces_all_before_it() {
        let (mut elsewhere, node) = (Elsewhere::default(), NodeId(Uuid::nil()));
        let ([gone, stays], room) = ([UserId::new(), UserId::new()], RoomId::new());
        let mut apply = |presence| {
            let mut changes = PresenceChanges::default();
            elsewhere.apply(node, presence, &mut changes);
            changes
        };
        let first = presence(false, &[(gone, Some(false))], &[(room, gone, true)]);
        assert_eq!(apply(first.clone()).users, [gone].into());
        assert_eq!(apply(first), PresenceChanges::default(), "sent twice");
        let changes = apply(presence(true, &[(stays, Some(false))], &[]));
        assert_eq!((changes.users, changes.rooms), ([gone, stays].into(), [(room, [gone].into())].into()));
        assert_eq!((elsewhere.activity(gone), elsewhere.in_room(room).count()), (None, 0));
    }

    #[test]
    fn a_whole_state_in_parts_shows_nobody_offline_in_between() {
        let (mut elsewhere, node, room) = (Elsewhere::default(), NodeId(Uuid::nil()), RoomId::new());
        let users = [UserId::new(), UserId::new(), UserId::new()];
        let all: Vec<_> = users.iter().map(|user| (*user, Some(false))).collect();
        elsewhere.apply(node, presence(true, &all, &[(room, users[0], true)]), &mut PresenceChanges::default());
        let mut changes = PresenceChanges::default();
        let first = NodePresence { has_more: true, ..presence(true, &all[..1], &[]) };
        elsewhere.apply(node, first, &mut changes);
        assert_eq!((&changes, elsewhere.users().len()), (&PresenceChanges::default(), 3), "the others may follow");
        elsewhere.apply(node, presence(false, &all[1..2], &[(room, users[0], true)]), &mut changes);
        assert_eq!((changes.users, changes.rooms.len()), ([users[2]].into(), 0), "only what differs");
        assert_eq!(elsewhere.activity(users[2]), None);
    }
}
