//! Rows of `used_bytes`. Each change updates the count of all users, then the count of the owner: of several nodes, the
//! one that has updated the first count goes on, and the others wait.

use crate::store::{
    postgres,
    sql::{
        db::{Db, signed},
        statement::{query, query_scalar},
    },
};
use protocol::ids::UserId;

/// Locks the counts until the end of the transaction. What is read afterwards is as new as the counts, so several nodes
/// do not pass a quota together, and none names a blob that another one releases. SQLite has one writer.
pub(crate) async fn lock(db: &mut Db) -> sqlx::Result<()> {
    match db {
        Db::Sqlite(_) => Ok(()),
        Db::Postgres(..) => postgres::versions::lock_used_bytes(db).await,
    }
}

/// The used bytes of one user.
pub(crate) async fn of(db: &mut Db, owner: UserId) -> sqlx::Result<u64> {
    let query = query_scalar("SELECT bytes FROM used_bytes AS u WHERE u.owner = $1").bind(owner.uuid());
    let bytes: Option<i64> = query.fetch_optional(db).await?;
    Ok(bytes.unwrap_or_default() as u64)
}

/// The used bytes of all users.
pub(crate) async fn of_all(db: &mut Db) -> sqlx::Result<u64> {
    let bytes: i64 = query_scalar("SELECT bytes FROM used_bytes_of_all WHERE one = 1").fetch_one(db).await?;
    Ok(bytes as u64)
}

pub(crate) async fn add(db: &mut Db, owner: UserId, bytes: u64) -> sqlx::Result<()> {
    let sql = "UPDATE used_bytes_of_all SET bytes = bytes + $1 WHERE one = 1";
    query(sql).bind(signed(bytes)).execute(&mut *db).await?;
    let sql = "INSERT INTO used_bytes (owner, bytes) VALUES ($1, $2) \
               ON CONFLICT (owner) DO UPDATE SET bytes = used_bytes.bytes + excluded.bytes";
    query(sql).bind(owner.uuid()).bind(signed(bytes)).execute(db).await.map(drop)
}

pub(crate) async fn subtract(db: &mut Db, owner: UserId, bytes: u64) -> sqlx::Result<()> {
    let sql = "UPDATE used_bytes_of_all SET bytes = bytes - $1 WHERE one = 1";
    query(sql).bind(signed(bytes)).execute(&mut *db).await?;
    let sql = "UPDATE used_bytes AS u SET bytes = bytes - $2 WHERE u.owner = $1";
    query(sql).bind(owner.uuid()).bind(signed(bytes)).execute(db).await.map(drop)
}
