//! The health check: a write and a read.

use std::time::Duration;

use tokio::time::{Instant, timeout, timeout_at};

use crate::store::{
    error::StoreResult,
    handle::Store,
    postgres,
    sql::{db::Db, read_pool::ReadPool, statement::query_scalar},
    sqlite,
};
use protocol::error::Refusal;

/// How long the write and the read may take; a slower server is as good as broken.
const HEALTH_TIMEOUT: Duration = Duration::from_secs(2);
/// A read of few rows.
const COUNT: &str = "SELECT count(*) FROM meta";

impl Store {
    /// Whether the writer commits and the read pool answers, within two seconds. Runs at most once a second.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`] if they do not.
    pub async fn check_health(&self) -> StoreResult<()> {
        let attempt = async {
            let (written, is_read) = tokio::join!(timeout(HEALTH_TIMEOUT, self.write()), answers(&self.read_pool));
            is_read && written.is_ok_and(|result| result.is_ok())
        };
        if self.last_health.refreshed(attempt).await { Ok(()) } else { Err(Refusal::Unavailable.into()) }
    }

    /// Whether a shared database answers within two seconds; true for that of a data directory.
    pub async fn is_reachable(&self) -> bool {
        let Some(probe) = &self.probe else { return true };
        answers(probe).await
    }

    async fn write(&self) -> StoreResult<()> {
        self.writer.run(|db| Box::pin(async move { Ok((write(db).await?, None)) })).await
    }
}

/// Whether a connection answers within two seconds. One that does not is given up, so that the next attempt has a new
/// one: the network may have forgotten the old one for good.
async fn answers(read_pool: &ReadPool) -> bool {
    let deadline = Instant::now() + HEALTH_TIMEOUT;
    let Ok(Ok(mut db)) = timeout_at(deadline, read_pool.acquire()).await else { return false };
    let answer = timeout_at(deadline, query_scalar::<i64>(COUNT).fetch_one(&mut db)).await;
    let is_answer = matches!(answer, Ok(Ok(_)));
    if !is_answer {
        db.give_up();
    }
    is_answer
}

async fn write(db: &mut Db) -> sqlx::Result<()> {
    match db {
        Db::Sqlite(_) => sqlite::health::write(db).await,
        Db::Postgres(..) => postgres::health::write(db).await,
    }
}
