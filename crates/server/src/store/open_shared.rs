//! Opening a store in a PostgreSQL database.

use std::{path::Path, sync::Arc};

use parking_lot::Mutex;
use sqlx::PgConnection;
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::{
    model::{Committed, DatabaseUrl, Durability, Fault, OpenMode, SharedFault, StoreLocation},
    store::{
        handle::Store,
        indexer,
        last_health::LastHealth,
        postgres::{
            blob_locks::BlobLocks,
            connection::{Purpose, connect, options, pool},
            fault,
            feed_follower::FeedFollower,
            feed_shared::FeedShared,
            incarnation,
            indexer::PostgresIndex,
            migrations::{self, TableUse},
            writer::{self, Connecting},
        },
        sql::{node_clock::NodeClock, read_pool::ReadPool},
        sqlite::files,
        writer::QUEUE,
    },
    supervisor::Supervisor,
};

/// Connections for reads. A read waits for the network, so there are more than processors.
const READ_CONNECTIONS: u32 = 16;
/// Connections for searches, and one for the indexer.
const SEARCH_CONNECTIONS: u32 = 4;
const INDEXERS: u32 = 1;
/// The connection that shows whether the database can be reached.
const PROBE_CONNECTIONS: u32 = 1;
/// Connections that count attempts to sign in.
const ATTEMPT_CONNECTIONS: u32 = 3;

impl Store {
    /// Opens the store of a location; see [`Store::open_for`] and [`Store::open_shared`]. `durability` is the operator's of
    /// SQLite; that of PostgreSQL is in its own settings.
    ///
    /// # Errors
    /// As those two.
    pub async fn open_at(
        location: &StoreLocation,
        durability: Durability,
        mode: OpenMode,
        supervisor: &Supervisor,
    ) -> Result<(Self, mpsc::Receiver<Vec<Committed>>), Fault> {
        match &location.database {
            None => Self::open_for(&location.directory, durability, mode, supervisor).await,
            Some(url) => Box::pin(Self::open_shared(&location.directory, url, mode, supervisor)).await,
        }
    }

    /// Opens a store in this database for a server or for a command: creates the tables or runs their migrations, and
    /// starts the writer. The receiver yields what it commits, in commit order. `directory`: for the files, and for the
    /// lock that keeps another server out of them.
    ///
    /// # Errors
    /// [`Fault::Shared`] if the database cannot be reached, or is not a database of Daehwa; as [`Store::open`] for the
    /// directory.
    pub async fn open_shared(
        directory: &Path,
        url: &DatabaseUrl,
        mode: OpenMode,
        supervisor: &Supervisor,
    ) -> Result<(Self, mpsc::Receiver<Vec<Committed>>), Fault> {
        files::make_folder(directory)?;
        let lock = if mode == OpenMode::Serve { Some(files::share(directory)?) } else { None };
        let failed = fault::database(url);
        let writing = options(url, Purpose::Write)?;
        let mut connection = connect(&writing).await.map_err(&failed)?;
        if migrations::are_pending(&mut connection, url, TableUse::Beside).await? {
            migrate(&mut connection, directory, url, mode).await?;
        }
        let (node, (sender, committed)) = (Uuid::now_v7(), mpsc::channel(QUEUE));
        let mut shared = None;
        if mode == OpenMode::Serve {
            let (with_reader, arrived) = FeedShared::begin();
            shared = Some(with_reader.clone());
            let with_reader = (with_reader, arrived);
            let begun = FeedFollower::begin(options(url, Purpose::Read)?, node, with_reader, sender.clone()).await;
            begun.map_err(&failed)?.start(supervisor);
        }
        let incarnation = incarnation::of(&mut connection).await.map_err(&failed)?;
        let epoch = incarnation::epoch(&mut connection, &incarnation).await.map_err(&failed)?;
        let clock = Arc::new(clock(&mut connection).await.map_err(&failed)?);
        let read_pool = ReadPool::Postgres(pool(options(url, Purpose::Read)?, READ_CONNECTIONS), clock.clone());
        let search_pool = ReadPool::Postgres(pool(options(url, Purpose::Search)?, SEARCH_CONNECTIONS), clock.clone());
        let probe = Some(ReadPool::Postgres(pool(options(url, Purpose::Read)?, PROBE_CONNECTIONS), clock.clone()));
        let attempts = Some(ReadPool::Postgres(pool(options(url, Purpose::Read)?, ATTEMPT_CONNECTIONS), clock.clone()));
        let index = PostgresIndex(pool(options(url, Purpose::Read)?, INDEXERS));
        let feed = shared.clone();
        let connecting = Connecting { options: writing, clock, incarnation, node, shared };
        let writer = writer::start(connection, connecting, sender, supervisor);
        let indexer = indexer::start(index, supervisor);
        let (last_health, lock, supervisor) = (LastHealth::default(), Arc::new(Mutex::new(lock)), supervisor.clone());
        let (checkpoints, blob_locks) = (None, Some(BlobLocks::new(options(url, Purpose::Lock)?)));
        let store = Self {
            read_pool,
            search_pool,
            probe,
            attempts,
            writer,
            blob_locks,
            checkpoints,
            indexer,
            last_health,
            feed,
            epoch,
            supervisor,
            lock,
        };
        Ok((store, committed))
    }
}

/// Runs the pending migrations, on a connection without time limits. Only a server updates existing tables: a command of
/// a newer program may not decide for the servers that run.
async fn migrate(
    connection: &mut PgConnection,
    directory: &Path,
    url: &DatabaseUrl,
    mode: OpenMode,
) -> Result<(), Fault> {
    let failed = fault::database(url);
    let is_new = migrations::is_empty(&mut *connection).await.map_err(&failed)?;
    let is_utf8 = migrations::is_utf8(connection).await.map_err(&failed)?;
    let obstacle = match mode {
        OpenMode::Change if is_new => Some(SharedFault::Empty),
        OpenMode::Add | OpenMode::Change if !is_new => Some(SharedFault::Older),
        _ if is_new && files::existing(directory).is_ok() => Some(SharedFault::NotCopied(directory.to_owned())),
        _ => (!is_utf8).then_some(SharedFault::NotUtf8),
    };
    if let Some(cause) = obstacle {
        return Err(Fault::Shared { database: url.redacted(), cause });
    }
    let mut unlimited = connect(&options(url, Purpose::Whole)?).await.map_err(&failed)?;
    migrations::run(&mut unlimited, url).await
}

/// A clock whose times are later than every `active_at`.
async fn clock(connection: &mut PgConnection) -> sqlx::Result<NodeClock> {
    let sql = "SELECT coalesce(max(active_at), 0) FROM rooms";
    let last: i64 = sqlx::query_scalar(sql).fetch_one(connection).await?;
    let (_, node) = Uuid::new_v4().as_u64_pair();
    Ok(NodeClock::new(node, last))
}
