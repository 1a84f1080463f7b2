//! The messenger: the state that the services of the domain layer share.

use std::{
    collections::{BTreeSet, HashSet},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use parking_lot::{Mutex, RwLock};

use crate::{
    hub::{Audience, Caps, Hub, Owner},
    messenger::{
        attempts::Attempts,
        budget::Budgets,
        departures::Departures,
        directory::Directory,
        hashing::Hashing,
        online_counts::OnlineCounts,
        other_builds::OtherBuilds,
        policy::{Policy, Result},
        rate::Rates,
        sent_presence::PresenceSignals,
        sequence::Sequences,
        steady_clock::SteadyClock,
        unanswered::Unanswered,
        uploads::FileStorage,
        user_list::UserListCache,
        user_log::UserLog,
    },
    model::SessionId,
    store::Store,
    supervisor::Supervisor,
};
use protocol::{cursor::Cursor, error::Refusal, ids::UserId};

#[derive(Clone)]
pub struct Messenger(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) store: Store,
    pub(super) hub: Hub,
    pub(super) supervisor: Supervisor,
    pub(super) policy: Policy,
    pub(super) directory: RwLock<Arc<Directory>>,
    /// The version of the accounts in `directory`. Its lock is held while changed accounts are loaded.
    pub(super) accounts_at: tokio::sync::Mutex<i64>,
    /// Wakes the account watch.
    pub(super) accounts_changed: Arc<tokio::sync::Notify>,
    /// Wakes it when another node changed accounts or sessions.
    pub(super) accounts_elsewhere: tokio::sync::Notify,
    pub(super) files: FileStorage,
    /// Wakes the task that removes the bytes of deleted files.
    pub(super) files_released: tokio::sync::Notify,
    /// Wakes the task that sends scheduled messages.
    pub(super) schedule_changed: tokio::sync::Notify,
    /// The clock for actions that cannot be undone.
    pub(super) clock: SteadyClock,
    /// The users who are absent, as the account watch last found.
    pub(super) absent: RwLock<BTreeSet<UserId>>,
    /// Messages that may need an automatic answer.
    pub(super) unanswered: Unanswered,
    pub(super) user_log: UserLog,
    /// Whether the organisation is large. It stays so while the process runs.
    pub(super) is_large: AtomicBool,
    pub(super) online_counts: Mutex<OnlineCounts>,
    pub(super) encoded_users: UserListCache,
    pub(super) sequences: Sequences,
    pub(super) departures: Departures,
    pub(super) presence_signals: PresenceSignals,
    pub(super) rates: Rates,
    pub(super) budgets: Budgets,
    /// Sessions that have ended, whose sockets stay until their browser has the cookie of the next one.
    pub(super) retiring: Mutex<HashSet<SessionId>>,
    /// A separate lock, so that a flood of sign-ins does not delay posts.
    pub(super) attempts: Mutex<Attempts>,
    pub(super) hashing: Hashing,
    /// Whether the server has begun to leave; its health check fails from then on.
    pub(super) is_leaving: AtomicBool,
    pub(super) other_builds: OtherBuilds,
}

impl Messenger {
    pub fn policy(&self) -> &Policy {
        &self.0.policy
    }

    /// Sends an event to sockets, or closes them: the only way of events. At the end of the process and in a drain, the
    /// hub closes sockets itself.
    pub(super) fn fan_out<A: Audience>(&self, audience: A, event: A::Event) {
        self.0.hub.fan_out(audience, event);
    }

    /// The number of connected sockets.
    pub fn sockets(&self) -> usize {
        self.0.hub.sockets()
    }

    /// Whether the store saves and answers, and the server stays.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`] when not.
    pub async fn check_health(&self) -> Result<()> {
        if self.0.is_leaving.load(Ordering::Acquire) {
            return Err(Refusal::Unavailable);
        }
        Ok(self.0.store.check_health().await?)
    }

    pub(super) fn directory(&self) -> Arc<Directory> {
        self.0.directory.read().clone()
    }

    /// Whether main windows receive only some users, and ask for the others.
    pub(super) fn is_large(&self) -> bool {
        self.0.is_large.load(Ordering::Acquire)
    }

    pub(super) fn cursor(&self, version: u64) -> Cursor {
        Cursor { epoch: self.0.store.epoch(), version }
    }

    pub(super) fn caps(&self) -> Caps {
        Caps { per_user: self.0.policy.max_sockets_per_user, per_address: self.0.policy.max_sockets_per_address }
    }

    /// Refuses a new socket over the rate of connections, and while the server drains: a proxy then asks another node.
    pub(super) fn check_connection(&self, owner: Owner) -> Result<()> {
        if self.0.hub.is_closing() {
            return Err(Refusal::Unavailable);
        }
        self.0.rates.connection(owner.user)
    }
}
