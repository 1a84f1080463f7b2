//! Changes of a room's messages. Each takes the room's next version in its transaction.

use crate::store::{
    clock::now_ms,
    sql::{
        db::{Db, signed},
        statement::{query, query_scalar},
    },
};
use protocol::{
    ids::{MessageId, RoomId, UserId},
    message::{Forwarded, Message, SystemEvent},
};

/// The room's next version, for a member; `None` for a non-member. `active_at`: the new sort key of the room lists;
/// `None` leaves it unchanged.
async fn advance(db: &mut Db, room: RoomId, user: UserId, active_at: Option<i64>) -> sqlx::Result<Option<i64>> {
    let sql = "UPDATE rooms SET version = version + 1, active_at = coalesce($3, active_at) \
               WHERE id = $1 AND EXISTS (SELECT 1 FROM memberships AS member \
                                          WHERE member.room = $1 AND member.user = $2 AND member.left_at IS NULL) \
               RETURNING version";
    query_scalar(sql).bind(room.uuid()).bind(user.uuid()).bind(active_at).fetch_optional(db).await
}

/// Inserts a system event; `None` if its author is not a member.
pub(crate) async fn insert_system_event(
    db: &mut Db,
    room: RoomId,
    author: UserId,
    event: SystemEvent,
    active_at: Option<i64>,
) -> sqlx::Result<Option<Message>> {
    let Some(seq) = advance(&mut *db, room, author, active_at).await? else { return Ok(None) };
    let (id, sent_at) = (MessageId::new(), now_ms());
    let sql = "INSERT INTO messages (room, seq, version, id, author, body, sent_at, line) \
               VALUES ($1, $2, $2, $3, $4, '', $5, $6)";
    let query = query(sql).bind(room.uuid()).bind(seq).bind(id.uuid()).bind(author.uuid()).bind(sent_at);
    // An enum of strings and ids: serde_json cannot refuse it.
    query.bind(serde_json::to_string(&event).unwrap_or_default()).execute(db).await?;
    Ok(Some(Message { system_event: Some(event), ..Message::new(id, seq as u64, author, String::new(), sent_at) }))
}

/// Gives a message the room's next version, and returns the version.
pub(crate) async fn bump(db: &mut Db, room: RoomId, seq: u64) -> sqlx::Result<u64> {
    let sql = "UPDATE rooms SET version = version + 1 WHERE id = $1 RETURNING version";
    let version: i64 = query_scalar(sql).bind(room.uuid()).fetch_one(&mut *db).await?;
    let sql = "UPDATE messages SET version = $3 WHERE room = $1 AND seq = $2";
    query(sql).bind(room.uuid()).bind(signed(seq)).bind(version).execute(db).await?;
    Ok(version as u64)
}

pub(crate) async fn update_body(db: &mut Db, room: RoomId, seq: u64, body: &str) -> sqlx::Result<()> {
    let sql = "UPDATE messages SET body = $3, edited_at = $4 WHERE room = $1 AND seq = $2";
    let query = query(sql).bind(room.uuid()).bind(signed(seq)).bind(body).bind(now_ms());
    query.execute(db).await.map(drop)
}

/// Marks a message as forwarded.
pub(crate) async fn update_forwarded(db: &mut Db, room: RoomId, seq: u64, forwarded: Forwarded) -> sqlx::Result<()> {
    let sql = "UPDATE messages SET forwarded = $3 WHERE room = $1 AND seq = $2";
    // An id: serde_json cannot refuse it.
    let json = serde_json::to_string(&forwarded).unwrap_or_default();
    query(sql).bind(room.uuid()).bind(signed(seq)).bind(json).execute(db).await.map(drop)
}

/// Turns a message into a tombstone: without text and quote. The column `recalled` says whether another member had read
/// it (2) or not (1).
pub(crate) async fn erase(db: &mut Db, room: RoomId, author: UserId, seq: u64) -> sqlx::Result<()> {
    let sql = "UPDATE messages SET body = '', edited_at = NULL, reply_to = NULL, mentions = NULL, forwarded = NULL, \
               asks_confirmation = FALSE, recalled = CASE WHEN EXISTS \
               (SELECT 1 FROM memberships AS member \
                 WHERE member.room = $1 AND member.user <> $3 AND member.last_read >= $2 AND member.since < $2) \
               THEN 2 ELSE 1 END \
               WHERE room = $1 AND seq = $2";
    query(sql).bind(room.uuid()).bind(signed(seq)).bind(author.uuid()).execute(db).await.map(drop)
}
