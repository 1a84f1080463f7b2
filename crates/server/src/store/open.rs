//! Opening a store.

use std::{path::Path, sync::Arc};

use parking_lot::Mutex;
use sqlx::{SqliteConnection, sqlite::SqlitePoolOptions};
use tokio::sync::mpsc;

use crate::{
    model::{Committed, Durability, Fault, OpenMode},
    store::{
        handle::Store,
        indexer,
        last_health::LastHealth,
        sql::read_pool::ReadPool,
        sqlite::{
            checkpoint,
            connection::{connect, options, writer_options},
            fault, files, index,
            indexer::SqliteIndex,
            migrations, posts, versions, writer,
        },
    },
    supervisor::Supervisor,
};

/// Connections for reads: two cores serve no more at once.
const READ_CONNECTIONS: u32 = 4;
/// Connections for searches.
const SEARCH_CONNECTIONS: u32 = 2;

impl Store {
    /// Opens the database in `directory` for a server: creates it or runs its migrations, and starts the writer. The
    /// receiver yields what it commits, in commit order.
    ///
    /// # Errors
    /// If the directory cannot be created, another server holds it, or the file is not a database of Daehwa.
    pub async fn open(
        directory: &Path,
        durability: Durability,
    ) -> Result<(Self, mpsc::Receiver<Vec<Committed>>), Fault> {
        Self::open_for(directory, durability, OpenMode::Serve, &Supervisor::default()).await
    }

    /// As [`Store::open`], for a server or for a command. The store's tasks are spawned by this supervisor.
    ///
    /// # Errors
    /// As [`Store::open`]; [`Fault::NoDatabase`] for [`OpenMode::Change`] without a database.
    pub async fn open_for(
        directory: &Path,
        durability: Durability,
        mode: OpenMode,
        supervisor: &Supervisor,
    ) -> Result<(Self, mpsc::Receiver<Vec<Committed>>), Fault> {
        let file = if mode == OpenMode::Change { files::existing(directory)? } else { files::make(directory)? };
        let lock = if mode == OpenMode::Serve { Some(files::lock(directory)?) } else { None };
        let failed = fault::database(&file);
        let options = options(&file, durability);
        let mut connection = connect(&writer_options(&options, writer::STATEMENTS)).await.map_err(&failed)?;
        if migrations::are_pending(&mut connection, &file).await? {
            migrate(&mut connection, &file, directory, lock.is_some()).await?;
        }
        if mode == OpenMode::Serve {
            index::number_texts(&mut connection).await.map_err(&failed)?;
        }
        let epoch = versions::epoch(&mut connection).await.map_err(&failed)?;
        let checkpointing = connect(&options).await.map_err(&failed)?;
        let reading = options.read_only(true);
        let read_pool = SqlitePoolOptions::new().max_connections(READ_CONNECTIONS).connect_lazy_with(reading.clone());
        let search_pool = SqlitePoolOptions::new().max_connections(SEARCH_CONNECTIONS).connect_lazy_with(reading);
        for sql in [versions::PREPARE, posts::PREPARE] {
            sqlx::raw_sql(sql).execute(&mut connection).await.map_err(&failed)?;
        }
        let (writer, committed) = writer::start(connection, supervisor);
        let checkpoints = Some(checkpoint::start(checkpointing, writer.clone(), supervisor));
        let (read_pool, search_pool) = (ReadPool::Sqlite(read_pool), ReadPool::Sqlite(search_pool));
        let indexer = indexer::start(SqliteIndex(writer.clone()), supervisor);
        let (last_health, lock, supervisor) = (LastHealth::default(), Arc::new(Mutex::new(lock)), supervisor.clone());
        let (feed, probe, attempts, blob_locks) = (None, None, None, None);
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

/// Runs the pending migrations. A command holds the lock of the directory, because no server may run on a newer schema
/// than its own.
async fn migrate(
    connection: &mut SqliteConnection,
    file: &Path,
    directory: &Path,
    is_locked: bool,
) -> Result<(), Fault> {
    let _lock = if is_locked { None } else { Some(files::lock(directory)?) };
    migrations::run(connection, file).await
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures::FutureExt;
    use tokio::time::timeout;

    use super::*;

    #[tokio::test]
    async fn closing_a_store_ends_its_tasks_and_is_no_failure() {
        let (data, supervisor) = (tempfile::tempdir().unwrap(), Supervisor::default());
        let opened = Store::open_for(data.path(), Durability::Full, OpenMode::Serve, &supervisor).await;
        let (store, _committed) = opened.unwrap();
        store.close().await;
        timeout(Duration::from_secs(10), supervisor.finished()).await.unwrap();
        assert!(supervisor.failure().now_or_never().is_none());
    }
}
