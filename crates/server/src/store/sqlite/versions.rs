//! Counters and clocks kept in SQLite: `meta` holds them as blobs, and the writer's connection has a temporary table
//! for `active_at`.

use sqlx::SqliteConnection;
use uuid::Uuid;

use crate::store::{
    clock::now_ms,
    sql::{db::Db, statement::query_scalar},
};

/// The last `active_at` of the writer. The clock may go back; this value never does.
pub(crate) const PREPARE: &str = "
    CREATE TEMP TABLE clock (last INTEGER NOT NULL) STRICT;
    INSERT INTO clock SELECT coalesce(max(active_at), 0) FROM rooms;";

pub(crate) const ACCOUNTS_VERSION: &str =
    "SELECT CAST(CAST(value AS TEXT) AS INTEGER) FROM meta WHERE key = 'accounts_version'";

/// The next `active_at` on the writer's connection, UTC milliseconds: the time, or one more than the last value.
pub(crate) async fn next_active_at(db: &mut Db) -> sqlx::Result<i64> {
    let sql = "UPDATE clock SET last = max(last + 1, $1) RETURNING last";
    query_scalar(sql).bind(now_ms()).fetch_one(db).await
}

/// The epoch of this database's versions. A copy gets another epoch.
pub(crate) async fn epoch(db: &mut SqliteConnection) -> sqlx::Result<Uuid> {
    sqlx::query_scalar("SELECT value FROM meta WHERE key = 'epoch'").fetch_one(db).await
}

/// The version of the accounts. Every change of an account, in any process, advances it.
pub(crate) async fn accounts_version(db: &mut Db) -> sqlx::Result<i64> {
    query_scalar(ACCOUNTS_VERSION).fetch_one(db).await
}
