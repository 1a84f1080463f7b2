//! Rooms and memberships: opening a conversation, who is in it, what a person's list shows.

use sqlx::{FromRow, SqliteConnection};
use uuid::Uuid;

use crate::{
    protocol::{
        error::Refusal,
        ids::{RoomId, UserId},
        message::Message,
        room::Room,
    },
    server::store::{Result, Store, now_ms, writer::Committed},
};

/// A membership: who, and how far they have read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    pub user: UserId,
    pub last_read: u64,
}

/// The conversation of two people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenedRoom {
    pub room: RoomId,
    /// Whether this made it.
    pub is_new: bool,
}

#[derive(FromRow)]
struct RoomRow {
    room: Uuid,
    other: Uuid,
    created_at: i64,
    unread: i64,
    seq: Option<i64>,
    version: Option<i64>,
    id: Option<Uuid>,
    author: Option<Uuid>,
    body: Option<String>,
    sent_at: Option<i64>,
}

impl RoomRow {
    fn into_room(self) -> Room {
        let last = self.last();
        Room {
            id: self.room.into(),
            others: vec![self.other.into()],
            active_at: last.as_ref().map_or(self.created_at, |message| message.sent_at),
            last,
            unread: u32::try_from(self.unread).unwrap_or(u32::MAX),
        }
    }

    fn last(&self) -> Option<Message> {
        Some(Message {
            id: self.id?.into(),
            seq: self.seq? as u64,
            version: self.version? as u64,
            author: self.author?.into(),
            body: self.body.clone()?,
            sent_at: self.sent_at?,
        })
    }
}

/// One row a conversation of the person ?1; with ?2 only that one.
const ROOMS_OF: &str = "
    SELECT mine.room, theirs.user AS other, rooms.created_at,
           (SELECT count(*) FROM messages
             WHERE room = mine.room AND seq > mine.last_read AND author <> mine.user) AS unread,
           last.seq, last.version, last.id, last.author, last.body, last.sent_at
      FROM memberships AS mine
      JOIN memberships AS theirs ON theirs.room = mine.room AND theirs.user <> mine.user
      JOIN rooms ON rooms.id = mine.room
      LEFT JOIN messages AS last
        ON last.room = mine.room AND last.seq = (SELECT max(seq) FROM messages WHERE room = mine.room)
     WHERE mine.user = ?1 AND (?2 IS NULL OR mine.room = ?2)";

impl Store {
    /// The conversation of these two, made when there was none.
    ///
    /// # Errors
    /// [`Refusal::Oneself`] for one and the same, [`Refusal::NotFound`] when there is no such account.
    pub async fn open_direct(&self, one: UserId, other: UserId) -> Result<OpenedRoom> {
        if one == other {
            return Err(Refusal::Oneself.into());
        }
        let (low, high) = (one.min(other), one.max(other));
        let work = self.writer.run(move |connection| {
            Box::pin(async move {
                let opened = match find_direct(connection, low, high).await? {
                    Some(room) => OpenedRoom { room, is_new: false },
                    None => OpenedRoom { room: insert_direct(connection, low, high).await?, is_new: true },
                };
                Ok((opened, None))
            })
        });
        work.await
    }

    /// Everybody in a room; empty when there is no such room.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn members(&self, room: RoomId) -> Result<Vec<Member>> {
        let rows: Vec<(Uuid, i64)> =
            sqlx::query_as("SELECT user, last_read FROM memberships WHERE room = ? ORDER BY user")
                .bind(room.uuid())
                .fetch_all(&self.readers)
                .await?;
        Ok(rows.into_iter().map(|(user, seq)| Member { user: user.into(), last_read: seq as u64 }).collect())
    }

    /// The conversations of a person, the most recently active first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn rooms_of(&self, user: UserId) -> Result<Vec<Room>> {
        let rows: Vec<RoomRow> =
            sqlx::query_as(ROOMS_OF).bind(user.uuid()).bind(None::<Uuid>).fetch_all(&self.readers).await?;
        let mut rooms: Vec<Room> = rows.into_iter().map(RoomRow::into_room).collect();
        rooms.sort_by_key(|room| (std::cmp::Reverse(room.active_at), room.id));
        Ok(rooms)
    }

    /// One conversation as this member's list shows it; none for a stranger.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn room_of(&self, user: UserId, room: RoomId) -> Result<Option<Room>> {
        let row: Option<RoomRow> =
            sqlx::query_as(ROOMS_OF).bind(user.uuid()).bind(Some(room.uuid())).fetch_optional(&self.readers).await?;
        Ok(row.map(RoomRow::into_room))
    }

    /// Remembers how far a member has read, never backwards and never beyond the room's newest message.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn mark_read(&self, room: RoomId, user: UserId, seq: u64) -> Result<()> {
        let seq = i64::try_from(seq).unwrap_or(i64::MAX);
        let work = self.writer.run(move |connection| {
            Box::pin(async move {
                let read = advance(connection, room, user, seq).await?;
                Ok(((), read.map(|seq| Committed::Read { room, user, seq })))
            })
        });
        work.await
    }
}

async fn advance(connection: &mut SqliteConnection, room: RoomId, user: UserId, seq: i64) -> Result<Option<u64>> {
    let sql = "UPDATE memberships SET last_read = min(?3, (SELECT version FROM rooms WHERE id = ?1)) \
               WHERE room = ?1 AND user = ?2 AND last_read < min(?3, (SELECT version FROM rooms WHERE id = ?1)) \
               RETURNING last_read";
    let read: Option<i64> =
        sqlx::query_scalar(sql).bind(room.uuid()).bind(user.uuid()).bind(seq).fetch_optional(connection).await?;
    Ok(read.map(|seq| seq as u64))
}

async fn find_direct(connection: &mut SqliteConnection, low: UserId, high: UserId) -> Result<Option<RoomId>> {
    let room: Option<Uuid> = sqlx::query_scalar("SELECT room FROM directs WHERE low = ? AND high = ?")
        .bind(low.uuid())
        .bind(high.uuid())
        .fetch_optional(connection)
        .await?;
    Ok(room.map(RoomId::from))
}

async fn insert_direct(connection: &mut SqliteConnection, low: UserId, high: UserId) -> Result<RoomId> {
    let people: i64 = sqlx::query_scalar("SELECT count(*) FROM users WHERE id IN (?, ?) AND NOT disabled")
        .bind(low.uuid())
        .bind(high.uuid())
        .fetch_one(&mut *connection)
        .await?;
    if people < 2 {
        return Err(Refusal::NotFound.into());
    }
    let room = RoomId::new();
    sqlx::query("INSERT INTO rooms (id, created_at) VALUES (?, ?)")
        .bind(room.uuid())
        .bind(now_ms())
        .execute(&mut *connection)
        .await?;
    for user in [low, high] {
        sqlx::query("INSERT INTO memberships (room, user) VALUES (?, ?)")
            .bind(room.uuid())
            .bind(user.uuid())
            .execute(&mut *connection)
            .await?;
    }
    sqlx::query("INSERT INTO directs (low, high, room) VALUES (?, ?, ?)")
        .bind(low.uuid())
        .bind(high.uuid())
        .bind(room.uuid())
        .execute(connection)
        .await?;
    Ok(room)
}
