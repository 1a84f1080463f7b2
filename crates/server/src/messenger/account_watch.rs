//! Follows changes of accounts and sessions in the store, of any process: broadcasts changed accounts, broadcasts
//! absences that begin and end, and closes the sockets of ended sessions. It also ends statuses and removes absences
//! that are over.

use std::{
    collections::BTreeSet,
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use tokio::{sync::Notify, time::sleep};

use crate::{
    hub::{ChangedMembers, CloseReason, OpenRooms, SocketAudience},
    messenger::{
        Directory, Messenger, Result,
        departments::DepartmentNumber,
        intervals::{ACCOUNTS_POLL, PAIRS, TICK, report},
    },
    model::{Account, NodeSignal},
    store::now_ms,
};
use protocol::ids::UserId;

/// How far each query for expired sessions reaches back: another process may insert a session that has expired already.
const OVERLAP_MS: i64 = 10_000;
/// How often expired sessions are deleted. Rarely, because a clock that jumps ahead for a moment must end no session.
const SWEEP: Duration = Duration::from_secs(600);

impl Messenger {
    /// Loads the accounts that changed since the last call into the directory and broadcasts them.
    ///
    /// # Errors
    /// [`protocol::error::Refusal::Unavailable`].
    pub(super) async fn refresh_accounts(&self) -> Result<()> {
        // The lock spans query and update, so that an older state never replaces a newer one.
        let mut seen = self.0.accounts_at.lock().await;
        let (changed, version) = self.0.store.changed_accounts(*seen).await?;
        *seen = version;
        if changed.is_empty() {
            return Ok(());
        }
        let before = self.directory();
        let mut after = Directory::clone(&before);
        let ambiguity_changed = after.update(&changed, &|user| self.people().is_online(user));
        *self.0.directory.write() = Arc::new(after);
        self.count_changed(&before, &changed);
        self.begin_large();
        // Before the accounts are broadcast: the answer to a message may be an automatic one.
        self.broadcast_absences();
        self.broadcast_accounts(&before, &changed, &ambiguity_changed);
        self.broadcast_memberships(&before, &changed, &ambiguity_changed).await
    }

    /// Broadcasts changed accounts to the windows of their rooms, which show the members' names and count who has not
    /// read.
    async fn broadcast_memberships(
        &self,
        before: &Directory,
        changed: &[Account],
        ambiguity_changed: &[UserId],
    ) -> Result<()> {
        // Another node may have made an account that is new here a member: a window lacks it until now.
        let is_seen = |account: &&Account| match before.account(account.id) {
            Some(former) => former.name != account.name || former.disabled != account.disabled,
            None => self.0.store.is_shared(),
        };
        let users = changed.iter().filter(is_seen).map(|account| account.id);
        let users: Vec<UserId> = users.chain(ambiguity_changed.iter().copied()).collect();
        for users in users.chunks(PAIRS) {
            self.fan_out(OpenRooms, ChangedMembers(self.0.store.memberships_of(users).await?));
        }
        Ok(())
    }

    /// Broadcasts changed accounts to all main windows.
    fn broadcast_accounts(&self, before: &Directory, changed: &[Account], ambiguity_changed: &[UserId]) {
        let former = |account: &Account| before.account(account.id);
        let is_now_disabled =
            |account: &Account| account.disabled && former(account).is_some_and(|former| !former.disabled);
        // In a large organisation a delta says who is disabled.
        if !self.is_large() && changed.iter().any(is_now_disabled) {
            self.0.user_log.begin_epoch();
        }
        let users = changed.iter().filter(|account| former(account) != Some(account)).map(|account| account.id);
        let users: BTreeSet<UserId> = users.chain(ambiguity_changed.iter().copied()).collect();
        self.broadcast_users(before, &users.into_iter().collect::<Vec<_>>());
    }

    /// Counts the changed accounts in their departments.
    fn count_changed(&self, before: &Directory, changed: &[Account]) {
        let after = self.directory();
        let department = |account: &Account| (account.disabled, account.profile.department.clone());
        let former = |account: &Account| before.account(account.id);
        let is_moved =
            |account: &&Account| former(account).is_none_or(|former| department(former) != department(account));
        let moved: Vec<&Account> = changed.iter().filter(is_moved).collect();
        let accounts = moved.iter().copied().chain(moved.iter().filter_map(|account| former(account)));
        let departments: BTreeSet<DepartmentNumber> =
            accounts.flat_map(|account| after.departments().lineage(account)).collect();
        self.0.online_counts.lock().mark(departments);
        self.count_online(&moved.iter().map(|account| account.id).collect::<Vec<_>>());
    }

    /// When the organisation has become large, closes all main windows: they come back and receive only some users.
    fn begin_large(&self) {
        let people = self.directory().departments().people("");
        if self.is_large() || !self.policy().is_large(people) {
            return;
        }
        tracing::info!(people, "the organisation is large now: windows ask for people as they are needed");
        self.0.is_large.store(true, Ordering::Release);
        self.0.user_log.begin_epoch();
        self.fan_out(SocketAudience::Lobbies, CloseReason::MustResume);
    }

    /// Closes the sockets of sessions that ended since the last query: deleted by any process, or expired.
    async fn close_ended_sessions(&self, seen: &mut SeenSessions) -> Result<()> {
        let now = now_ms();
        let ended = self.0.store.ended_sessions(seen.before, (seen.at - OVERLAP_MS, now)).await?;
        for session in &ended {
            if !self.is_retiring(session.id) {
                self.close_session(session.id, session.reason);
            }
        }
        let newest = ended.iter().map(|session| session.number).max().unwrap_or(0);
        (seen.before, seen.newest, seen.at) = (seen.newest, newest.max(seen.newest), now);
        Ok(())
    }

    /// Ends every status that is over. The next load of changed accounts broadcasts it.
    pub(super) async fn end_statuses(&self) -> Result<()> {
        Ok(self.0.store.end_statuses(self.0.clock.now_ms()).await?)
    }

    /// Deletes expired sessions, and the tombstones that were there at the last sweep: another node may be late with the
    /// newer ones.
    async fn sweep_sessions(&self, seen: &mut SeenSessions) -> Result<()> {
        self.0.store.sweep_sessions(seen.at_last_sweep).await?;
        seen.at_last_sweep = seen.before;
        Ok(())
    }
}

/// The position up to which ended sessions were read.
#[derive(Default)]
struct SeenSessions {
    /// The newest tombstone of the query before the last. Each query repeats the tombstones of the last one, because a
    /// socket may subscribe after its session ended, if its handshake began before.
    before: i64,
    /// The newest tombstone of the last query.
    newest: i64,
    /// The time of the last query, in UTC milliseconds.
    at: i64,
    /// What `before` was when sessions were last swept. Every node that runs has read up to it since.
    at_last_sweep: i64,
}

/// Applies this process's changes once a tick, those of other processes once a second.
pub(super) async fn watch_accounts(messenger: Messenger, changed: Arc<Notify>) {
    let (mut seen, mut swept_at) = (SeenSessions::default(), Instant::now());
    loop {
        report("ended statuses", messenger.end_statuses().await);
        report("ended absences", messenger.end_absences().await);
        report("accounts", messenger.refresh_accounts().await);
        messenger.broadcast_absences();
        report("ended sessions", messenger.close_ended_sessions(&mut seen).await);
        if swept_at.elapsed() >= SWEEP {
            swept_at = Instant::now();
            report("expired sessions", messenger.sweep_sessions(&mut seen).await);
            report("old attempts", messenger.sweep_attempts().await);
            messenger.0.rates.sweep();
        }
        tokio::select! {
            () = changed.notified() => messenger.signal(NodeSignal::Accounts),
            () = messenger.0.accounts_elsewhere.notified() => {}
            () = sleep(ACCOUNTS_POLL - TICK) => {}
        }
        sleep(TICK).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        messenger::Policy,
        model::{Anchor, NewSession, SessionId, Status},
    };
    use protocol::{ids::MessageId, room_socket::Post, schedule::Schedule, user::Absence};

    const HOUR: i64 = 3_600_000;

    #[tokio::test]
    async fn a_tombstone_is_kept_for_nodes_that_read_it_later() {
        let data = tempfile::tempdir().unwrap();
        let messenger = Messenger::open(data.path(), Policy::UNLIMITED).await.unwrap();
        let (store, id) = (&messenger.0.store, SessionId([7; 32]));
        let user = store.insert_account("minsu".into(), "김민수".into(), "!".into(), false).await.unwrap();
        let session = NewSession { id, user, expires_at: now_ms() + HOUR, agent: String::new(), device: None };
        store.insert_session(session).await.unwrap();
        store.delete_session(id).await.unwrap();
        let mut seen = SeenSessions::default();
        let tombstones = async || store.ended_sessions(0, (0, 0)).await.unwrap().len();
        for expected in [1, 0] {
            for _ in 0..2 {
                messenger.close_ended_sessions(&mut seen).await.unwrap();
            }
            messenger.sweep_sessions(&mut seen).await.unwrap();
            assert_eq!(tombstones().await, expected);
        }
        messenger.close().await;
    }

    #[tokio::test]
    async fn a_clock_that_jumped_ahead_a_moment_ago_sends_and_ends_nothing() {
        let data = tempfile::tempdir().unwrap();
        let messenger = Messenger::open(data.path(), Policy::UNLIMITED).await.unwrap();
        let (store, now) = (&messenger.0.store, now_ms());
        let user = store.insert_account("minsu".into(), "김민수".into(), "!".into(), false).await.unwrap();
        let notes = store.open_direct(user, user).await.unwrap();
        // The wall clock is a day ahead, so the stored row appears to have been due an hour ago; in truth it is due in
        // 23 hours.
        messenger.0.clock.jump_ahead(24 * HOUR);
        let due = now - HOUR;
        let text = Some("회의 중".to_owned());
        store.set_status(user, Status { is_busy: true, text: text.clone(), until: Some(due) }).await.unwrap();
        let absence = Absence { from: due - HOUR, until: due, text: None, is_now: false };
        store.set_absence(user, Some(absence), due - 2 * HOUR).await.unwrap();
        let id = MessageId::new();
        let schedule = serde_json::json!({ "id": id, "at": due, "body": "내일 봬요" });
        let schedule: Schedule = serde_json::from_value(schedule).unwrap();
        store.schedule(notes, user, schedule, due - 2 * HOUR).await.unwrap();
        let kept = async || {
            messenger.end_statuses().await.unwrap();
            messenger.end_absences().await.unwrap();
            messenger.send_due(&mut BTreeSet::new()).await.unwrap();
            let account = store.accounts().await.unwrap().remove(0);
            let waits = !store.next_scheduled(1).await.unwrap().is_empty();
            (account.profile.status, account.absence.is_some(), waits)
        };
        assert_eq!(kept().await, (text, true, true));
        messenger.0.clock.jump_ahead(-24 * HOUR);
        assert_eq!(kept().await, (None, false, false), "it was no jump");
        messenger.close().await;
    }

    #[tokio::test]
    async fn a_clock_that_jumped_ahead_a_moment_ago_begins_no_absence() {
        let data = tempfile::tempdir().unwrap();
        let messenger = Messenger::open(data.path(), Policy::UNLIMITED).await.unwrap();
        let (store, now) = (&messenger.0.store, now_ms());
        let person = async |login: &str| store.insert_account(login.into(), login.into(), "!".into(), false).await;
        let [author, early, absent] =
            [person("a").await.unwrap(), person("b").await.unwrap(), person("c").await.unwrap()];
        // Rooms are answered in the order of their making.
        let rooms = [store.open_direct(author, early).await.unwrap(), store.open_direct(author, absent).await.unwrap()];
        messenger.0.clock.jump_ahead(24 * HOUR);
        for (user, from) in [(early, now - HOUR), (absent, now - 48 * HOUR)] {
            let absence = Absence { from, until: now + 48 * HOUR, text: None, is_now: false };
            store.set_absence(user, Some(absence), now).await.unwrap();
        }
        messenger.refresh_accounts().await.unwrap();
        messenger.broadcast_absences();
        assert_eq!(messenger.0.absent.read().iter().collect::<Vec<_>>(), [&absent]);
        for room in rooms {
            store.insert_message(room, author, Post::new(MessageId::new(), "계세요?")).await.unwrap();
        }
        let count = async |room| store.page(room, 0, Anchor::Newest).await.unwrap().messages.len();
        let answered = async {
            while count(rooms[1]).await < 2 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), answered).await.unwrap();
        assert_eq!(count(rooms[0]).await, 1, "whose absence begins in 23 hours");
        messenger.close().await;
    }
}
