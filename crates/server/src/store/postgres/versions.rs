//! Counters kept in PostgreSQL, and their locks.

use crate::store::sql::{
    db::Db,
    statement::{query, query_scalar},
};

/// The version of the accounts. Every change of an account, in any process, advances it.
pub(crate) async fn accounts_version(db: &mut Db) -> sqlx::Result<i64> {
    query_scalar("SELECT value FROM counters WHERE name = 'accounts_version'").fetch_one(db).await
}

/// Every insert of an account counts up this row.
pub(crate) async fn lock_accounts(db: &mut Db) -> sqlx::Result<()> {
    query("SELECT 1 FROM counters WHERE name = 'accounts_version' FOR UPDATE").execute(db).await.map(drop)
}

/// Every change of the used bytes changes this row.
pub(crate) async fn lock_used_bytes(db: &mut Db) -> sqlx::Result<()> {
    query("SELECT 1 FROM used_bytes_of_all WHERE one = 1 FOR UPDATE").execute(db).await.map(drop)
}
