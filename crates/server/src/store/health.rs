//! The health check: a write and a read.

use std::time::Duration;

use tokio::time::timeout;

use crate::store::{error::StoreResult, handle::Store, sqlite::health};
use protocol::error::Refusal;

/// How long the write and the read may take; a slower server is as good as broken.
const HEALTH_TIMEOUT: Duration = Duration::from_secs(2);

impl Store {
    /// Whether the writer commits and the readers read, within two seconds. Runs at most once a second.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`] if they do not.
    pub async fn check_health(&self) -> StoreResult<()> {
        let attempt = async { timeout(HEALTH_TIMEOUT, self.write_and_read()).await.is_ok_and(|result| result.is_ok()) };
        if self.last_health.refreshed(attempt).await { Ok(()) } else { Err(Refusal::Unavailable.into()) }
    }

    async fn write_and_read(&self) -> StoreResult<()> {
        let write = self.writer.run(|db| Box::pin(async move { Ok((health::write(db).await?, None)) }));
        write.await?;
        Ok(health::read(&mut *self.readers.acquire().await?).await?)
    }
}
