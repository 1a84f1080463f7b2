//! Messages: inserting one, a page of them, what changed since a version.

use sqlx::{FromRow, SqliteConnection};
use uuid::Uuid;

use crate::{
    protocol::{
        error::Refusal,
        ids::{MessageId, RoomId, UserId},
        limit::PAGE_MESSAGES,
        message::Message,
    },
    server::store::{Result, Store, now_ms, writer::Committed},
};

/// What became of a post.
#[derive(Clone, Debug)]
pub enum Posted {
    /// Stored now; everybody in the room is told.
    New(Message),
    /// The same message was stored before: its author may not have heard.
    Already(Message),
}

/// Some messages of a room, oldest first.
#[derive(Clone, Debug)]
pub struct Page {
    pub messages: Vec<Message>,
    /// Whether there are older ones.
    pub has_earlier: bool,
    /// The room's version this page was read at.
    pub version: u64,
}

#[derive(FromRow)]
pub(super) struct Row {
    room: Uuid,
    seq: i64,
    version: i64,
    id: Uuid,
    author: Uuid,
    body: String,
    sent_at: i64,
}

impl From<Row> for Message {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.into(),
            seq: row.seq as u64,
            version: row.version as u64,
            author: row.author.into(),
            body: row.body,
            sent_at: row.sent_at,
        }
    }
}

impl Store {
    /// Stores a message as the room's next change.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when the author is no member of the room, [`Refusal::IdConflict`] when the
    /// id names another message.
    pub async fn insert_message(&self, room: RoomId, author: UserId, id: MessageId, body: String) -> Result<Posted> {
        let work = self.writer.run(move |connection| {
            Box::pin(async move {
                if let Some(stored) = find(connection, id).await? {
                    return Ok((Posted::Already(same(stored, room, author, &body)?), None));
                }
                let message = insert(connection, room, author, id, body).await?;
                Ok((Posted::New(message.clone()), Some(Committed::Message { room, message })))
            })
        });
        work.await
    }

    /// The newest page of a room, or the one before `before` (a `seq`, itself not included).
    ///
    /// # Errors
    /// When the database fails.
    pub async fn page(&self, room: RoomId, before: Option<u64>) -> Result<Page> {
        let before = before.map_or(i64::MAX, |seq| i64::try_from(seq).unwrap_or(i64::MAX));
        let mut tx = self.readers.begin().await?;
        let version: i64 =
            sqlx::query_scalar("SELECT version FROM rooms WHERE id = ?").bind(room.uuid()).fetch_one(&mut *tx).await?;
        let mut rows: Vec<Row> =
            sqlx::query_as("SELECT * FROM messages WHERE room = ? AND seq < ? ORDER BY seq DESC LIMIT ?")
                .bind(room.uuid())
                .bind(before)
                .bind(PAGE_MESSAGES as i64 + 1)
                .fetch_all(&mut *tx)
                .await?;
        let has_earlier = rows.len() > PAGE_MESSAGES;
        rows.truncate(PAGE_MESSAGES);
        let messages = rows.into_iter().rev().map(Message::from).collect();
        Ok(Page { messages, has_earlier, version: version as u64 })
    }

    /// What changed in a room after `version`, in the order of the changes, with the room's version;
    /// `None` when that is more than a page or `version` is ahead of the room.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn changes_since(&self, room: RoomId, version: u64) -> Result<Option<(Vec<Message>, u64)>> {
        let Ok(since) = i64::try_from(version) else { return Ok(None) };
        let mut tx = self.readers.begin().await?;
        let latest: i64 =
            sqlx::query_scalar("SELECT version FROM rooms WHERE id = ?").bind(room.uuid()).fetch_one(&mut *tx).await?;
        if latest < since {
            return Ok(None);
        }
        let rows: Vec<Row> =
            sqlx::query_as("SELECT * FROM messages WHERE room = ? AND version > ? ORDER BY version LIMIT ?")
                .bind(room.uuid())
                .bind(since)
                .bind(PAGE_MESSAGES as i64 + 1)
                .fetch_all(&mut *tx)
                .await?;
        let whole = rows.len() <= PAGE_MESSAGES;
        Ok(whole.then(|| (rows.into_iter().map(Message::from).collect(), latest as u64)))
    }

    /// The oldest messages after `seq`, at most a page: what a person without our client has not seen.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn unread(&self, room: RoomId, seq: u64) -> Result<Vec<Message>> {
        let rows: Vec<Row> = sqlx::query_as("SELECT * FROM messages WHERE room = ? AND seq > ? ORDER BY seq LIMIT ?")
            .bind(room.uuid())
            .bind(i64::try_from(seq).unwrap_or(i64::MAX))
            .bind(PAGE_MESSAGES as i64)
            .fetch_all(&self.readers)
            .await?;
        Ok(rows.into_iter().map(Message::from).collect())
    }
}

async fn find(connection: &mut SqliteConnection, id: MessageId) -> sqlx::Result<Option<Row>> {
    sqlx::query_as("SELECT * FROM messages WHERE id = ?").bind(id.uuid()).fetch_optional(connection).await
}

fn same(stored: Row, room: RoomId, author: UserId, body: &str) -> Result<Message> {
    let is_same = stored.room == room.uuid() && stored.author == author.uuid() && stored.body == body;
    if is_same { Ok(stored.into()) } else { Err(Refusal::IdConflict.into()) }
}

async fn insert(
    connection: &mut SqliteConnection,
    room: RoomId,
    author: UserId,
    id: MessageId,
    body: String,
) -> Result<Message> {
    let next = "UPDATE rooms SET version = version + 1 \
                WHERE id = ?1 AND EXISTS (SELECT 1 FROM memberships WHERE room = ?1 AND user = ?2) RETURNING version";
    let version: Option<i64> =
        sqlx::query_scalar(next).bind(room.uuid()).bind(author.uuid()).fetch_optional(&mut *connection).await?;
    let version = version.ok_or(Refusal::NotFound)?;
    let sent_at = now_ms();
    sqlx::query(
        "INSERT INTO messages (room, seq, version, id, author, body, sent_at) VALUES (?1, ?2, ?2, ?3, ?4, ?5, ?6)",
    )
    .bind(room.uuid())
    .bind(version)
    .bind(id.uuid())
    .bind(author.uuid())
    .bind(&body)
    .bind(sent_at)
    .execute(connection)
    .await?;
    Ok(Message { id, seq: version as u64, version: version as u64, author, body, sent_at })
}
