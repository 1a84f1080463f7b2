//! Rows of `reactions`.

use crate::store::sql::{
    db::{Db, signed},
    statement::{query, query_scalar},
};
use protocol::ids::{RoomId, UserId};

/// The number of distinct emojis of a message, without this one; 0 if the message has this one. Only a new emoji is
/// counted, because there may be thousands of reactions.
pub(crate) async fn others_than(db: &mut Db, room: RoomId, seq: u64, emoji: &str) -> sqlx::Result<usize> {
    let sql = "SELECT CASE WHEN EXISTS (SELECT 1 FROM reactions WHERE room = $1 AND seq = $2 AND emoji = $3) THEN 0 \
               ELSE (SELECT count(DISTINCT emoji) FROM reactions WHERE room = $1 AND seq = $2) END";
    let query = query_scalar(sql).bind(room.uuid()).bind(signed(seq)).bind(emoji);
    let count: i64 = query.fetch_one(db).await?;
    Ok(usize::try_from(count).unwrap_or_default())
}

/// The number of reactions of a message, counted up to `limit`.
pub(crate) async fn count(db: &mut Db, room: RoomId, seq: u64, limit: usize) -> sqlx::Result<usize> {
    let sql = "SELECT count(*) FROM (SELECT 1 FROM reactions WHERE room = $1 AND seq = $2 LIMIT $3) AS counted";
    let query = query_scalar(sql).bind(room.uuid()).bind(signed(seq)).bind(limit as i64);
    let count: i64 = query.fetch_one(db).await?;
    Ok(usize::try_from(count).unwrap_or_default())
}

/// Inserts a reaction with the room's next version; `false` if it exists already.
pub(crate) async fn insert(db: &mut Db, room: RoomId, seq: u64, user: UserId, emoji: &str) -> sqlx::Result<bool> {
    let sql = "INSERT INTO reactions (room, seq, emoji, \"user\", version) \
               SELECT $1, $2, $3, $4, version + 1 FROM rooms WHERE id = $1 \
               ON CONFLICT (room, seq, emoji, \"user\") DO NOTHING";
    let query = query(sql).bind(room.uuid()).bind(signed(seq)).bind(emoji).bind(user.uuid());
    Ok(query.execute(db).await? > 0)
}

/// `false` if it did not exist.
pub(crate) async fn delete(db: &mut Db, room: RoomId, seq: u64, user: UserId, emoji: &str) -> sqlx::Result<bool> {
    let sql = "DELETE FROM reactions AS r WHERE r.room = $1 AND r.seq = $2 AND r.emoji = $3 AND r.user = $4";
    let query = query(sql).bind(room.uuid()).bind(signed(seq)).bind(emoji).bind(user.uuid());
    Ok(query.execute(db).await? > 0)
}

pub(crate) async fn delete_all(db: &mut Db, room: RoomId, seq: u64) -> sqlx::Result<()> {
    let query = query("DELETE FROM reactions WHERE room = $1 AND seq = $2").bind(room.uuid()).bind(signed(seq));
    query.execute(db).await.map(drop)
}
