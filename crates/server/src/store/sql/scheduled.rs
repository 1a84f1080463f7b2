//! Rows of `scheduled`: scheduled messages, unsent ones included.

use sqlx::FromRow;
use uuid::Uuid;

use crate::store::sql::{
    db::Db,
    messages::mentions,
    statement::{query, query_as, query_scalar},
};
use protocol::{
    error::Refusal,
    ids::{MessageId, RoomId, UserId},
    limit::SCHEDULED,
    message::Mentions,
    schedule::{Reschedule, ScheduledMessage},
};

#[derive(FromRow)]
struct ScheduledRow {
    id: Uuid,
    room: Uuid,
    author: Uuid,
    due_at: i64,
    body: String,
    reply_to: Option<Uuid>,
    mentions: Option<String>,
    asks_confirmation: bool,
    failed: Option<String>,
}

impl ScheduledRow {
    fn into_message(self) -> (UserId, ScheduledMessage) {
        let message = ScheduledMessage {
            id: self.id.into(),
            room: self.room.into(),
            at: self.due_at,
            body: self.body,
            reply_to: self.reply_to.map(MessageId::from),
            mentions: mentions(self.mentions.as_deref()),
            asks_confirmation: self.asks_confirmation,
            failed: self.failed.and_then(|word| serde_json::from_str(&word).ok()),
        };
        (self.author.into(), message)
    }
}

/// Ids, a flag, and an enum without fields: serde_json cannot refuse them.
fn mentions_json(mentions: &Mentions) -> Option<String> {
    (!mentions.is_empty()).then(|| serde_json::to_string(mentions).unwrap_or_default())
}

/// A scheduled message with its author.
pub(crate) async fn find(db: &mut Db, id: MessageId) -> sqlx::Result<Option<(UserId, ScheduledMessage)>> {
    let sql = "SELECT id, room, author, due_at, body, reply_to, mentions, asks_confirmation, failed FROM scheduled WHERE id = $1";
    let row: Option<ScheduledRow> = query_as(sql).bind(id.uuid()).fetch_optional(db).await?;
    Ok(row.map(ScheduledRow::into_message))
}

/// A user's scheduled messages in a room, in the order of their times.
pub(crate) async fn in_room(db: &mut Db, room: RoomId, author: UserId) -> sqlx::Result<Vec<ScheduledMessage>> {
    let sql = "SELECT id, room, author, due_at, body, reply_to, mentions, asks_confirmation, failed FROM scheduled \
               WHERE room = $1 AND author = $2 ORDER BY due_at, number LIMIT $3";
    let query = query_as(sql).bind(room.uuid()).bind(author.uuid()).bind(SCHEDULED as i64);
    let rows: Vec<ScheduledRow> = query.fetch_all(db).await?;
    Ok(rows.into_iter().map(|row| row.into_message().1).collect())
}

/// A user's scheduled messages that could not be sent, in the order of their times.
pub(crate) async fn failed_of(db: &mut Db, author: UserId) -> sqlx::Result<Vec<ScheduledMessage>> {
    let sql = "SELECT id, room, author, due_at, body, reply_to, mentions, asks_confirmation, failed FROM scheduled \
               WHERE author = $1 AND failed IS NOT NULL ORDER BY due_at, number LIMIT $2";
    let rows: Vec<ScheduledRow> = query_as(sql).bind(author.uuid()).bind(SCHEDULED as i64).fetch_all(db).await?;
    Ok(rows.into_iter().map(|row| row.into_message().1).collect())
}

/// The scheduled messages that have not failed, at most `count`, in the order of their times: id, room, author and
/// time.
pub(crate) async fn next(db: &mut Db, count: usize) -> sqlx::Result<Vec<(MessageId, RoomId, UserId, i64)>> {
    let sql = "SELECT id, room, author, due_at FROM scheduled WHERE failed IS NULL AND due_at > 0 \
               ORDER BY due_at, number LIMIT $1";
    let rows: Vec<(Uuid, Uuid, Uuid, i64)> = query_as(sql).bind(count as i64).fetch_all(db).await?;
    Ok(rows.into_iter().map(|(id, room, author, at)| (id.into(), room.into(), author.into(), at)).collect())
}

/// How many scheduled messages a user has.
pub(crate) async fn count(db: &mut Db, author: UserId) -> sqlx::Result<usize> {
    let query = query_scalar("SELECT count(*) FROM scheduled WHERE author = $1").bind(author.uuid());
    let count: i64 = query.fetch_one(db).await?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

pub(crate) async fn insert(db: &mut Db, author: UserId, message: &ScheduledMessage) -> sqlx::Result<()> {
    let sql = "INSERT INTO scheduled (id, room, author, due_at, body, reply_to, mentions, asks_confirmation) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let query = query(sql).bind(message.id.uuid()).bind(message.room.uuid()).bind(author.uuid());
    let query = query.bind(message.at).bind(&message.body).bind(message.reply_to.map(MessageId::uuid));
    let query = query.bind(mentions_json(&message.mentions)).bind(message.asks_confirmation);
    query.execute(db).await.map(drop)
}

/// Replaces the text and time, and clears a failure.
pub(crate) async fn update(db: &mut Db, change: &Reschedule) -> sqlx::Result<()> {
    let sql = "UPDATE scheduled SET due_at = $2, mentions = $4, failed = NULL, changed = changed OR body <> $3, body = $3 WHERE id = $1";
    let query = query(sql).bind(change.id.uuid()).bind(change.at).bind(&change.body);
    query.bind(mentions_json(&change.mentions)).execute(db).await.map(drop)
}

pub(crate) async fn update_time(db: &mut Db, id: MessageId, at: i64) -> sqlx::Result<()> {
    let query = query("UPDATE scheduled SET due_at = $2 WHERE id = $1").bind(id.uuid()).bind(at);
    query.execute(db).await.map(drop)
}

pub(crate) async fn update_failed(db: &mut Db, id: MessageId, why: Refusal) -> sqlx::Result<()> {
    let word = serde_json::to_string(&why).unwrap_or_default();
    let query = query("UPDATE scheduled SET failed = $2 WHERE id = $1").bind(id.uuid()).bind(word);
    query.execute(db).await.map(drop)
}

/// Marks a user's scheduled messages in a room as unsent. Returns whether there were any.
pub(crate) async fn fail_all(db: &mut Db, room: RoomId, author: UserId, why: Refusal) -> sqlx::Result<bool> {
    let word = serde_json::to_string(&why).unwrap_or_default();
    let query = query("UPDATE scheduled SET failed = $3 WHERE room = $1 AND author = $2 AND failed IS NULL");
    let done = query.bind(room.uuid()).bind(author.uuid()).bind(word).execute(db).await?;
    Ok(done > 0)
}

/// Whether its text was changed since it was scheduled.
pub(crate) async fn is_changed(db: &mut Db, id: MessageId) -> sqlx::Result<bool> {
    let query = query_scalar("SELECT changed FROM scheduled WHERE id = $1").bind(id.uuid());
    Ok(query.fetch_optional(db).await?.unwrap_or(false))
}

/// Records that a user deleted a scheduled message, and deletes records from before `oldest`; both UTC milliseconds.
pub(crate) async fn insert_deleted(
    db: &mut Db,
    id: MessageId,
    author: UserId,
    now: i64,
    oldest: i64,
) -> sqlx::Result<()> {
    query("DELETE FROM unscheduled WHERE deleted_at < $1").bind(oldest).execute(&mut *db).await?;
    let query = query(
        "INSERT INTO unscheduled (id, author, deleted_at) VALUES ($1, $2, $3) \
         ON CONFLICT (id) DO UPDATE SET author = excluded.author, deleted_at = excluded.deleted_at",
    );
    query.bind(id.uuid()).bind(author.uuid()).bind(now).execute(db).await.map(drop)
}

/// The user who deleted the scheduled message with this id.
pub(crate) async fn deleted_by(db: &mut Db, id: MessageId) -> sqlx::Result<Option<UserId>> {
    let query = query_scalar("SELECT author FROM unscheduled WHERE id = $1").bind(id.uuid());
    let author: Option<Uuid> = query.fetch_optional(db).await?;
    Ok(author.map(UserId::from))
}

pub(crate) async fn delete(db: &mut Db, id: MessageId) -> sqlx::Result<()> {
    query("DELETE FROM scheduled WHERE id = $1").bind(id.uuid()).execute(db).await.map(drop)
}
