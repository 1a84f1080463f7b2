//! Who changed since when: a main window that comes back is told of those people alone.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use uuid::Uuid;

use crate::protocol::{cursor::Cursor, ids::UserId};

/// It lives as long as the process: another one begins another epoch.
pub(super) struct Roster(Mutex<Log>);

struct Log {
    cursor: Cursor,
    /// The version at which somebody was last told of. Who is missing has not changed in this epoch.
    changed_at: HashMap<UserId, u64>,
}

impl Log {
    fn new() -> Self {
        Self { cursor: Cursor { epoch: Uuid::now_v7(), version: 0 }, changed_at: HashMap::new() }
    }
}

impl Roster {
    pub(super) fn new() -> Self {
        Self(Mutex::new(Log::new()))
    }

    /// To be asked before people are looked at: what changes meanwhile is then told again rather than never.
    pub(super) fn cursor(&self) -> Cursor {
        self.lock().cursor
    }

    /// Tells of these people. One after the other, so that nobody hears of a cursor before what came before it.
    pub(super) fn tell(&self, users: &[UserId], tell: impl FnOnce(Cursor)) {
        let mut log = self.lock();
        log.cursor.version += 1;
        let version = log.cursor.version;
        log.changed_at.extend(users.iter().map(|user| (*user, version)));
        tell(log.cursor);
    }

    /// Makes everybody who comes back hear of all: somebody is not to be listed any more.
    pub(super) fn begin_anew(&self) {
        *self.lock() = Log::new();
    }

    /// Who changed after `cursor`; none when it is not of this epoch, or of the future.
    pub(super) fn changed_since(&self, cursor: Cursor) -> Option<Vec<UserId>> {
        let log = self.lock();
        let is_known = cursor.epoch == log.cursor.epoch && cursor.version <= log.cursor.version;
        let changed = || log.changed_at.iter().filter(|(_, at)| **at > cursor.version).map(|(user, _)| *user).collect();
        is_known.then(changed)
    }

    fn lock(&self) -> MutexGuard<'_, Log> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_comes_back_hears_of_those_who_changed_meanwhile() {
        let (roster, [early, late]) = (Roster::new(), [UserId::new(), UserId::new()]);
        let begin = roster.cursor();
        roster.tell(&[early], |_| {});
        let middle = roster.cursor();
        roster.tell(&[late], |cursor| assert_eq!(cursor.version, 2));
        assert_eq!(roster.changed_since(begin).unwrap().len(), 2);
        assert_eq!(roster.changed_since(middle), Some(vec![late]));
        assert_eq!(roster.changed_since(roster.cursor()), Some(vec![]));
    }

    #[test]
    fn a_cursor_of_another_process_or_of_the_future_is_none() {
        let (roster, other) = (Roster::new(), Roster::new());
        assert_eq!(roster.changed_since(other.cursor()), None);
        assert_eq!(roster.changed_since(Cursor { version: 1, ..roster.cursor() }), None);
        let before = roster.cursor();
        roster.begin_anew();
        assert_eq!(roster.changed_since(before), None);
    }
}
