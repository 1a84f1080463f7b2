//! Rows of `rooms` and `directs`.

use uuid::Uuid;

use crate::store::{
    clock::now_ms,
    sql::{
        db::Db,
        statement::{query, query_scalar},
    },
};
use protocol::ids::{RoomId, UserId};

/// The version of a room's newest change.
pub(crate) async fn version(db: &mut Db, room: RoomId) -> sqlx::Result<u64> {
    let query = query_scalar("SELECT version FROM rooms WHERE id = $1").bind(room.uuid());
    let version: i64 = query.fetch_one(db).await?;
    Ok(version as u64)
}

/// As [`version`]; `None` for an unknown room.
pub(crate) async fn find_version(db: &mut Db, room: RoomId) -> sqlx::Result<Option<u64>> {
    let query = query_scalar("SELECT version FROM rooms WHERE id = $1").bind(room.uuid());
    let version: Option<i64> = query.fetch_optional(db).await?;
    Ok(version.map(|version| version as u64))
}

/// `active_at`: the sort key of the room lists.
pub(crate) async fn insert(
    db: &mut Db,
    room: RoomId,
    is_group: bool,
    title: Option<&str>,
    active_at: i64,
) -> sqlx::Result<()> {
    let sql = "INSERT INTO rooms (id, created_at, is_group, title, active_at) VALUES ($1, $2, $3, $4, $5)";
    let query = query(sql).bind(room.uuid()).bind(now_ms()).bind(is_group).bind(title).bind(active_at);
    query.execute(db).await.map(drop)
}

/// The direct room of two users, the lower id first; the user's notes if both ids are the same.
pub(crate) async fn find_direct(db: &mut Db, low: UserId, high: UserId) -> sqlx::Result<Option<RoomId>> {
    let query = query_scalar("SELECT room FROM directs WHERE low = $1 AND high = $2");
    let room: Option<Uuid> = query.bind(low.uuid()).bind(high.uuid()).fetch_optional(db).await?;
    Ok(room.map(RoomId::from))
}

pub(crate) async fn insert_direct(db: &mut Db, low: UserId, high: UserId, room: RoomId) -> sqlx::Result<()> {
    let query = query("INSERT INTO directs (low, high, room) VALUES ($1, $2, $3)");
    query.bind(low.uuid()).bind(high.uuid()).bind(room.uuid()).execute(db).await.map(drop)
}

/// `false` if the title is the same already.
pub(crate) async fn update_title(db: &mut Db, room: RoomId, title: Option<&str>) -> sqlx::Result<bool> {
    let sql = "UPDATE rooms SET title = $2 WHERE id = $1 AND title IS DISTINCT FROM $2";
    Ok(query(sql).bind(room.uuid()).bind(title).execute(db).await? > 0)
}
