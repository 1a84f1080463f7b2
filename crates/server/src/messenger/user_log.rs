//! The change log of users, from which a main window that resumes gets a delta.

use std::collections::HashMap;

use parking_lot::{Mutex, MutexGuard};
use uuid::Uuid;

use protocol::{cursor::Cursor, ids::UserId};

/// Kept in memory: each process begins a new epoch.
pub(super) struct UserLog(Mutex<LogEntries>);

struct LogEntries {
    cursor: Cursor,
    /// The version of each user's last change. A missing user has not changed in this epoch.
    changed_at: HashMap<UserId, u64>,
}

impl LogEntries {
    fn new() -> Self {
        Self { cursor: Cursor { epoch: Uuid::now_v7(), version: 0 }, changed_at: HashMap::new() }
    }

    fn knows(&self, cursor: Cursor) -> bool {
        cursor.epoch == self.cursor.epoch && cursor.version <= self.cursor.version
    }
}

impl UserLog {
    pub(super) fn new() -> Self {
        Self(Mutex::new(LogEntries::new()))
    }

    /// Read the cursor before the users: then a change in between is sent twice instead of being lost.
    pub(super) fn cursor(&self) -> Cursor {
        self.lock().cursor
    }

    /// The cursor before all changes: a client that resumes from it misses none of this epoch.
    pub(super) fn beginning(&self) -> Cursor {
        Cursor { version: 0, ..self.cursor() }
    }

    /// Records a change of these users and calls `send` under the lock, so that cursors are sent in their order.
    pub(super) fn record(&self, users: &[UserId], send: impl FnOnce(Cursor)) {
        let mut log = self.lock();
        log.cursor.version += 1;
        let version = log.cursor.version;
        log.changed_at.extend(users.iter().map(|user| (*user, version)));
        send(log.cursor);
    }

    /// Begins a new epoch. Every window that resumes then gets a snapshot, because a delta cannot remove a user.
    pub(super) fn begin_epoch(&self) {
        *self.lock() = LogEntries::new();
    }

    /// The users who changed after `cursor`; `None` when the cursor is of another epoch or newer than the log.
    pub(super) fn changed_since(&self, cursor: Cursor) -> Option<Vec<UserId>> {
        let log = self.lock();
        let changed = || log.changed_at.iter().filter(|(_, at)| **at > cursor.version).map(|(user, _)| *user).collect();
        log.knows(cursor).then(changed)
    }

    /// Which of these users changed after `cursor`; `None` as for [`UserLog::changed_since`].
    pub(super) fn changed_of(&self, users: &[UserId], cursor: Cursor) -> Option<Vec<UserId>> {
        let log = self.lock();
        let is_changed = |user: &&UserId| log.changed_at.get(user).is_some_and(|at| *at > cursor.version);
        log.knows(cursor).then(|| users.iter().filter(is_changed).copied().collect())
    }

    fn lock(&self) -> MutexGuard<'_, LogEntries> {
        self.0.lock()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_returns_the_users_who_changed_after_a_cursor() {
        let (log, [early, late]) = (UserLog::new(), [UserId::new(), UserId::new()]);
        let begin = log.cursor();
        log.record(&[early], |_| {});
        let middle = log.cursor();
        log.record(&[late], |cursor| assert_eq!(cursor.version, 2));
        assert_eq!(log.changed_since(begin).unwrap().len(), 2);
        assert_eq!(log.changed_since(middle), Some(vec![late]));
        assert_eq!(log.changed_of(&[early, late], middle), Some(vec![late]));
        assert_eq!(log.changed_of(&[early], begin), Some(vec![early]));
        assert_eq!(log.changed_since(log.cursor()), Some(vec![]));
    }

    #[test]
    fn cursors_of_another_epoch_and_of_the_future_are_unknown() {
        let (log, other) = (UserLog::new(), UserLog::new());
        assert_eq!(log.changed_since(other.cursor()), None);
        assert_eq!(log.changed_of(&[], other.cursor()), None);
        assert_eq!(log.changed_since(Cursor { version: 1, ..log.cursor() }), None);
        let before = log.cursor();
        log.begin_epoch();
        assert_eq!(log.changed_since(before), None);
    }
}
