//! Follows the accounts and the sessions in the store, whichever process changes them: everybody is told who is new or
//! has changed, and the sockets of sessions that ended are closed.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, PoisonError, Weak},
};

use tokio::{
    sync::Notify,
    time::{sleep, timeout},
};

use crate::{
    protocol::{ended::Ended, ids::UserId},
    server::{
        messenger::{
            Directory, Inner, Messenger, Result,
            news::{ACCOUNTS_POLL, PAIRS, TICK, report},
        },
        store::{Account, SessionId},
    },
};

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

    /// Ends the sessions whose time is over, and closes their sockets.
    async fn expire_sessions(&self) -> Result<()> {
        for session in self.0.store.expire_sessions().await? {
            self.hub().close_session(&session.0, Ended::Expired);
        }
        Ok(())
    }
}

/// Changes that people make of themselves are taken in once a tick, those of other processes once a second.
pub(super) async fn watch_accounts(messenger: Weak<Inner>, changed: Arc<Notify>) {
    let mut sessions = None;
    while let Some(messenger) = messenger.upgrade().map(Messenger) {
        report("accounts", messenger.refresh_accounts().await);
        report("sessions whose time is over", messenger.expire_sessions().await);
        let version = messenger.0.store.sessions_version().await.ok();
        if version.is_some() && version != sessions && messenger.end_sessions().await.is_ok() {
            sessions = version;
        }
        drop(messenger);
        let _ = timeout(ACCOUNTS_POLL - TICK, changed.notified()).await;
        sleep(TICK).await;
    }
}
