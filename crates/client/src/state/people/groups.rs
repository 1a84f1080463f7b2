//! The groups of the list: favourites first, then departments, or online and offline users without departments.

use std::collections::HashSet;

use crate::state::{
    address_book::{DEPARTMENT, SEPARATOR},
    keystrokes::keys,
    lobby::Lobby,
};
use protocol::{ids::UserId, user::User};

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum GroupName {
    Favourites,
    Online,
    Offline,
    /// The full path of a department. The departments above it are groups, too, perhaps without users.
    Department(String),
    NoDepartment,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeopleGroup {
    pub name: GroupName,
    pub people: Vec<UserId>,
    /// The number of users in the group and in the departments below it.
    pub size: usize,
    /// The number of those who are online.
    pub online: usize,
}

impl GroupName {
    /// The depth in the tree of departments.
    pub fn depth(&self) -> usize {
        self.path().unwrap_or_default().matches(SEPARATOR).count()
    }

    /// The path by which the group is folded; `None` for a group that is always open.
    pub fn path(&self) -> Option<&str> {
        match self {
            Self::Department(path) => Some(path),
            Self::NoDepartment => Some(""),
            _ => None,
        }
    }
}

impl PeopleGroup {
    fn new(name: GroupName) -> Self {
        Self { name, people: Vec::new(), size: 0, online: 0 }
    }

    fn insert(&mut self, index: usize, user: UserId, is_online: bool) {
        self.people.insert(index, user);
        self.size += 1;
        self.online += usize::from(is_online);
    }
}

impl Lobby {
    /// The users who match a query, in groups. The branch of the user's own department comes first. Within a group the
    /// user themselves comes first, then online users, then the others by name; users with a rank in the department
    /// come before those, by rank.
    pub fn groups(&self, query: &str) -> Vec<PeopleGroup> {
        let mut groups = self.empty_groups();
        let last = groups.len() - 1;
        let has_departments = !self.book().departments().is_empty();
        let query = keys(query);
        let users = || self.users().filter(|user| self.book().finds(user.id, &query));
        let (offline, online): (Vec<&User>, Vec<&User>) = users().partition(|user| !self.is_listed_online(user));
        let is_me = |user: &&&User| user.id == self.me;
        let me = online.iter().find(is_me).into_iter();
        for user in me.chain(online.iter().filter(|user| !is_me(user))).chain(&offline) {
            let group = match self.book().department_of(user.id) {
                Some(department) => 1 + department,
                None if has_departments || !self.is_listed_online(user) => last,
                None => 1,
            };
            let is_online = self.is_shown_online(user);
            let group = &mut groups[group];
            let end = group.people.len();
            let index = if has_departments { self.index_by_rank(user, &group.people) } else { end };
            group.insert(index, user.id, is_online);
            if self.is_favourite(user.id) {
                let end = groups[0].people.len();
                groups[0].insert(end, user.id, is_online);
            }
        }
        add_to_parents(&mut groups);
        groups.retain(|group| group.size > 0);
        self.bring_own_first(&mut groups);
        groups
    }

    /// The first users who match a query, without the user themselves and each once, though favourites are in two
    /// groups: matches of the name come first, then of the login, job title and department, each in the order of the
    /// list. Empty for an empty query.
    pub fn found(&self, query: &str, count: usize) -> Vec<UserId> {
        let keys = keys(query.trim());
        if keys.is_empty() {
            return Vec::new();
        }
        let mut known = HashSet::from([self.me]);
        let mut found: Vec<UserId> = self.groups(query).into_iter().flat_map(|group| group.people).collect();
        found.retain(|id| known.insert(*id));
        found.sort_by_cached_key(|id| self.book().found_by(*id, &keys));
        found.truncate(count);
        found
    }

    /// Whether a query matches of a user nothing but the department.
    pub fn is_found_by_department(&self, user: UserId, query: &str) -> bool {
        self.book().found_by(user, &keys(query.trim())) == Some(DEPARTMENT)
    }

    fn empty_groups(&self) -> Vec<PeopleGroup> {
        let departments = self.book().departments();
        let mut groups = vec![PeopleGroup::new(GroupName::Favourites)];
        if departments.is_empty() {
            groups.extend([GroupName::Online, GroupName::Offline].map(PeopleGroup::new));
        } else {
            groups.extend(departments.iter().map(|path| PeopleGroup::new(GroupName::Department(path.clone()))));
            groups.push(PeopleGroup::new(GroupName::NoDepartment));
        }
        groups
    }

    /// The index of a user among those of the department: after users of the same rank; without a rank at the end.
    fn index_by_rank(&self, user: &User, people: &[UserId]) -> usize {
        let rank = |id: &UserId| self.user(*id).and_then(|user| user.profile.order);
        let index = |own: u32| people.partition_point(|id| rank(id).is_some_and(|rank| rank <= own));
        user.profile.order.map_or(people.len(), index)
    }

    /// Moves the branch of the user's own department before the others.
    fn bring_own_first(&self, groups: &mut [PeopleGroup]) {
        let root = |path: &str| path.split(SEPARATOR).next().unwrap_or_default().to_owned();
        let own = self.user(self.me).and_then(|me| me.profile.department.as_deref()).map(root);
        let is_own = |group: &PeopleGroup| own.is_some() && group.name.path().map(root) == own;
        let first = groups.iter().position(|group| group.name.path().is_some());
        if let (Some(first), Some(last)) = (first, groups.iter().rposition(is_own)) {
            let count = groups.iter().filter(|group| is_own(group)).count();
            groups[first..=last].rotate_right(count);
        }
    }
}

/// Adds the counts of each department to the department above it, the innermost first.
fn add_to_parents(groups: &mut [PeopleGroup]) {
    for index in (0..groups.len()).rev() {
        let parent = groups[index].name.path().and_then(|path| path.rsplit_once(SEPARATOR)).map(|(parent, _)| parent);
        let is_parent = |group: &PeopleGroup| parent.is_some() && group.name.path() == parent;
        if let Some(parent) = groups[..index].iter().rposition(is_parent) {
            groups[parent].size += groups[index].size;
            groups[parent].online += groups[index].online;
        }
    }
}
