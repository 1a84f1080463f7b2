//! Counters and the clock that SQLite keeps for us: `meta` holds them as blobs, and the writer's connection has a
//! temporary table for `active_at`.

use uuid::Uuid;

use crate::store::{clock::now_ms, sql::db::Db};

/// The newest `active_at` that the writer has given out. The clock may go back; this never does.
pub(crate) const PREPARE: &str = "
    CREATE TEMP TABLE clock (last INTEGER NOT NULL) STRICT;
    INSERT INTO clock SELECT coalesce(max(active_at), 0) FROM rooms;";

/// The next `active_at` on the writer's connection, UTC milliseconds: the time, or just after the last one.
pub(crate) async fn next_active_at(db: &mut Db) -> sqlx::Result<i64> {
    let sql = "UPDATE clock SET last = max(last + 1, $1) RETURNING last";
    sqlx::query_scalar(sql).bind(now_ms()).fetch_one(db).await
}

/// The history that this database's versions count in. A copy gets another one.
pub(crate) async fn epoch(db: &mut Db) -> sqlx::Result<Uuid> {
    sqlx::query_scalar("SELECT value FROM meta WHERE key = 'epoch'").fetch_one(db).await
}

/// Moves with every change of an account, by whichever process.
pub(crate) async fn accounts_version(db: &mut Db) -> sqlx::Result<i64> {
    let sql = "SELECT CAST(CAST(value AS TEXT) AS INTEGER) FROM meta WHERE key = 'accounts_version'";
    sqlx::query_scalar(sql).fetch_one(db).await
}
