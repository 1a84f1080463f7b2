//! Users grouped by a key. The structure is persistent: a clone is a snapshot that shares everything with its source,
//! and an update copies O(log n) nodes.

use rpds::RedBlackTreeSetSync;
use uuid::Uuid;

use protocol::ids::UserId;

#[derive(Clone, Debug)]
pub(super) struct Grouping<K: Ord>(RedBlackTreeSetSync<(K, UserId)>);

impl<K: Ord> Default for Grouping<K> {
    fn default() -> Self {
        Self(RedBlackTreeSetSync::new_sync())
    }
}

impl<K: Ord + Clone> Grouping<K> {
    pub(super) fn insert(&mut self, key: K, user: UserId) {
        self.0.insert_mut((key, user));
    }

    pub(super) fn remove(&mut self, key: K, user: UserId) {
        self.0.remove_mut(&(key, user));
    }

    /// The users of one group, by id.
    pub(super) fn group(&self, key: &K) -> impl Iterator<Item = UserId> {
        let (lowest, highest) = (UserId::from(Uuid::nil()), UserId::from(Uuid::max()));
        self.0.range((key.clone(), lowest)..=(key.clone(), highest)).map(|(_, user)| *user)
    }

    /// The users of the groups with this key or a greater one.
    pub(super) fn groups_from(&self, key: K) -> impl Iterator<Item = UserId> {
        self.0.range((key, UserId::from(Uuid::nil()))..).map(|(_, user)| *user)
    }

    /// Whether a group has more than one user.
    pub(super) fn is_shared(&self, key: &K) -> bool {
        self.group(key).nth(1).is_some()
    }

    /// The other user of a group of two, or of a group from which `user` has just been removed, so that one remains. A
    /// larger group stays shared with or without `user`, so none of its users is affected.
    pub(super) fn only_other(&self, key: &K, user: UserId) -> Option<UserId> {
        let mut others = self.group(key).filter(|other| *other != user);
        others.next().filter(|_| others.next().is_none())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_affects_the_other_user_of_a_pair_alone() {
        let (mut grouping, [first, second, third]) =
            (Grouping::default(), [UserId::new(), UserId::new(), UserId::new()]);
        grouping.insert("key", first);
        assert_eq!(grouping.only_other(&"key", first), None);
        grouping.insert("key", second);
        assert_eq!(grouping.only_other(&"key", second), Some(first));
        assert!(grouping.is_shared(&"key"));
        grouping.insert("key", third);
        assert_eq!(grouping.only_other(&"key", third), None);
        grouping.remove("key", third);
        grouping.remove("key", second);
        assert_eq!(grouping.only_other(&"key", second), Some(first));
        assert!(!grouping.is_shared(&"key") && !grouping.is_shared(&"other key"));
    }
}
