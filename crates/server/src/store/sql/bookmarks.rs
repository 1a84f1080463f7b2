//! Rows of `bookmarks`.

use uuid::Uuid;

use crate::store::sql::{
    db::{Db, signed},
    statement::{query, query_scalar},
};
use protocol::{
    ids::{MessageId, RoomId, UserId},
    limit::BOOKMARKS,
};

/// A user's bookmarks in a room, of messages that they see.
pub(crate) async fn in_room(
    db: &mut Db,
    room: RoomId,
    user: UserId,
    visible_after: u64,
) -> sqlx::Result<Vec<MessageId>> {
    let sql = "SELECT m.id FROM bookmarks AS mark JOIN messages AS m ON m.room = mark.room AND m.seq = mark.seq \
               WHERE mark.user = $1 AND mark.room = $2 AND mark.seq > $3 ORDER BY mark.seq LIMIT $4";
    let query = query_scalar(sql).bind(user.uuid()).bind(room.uuid()).bind(signed(visible_after));
    let ids: Vec<Uuid> = query.bind(BOOKMARKS as i64).fetch_all(db).await?;
    Ok(ids.into_iter().map(MessageId::from).collect())
}

/// How many bookmarks a user has.
pub(crate) async fn count(db: &mut Db, user: UserId) -> sqlx::Result<usize> {
    let sql = "SELECT count(*) FROM bookmarks AS mark WHERE mark.user = $1";
    let count: i64 = query_scalar(sql).bind(user.uuid()).fetch_one(db).await?;
    Ok(usize::try_from(count).unwrap_or_default())
}

/// `false` if it exists already.
pub(crate) async fn insert(db: &mut Db, room: RoomId, seq: u64, user: UserId) -> sqlx::Result<bool> {
    let sql = "INSERT INTO bookmarks (\"user\", room, seq) VALUES ($1, $2, $3) \
               ON CONFLICT (\"user\", room, seq) DO NOTHING";
    let query = query(sql).bind(user.uuid()).bind(room.uuid()).bind(signed(seq));
    Ok(query.execute(db).await? > 0)
}

/// `false` if it did not exist.
pub(crate) async fn delete(db: &mut Db, room: RoomId, seq: u64, user: UserId) -> sqlx::Result<bool> {
    let sql = "DELETE FROM bookmarks AS mark WHERE mark.user = $1 AND mark.room = $2 AND mark.seq = $3";
    let query = query(sql).bind(user.uuid()).bind(room.uuid()).bind(signed(seq));
    Ok(query.execute(db).await? > 0)
}

/// Removes everybody's bookmarks of a message.
pub(crate) async fn delete_all(db: &mut Db, room: RoomId, seq: u64) -> sqlx::Result<()> {
    let query = query("DELETE FROM bookmarks WHERE room = $1 AND seq = $2").bind(room.uuid()).bind(signed(seq));
    query.execute(db).await.map(drop)
}
