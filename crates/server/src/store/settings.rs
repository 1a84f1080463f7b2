//! The settings of people.

use crate::{
    model::Committed,
    store::{error::StoreResult, handle::Store, sql::settings},
};
use protocol::ids::UserId;

impl Store {
    /// The settings of a person; empty before the first choice.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn settings(&self, user: UserId) -> StoreResult<String> {
        Ok(settings::of(&mut *self.readers.acquire().await?, user).await?.unwrap_or_default())
    }

    /// Replaces the settings of a person.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn set_settings(&self, user: UserId, value: String) -> StoreResult<()> {
        let write = self.writer.run(move |db| {
            Box::pin(async move {
                settings::upsert(db, user, &value).await?;
                Ok(((), Some(Committed::Settings { user, settings: value })))
            })
        });
        write.await
    }
}
