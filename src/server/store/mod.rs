//! What is kept, in SQLite. Reads go to a pool, writes to the one writer; nothing here knows who is
//! connected. A method's answer to a write comes after its transaction is on disk.

mod accounts;
mod backup;
mod changes;
mod check;
mod checkpoint;
mod fault;
mod files;
mod indexer;
mod members;
mod messages;
mod pulse;
mod rooms;
mod search;
mod sessions;
mod tables;
mod writer;

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

use sqlx::{
    SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::protocol::error::Refusal;

pub use accounts::{Account, Credentials, Entry, accounts_in};
pub use backup::backup;
pub use changes::{Changed, NewMessage};
pub use check::{Finding, check};
pub use fault::{Cause, Fault};
pub use members::{Member, Standing};
pub use messages::{Page, Place};
pub use pulse::try_write;
pub use rooms::OpenedRoom;
pub use search::Found;
pub use sessions::{DeviceId, NewSession, Session, SessionId};
pub use writer::{Committed, Reacted};

/// The writer's cache of pages, 32 MiB (SQLite's unit is -1 KiB): each post reads and changes a dozen, which
/// would be read from the log again and again.
const WRITER_CACHE: &str = "-32768";
/// Readers beside the writer: two cores answer no more than this at once.
const READERS: u32 = 4;
/// Searches at once.
const SEARCHERS: u32 = 2;

#[derive(Debug)]
pub enum Error {
    /// It may not be: the asker's fault or luck.
    Refused(Refusal),
    /// The database could not: a full disk, a broken file.
    Database(sqlx::Error),
}

pub type Result<T> = std::result::Result<T, Error>;

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Error> for Refusal {
    /// What the asker hears; the database's own words go to the log only.
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(refusal) => refusal,
            // The store was closed: whoever asked comes too late, and nothing failed.
            Error::Database(sqlx::Error::PoolClosed) => Refusal::Unavailable,
            Error::Database(error) => {
                tracing::error!(%error, "the database could not");
                Refusal::Unavailable
            }
        }
    }
}

/// What a committed transaction survives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// A power cut: it is on disk before it is acknowledged.
    #[default]
    Full,
    /// A killed process, but not a power cut. Only there so that a test can show the difference.
    Normal,
}

/// Who opens a data directory, and what may be made of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// The one server: what is missing is made, and nobody else may serve from there meanwhile.
    Serve,
    /// A command that adds accounts, also while a server runs; what is missing is made.
    Add,
    /// A command that changes accounts, also while a server runs; without a database there are none.
    Change,
}

#[derive(Clone)]
pub struct Store {
    readers: SqlitePool,
    /// Readers of their own, so that slow searches keep nobody else from reading.
    searchers: SqlitePool,
    writer: writer::Writer,
    checkpoints: checkpoint::Checkpoints,
    indexer: indexer::Indexer,
    pulse: pulse::Pulse,
    epoch: Uuid,
    /// Until the store is closed.
    lock: Arc<Mutex<Option<files::Lock>>>,
}

impl Store {
    /// Opens or makes the database in `directory` for a server, brings its tables up to date and starts the
    /// writer. What it commits comes out of the receiver, in the order of the commits.
    ///
    /// # Errors
    /// When the directory cannot be made, another server has it, or the file is not a database of ours.
    pub async fn open(
        directory: &Path,
        durability: Durability,
    ) -> std::result::Result<(Self, mpsc::Receiver<Vec<Committed>>), Fault> {
        Self::open_for(directory, durability, Access::Serve).await
    }

    /// As [`Store::open`], for a server or for a command.
    ///
    /// # Errors
    /// As [`Store::open`]; [`Fault::NoDatabase`] where nothing may be made.
    pub async fn open_for(
        directory: &Path,
        durability: Durability,
        access: Access,
    ) -> std::result::Result<(Self, mpsc::Receiver<Vec<Committed>>), Fault> {
        let file = if access == Access::Change { files::existing(directory)? } else { files::make(directory)? };
        let mut lock = if access == Access::Serve { Some(files::lock(directory)?) } else { None };
        let options = options(&file, durability);
        let writer_options =
            options.clone().pragma("cache_size", WRITER_CACHE).statement_cache_capacity(writer::STATEMENTS);
        let failed = Fault::database(&file);
        let mut connection = connect(&writer_options).await.map_err(&failed)?;
        if tables::are_old(&mut connection, &file).await? {
            // A server that runs with the old tables would not know the new ones.
            let held = lock.take().map_or_else(|| files::lock(directory), Ok)?;
            tables::update(&mut connection, &file).await?;
            lock = Some(held).filter(|_| access == Access::Serve);
        }
        if access == Access::Serve {
            search::catch_up(&mut connection).await.map_err(&failed)?;
        }
        let epoch = sqlx::query_scalar("SELECT value FROM meta WHERE key = 'epoch'");
        let epoch = epoch.fetch_one(&mut connection).await.map_err(&failed)?;
        let beside = connect(&options).await.map_err(&failed)?;
        let reading = options.read_only(true);
        let readers = SqlitePoolOptions::new().max_connections(READERS).connect_lazy_with(reading.clone());
        let searchers = SqlitePoolOptions::new().max_connections(SEARCHERS).connect_lazy_with(reading);
        sqlx::raw_sql(changes::PREPARE).execute(&mut connection).await.map_err(&failed)?;
        let (writer, committed) = writer::start(connection);
        let checkpoints = checkpoint::start(beside, writer.clone());
        let indexer = indexer::start(writer.clone());
        let (pulse, lock) = (pulse::Pulse::default(), Arc::new(Mutex::new(lock)));
        Ok((Self { readers, searchers, writer, checkpoints, indexer, pulse, epoch, lock }, committed))
    }

    /// The history that this database's versions count in.
    pub fn epoch(&self) -> Uuid {
        self.epoch
    }

    /// Lets the writer finish what it has, then closes the file. Writes after this are refused.
    pub async fn close(&self) {
        // The last one to close empties the write-ahead log into the file, which a reader may not.
        self.readers.close().await;
        self.searchers.close().await;
        self.checkpoints.end().await;
        self.writer.close().await;
        drop(self.lock.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}

fn options(file: &Path, durability: Durability) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(file)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(match durability {
            Durability::Full => SqliteSynchronous::Full,
            Durability::Normal => SqliteSynchronous::Normal,
        })
        // What is taken back is not to be found in the file's unused corners.
        .pragma("secure_delete", "on")
        .pragma("temp_store", "memory")
        .pragma("wal_autocheckpoint", checkpoint::LOG_PAGES)
        .pragma("journal_size_limit", checkpoint::KEPT_BYTES)
        .foreign_keys(true)
        .busy_timeout(std::time::Duration::from_secs(5))
}

/// For commands that look: what they find stays as it is, a copy without a log, too.
fn looking(file: &Path) -> SqliteConnectOptions {
    let options = SqliteConnectOptions::new().filename(file).pragma("temp_store", "memory");
    options.busy_timeout(std::time::Duration::from_secs(5))
}

async fn connect(options: &SqliteConnectOptions) -> sqlx::Result<sqlx::SqliteConnection> {
    use sqlx::ConnectOptions;
    options.connect().await
}

/// Now, in UTC milliseconds.
pub fn now_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64)
}
