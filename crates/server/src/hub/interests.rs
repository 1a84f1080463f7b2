//! Which users and departments the main windows of a large organisation receive. Invariants: the two directions agree,
//! and a window that left is in neither.

use std::{
    collections::{BTreeSet, HashMap},
    hash::Hash,
};

use protocol::{cursor::Cursor, ids::UserId};

/// What a main window receives from its beginning on.
#[derive(Debug, Default)]
pub struct FirstInterests {
    /// The cursor with which the connection began.
    pub began_at: Cursor,
    /// Users whose accounts it lists: itself, favourites, others of its rooms.
    pub listed: Vec<UserId>,
    /// Users whose presence it receives until its first `watch`.
    pub watched: Vec<UserId>,
}

#[derive(Default)]
pub(super) struct Interests {
    windows: HashMap<u64, WindowInterests>,
    /// By what they receive: windows in ascending order.
    watchers: WindowIndex<UserId>,
    listers: WindowIndex<UserId>,
    departments: WindowIndex<String>,
}

/// What one main window receives.
struct WindowInterests {
    began_at: Cursor,
    /// In ascending order.
    watched: Box<[UserId]>,
    listed: BTreeSet<UserId>,
    departments: Vec<String>,
}

impl Interests {
    /// Begins a window, or begins it again.
    pub(super) fn begin(&mut self, window: u64, first: FirstInterests) {
        self.leave(window);
        let listed: BTreeSet<UserId> = first.listed.into_iter().collect();
        let watched = ascending(first.watched);
        listed.iter().for_each(|user| self.listers.insert(user, window));
        watched.iter().for_each(|user| self.watchers.insert(user, window));
        let interests = WindowInterests { began_at: first.began_at, watched, listed, departments: Vec::new() };
        self.windows.insert(window, interests);
    }

    /// Replaces what a window watches, and returns the users whom it did not watch before, with the cursor of its
    /// beginning; `None` for a window that receives all users.
    pub(super) fn watch(
        &mut self,
        window: u64,
        users: Vec<UserId>,
        departments: Vec<String>,
    ) -> Option<(Vec<UserId>, Cursor)> {
        let interests = self.windows.get_mut(&window)?;
        let before = std::mem::replace(&mut interests.watched, ascending(users));
        let is_new = |user: &&UserId| before.binary_search(user).is_err();
        let added: Vec<UserId> = interests.watched.iter().filter(is_new).copied().collect();
        let is_gone = |user: &&UserId| interests.watched.binary_search(user).is_err();
        before.iter().filter(is_gone).for_each(|user| self.watchers.remove(user, window));
        added.iter().for_each(|user| self.watchers.insert(user, window));
        let before = std::mem::replace(&mut interests.departments, departments);
        before.iter().for_each(|path| self.departments.remove(path, window));
        interests.departments.iter().for_each(|path| self.departments.insert(path, window));
        Some((added, interests.began_at))
    }

    /// Lists users for a window, and returns those that it did not list before, with the cursor of its beginning.
    pub(super) fn list(&mut self, window: u64, users: &[UserId]) -> Option<(Vec<UserId>, Cursor)> {
        let interests = self.windows.get_mut(&window)?;
        let added: Vec<UserId> = users.iter().copied().filter(|user| interests.listed.insert(*user)).collect();
        added.iter().for_each(|user| self.listers.insert(user, window));
        Some((added, interests.began_at))
    }

    /// The cursor with which a window began; `None` if it receives all users.
    pub(super) fn began_at(&self, window: u64) -> Option<Cursor> {
        self.windows.get(&window).map(|interests| interests.began_at)
    }

    pub(super) fn watched(&self, window: u64) -> &[UserId] {
        self.windows.get(&window).map_or(&[], |interests| &interests.watched)
    }

    /// Whether a window receives only some users, and lists not all of these.
    pub(super) fn lacks(&self, window: u64, users: &[UserId]) -> bool {
        self.windows.get(&window).is_some_and(|interests| users.iter().any(|user| !interests.listed.contains(user)))
    }

    pub(super) fn leave(&mut self, window: u64) {
        let Some(interests) = self.windows.remove(&window) else { return };
        interests.watched.iter().for_each(|user| self.watchers.remove(user, window));
        interests.listed.iter().for_each(|user| self.listers.remove(user, window));
        interests.departments.iter().for_each(|path| self.departments.remove(path, window));
    }

    /// The windows that watch a user.
    pub(super) fn watching(&self, user: UserId) -> &[u64] {
        self.watchers.of(&user)
    }

    /// The windows that watch a user, list them, or watch one of these departments; some twice.
    pub(super) fn interested_in<'i>(
        &'i self,
        user: UserId,
        departments: &'i [String],
    ) -> impl Iterator<Item = u64> + 'i {
        let of_departments = departments.iter().flat_map(|path| self.of_department(path));
        self.watching(user).iter().chain(self.listers.of(&user)).chain(of_departments).copied()
    }

    /// The windows that watch a department.
    pub(super) fn of_department(&self, path: &str) -> &[u64] {
        self.departments.0.get(path).map_or(&[], Vec::as_slice)
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        let is_indexed = self.watchers.0.is_empty() && self.listers.0.is_empty() && self.departments.0.is_empty();
        self.windows.is_empty() && is_indexed
    }
}

/// Main windows by what they receive. In vectors, because most users have few watchers; a new window has the highest id,
/// so that it is appended.
struct WindowIndex<K>(HashMap<K, Vec<u64>>);

impl<K> Default for WindowIndex<K> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<K: Hash + Eq + Clone> WindowIndex<K> {
    fn of(&self, key: &K) -> &[u64] {
        self.0.get(key).map_or(&[], Vec::as_slice)
    }

    fn insert(&mut self, key: &K, window: u64) {
        let windows = self.0.entry(key.clone()).or_default();
        if let Err(at) = windows.binary_search(&window) {
            windows.insert(at, window);
        }
    }

    fn remove(&mut self, key: &K, window: u64) {
        let Some(windows) = self.0.get_mut(key) else { return };
        if let Ok(at) = windows.binary_search(&window) {
            windows.remove(at);
        }
        if windows.is_empty() {
            self.0.remove(key);
        }
    }
}

fn ascending(mut users: Vec<UserId>) -> Box<[UserId]> {
    users.sort_unstable();
    users.dedup();
    users.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(paths: &[&str]) -> Vec<String> {
        paths.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_watch_replaces_the_one_before_and_names_who_is_new() {
        let (mut interests, [a, b, c]) = (Interests::default(), [UserId::new(), UserId::new(), UserId::new()]);
        assert_eq!(interests.watch(1, vec![a], vec![]), None, "a window that receives everybody");
        let began_at = Cursor { version: 7, ..Cursor::default() };
        interests.begin(1, FirstInterests { began_at, listed: vec![c], watched: vec![a] });
        assert_eq!(interests.watch(1, vec![b, a, b], paths(&["기획국"])), Some((vec![b], began_at)));
        assert_eq!(
            (interests.watching(a), interests.watching(b), interests.watching(c)),
            (&[1][..], &[1][..], &[][..])
        );
        assert_eq!(interests.watch(1, vec![b], paths(&[""])), Some((vec![], began_at)));
        assert!(interests.watching(a).is_empty() && interests.of_department("기획국").is_empty());
        assert_eq!(interests.of_department(""), [1]);
    }

    #[test]
    fn a_changed_user_concerns_who_watches_or_lists_them_or_watches_their_department() {
        let (mut interests, user) = (Interests::default(), UserId::new());
        for window in 1..=4 {
            interests.begin(window, FirstInterests::default());
        }
        interests.watch(1, vec![user], vec![]);
        assert_eq!(interests.list(2, &[user]), Some((vec![user], Cursor::default())));
        assert_eq!(interests.list(2, &[user]), Some((vec![], Cursor::default())));
        interests.watch(3, vec![], paths(&["총무과"]));
        let concerned = interests.interested_in(user, &paths(&["총무과", "홍보과"])).collect::<Vec<_>>();
        assert_eq!(concerned, [1, 2, 3]);
        assert!(interests.lacks(1, &[user]) && !interests.lacks(2, &[user]) && !interests.lacks(9, &[user]));
        (1..=4).for_each(|window| interests.leave(window));
        assert!(interests.is_empty());
    }
}
