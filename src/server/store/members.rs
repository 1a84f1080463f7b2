//! Memberships: who is in a room and what is theirs alone there: how far they have read, from where on they
//! see it, whether they want notices of it. And how groups gain and lose people.

use std::collections::HashSet;

use sqlx::{FromRow, SqliteConnection};
use uuid::Uuid;

use crate::{
    protocol::{
        error::Refusal,
        ids::{RoomId, UserId},
        limit::GROUP_MEMBERS,
        message::{Line, Message},
    },
    server::store::{Result, Store, changes::insert_line, messages::signed, writer::Committed},
};

/// A membership, also one that has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    pub user: UserId,
    pub last_read: u64,
    pub has_left: bool,
}

/// A room as one of its members stands in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    pub is_group: bool,
    pub title: Option<String>,
    pub is_muted: bool,
    /// They see what has a higher `seq`.
    pub since: u64,
    pub last_read: u64,
}

#[derive(FromRow)]
struct StandingRow {
    is_group: bool,
    title: Option<String>,
    is_muted: bool,
    since: i64,
    last_read: i64,
}

impl Store {
    /// How a person stands in a room; none when they are not in it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn standing(&self, room: RoomId, user: UserId) -> Result<Option<Standing>> {
        let sql = "SELECT rooms.is_group, rooms.title, mine.is_muted, mine.since, mine.last_read \
                   FROM memberships AS mine JOIN rooms ON rooms.id = mine.room \
                   WHERE mine.room = ? AND mine.user = ? AND mine.left_at IS NULL";
        let row: Option<StandingRow> =
            sqlx::query_as(sql).bind(room.uuid()).bind(user.uuid()).fetch_optional(&self.readers).await?;
        Ok(row.map(|row| Standing {
            is_group: row.is_group,
            title: row.title,
            is_muted: row.is_muted,
            since: row.since as u64,
            last_read: row.last_read as u64,
        }))
    }

    /// Everybody who is or was in a room; empty when there is no such room.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn members(&self, room: RoomId) -> Result<Vec<Member>> {
        let sql = "SELECT user, last_read, left_at IS NOT NULL FROM memberships WHERE room = ? ORDER BY user";
        let rows: Vec<(Uuid, i64, bool)> = sqlx::query_as(sql).bind(room.uuid()).fetch_all(&self.readers).await?;
        let member =
            |(user, seq, has_left): (Uuid, i64, bool)| Member { user: user.into(), last_read: seq as u64, has_left };
        Ok(rows.into_iter().map(member).collect())
    }

    /// These people as members of these rooms; of whoever never was in one, nothing.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn memberships(&self, pairs: &[(RoomId, UserId)]) -> Result<Vec<(RoomId, Member)>> {
        let sql = "SELECT room, user, last_read, left_at IS NOT NULL FROM json_each(?1) AS pair \
                   JOIN memberships ON room = unhex(pair.value ->> 0) AND user = unhex(pair.value ->> 1)";
        let rows: Vec<(Uuid, Uuid, i64, bool)> =
            sqlx::query_as(sql).bind(pairs_json(pairs)).fetch_all(&self.readers).await?;
        let member = |(room, user, seq, has_left): (Uuid, Uuid, i64, bool)| {
            (room.into(), Member { user: user.into(), last_read: seq as u64, has_left })
        };
        Ok(rows.into_iter().map(member).collect())
    }

    /// Everybody who is in one of these rooms, and in which.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn people_in(&self, rooms: impl IntoIterator<Item = RoomId>) -> Result<Vec<(RoomId, UserId)>> {
        let rooms: Vec<String> = rooms.into_iter().map(|room| room.uuid().simple().to_string()).collect();
        let sql = "SELECT room, user FROM json_each(?1) AS wanted \
                   JOIN memberships ON room = unhex(wanted.value) WHERE left_at IS NULL";
        let rows: Vec<(Uuid, Uuid)> = sqlx::query_as(sql)
            // Strings alone: serde_json cannot refuse them.
            .bind(serde_json::to_string(&rooms).unwrap_or_default())
            .fetch_all(&self.readers)
            .await?;
        Ok(rows.into_iter().map(|(room, user)| (room.into(), user.into())).collect())
    }

    /// Remembers how far a member has read, never backwards and never beyond the room's newest message.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn mark_read(&self, room: RoomId, user: UserId, seq: u64) -> Result<()> {
        let work = self.writer.run(move |connection| {
            Box::pin(async move {
                let read = advance_read(connection, room, user, signed(seq)).await?;
                Ok(((), read.map(|seq| Committed::Read { room, user, seq })))
            })
        });
        work.await
    }

    /// Remembers whether a member wants notices of a room.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when they are not in it.
    pub async fn set_muted(&self, room: RoomId, user: UserId, on: bool) -> Result<()> {
        let sql = "UPDATE memberships SET is_muted = ?3 WHERE room = ?1 AND user = ?2 AND left_at IS NULL";
        self.update_membership(room, user, sql, on).await
    }

    /// Remembers whether a member keeps a room at the top of their list.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when they are not in it.
    pub async fn set_pinned(&self, room: RoomId, user: UserId, on: bool) -> Result<()> {
        let sql = "UPDATE memberships SET is_pinned = ?3 WHERE room = ?1 AND user = ?2 AND left_at IS NULL";
        self.update_membership(room, user, sql, on).await
    }

    /// Puts a room out of a member's list until something is said in it.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when they are not in it.
    pub async fn hide(&self, room: RoomId, user: UserId) -> Result<()> {
        let sql = "UPDATE memberships SET hidden_at = CASE WHEN ?3 THEN (SELECT version FROM rooms WHERE id = ?1) END \
                   WHERE room = ?1 AND user = ?2 AND left_at IS NULL";
        self.update_membership(room, user, sql, true).await
    }

    async fn update_membership(&self, room: RoomId, user: UserId, sql: &'static str, on: bool) -> Result<()> {
        let work = self.writer.run(move |connection| {
            Box::pin(async move {
                let updated = sqlx::query(sql).bind(room.uuid()).bind(user.uuid()).bind(on).execute(connection).await?;
                if updated.rows_affected() == 0 {
                    return Err(Refusal::NotFound.into());
                }
                Ok(((), None))
            })
        });
        work.await
    }

    /// Brings people into a group, with what the inviter sees of its history or with what is said from now
    /// on. None when everybody was in it already.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when the inviter is not in it or there is no such account,
    /// [`Refusal::NotAGroup`], [`Refusal::TooMany`].
    pub async fn invite(&self, room: RoomId, me: UserId, users: Vec<UserId>, history: bool) -> Result<Option<Message>> {
        let work = self.writer.run(move |connection| {
            Box::pin(async move {
                let (version, since) = group(&mut *connection, room, me).await?;
                let new = outsiders(&mut *connection, room, users).await?;
                if new.is_empty() {
                    return Ok((None, None));
                }
                add(&mut *connection, room, new.clone(), if history { since } else { version }, version).await?;
                check_size(&mut *connection, room).await?;
                let message = insert_line(connection, room, me, Line::Invited { users: new }).await?;
                Ok((Some(message.clone()), Some(Committed::Message { room, message })))
            })
        });
        work.await
    }

    /// Ends a membership of a group. What comes after is not theirs.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::NotAGroup`].
    pub async fn leave(&self, room: RoomId, me: UserId) -> Result<()> {
        let work = self.writer.run(move |connection| {
            Box::pin(async move {
                group(&mut *connection, room, me).await?;
                let message = insert_line(&mut *connection, room, me, Line::Left).await?;
                sqlx::query("UPDATE memberships SET left_at = ?3 WHERE room = ?1 AND user = ?2")
                    .bind(room.uuid())
                    .bind(me.uuid())
                    .bind(signed(message.seq))
                    .execute(connection)
                    .await?;
                Ok(((), Some(Committed::Message { room, message })))
            })
        });
        work.await
    }

    /// Gives a group another title, or none.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::NotAGroup`].
    pub async fn rename(&self, room: RoomId, me: UserId, title: Option<String>) -> Result<()> {
        let work = self.writer.run(move |connection| {
            Box::pin(async move {
                group(&mut *connection, room, me).await?;
                let renamed = sqlx::query("UPDATE rooms SET title = ?2 WHERE id = ?1 AND title IS NOT ?2")
                    .bind(room.uuid())
                    .bind(&title)
                    .execute(&mut *connection)
                    .await?;
                if renamed.rows_affected() == 0 {
                    return Ok(((), None));
                }
                let message = insert_line(connection, room, me, Line::Renamed { title }).await?;
                Ok(((), Some(Committed::Message { room, message })))
            })
        });
        work.await
    }
}

/// Pairs as `json_each` reads them: many in one question, for each question is a way to SQLite's thread and back.
pub(super) fn pairs_json(pairs: &[(RoomId, UserId)]) -> String {
    let pairs: Vec<[String; 2]> =
        pairs.iter().map(|(room, user)| [room.uuid().simple().to_string(), user.uuid().simple().to_string()]).collect();
    serde_json::to_string(&pairs).unwrap_or_default()
}

fn users_json(users: &[UserId]) -> String {
    let users: Vec<String> = users.iter().map(|user| user.uuid().simple().to_string()).collect();
    // Strings alone: serde_json cannot refuse them.
    serde_json::to_string(&users).unwrap_or_default()
}

/// From where on a member sees a room; none when they are not in it.
pub(super) async fn since_of(connection: &mut SqliteConnection, room: RoomId, user: UserId) -> Result<Option<u64>> {
    let sql = "SELECT since FROM memberships WHERE room = ? AND user = ? AND left_at IS NULL";
    let since: Option<i64> =
        sqlx::query_scalar(sql).bind(room.uuid()).bind(user.uuid()).fetch_optional(connection).await?;
    Ok(since.map(|since| since as u64))
}

/// A group's version and from where on one of its members sees it.
async fn group(connection: &mut SqliteConnection, room: RoomId, me: UserId) -> Result<(i64, i64)> {
    let sql = "SELECT rooms.is_group, rooms.version, mine.since FROM memberships AS mine JOIN rooms ON rooms.id = mine.room \
               WHERE mine.room = ? AND mine.user = ? AND mine.left_at IS NULL";
    let found: Option<(bool, i64, i64)> =
        sqlx::query_as(sql).bind(room.uuid()).bind(me.uuid()).fetch_optional(connection).await?;
    match found {
        Some((true, version, since)) => Ok((version, since)),
        Some((false, ..)) => Err(Refusal::NotAGroup.into()),
        None => Err(Refusal::NotFound.into()),
    }
}

/// Makes people members, again when they had left. What was said before counts as read.
pub(super) async fn add(
    connection: &mut SqliteConnection,
    room: RoomId,
    mut users: Vec<UserId>,
    since: i64,
    version: i64,
) -> Result<()> {
    users.sort_unstable();
    users.dedup();
    let sql = "INSERT INTO memberships (room, user, since, last_read) \
               SELECT ?1, users.id, ?3, ?4 FROM json_each(?2) AS new JOIN users ON users.id = unhex(new.value) \
                WHERE NOT disabled \
               ON CONFLICT DO UPDATE SET since = ?3, last_read = ?4, left_at = NULL, hidden_at = NULL, is_muted = 0, \
                             is_pinned = 0";
    let query = sqlx::query(sql).bind(room.uuid()).bind(users_json(&users)).bind(since).bind(version);
    let added = query.execute(connection).await?.rows_affected();
    if added < users.len() as u64 { Err(Refusal::NotFound.into()) } else { Ok(()) }
}

/// Those of these people who are not in a room, each once.
async fn outsiders(connection: &mut SqliteConnection, room: RoomId, mut users: Vec<UserId>) -> Result<Vec<UserId>> {
    let sql = "SELECT user FROM json_each(?2) AS asked \
               JOIN memberships ON room = ?1 AND user = unhex(asked.value) WHERE left_at IS NULL";
    let inside: Vec<Uuid> =
        sqlx::query_scalar(sql).bind(room.uuid()).bind(users_json(&users)).fetch_all(connection).await?;
    let mut seen: HashSet<Uuid> = inside.into_iter().collect();
    users.retain(|user| seen.insert(user.uuid()));
    Ok(users)
}

/// Takes a room out of a member's list until it is beyond this version, or brings it back; whether that is a change.
pub(super) async fn set_hidden(
    connection: &mut SqliteConnection,
    room: RoomId,
    user: UserId,
    at: Option<i64>,
) -> Result<bool> {
    let sql = "UPDATE memberships SET hidden_at = ?3 WHERE room = ?1 AND user = ?2 AND hidden_at IS NOT ?3";
    let query = sqlx::query(sql).bind(room.uuid()).bind(user.uuid()).bind(at);
    Ok(query.execute(connection).await?.rows_affected() > 0)
}

pub(super) async fn check_size(connection: &mut SqliteConnection, room: RoomId) -> Result<()> {
    let sql = "SELECT count(*) FROM memberships WHERE room = ? AND left_at IS NULL";
    let size: i64 = sqlx::query_scalar(sql).bind(room.uuid()).fetch_one(connection).await?;
    if size > GROUP_MEMBERS as i64 { Err(Refusal::TooMany.into()) } else { Ok(()) }
}

async fn advance_read(connection: &mut SqliteConnection, room: RoomId, user: UserId, seq: i64) -> Result<Option<u64>> {
    let sql = "UPDATE memberships SET last_read = min(?3, (SELECT version FROM rooms WHERE id = ?1)) \
               WHERE room = ?1 AND user = ?2 AND left_at IS NULL \
                 AND last_read < min(?3, (SELECT version FROM rooms WHERE id = ?1)) RETURNING last_read";
    let read: Option<i64> =
        sqlx::query_scalar(sql).bind(room.uuid()).bind(user.uuid()).bind(seq).fetch_optional(connection).await?;
    Ok(read.map(|seq| seq as u64))
}
