//! What is kept, in SQLite. Reads go to a pool, writes to the one writer; nothing here knows who is
//! connected. A method's answer to a write comes after its transaction is on disk.

mod accounts;
mod backup;
mod changes;
mod check;
mod checkpoint;
mod indexer;
mod members;
mod messages;
mod rooms;
mod search;
mod sessions;
mod writer;

use std::{
    io,
    path::Path,
    time::{SystemTime, UNIX_EPOCH},
};

use sqlx::{
    SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::protocol::error::Refusal;

pub use accounts::{Account, Credentials, Entry};
pub use backup::backup;
pub use changes::{Changed, NewMessage};
pub use check::{Finding, check};
pub use members::{Member, Standing};
pub use messages::{Page, Place};
pub use rooms::OpenedRoom;
pub use search::Found;
pub use sessions::{Session, SessionId};
pub use writer::{Committed, Reacted};

/// The file inside the data directory.
const FILE: &str = "daehwa.db";
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

#[derive(Clone)]
pub struct Store {
    readers: SqlitePool,
    /// Readers of their own, so that slow searches keep nobody else from reading.
    searchers: SqlitePool,
    writer: writer::Writer,
    checkpoints: checkpoint::Checkpoints,
    indexer: indexer::Indexer,
    epoch: Uuid,
}

impl Store {
    /// Opens or makes the database in `directory`, brings its tables up to date and starts the
    /// writer. What it commits comes out of the receiver, in the order of the commits.
    ///
    /// # Errors
    /// When the directory cannot be made or the file is not a database of ours.
    pub async fn open(directory: &Path, durability: Durability) -> io::Result<(Self, mpsc::Receiver<Vec<Committed>>)> {
        std::fs::create_dir_all(directory)?;
        keep_private(directory)?;
        let options = options(&directory.join(FILE), durability);
        let writer_options =
            options.clone().pragma("cache_size", WRITER_CACHE).statement_cache_capacity(writer::STATEMENTS);
        let mut connection = connect(&writer_options).await.map_err(io::Error::other)?;
        sqlx::migrate!().run(&mut connection).await.map_err(io::Error::other)?;
        search::catch_up(&mut connection).await.map_err(|error| io::Error::other(format!("{error:?}")))?;
        let epoch = sqlx::query_scalar("SELECT value FROM meta WHERE key = 'epoch'")
            .fetch_one(&mut connection)
            .await
            .map_err(io::Error::other)?;
        let beside = connect(&options).await.map_err(io::Error::other)?;
        let reading = options.read_only(true);
        let readers = SqlitePoolOptions::new().max_connections(READERS).connect_lazy_with(reading.clone());
        let searchers = SqlitePoolOptions::new().max_connections(SEARCHERS).connect_lazy_with(reading);
        sqlx::raw_sql(changes::PREPARE).execute(&mut connection).await.map_err(io::Error::other)?;
        let (writer, committed) = writer::start(connection);
        let checkpoints = checkpoint::start(beside, writer.clone());
        let indexer = indexer::start(writer.clone());
        Ok((Self { readers, searchers, writer, checkpoints, indexer, epoch }, committed))
    }

    /// The history that this database's versions count in.
    pub fn epoch(&self) -> Uuid {
        self.epoch
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<()> {
        sqlx::query_scalar::<_, i64>("SELECT 1").fetch_one(&self.readers).await?;
        Ok(())
    }

    /// Lets the writer finish what it has, then closes the file. Writes after this are refused.
    pub async fn close(&self) {
        // The last one to close empties the write-ahead log into the file, which a reader may not.
        self.readers.close().await;
        self.searchers.close().await;
        self.checkpoints.end().await;
        self.writer.close().await;
    }
}

fn options(file: &Path, durability: Durability) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(match durability {
            Durability::Full => SqliteSynchronous::Full,
            Durability::Normal => SqliteSynchronous::Normal,
        })
        // What is taken back is not to be found in the file's unused corners.
        .pragma("secure_delete", "on")
        .pragma("temp_store", "memory")
        .pragma("wal_autocheckpoint", checkpoint::LOG_PAGES)
        .foreign_keys(true)
        .busy_timeout(std::time::Duration::from_secs(5))
}

async fn connect(options: &SqliteConnectOptions) -> sqlx::Result<sqlx::SqliteConnection> {
    use sqlx::ConnectOptions;
    options.connect().await
}

/// People's words are in there: nobody but the server's own account may read them.
#[cfg(unix)]
fn keep_private(directory: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(directory, std::fs::Permissions::from_mode(0o700))
}

#[cfg(not(unix))]
fn keep_private(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Now, in UTC milliseconds.
pub fn now_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64)
}
