//! The place of the files of a shared database, as its nodes recorded it.

use crate::{
    model::FilesPlace,
    store::{
        error::StoreResult,
        handle::Store,
        postgres::{feed, incarnation},
        sql::statement::{query, query_scalar},
    },
};

impl Store {
    /// The name of a shared database: another one has another name, also if it is a copy.
    ///
    /// # Errors
    /// If the database fails, or the data directory has it.
    pub async fn database_name(&self) -> StoreResult<String> {
        Ok(incarnation::database(self.read_pool.acquire().await?.postgres()?).await?)
    }

    /// The place that is recorded; `None` before the first node with files.
    ///
    /// # Errors
    /// If the database fails, or its record is of a newer version of the program.
    pub async fn files_place(&self) -> StoreResult<Option<FilesPlace>> {
        let query = query_scalar("SELECT value FROM meta WHERE key = 'files_place'");
        let value: Option<Vec<u8>> = query.fetch_optional(&mut self.read_pool.acquire().await?).await?;
        let Some(value) = value else { return Ok(None) };
        let place = FilesPlace::of_text(&String::from_utf8_lossy(&value));
        place.map(Some).ok_or_else(|| sqlx::Error::Decode("meta has an unknown files_place".into()).into())
    }

    /// Records the place, unless one is recorded. Returns the one that is.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn claim_files_place(&self, place: &FilesPlace) -> StoreResult<FilesPlace> {
        let value = place.text().into_bytes();
        let write = self.writer.run(move |db| {
            Box::pin(async move {
                let sql = "INSERT INTO meta (key, value) VALUES ('files_place', $1) ON CONFLICT (key) DO NOTHING";
                query(sql).bind(value).execute(db).await?;
                Ok(((), None))
            })
        });
        write.await?;
        Ok(self.files_place().await?.unwrap_or_else(|| place.clone()))
    }

    /// Replaces the record, if it still is `old`.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn move_files_place(&self, old: &FilesPlace, new: &FilesPlace) -> StoreResult<()> {
        let (old, new) = (old.text().into_bytes(), new.text().into_bytes());
        let write = self.writer.run(move |db| {
            Box::pin(async move {
                let sql = "UPDATE meta SET value = $2 WHERE key = 'files_place' AND value = $1";
                query(sql).bind(old).bind(new).execute(db).await?;
                Ok(((), None))
            })
        });
        write.await
    }

    /// How many nodes of the database are running, this one included.
    ///
    /// # Errors
    /// If the database fails, or the data directory has it.
    pub async fn running_nodes(&self) -> StoreResult<i64> {
        Ok(feed::running(self.read_pool.acquire().await?.postgres()?).await?)
    }
}
