//! Writes the search index on a connection of its own, so that no post waits for it.

use std::time::Duration;

use futures::{FutureExt, future::BoxFuture};
use sqlx::PgPool;

use crate::store::{
    error::StoreResult,
    indexer::{IndexRound, TextIndex},
    postgres::{connection::answered_within, index},
};

/// Texts in one transaction, and how long its statements may take together.
const TEXTS: i64 = 64;
const LIMIT: Duration = Duration::from_secs(30);

/// The index in PostgreSQL, which tidies itself.
pub(crate) struct PostgresIndex(pub(crate) PgPool);

impl TextIndex for PostgresIndex {
    /// Each write is a transaction with a flush, on every node.
    const GATHERING: Duration = Duration::from_millis(250);

    fn insert_next(&self) -> BoxFuture<'_, StoreResult<IndexRound>> {
        let insert = async {
            let mut connection = self.0.acquire().await?;
            let answer = answered_within(LIMIT, index::insert_next(&mut connection, TEXTS)).await;
            if matches!(answer, Err(sqlx::Error::Io(_))) {
                connection.close_on_drop();
            }
            Ok(answer?)
        };
        insert.boxed()
    }

    fn tidy(&self, _writes: usize) -> BoxFuture<'_, StoreResult<()>> {
        async { Ok(()) }.boxed()
    }
}
