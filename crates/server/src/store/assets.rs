//! The files of the browser's program, of the builds of a shared database's nodes. A data directory has one node, whose
//! program holds the files of its one build.

use std::sync::Arc;

use crate::{
    model::Asset,
    store::{error::StoreResult, handle::Store, postgres::assets},
};

/// How many builds are kept: the outgoing build, the incoming build, and one for a rollback.
const KEPT: i64 = 3;

impl Store {
    /// Keeps the files of a build that a node starts with, unless they are kept already. Deletes all but the builds that
    /// started last.
    ///
    /// # Errors
    /// If the database fails, or is that of a data directory.
    pub async fn insert_build(&self, build: String, files: Arc<[Asset]>) -> StoreResult<()> {
        let write = self.writer.run(move |db| {
            Box::pin(async move {
                if !assets::begin(db, &build).await? {
                    assets::insert(db, &build, &files).await?;
                }
                Ok((assets::keep_last(db, &build, KEPT).await?, None))
            })
        });
        write.await
    }

    /// The builds whose files are kept.
    ///
    /// # Errors
    /// As [`Store::insert_build`].
    pub async fn builds(&self) -> StoreResult<Vec<String>> {
        Ok(assets::builds(&mut self.read_pool.acquire().await?).await?)
    }

    /// The files of a build; none if it is not kept.
    ///
    /// # Errors
    /// As [`Store::insert_build`].
    pub async fn assets(&self, build: &str) -> StoreResult<Vec<Asset>> {
        Ok(assets::of(&mut self.read_pool.acquire().await?, build).await?)
    }
}
