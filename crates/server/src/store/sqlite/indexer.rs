//! Writes the search index through the writer, a few texts at a time.

use std::time::Duration;

use futures::{FutureExt, future::BoxFuture};

use crate::store::{
    error::StoreResult,
    indexer::{IndexRound, TextIndex},
    sql::db::Db,
    sqlite::index,
    writer::Writer,
};

/// Texts in one write, which delays posts by some two milliseconds.
const TEXTS: i64 = 64;
/// Merges after each write of texts, at most: the index stays in few segments, and no merge takes long.
const MERGES: usize = 2;

/// The index in SQLite, behind its writer.
pub(crate) struct SqliteIndex(pub(crate) Writer);

impl TextIndex for SqliteIndex {
    /// A few large segments are cheaper to write and to merge than many.
    const GATHERING: Duration = Duration::from_millis(50);

    fn insert_next(&self) -> BoxFuture<'_, StoreResult<IndexRound>> {
        let round = async {
            let has_inserted = write(&self.0, |db| Box::pin(index::insert_next(db, TEXTS))).await?;
            Ok(if has_inserted { IndexRound::Full } else { IndexRound::Empty })
        };
        round.boxed()
    }

    fn tidy(&self, writes: usize) -> BoxFuture<'_, StoreResult<()>> {
        let merge = async move {
            for _ in 0..writes * MERGES {
                if !write(&self.0, |db| Box::pin(index::merge(db))).await? {
                    break;
                }
            }
            Ok(())
        };
        merge.boxed()
    }
}

/// One write of the writer. Returns whether it changed anything.
async fn write<F>(writer: &Writer, statements: F) -> StoreResult<bool>
where
    F: for<'c> FnOnce(&'c mut Db) -> BoxFuture<'c, sqlx::Result<bool>> + Clone + Send + 'static,
{
    writer.run(move |db| Box::pin(async move { Ok((statements(db).await?, None)) })).await
}
