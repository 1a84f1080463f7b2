//! Whether the store can save, learnt by saving something.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use sqlx::{Connection, SqliteConnection};
use tokio::{sync::Mutex, time::timeout};

use crate::{
    protocol::error::Refusal,
    server::store::{Durability, Fault, Result, Store, connect, files, options},
};

/// How long an answer holds: who asks more often costs no more.
const FRESH: Duration = Duration::from_secs(1);
/// How long a commit may take; people would call a slower one broken.
const PATIENCE: Duration = Duration::from_secs(2);
/// As much as a post changes, 32 KiB: a disk that is nearly full has room for less. It always differs, or SQLite would
/// have nothing to write.
const SAVE: &str = "INSERT INTO meta (key, value) VALUES ('pulse', randomblob(32768)) \
                    ON CONFLICT (key) DO UPDATE SET value = excluded.value";

/// The last answer, and when it was given.
#[derive(Clone, Default)]
pub(super) struct Pulse(Arc<Mutex<Option<(Instant, bool)>>>);

impl Store {
    /// Whether the writer commits and the readers read, within two seconds. It is tried once a second at most.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`] when not.
    pub async fn ping(&self) -> Result<()> {
        let mut last = self.pulse.0.lock().await;
        if last.is_none_or(|(answered_at, _)| answered_at.elapsed() >= FRESH) {
            let is_well = timeout(PATIENCE, self.save_and_read()).await.is_ok_and(|outcome| outcome.is_ok());
            *last = Some((Instant::now(), is_well));
        }
        if last.is_some_and(|(_, is_well)| is_well) { Ok(()) } else { Err(Refusal::Unavailable.into()) }
    }

    async fn save_and_read(&self) -> Result<()> {
        let work = self.writer.run(|connection| {
            Box::pin(async move {
                save(connection).await?;
                Ok(((), None))
            })
        });
        work.await?;
        sqlx::query_scalar::<_, i64>("SELECT count(*) FROM meta").fetch_one(&self.readers).await?;
        Ok(())
    }
}

async fn save(connection: &mut SqliteConnection) -> sqlx::Result<()> {
    sqlx::query(SAVE).execute(connection).await.map(drop)
}

/// Saves something into the database of `directory`, to learn why a command could not.
///
/// # Errors
/// Why it cannot be saved.
pub async fn try_write(directory: &Path) -> std::result::Result<(), Fault> {
    let file = files::existing(directory)?;
    let tried = async {
        let mut connection = connect(&options(&file, Durability::Full)).await?;
        save(&mut connection).await?;
        connection.close().await
    };
    tried.await.map_err(Fault::database(&file))
}
