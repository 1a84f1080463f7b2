//! The settings that accounts keep.

use crate::{
    model::Committed,
    store::{error::StoreResult, handle::Store, rules, sql::settings},
};
use protocol::ids::UserId;

impl Store {
    /// The settings of a user; empty if they changed none.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn settings(&self, user: UserId) -> StoreResult<String> {
        Ok(settings::of(&mut self.read_pool.acquire().await?, user).await?.unwrap_or_default())
    }

    /// Changes settings of a user; the others stay.
    ///
    /// # Errors
    /// As the rule `changed_settings` says; if the database fails.
    pub async fn change_settings(&self, user: UserId, changes: String) -> StoreResult<()> {
        let write = self.writer.run(move |db| {
            Box::pin(async move {
                let kept = settings::of(&mut *db, user).await?.unwrap_or_default();
                let changed = rules::changed_settings(&kept, &changes)?;
                if changed == kept {
                    return Ok(((), None));
                }
                settings::upsert(db, user, &changed).await?;
                Ok(((), Some(Committed::Settings { user, settings: changed })))
            })
        });
        write.await
    }
}
