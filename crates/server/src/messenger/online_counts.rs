//! How many users of each department are online, as the presence tick last found.

use std::collections::{BTreeSet, HashMap};

use crate::messenger::departments::DepartmentNumber;
use protocol::ids::UserId;

#[derive(Default)]
pub(super) struct OnlineCounts {
    /// The department of each user who is counted, and all above it.
    counted: HashMap<UserId, Box<[DepartmentNumber]>>,
    /// By the number of a department.
    online: HashMap<DepartmentNumber, u32>,
    /// Departments whose size changed since it was last taken.
    changed: BTreeSet<DepartmentNumber>,
}

impl OnlineCounts {
    /// Counts a user in these departments; in none while they are offline.
    pub(super) fn count(&mut self, user: UserId, departments: Vec<DepartmentNumber>) {
        let before = self.counted.remove(&user).unwrap_or_default();
        if *before != *departments {
            before.iter().for_each(|department| self.add(*department, -1));
            departments.iter().for_each(|department| self.add(*department, 1));
        }
        if !departments.is_empty() {
            self.counted.insert(user, departments.into());
        }
    }

    fn add(&mut self, department: DepartmentNumber, change: i32) {
        let online = self.online.entry(department).or_default();
        *online = online.saturating_add_signed(change);
        self.changed.insert(department);
    }

    /// Marks departments whose number of users changed.
    pub(super) fn mark(&mut self, departments: impl IntoIterator<Item = DepartmentNumber>) {
        self.changed.extend(departments);
    }

    /// The number of users of a department, and of those below it, who are online.
    pub(super) fn of(&self, department: DepartmentNumber) -> u32 {
        self.online.get(&department).copied().unwrap_or(0)
    }

    pub(super) fn take_changed(&mut self) -> BTreeSet<DepartmentNumber> {
        std::mem::take(&mut self.changed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_counted_once_in_their_department_and_those_above() {
        let (mut counts, [one, other]) = (OnlineCounts::default(), [UserId::new(), UserId::new()]);
        counts.count(one, vec![0, 1, 2]);
        counts.count(one, vec![0, 1, 2]);
        counts.count(other, vec![0, 1]);
        assert_eq!([0, 1, 2, 3].map(|department| counts.of(department)), [2, 2, 1, 0]);
        assert_eq!(counts.take_changed(), [0, 1, 2].into());
        counts.count(one, vec![0, 3]);
        counts.count(other, vec![]);
        assert_eq!([0, 1, 2, 3].map(|department| counts.of(department)), [1, 0, 0, 1]);
        assert_eq!(counts.take_changed(), [0, 1, 2, 3].into());
        counts.count(one, vec![0, 3]);
        assert_eq!(counts.take_changed(), [].into(), "nothing changed");
    }
}
