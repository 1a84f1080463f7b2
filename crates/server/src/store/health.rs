//! Whether the store works, learnt by writing and reading.

use std::time::Duration;

use tokio::time::timeout;

use crate::store::{error::StoreResult, handle::Store, sqlite::health};
use protocol::error::Refusal;

/// How long the write and the read may take; people would call a slower server broken.
const PATIENCE: Duration = Duration::from_secs(2);

impl Store {
    /// Whether the writer commits and the readers read, within two seconds. Tried once a second at most.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`] if not.
    pub async fn check_health(&self) -> StoreResult<()> {
        let attempt = async { timeout(PATIENCE, self.write_and_read()).await.is_ok_and(|result| result.is_ok()) };
        if self.last_health.refreshed(attempt).await { Ok(()) } else { Err(Refusal::Unavailable.into()) }
    }

    async fn write_and_read(&self) -> StoreResult<()> {
        let write = self.writer.run(|db| Box::pin(async move { Ok((health::write(db).await?, None)) }));
        write.await?;
        Ok(health::read(&mut *self.readers.acquire().await?).await?)
    }
}
