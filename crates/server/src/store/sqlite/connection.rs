//! Options for opening the database file.

use std::{path::Path, time::Duration};

use sqlx::{
    ConnectOptions, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

use crate::model::Durability;

/// The writer's page cache, 32 MiB (SQLite's unit is -1 KiB): each post reads and changes a dozen pages, which
/// otherwise would be read from the WAL each time.
const WRITER_CACHE: &str = "-32768";
/// From this many pages on (1 GiB) a commit checkpoints: a fallback if the checkpoint task fails.
const WAL_PAGES: &str = "262144";
/// The size to which the WAL file is truncated when it starts over (64 MiB).
const WAL_KEPT_BYTES: &str = "67108864";
/// How long a statement waits for a lock of another process.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Moves pages that no read transaction needs from the WAL into the file, without waiting.
pub(crate) const PASSIVE_CHECKPOINT: &str = "PRAGMA wal_checkpoint(PASSIVE)";

/// A connection that reads and writes.
pub(crate) fn options(file: &Path, durability: Durability) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(file)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(match durability {
            Durability::Full => SqliteSynchronous::Full,
            Durability::Normal => SqliteSynchronous::Normal,
        })
        // A recalled text must not remain in unused pages of the file.
        .pragma("secure_delete", "on")
        .pragma("temp_store", "memory")
        .pragma("wal_autocheckpoint", WAL_PAGES)
        .pragma("journal_size_limit", WAL_KEPT_BYTES)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
}

/// The writer's connection. `statements`: how many prepared statements it keeps.
pub(crate) fn writer_options(options: &SqliteConnectOptions, statements: usize) -> SqliteConnectOptions {
    options.clone().pragma("cache_size", WRITER_CACHE).statement_cache_capacity(statements)
}

/// For commands that only read: the file stays unchanged. It may be a copy without a WAL.
pub(crate) fn read_options(file: &Path) -> SqliteConnectOptions {
    let options = SqliteConnectOptions::new().filename(file).pragma("temp_store", "memory");
    options.busy_timeout(BUSY_TIMEOUT)
}

pub(crate) async fn connect(options: &SqliteConnectOptions) -> sqlx::Result<SqliteConnection> {
    options.connect().await
}
