//! Rows of `used_bytes`. Each change updates the count of the owner and the count of all users.

use crate::store::sql::db::{Db, signed};
use protocol::ids::UserId;

/// The used bytes of one user.
pub(crate) async fn of(db: &mut Db, owner: UserId) -> sqlx::Result<u64> {
    let query = sqlx::query_scalar("SELECT bytes FROM used_bytes AS u WHERE u.owner = $1").bind(owner.uuid());
    let bytes: Option<i64> = query.fetch_optional(db).await?;
    Ok(bytes.unwrap_or_default() as u64)
}

/// The used bytes of all users.
pub(crate) async fn of_all(db: &mut Db) -> sqlx::Result<u64> {
    let bytes: i64 = sqlx::query_scalar("SELECT bytes FROM used_bytes_of_all WHERE one = 1").fetch_one(db).await?;
    Ok(bytes as u64)
}

pub(crate) async fn add(db: &mut Db, owner: UserId, bytes: u64) -> sqlx::Result<()> {
    let sql = "INSERT INTO used_bytes (owner, bytes) VALUES ($1, $2) \
               ON CONFLICT (owner) DO UPDATE SET bytes = used_bytes.bytes + excluded.bytes";
    sqlx::query(sql).bind(owner.uuid()).bind(signed(bytes)).execute(&mut *db).await?;
    let sql = "UPDATE used_bytes_of_all SET bytes = bytes + $1 WHERE one = 1";
    sqlx::query(sql).bind(signed(bytes)).execute(db).await.map(drop)
}

pub(crate) async fn subtract(db: &mut Db, owner: UserId, bytes: u64) -> sqlx::Result<()> {
    let sql = "UPDATE used_bytes AS u SET bytes = bytes - $2 WHERE u.owner = $1";
    sqlx::query(sql).bind(owner.uuid()).bind(signed(bytes)).execute(&mut *db).await?;
    let sql = "UPDATE used_bytes_of_all SET bytes = bytes - $1 WHERE one = 1";
    sqlx::query(sql).bind(signed(bytes)).execute(db).await.map(drop)
}
