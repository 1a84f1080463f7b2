//! Follows the accounts and the sessions in the store, whichever process changes them: everybody is told who is new or
//! has changed, and the sockets of sessions that ended are closed.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, PoisonError, Weak},
    time::{Duration, Instant},
};

use tokio::{
    sync::Notify,
    time::{sleep, timeout},
};

use crate::{
    protocol::ids::UserId,
    server::{
        messenger::{
            Directory, Inner, Messenger, Result,
            news::{ACCOUNTS_POLL, PAIRS, TICK, report},
        },
        store::{Account, SessionId, now_ms},
    },
};

/// How far back it is looked for sessions whose time is over: another process may have set one that was over already.
const OVERLAP_MS: i64 = 10_000;
/// How often sessions whose time is over are deleted. Seldom: a clock that jumps ahead for a moment must end none.
const SWEEP: Duration = Duration::from_secs(600);

impl Messenger {
    /// Takes in the accounts that changed, and tells everybody of them.
    ///
    /// # Errors
    /// [`crate::protocol::error::Refusal::Unavailable`].
    pub(super) async fn refresh_accounts(&self) -> Result<()> {
        // One after the other: an older state never replaces a newer one.
        let mut seen = self.0.accounts_at.lock().await;
        let (changed, version) = self.0.store.changed_accounts(*seen).await?;
        *seen = version;
        if changed.is_empty() {
            return Ok(());
        }
        let old = self.directory();
        let mut accounts: HashMap<UserId, Account> =
            old.accounts().map(|account| (account.id, account.clone())).collect();
        accounts.extend(changed.iter().map(|account| (account.id, account.clone())));
        let here = self.hub().here();
        let new = Arc::new(old.renewed(accounts.into_values().collect(), &|user| here.contains_key(&user)));
        *self.0.directory.write().unwrap_or_else(PoisonError::into_inner) = new.clone();
        self.tell_accounts(&old, &new, &changed);
        Ok(())
    }

    fn tell_accounts(&self, old: &Directory, new: &Directory, changed: &[Account]) {
        let known = |account: &Account| old.account(account.id);
        let told_apart = new.told_apart_since(old);
        let is_new_to_rooms = |account: &&Account| {
            known(account).is_some_and(|old| old.name != account.name || old.disabled != account.disabled)
        };
        let in_rooms = changed.iter().filter(is_new_to_rooms).map(|account| account.id);
        let in_rooms: Vec<UserId> = in_rooms.chain(told_apart.iter().copied()).collect();
        if !in_rooms.is_empty() {
            // Windows of conversations name people too, and count who has not read. It is rare, and all that are open
            // are few.
            self.hub().mark_everywhere(&in_rooms);
        }
        if changed.iter().any(|account| account.disabled && known(account).is_some_and(|old| !old.disabled)) {
            self.0.roster.begin_anew();
        }
        let seen = changed.iter().filter(|account| known(account) != Some(account)).map(|account| account.id);
        let seen: HashSet<UserId> = seen.chain(told_apart).collect();
        self.tell_users(&seen.into_iter().collect::<Vec<_>>());
    }

    async fn end_sessions(&self) -> Result<()> {
        let held = self.hub().sessions().into_iter().map(|(session, user)| (SessionId(session), user));
        let held: Vec<_> = held.filter(|(session, _)| !self.is_parting(*session)).collect();
        for held in held.chunks(PAIRS) {
            for (session, why) in self.0.store.ended(held).await? {
                self.hub().close_session(&session.0, why);
            }
        }
        Ok(())
    }

    /// Closes the sockets of sessions that ended since this was last asked, by somebody or by their time.
    async fn close_ended(&self, seen: &mut Seen) -> Result<()> {
        let (version, now) = (self.0.store.sessions_version().await?, now_ms());
        if seen.version != Some(version) || self.0.store.has_expired(seen.at - OVERLAP_MS, now).await? {
            self.end_sessions().await?;
        }
        (seen.version, seen.at) = (Some(version), now);
        Ok(())
    }
}

/// Up to where the ends of sessions were seen.
#[derive(Default)]
struct Seen {
    version: Option<i64>,
    /// UTC milliseconds.
    at: i64,
}

/// Changes that people make of themselves are taken in once a tick, those of other processes once a second.
pub(super) async fn watch_accounts(messenger: Weak<Inner>, changed: Arc<Notify>) {
    let (mut sessions, mut swept_at) = (Seen::default(), Instant::now());
    while let Some(messenger) = messenger.upgrade().map(Messenger) {
        report("accounts", messenger.refresh_accounts().await);
        report("sessions that ended", messenger.close_ended(&mut sessions).await);
        if swept_at.elapsed() >= SWEEP {
            swept_at = Instant::now();
            report(
                "sessions whose time is over",
                messenger.0.store.delete_expired_sessions().await.map_err(Into::into),
            );
        }
        drop(messenger);
        let _ = timeout(ACCOUNTS_POLL - TICK, changed.notified()).await;
        sleep(TICK).await;
    }
}
