//! Reading messages: a page of them, what changed since a version. A member reads only what has a
//! higher `seq` than the `since` of their membership.

use std::collections::HashMap;

use sqlx::{FromRow, SqliteConnection};
use uuid::Uuid;

use crate::{
    protocol::{
        ids::{MessageId, RoomId},
        limit::PAGE_MESSAGES,
        message::{Message, Quote, Reaction, Recalled},
    },
    server::{
        store::{Result, Store},
        text,
    },
};

/// Some messages of a room, oldest first.
#[derive(Clone, Debug)]
pub struct Page {
    pub messages: Vec<Message>,
    pub has_earlier: bool,
    pub has_later: bool,
    /// The room's version this page was read at.
    pub version: u64,
}

/// Which page of a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Newest,
    /// Before this `seq`, itself not included.
    Before(u64),
    /// After this `seq`, itself not included.
    After(u64),
    /// Half a page before it and half a page from it on.
    Around(u64),
    /// Around the first message at or after this moment, UTC milliseconds.
    AroundTime(i64),
}

/// A message's row with the beginning of what it answers. `m`: the message, `q`: what it answers.
macro_rules! select_messages {
    ($rest:literal) => {
        concat!(
            "SELECT m.room, m.seq, m.version, m.id, m.author, m.body, m.sent_at, m.edited_at, m.recalled, m.line, m.number, \
             q.id AS q_id, q.seq AS q_seq, q.author AS q_author, q.body AS q_body \
             FROM messages AS m LEFT JOIN messages AS q ON q.id = m.reply_to ",
            $rest
        )
    };
}

#[derive(FromRow)]
pub(super) struct Row {
    pub(super) room: Uuid,
    pub(super) seq: i64,
    pub(super) version: i64,
    pub(super) id: Uuid,
    pub(super) author: Uuid,
    pub(super) body: String,
    pub(super) sent_at: i64,
    pub(super) edited_at: Option<i64>,
    pub(super) recalled: Option<i64>,
    pub(super) line: Option<String>,
    pub(super) number: Option<i64>,
    q_id: Option<Uuid>,
    q_seq: Option<i64>,
    q_author: Option<Uuid>,
    q_body: Option<String>,
}

impl Row {
    fn quote(&self) -> Option<Quote> {
        Some(Quote {
            id: self.q_id?.into(),
            seq: self.q_seq? as u64,
            author: self.q_author?.into(),
            body: text::quote(self.q_body.as_ref()?).to_owned(),
            is_hidden: false,
        })
    }

    /// The message without its reactions, for a member who sees what has a `seq` above `since`.
    fn into_message(self, since: i64) -> Message {
        let reply_to = self.quote().map(|quote| quote.seen_after(since as u64));
        Message {
            id: self.id.into(),
            seq: self.seq as u64,
            version: self.version as u64,
            author: self.author.into(),
            body: self.body,
            sent_at: self.sent_at,
            edited_at: self.edited_at,
            recalled: recalled(self.recalled),
            reply_to,
            reactions: Vec::new(),
            line: self.line.and_then(|line| serde_json::from_str(&line).ok()),
        }
    }
}

impl Store {
    /// A page of what a member who sees everything after `since` may read.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn page(&self, room: RoomId, since: u64, place: Place) -> Result<Page> {
        let mut tx = self.readers.begin().await?;
        let version = version(&mut tx, room).await?;
        let since = signed(since);
        let page = match place {
            Place::Newest => before(&mut tx, room, since, i64::MAX).await?,
            Place::Before(seq) => before(&mut tx, room, since, signed(seq)).await?,
            Place::After(seq) => after(&mut tx, room, since, signed(seq), PAGE_MESSAGES).await?,
            Place::Around(seq) => around(&mut tx, room, since, signed(seq)).await?,
            Place::AroundTime(at) => {
                let seq = first_at(&mut tx, room, since, at).await?;
                around(&mut tx, room, since, seq.unwrap_or(i64::MAX)).await?
            }
        };
        Ok(Page { version, ..page })
    }

    /// What changed in a room after `version`, in the order of the changes, with the room's version;
    /// `None` when that is more than a page or `version` is ahead of the room.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn changes_since(&self, room: RoomId, since: u64, version: u64) -> Result<Option<(Vec<Message>, u64)>> {
        let mut tx = self.readers.begin().await?;
        let latest = self::version(&mut tx, room).await?;
        if latest < version {
            return Ok(None);
        }
        // What was posted since, as it is now, and what was posted before and changed since: each has its index.
        let mut rows = rows_after(&mut tx, room, signed(version.max(since)), PAGE_MESSAGES + 1).await?;
        let changed: Vec<Row> = sqlx::query_as(select_messages!(
            "WHERE m.room = ?1 AND m.version <> m.seq AND m.version > ?2 AND m.seq > ?3 AND m.seq <= ?2 \
             ORDER BY m.version LIMIT ?4"
        ))
        .bind(room.uuid())
        .bind(signed(version))
        .bind(signed(since))
        .bind(PAGE_MESSAGES as i64 + 1)
        .fetch_all(&mut *tx)
        .await?;
        rows.extend(changed);
        rows.sort_by_key(|row| row.version);
        if rows.len() > PAGE_MESSAGES {
            return Ok(None);
        }
        Ok(Some((with_reactions(&mut tx, room, signed(since), rows).await?, latest)))
    }

    /// The oldest messages after `seq`, at most a page: what a person without our client has not seen. They see what
    /// has a `seq` above `since`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn unread(&self, room: RoomId, since: u64, seq: u64) -> Result<Vec<Message>> {
        let mut tx = self.readers.begin().await?;
        Ok(after(&mut tx, room, signed(since), signed(seq), PAGE_MESSAGES).await?.messages)
    }
}

/// As the column says it.
pub(super) fn recalled(kind: Option<i64>) -> Option<Recalled> {
    kind.map(|kind| if kind == 1 { Recalled::BeforeRead } else { Recalled::AfterRead })
}

/// SQLite's integers are signed; nothing of ours comes near the end of them.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

async fn version(connection: &mut SqliteConnection, room: RoomId) -> Result<u64> {
    let version: i64 =
        sqlx::query_scalar("SELECT version FROM rooms WHERE id = ?").bind(room.uuid()).fetch_one(connection).await?;
    Ok(version as u64)
}

async fn before(connection: &mut SqliteConnection, room: RoomId, since: i64, seq: i64) -> Result<Page> {
    let page = descending(connection, room, since, seq, PAGE_MESSAGES).await?;
    Ok(Page { has_later: seq != i64::MAX, ..page })
}

async fn descending(
    connection: &mut SqliteConnection,
    room: RoomId,
    since: i64,
    seq: i64,
    count: usize,
) -> Result<Page> {
    let mut rows: Vec<Row> = sqlx::query_as(select_messages!(
        "WHERE m.room = ?1 AND m.seq > ?2 AND m.seq < ?3 ORDER BY m.seq DESC LIMIT ?4"
    ))
    .bind(room.uuid())
    .bind(since)
    .bind(seq)
    .bind(count as i64 + 1)
    .fetch_all(&mut *connection)
    .await?;
    let has_earlier = rows.len() > count;
    rows.truncate(count);
    rows.reverse();
    let messages = with_reactions(connection, room, since, rows).await?;
    Ok(Page { messages, has_earlier, has_later: false, version: 0 })
}

async fn rows_after(connection: &mut SqliteConnection, room: RoomId, seq: i64, count: usize) -> Result<Vec<Row>> {
    let rows = sqlx::query_as(select_messages!("WHERE m.room = ?1 AND m.seq > ?2 ORDER BY m.seq LIMIT ?3"))
        .bind(room.uuid())
        .bind(seq)
        .bind(count as i64)
        .fetch_all(connection)
        .await?;
    Ok(rows)
}

async fn after(connection: &mut SqliteConnection, room: RoomId, since: i64, seq: i64, count: usize) -> Result<Page> {
    let mut rows = rows_after(&mut *connection, room, since.max(seq), count + 1).await?;
    let has_later = rows.len() > count;
    rows.truncate(count);
    let messages = with_reactions(connection, room, since, rows).await?;
    Ok(Page { messages, has_earlier: false, has_later, version: 0 })
}

async fn around(connection: &mut SqliteConnection, room: RoomId, since: i64, seq: i64) -> Result<Page> {
    let older = descending(connection, room, since, seq, PAGE_MESSAGES / 2).await?;
    let newer = after(connection, room, since, seq.saturating_sub(1), PAGE_MESSAGES / 2).await?;
    let messages = older.messages.into_iter().chain(newer.messages).collect();
    Ok(Page { messages, has_earlier: older.has_earlier, has_later: newer.has_later, version: 0 })
}

/// The first message sent at or after a moment, by binary search over the room's order: some twenty look-ups in a room
/// of a million. Where the clock once went back, one of the places at which that moment was passed.
async fn first_at(connection: &mut SqliteConnection, room: RoomId, since: i64, at: i64) -> Result<Option<i64>> {
    let sql = "WITH RECURSIVE bounds (low, high) AS ( \
                 SELECT ?2, (SELECT version FROM rooms WHERE id = ?1) \
                 UNION ALL \
                 SELECT CASE WHEN coalesce((SELECT sent_at FROM messages WHERE room = ?1 AND seq > (low + high) / 2 \
                                             ORDER BY seq LIMIT 1), ?3) >= ?3 THEN low ELSE (low + high) / 2 + 1 END, \
                        CASE WHEN coalesce((SELECT sent_at FROM messages WHERE room = ?1 AND seq > (low + high) / 2 \
                                             ORDER BY seq LIMIT 1), ?3) >= ?3 THEN (low + high) / 2 ELSE high END \
                   FROM bounds WHERE low < high) \
               SELECT seq FROM messages WHERE room = ?1 AND seq > (SELECT max(low) FROM bounds) ORDER BY seq LIMIT 1";
    Ok(sqlx::query_scalar(sql).bind(room.uuid()).bind(since).bind(at).fetch_optional(connection).await?)
}

/// The messages of one room with their reactions, for a member who sees what has a `seq` above `since`.
async fn with_reactions(
    connection: &mut SqliteConnection,
    room: RoomId,
    since: i64,
    rows: Vec<Row>,
) -> sqlx::Result<Vec<Message>> {
    let first = rows.iter().map(|row| row.seq).min().unwrap_or(1);
    let last = rows.iter().map(|row| row.seq).max().unwrap_or(0);
    let given: Vec<(i64, String, Uuid)> = sqlx::query_as(
        "SELECT seq, emoji, user FROM reactions WHERE room = ? AND seq BETWEEN ? AND ? ORDER BY seq, version",
    )
    .bind(room.uuid())
    .bind(first)
    .bind(last)
    .fetch_all(connection)
    .await?;
    let mut reactions: HashMap<i64, Vec<Reaction>> = HashMap::new();
    for (seq, emoji, user) in given {
        let of_message = reactions.entry(seq).or_default();
        match of_message.iter_mut().find(|reaction| reaction.emoji == emoji) {
            Some(reaction) => reaction.users.push(user.into()),
            None => of_message.push(Reaction { emoji, users: vec![user.into()] }),
        }
    }
    let message = |row: Row| {
        let reactions = reactions.remove(&row.seq).unwrap_or_default();
        Message { reactions, ..row.into_message(since) }
    };
    Ok(rows.into_iter().map(message).collect())
}

pub(super) async fn find(connection: &mut SqliteConnection, id: MessageId) -> sqlx::Result<Option<Row>> {
    sqlx::query_as(select_messages!("WHERE m.id = ?")).bind(id.uuid()).fetch_optional(connection).await
}

/// A message as it is now, for whom nothing is hidden from: who is told it is shown what is theirs to see.
pub(super) async fn present(connection: &mut SqliteConnection, room: RoomId, seq: i64) -> sqlx::Result<Message> {
    let row: Row = sqlx::query_as(select_messages!("WHERE m.room = ? AND m.seq = ?"))
        .bind(room.uuid())
        .bind(seq)
        .fetch_one(&mut *connection)
        .await?;
    let mut messages = with_reactions(connection, room, 0, vec![row]).await?;
    messages.pop().ok_or(sqlx::Error::RowNotFound)
}
