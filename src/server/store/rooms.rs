//! Rooms: opening the conversation of two people or a group, and what a person's list shows of them.

use sqlx::{FromRow, SqliteConnection};
use uuid::Uuid;

use crate::{
    protocol::{
        error::Refusal,
        ids::{RoomId, UserId},
        limit::{LISTED_MEMBERS, UNREAD_COUNTED},
        message::{Line, Message},
        room::Room,
    },
    server::store::{
        Result, Store,
        changes::{insert_line, next_active_at},
        members,
        messages::{recalled, signed},
        now_ms,
        writer::Committed,
    },
};

/// The conversation of two people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenedRoom {
    pub room: RoomId,
    /// Whether the asker's list shows it only now: it is new, or they had hidden it.
    pub is_shown_now: bool,
}

#[derive(FromRow)]
struct RoomRow {
    of: Uuid,
    room: Uuid,
    is_group: bool,
    title: Option<String>,
    active_at: i64,
    is_muted: bool,
    is_pinned: bool,
    hidden_at: Option<i64>,
    size: i64,
    /// Ids in hexadecimal, one after the other.
    others: Option<String>,
    unread: i64,
    seq: Option<i64>,
    version: Option<i64>,
    id: Option<Uuid>,
    author: Option<Uuid>,
    body: Option<String>,
    sent_at: Option<i64>,
    edited_at: Option<i64>,
    recalled: Option<i64>,
    line: Option<String>,
}

impl RoomRow {
    fn into_room(self) -> Room {
        let last = self.last();
        let others = self.others.as_deref().unwrap_or_default();
        let other = |id: &[u8]| str::from_utf8(id).ok().and_then(|id| Uuid::parse_str(id).ok()).map(UserId::from);
        let newest = last.as_ref().map_or(0, |last| signed(last.seq));
        let is_hidden = self.hidden_at.is_some_and(|hidden_at| newest <= hidden_at);
        Room {
            id: self.room.into(),
            is_group: self.is_group,
            title: self.title,
            others: others.as_bytes().chunks(32).filter_map(other).collect(),
            size: u32::try_from(self.size).unwrap_or(u32::MAX),
            active_at: self.active_at,
            last,
            // No number without a row that explains it.
            unread: if is_hidden { 0 } else { u32::try_from(self.unread).unwrap_or(u32::MAX) },
            is_muted: self.is_muted,
            is_pinned: self.is_pinned,
            is_hidden,
        }
    }

    /// What a list shows of a message: neither its reactions nor what it answers.
    fn last(&self) -> Option<Message> {
        let (id, author, body) = (self.id?.into(), self.author?.into(), self.body.clone()?);
        Some(Message {
            version: self.version? as u64,
            edited_at: self.edited_at,
            recalled: recalled(self.recalled),
            line: self.line.as_deref().and_then(|line| serde_json::from_str(line).ok()),
            ..Message::new(id, self.seq? as u64, author, body, self.sent_at?)
        })
    }
}

/// One row a conversation of a person, `mine` being their membership of it; ?1: how many others are named, ?3: up to
/// where unread messages are counted.
macro_rules! select_rooms {
    ($from:literal) => {
        concat!(
            "SELECT mine.user AS of, mine.room, rooms.is_group, rooms.title, rooms.active_at, mine.is_muted, mine.is_pinned, mine.hidden_at, \
                    (SELECT count(*) FROM memberships WHERE room = mine.room AND left_at IS NULL) AS size, \
                    (SELECT group_concat(hex(user), '') FROM \
                      (SELECT user FROM memberships WHERE room = mine.room AND user <> mine.user AND left_at IS NULL \
                        ORDER BY user LIMIT ?1)) AS others, \
                    (SELECT count(*) FROM \
                      (SELECT 1 FROM messages WHERE room = mine.room AND seq > max(mine.last_read, mine.since) \
                          AND author <> mine.user AND line IS NULL AND recalled IS NULL LIMIT ?3)) AS unread, \
                    last.seq, last.version, last.id, last.author, last.body, last.sent_at, last.edited_at, last.recalled, last.line \
               FROM ",
            $from,
            " JOIN rooms ON rooms.id = mine.room \
               LEFT JOIN messages AS last ON last.room = mine.room \
                AND last.seq = (SELECT max(seq) FROM messages WHERE room = mine.room AND seq > mine.since) \
              WHERE mine.left_at IS NULL"
        )
    };
}

impl Store {
    /// The conversation of these two, made when there was none. It comes into the list of `one`, who asks; into the
    /// other's when something is said.
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
                if let Some(room) = find_direct(connection, low, high).await? {
                    let is_shown_now = members::set_hidden(connection, room, one, None).await?;
                    return Ok((OpenedRoom { room, is_shown_now }, None));
                }
                let room = insert_direct(connection, low, high).await?;
                members::set_hidden(connection, room, other, Some(0)).await?;
                Ok((OpenedRoom { room, is_shown_now: true }, None))
            })
        });
        work.await
    }

    /// Makes a group of a person and others.
    ///
    /// # Errors
    /// [`Refusal::Oneself`] when there is nobody else, [`Refusal::NotFound`] when there is no such account,
    /// [`Refusal::TooMany`].
    pub async fn open_group(&self, me: UserId, mut users: Vec<UserId>, title: Option<String>) -> Result<RoomId> {
        if users.iter().all(|user| *user == me) {
            return Err(Refusal::Oneself.into());
        }
        users.push(me);
        let work = self.writer.run(move |connection| {
            Box::pin(async move {
                let room = RoomId::new();
                insert_room(&mut *connection, room, true, title).await?;
                members::add(&mut *connection, room, users, 0, 0).await?;
                members::check_size(&mut *connection, room).await?;
                let message = insert_line(connection, room, me, Line::Made).await?;
                Ok((room, Some(Committed::Message { room, message })))
            })
        });
        work.await
    }

    /// The conversations of a person, the most recently active first; without those in which nothing was said and that
    /// somebody else opened.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn rooms_of(&self, user: UserId) -> Result<Vec<Room>> {
        let rows: Vec<RoomRow> = sqlx::query_as(concat!(
            select_rooms!("memberships AS mine"),
            " AND mine.user = ?2 AND (mine.hidden_at IS NULL OR last.seq IS NOT NULL)"
        ))
        .bind(LISTED_MEMBERS as i64)
        .bind(user.uuid())
        .bind(UNREAD_COUNTED)
        .fetch_all(&self.readers)
        .await?;
        let mut rooms: Vec<Room> = rows.into_iter().map(RoomRow::into_room).collect();
        rooms.sort_by_key(|room| (std::cmp::Reverse(room.active_at), room.id));
        Ok(rooms)
    }

    /// These conversations as the lists of these people show them; of a stranger's, nothing.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn lines(&self, pairs: &[(RoomId, UserId)]) -> Result<Vec<(UserId, Room)>> {
        let sql = select_rooms!(
            "json_each(?2) AS pair \
             JOIN memberships AS mine ON mine.room = unhex(pair.value ->> 0) AND mine.user = unhex(pair.value ->> 1)"
        );
        let rows: Vec<RoomRow> = sqlx::query_as(sql)
            .bind(LISTED_MEMBERS as i64)
            .bind(members::pairs_json(pairs))
            .bind(UNREAD_COUNTED)
            .fetch_all(&self.readers)
            .await?;
        Ok(rows.into_iter().map(|row| (row.of.into(), row.into_room())).collect())
    }
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
    let room = RoomId::new();
    insert_room(&mut *connection, room, false, None).await?;
    members::add(&mut *connection, room, vec![low, high], 0, 0).await?;
    sqlx::query("INSERT INTO directs (low, high, room) VALUES (?, ?, ?)")
        .bind(low.uuid())
        .bind(high.uuid())
        .bind(room.uuid())
        .execute(connection)
        .await?;
    Ok(room)
}

async fn insert_room(
    connection: &mut SqliteConnection,
    room: RoomId,
    is_group: bool,
    title: Option<String>,
) -> Result<()> {
    let active_at = next_active_at(&mut *connection).await?;
    sqlx::query("INSERT INTO rooms (id, created_at, is_group, title, active_at) VALUES (?, ?, ?, ?, ?)")
        .bind(room.uuid())
        .bind(now_ms())
        .bind(is_group)
        .bind(title)
        .bind(active_at)
        .execute(connection)
        .await?;
    Ok(())
}
