//! The search index, which each engine keeps in its own way. Both find any part of a word.

use crate::{
    model::SearchPage,
    store::{error::StoreResult, postgres, rules::StoredMessage, sql::db::Db, sql::searched::Searched, sqlite},
};

/// A page of hits for a user: the newest messages that they see and that contain every word of `query`, with a number
/// below `before`.
///
/// # Errors
/// [`Refusal::TooFast`] after two seconds.
///
/// [`Refusal::TooFast`]: protocol::error::Refusal::TooFast
pub(crate) async fn search(
    db: &mut Db,
    searched: Searched,
    query: &str,
    before: Option<u64>,
) -> StoreResult<SearchPage> {
    match db {
        Db::Sqlite(_) => sqlite::index::search(db, searched, query, before).await,
        Db::Postgres(..) => postgres::index::search(db, searched, query, before).await,
    }
}

/// Replaces the indexed text of a message.
pub(crate) async fn update(db: &mut Db, message: &StoredMessage, body: &str) -> sqlx::Result<()> {
    match db {
        Db::Sqlite(_) => sqlite::index::update(db, message, body).await,
        Db::Postgres(..) => postgres::index::update(db, message, body).await,
    }
}

/// Removes a message from the index, with its number. The caller deletes the files later, because their names are in
/// the index.
pub(crate) async fn delete(db: &mut Db, message: &StoredMessage) -> sqlx::Result<()> {
    match db {
        Db::Sqlite(_) => sqlite::index::delete(db, message).await,
        Db::Postgres(..) => postgres::index::delete(db, message).await,
    }
}
