//! The life of the messenger: opens the store, starts the background tasks, and ends both in order (graceful shutdown).

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{
    sync::mpsc,
    time::{sleep, timeout},
};

use crate::{
    hub::Hub,
    messenger::{
        absence::answer_for_absent,
        account_watch::watch_accounts,
        blob_place::{blobs_of_server, on_disk},
        broadcast::broadcast_committed,
        budget::Budgets,
        database_watch::watch_database,
        directory::Directory,
        files_place::blobs_of_node,
        hashing::Hashing,
        inner::{Inner, Messenger},
        policy::Policy,
        presence::broadcast_presence,
        rate::Rates,
        receipts::{PendingReceipts, broadcast_receipts},
        scheduled::send_scheduled,
        steady_clock::SteadyClock,
        summaries::{StaleSummaries, broadcast_summaries},
        uploads::{FileStorage, sweep_files},
        user_list::UserListCache,
        user_log::UserLog,
    },
    model::{Committed, Fault, OpenMode, StoreLocation},
    store::{self, Store},
    supervisor::Supervisor,
};

/// How long a cancelled task may take to end.
const TASK_TIMEOUT: Duration = Duration::from_secs(2);

impl Messenger {
    /// Opens the store in `data` for a server and starts the background tasks. They run until [`Messenger::close`].
    ///
    /// # Errors
    /// When the store cannot be opened.
    pub async fn open(data: &Path, policy: Policy) -> Result<Self, Fault> {
        // Its future is large, and a test thread has two megabytes of stack.
        Box::pin(Self::open_for(data, policy, OpenMode::Serve)).await
    }

    /// Opens the store in `data` for a server, or for a command that runs next to one. A command has no sockets, and
    /// starts no task that broadcasts.
    ///
    /// # Errors
    /// When the store cannot be opened.
    pub async fn open_for(data: &Path, policy: Policy, mode: OpenMode) -> Result<Self, Fault> {
        let supervisor = Supervisor::default();
        let location = StoreLocation { directory: data.to_owned(), database: policy.database.clone() };
        let (store, committed) = Store::open_at(&location, policy.durability, mode, &supervisor).await?;
        let (accounts, version) = store.changed_accounts(-1).await.map_err(|error| store::fault(&location, error))?;
        let unusable = |error| Fault::File { path: data.to_owned(), error };
        let blobs = match mode {
            OpenMode::Serve if store.is_shared() => blobs_of_node(&store, &location, policy.bucket.as_ref()).await,
            OpenMode::Serve => blobs_of_server(&location, policy.bucket.as_ref()).await,
            // A command on accounts needs no bucket.
            OpenMode::Add | OpenMode::Change => Ok(on_disk(data)),
        };
        let blobs = match blobs {
            Ok(blobs) => blobs,
            Err(fault) => {
                supervisor.shut_down();
                store.close().await;
                return Err(fault);
            }
        };
        let files = FileStorage::open(data, &policy, store.is_shared(), blobs).map_err(unusable)?;
        let directory = Directory::new(&accounts);
        let is_large = policy.is_large(directory.departments().people(""));
        let rate_clock = policy.rate_clock;
        let (rates, hashing) = (Rates::new(&policy), Hashing::start(&supervisor).map_err(unusable)?);
        let messenger = Self(Arc::new(Inner {
            store,
            hub: Hub::default(),
            supervisor,
            policy,
            is_large: is_large.into(),
            online_counts: Default::default(),
            directory: Arc::new(directory).into(),
            accounts_at: version.into(),
            accounts_changed: Arc::default(),
            accounts_elsewhere: Default::default(),
            sequences: Default::default(),
            departures: Default::default(),
            presence_signals: Default::default(),
            files,
            files_released: Default::default(),
            schedule_changed: Default::default(),
            clock: SteadyClock::start(),
            absent: Default::default(),
            unanswered: Default::default(),
            user_log: UserLog::new(),
            encoded_users: UserListCache::default(),
            rates,
            budgets: Budgets::new(rate_clock),
            retiring: Default::default(),
            attempts: Default::default(),
            hashing,
            is_leaving: Default::default(),
            other_builds: Default::default(),
        }));
        if mode == OpenMode::Serve {
            messenger.start_tasks(committed);
        }
        Ok(messenger)
    }

    fn start_tasks(&self, committed: mpsc::Receiver<Vec<Committed>>) {
        let (stale, receipts) = (Arc::<StaleSummaries>::default(), Arc::<PendingReceipts>::default());
        let (supervisor, messenger) = (self.supervisor(), || self.clone());
        supervisor.spawn_essential("read receipts", broadcast_receipts(messenger(), receipts.clone()));
        let broadcast = broadcast_committed(messenger(), committed, stale.clone(), receipts);
        supervisor.spawn_essential("broadcast of committed changes", broadcast);
        supervisor.spawn_essential("room summaries", broadcast_summaries(messenger(), stale));
        supervisor.spawn_essential("presence", broadcast_presence(messenger()));
        supervisor.spawn_essential("removal of files", sweep_files(messenger()));
        supervisor.spawn_essential("scheduled messages", send_scheduled(messenger()));
        supervisor.spawn_essential("automatic answers", answer_for_absent(messenger()));
        supervisor.spawn_essential("account watch", watch_accounts(messenger(), self.0.accounts_changed.clone()));
        if self.policy().database.is_some() {
            supervisor.spawn_essential("database watch", watch_database(messenger()));
        }
    }

    /// Spawns the background tasks and reports their failures.
    pub fn supervisor(&self) -> &Supervisor {
        &self.0.supervisor
    }

    /// Closes all sockets, and those that still connect, with the code for going away, and waits until they are gone.
    pub async fn close_sockets(&self, time_limit: Duration) {
        self.0.hub.close_all();
        let deadline = Instant::now() + time_limit;
        while self.0.hub.sockets() > 0 && Instant::now() < deadline {
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// Cancels the background tasks, commits the writer's queue, closes the store and waits for all of them. Later
    /// commands are refused.
    pub async fn close(&self) {
        self.supervisor().shut_down();
        self.0.store.close().await;
        if timeout(TASK_TIMEOUT, self.supervisor().finished()).await.is_err() {
            tracing::warn!("a background task did not end in time");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ESSENTIAL: [&str; 12] = [
        "writer",
        "checkpoints",
        "search index",
        "hashing",
        "read receipts",
        "broadcast of committed changes",
        "room summaries",
        "presence",
        "removal of files",
        "scheduled messages",
        "automatic answers",
        "account watch",
    ];

    #[tokio::test]
    async fn the_death_of_any_essential_task_is_reported_by_its_name() {
        for task in ESSENTIAL {
            let data = tempfile::tempdir().unwrap();
            let messenger = Messenger::open(data.path(), Policy::UNLIMITED).await.unwrap();
            let supervisor = messenger.supervisor();
            let mut tasks = supervisor.essential_tasks();
            // There is one hash thread for every two cores.
            tasks.dedup();
            assert_eq!(tasks, ESSENTIAL);
            supervisor.kill(task);
            let failure = timeout(TASK_TIMEOUT, supervisor.failure()).await.unwrap();
            assert_eq!((failure.task, failure.cause.as_str()), (task, "it panicked: killed"));
            messenger.close().await;
        }
    }

    #[tokio::test]
    async fn closing_ends_all_tasks_and_is_no_failure() {
        let data = tempfile::tempdir().unwrap();
        let messenger = Messenger::open(data.path(), Policy::UNLIMITED).await.unwrap();
        messenger.close().await;
        timeout(TASK_TIMEOUT, messenger.supervisor().finished()).await.unwrap();
        assert!(timeout(Duration::from_millis(20), messenger.supervisor().failure()).await.is_err());
    }
}
