//! Changing messages: posting one, giving it another text, taking it back, reacting to it. Each is the
//! room's next version, in the transaction that stores it.

use std::collections::HashMap;

use sqlx::{QueryBuilder, Sqlite, SqliteConnection};

use crate::{
    protocol::{
        error::Refusal,
        ids::{MessageId, RoomId, UserId},
        limit::{REACTIONS, REACTIONS_WHOLE},
        message::{Line, Message},
    },
    server::store::{
        Result, Store,
        members::since_of,
        messages::{self, Row, find, present},
        now_ms, search,
        writer::{Committed, Posting, Reacted},
    },
};

/// What became of a change.
#[derive(Clone, Debug)]
pub enum Changed {
    /// Stored now; everybody in the room is told.
    Now(Message),
    /// It was so before: its author may not have heard.
    Already(Message),
}

/// A message that is not stored yet.
#[derive(Clone, Debug)]
pub struct NewMessage {
    pub id: MessageId,
    pub body: String,
    /// The message of the same room that it answers.
    pub reply_to: Option<MessageId>,
}

impl Store {
    /// Stores a message as the room's next change.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when the author is no member of the room or does not see what is answered,
    /// [`Refusal::IdConflict`] when the id names another message.
    pub async fn insert_message(&self, room: RoomId, author: UserId, message: NewMessage) -> Result<Changed> {
        let stored = self.writer.post(room, author, message).await?;
        self.indexer.came();
        Ok(stored)
    }

    /// Gives a message another text. `oldest`: what was sent before this moment stays as it is.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::NotYours`], [`Refusal::Recalled`], [`Refusal::TooLate`].
    pub async fn edit(&self, room: RoomId, me: UserId, id: MessageId, body: String, oldest: i64) -> Result<Changed> {
        let work = self.writer.run(move |connection| {
            Box::pin(async move {
                let row = own(connection, room, me, id).await?;
                if row.recalled.is_some() {
                    return Err(Refusal::Recalled.into());
                }
                if row.body == body {
                    return Ok((Changed::Already(present(connection, room, row.seq).await?), None));
                }
                if row.sent_at < oldest {
                    return Err(Refusal::TooLate.into());
                }
                search::replace(connection, room, &row, Some(&body)).await?;
                let sql = "UPDATE messages SET body = ?3, edited_at = ?4 WHERE room = ?1 AND seq = ?2";
                sqlx::query(sql)
                    .bind(room.uuid())
                    .bind(row.seq)
                    .bind(body)
                    .bind(now_ms())
                    .execute(&mut *connection)
                    .await?;
                changed(connection, room, row.seq).await
            })
        });
        work.await
    }

    /// Takes a message back: its text, its reactions and what the index knows of it are gone.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::NotYours`], [`Refusal::TooLate`].
    pub async fn recall(&self, room: RoomId, me: UserId, id: MessageId, oldest: i64) -> Result<Changed> {
        let work = self.writer.run(move |connection| {
            Box::pin(async move {
                let row = own(connection, room, me, id).await?;
                if row.recalled.is_some() {
                    return Ok((Changed::Already(present(connection, room, row.seq).await?), None));
                }
                if row.sent_at < oldest {
                    return Err(Refusal::TooLate.into());
                }
                search::replace(connection, room, &row, None).await?;
                erase(connection, room, me, row.seq).await?;
                changed(connection, room, row.seq).await
            })
        });
        work.await
    }

    /// Gives a message an emoji of this person, or takes it away. Answers what it is now when it was so before: its
    /// author may not have heard.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::Recalled`], [`Refusal::TooMany`].
    pub async fn react(
        &self,
        room: RoomId,
        me: UserId,
        id: MessageId,
        emoji: String,
        on: bool,
    ) -> Result<Option<Committed>> {
        let work = self.writer.run(move |connection| {
            Box::pin(async move {
                let row = visible(connection, room, me, id).await?;
                if row.recalled.is_some() {
                    return Err(Refusal::Recalled.into());
                }
                let is_new = if on {
                    give(connection, room, row.seq, me, &emoji).await?
                } else {
                    take_away(connection, room, row.seq, me, &emoji).await?
                };
                let version = if is_new { bump(connection, room, row.seq).await? } else { row.version };
                let reacted = Reacted { id, seq: row.seq as u64, version: version as u64, emoji, user: me, on };
                let told = reaction(connection, room, reacted).await?;
                Ok(if is_new { (None, Some(told)) } else { (Some(told), None) })
            })
        });
        work.await
    }
}

/// The same id again is the same message, unless another body, author or room is named. What was changed
/// since it was posted is not held against it.
fn check_same(stored: &Row, room: RoomId, author: UserId, body: &str) -> Result<()> {
    let was_changed = stored.edited_at.is_some() || stored.recalled.is_some();
    let is_same = stored.room == room.uuid() && stored.author == author.uuid();
    if is_same && stored.line.is_none() && (was_changed || stored.body == body) {
        Ok(())
    } else {
        Err(Refusal::IdConflict.into())
    }
}

/// A message that a member sees and that somebody wrote.
async fn visible(connection: &mut SqliteConnection, room: RoomId, me: UserId, id: MessageId) -> Result<Row> {
    let since = since_of(&mut *connection, room, me).await?.ok_or(Refusal::NotFound)?;
    let row = find(connection, id).await?;
    let row = row.filter(|row| row.room == room.uuid() && row.seq > messages::signed(since) && row.line.is_none());
    row.ok_or_else(|| Refusal::NotFound.into())
}

async fn own(connection: &mut SqliteConnection, room: RoomId, me: UserId, id: MessageId) -> Result<Row> {
    let row = visible(connection, room, me, id).await?;
    if row.author == me.uuid() { Ok(row) } else { Err(Refusal::NotYours.into()) }
}

/// The next `active_at` on the writer's connection: the clock's time (UTC milliseconds), or just after the last one when
/// the clock went back.
pub(super) async fn next_active_at(connection: &mut SqliteConnection) -> sqlx::Result<i64> {
    let sql = "UPDATE clock SET last = max(last + 1, ?) RETURNING last";
    sqlx::query_scalar(sql).bind(now_ms()).fetch_one(connection).await
}

/// The room's next version, for a member.
async fn advance(connection: &mut SqliteConnection, room: RoomId, user: UserId) -> Result<i64> {
    let active_at = next_active_at(&mut *connection).await?;
    let sql = "UPDATE rooms SET version = version + 1, active_at = ?3 \
               WHERE id = ?1 AND EXISTS (SELECT 1 FROM memberships WHERE room = ?1 AND user = ?2 AND left_at IS NULL) \
               RETURNING version";
    let query = sqlx::query_scalar(sql).bind(room.uuid()).bind(user.uuid()).bind(active_at);
    let advanced = query.fetch_optional(connection).await?;
    advanced.ok_or_else(|| Refusal::NotFound.into())
}

/// Stores a message, or finds it stored.
pub(super) async fn insert_one(
    connection: &mut SqliteConnection,
    room: RoomId,
    author: UserId,
    message: NewMessage,
) -> Result<(Changed, Option<Committed>)> {
    let (id, body, reply_to) = (message.id, message.body.clone(), message.reply_to);
    if let Some(answered) = reply_to {
        // One that is stored already may answer what was taken back since.
        let is_stored = find(&mut *connection, id).await?.is_some();
        if !is_stored {
            visible(&mut *connection, room, author, answered).await?;
        }
    }
    let posting = [(room, author, &message)];
    if let Some(message) = insert(connection, "", &posting).await?.pop().flatten() {
        let message =
            if reply_to.is_some() { present(connection, room, messages::signed(message.seq)).await? } else { message };
        return Ok((Changed::Now(message.clone()), Some(Committed::Message { room, message })));
    }
    // Nothing was: it is there already, or it may not be.
    let stored = find(connection, id).await?.ok_or(Refusal::NotFound)?;
    check_same(&stored, room, author, &body)?;
    Ok((Changed::Already(present(connection, room, stored.seq).await?), None))
}

/// Stores messages that answer none, in their order, in one call, behind statements without values (`first`); none for
/// each that is there already or may not be.
pub(super) async fn insert_together(
    connection: &mut SqliteConnection,
    first: &str,
    posts: &[Posting],
) -> sqlx::Result<Vec<Option<Message>>> {
    let posts: Vec<_> = posts.iter().map(|post| (post.room, post.author, &post.message)).collect();
    insert(connection, first, &posts).await
}

/// What a message does when it is stored, as a trigger of the writer's own: so many of them are one call.
/// A step does something when the one before did; the room's is for a member, unless the id is taken.
/// `clock`: the newest `active_at` given out, which never goes back.
pub(super) const PREPARE: &str = "
    CREATE TEMP TABLE clock (last INTEGER NOT NULL) STRICT;
    INSERT INTO clock SELECT coalesce(max(active_at), 0) FROM rooms;
    CREATE TEMP TABLE posted (nth INTEGER NOT NULL, seq INTEGER NOT NULL) STRICT;
    CREATE TEMP VIEW posting AS
    SELECT NULL AS nth, NULL AS room, NULL AS author, NULL AS id, NULL AS body, NULL AS sent_at, NULL AS reply_to;
    CREATE TEMP TRIGGER post INSTEAD OF INSERT ON posting BEGIN
      UPDATE clock SET last = max(last + 1, NEW.sent_at);
      UPDATE rooms SET version = version + 1, active_at = (SELECT last FROM clock)
       WHERE id = NEW.room AND NOT EXISTS (SELECT 1 FROM messages WHERE id = NEW.id)
         AND EXISTS (SELECT 1 FROM memberships WHERE room = NEW.room AND user = NEW.author AND left_at IS NULL);
      INSERT INTO indexed (room, seq) SELECT id, version FROM rooms WHERE id = NEW.room AND changes() = 1;
      INSERT INTO messages (room, seq, version, id, author, body, sent_at, reply_to, number)
      SELECT id, version, version, NEW.id, NEW.author, NEW.body, NEW.sent_at, NEW.reply_to, last_insert_rowid()
        FROM rooms WHERE id = NEW.room AND changes() = 1;
      INSERT INTO posted SELECT NEW.nth, version FROM rooms WHERE id = NEW.room AND changes() = 1;
    END";

async fn insert(
    connection: &mut SqliteConnection,
    first: &str,
    posts: &[(RoomId, UserId, &NewMessage)],
) -> sqlx::Result<Vec<Option<Message>>> {
    let sent_at = now_ms();
    let mut sql = QueryBuilder::<Sqlite>::new(first);
    sql.push("DELETE FROM posted; INSERT INTO posting (nth, room, author, id, body, sent_at, reply_to) ");
    sql.push_values(posts.iter().enumerate(), |mut row, (nth, (room, author, message))| {
        row.push_bind(nth as i64)
            .push_bind(room.uuid())
            .push_bind(author.uuid())
            .push_bind(message.id.uuid())
            .push_bind(message.body.as_str())
            .push_bind(sent_at)
            .push_bind(message.reply_to.map(MessageId::uuid));
    });
    // One row: each is handed from thread to thread by itself.
    sql.push("; SELECT json_group_object(nth, seq) FROM posted");
    let stored: String = sql.build_query_scalar().fetch_one(connection).await?;
    // Our own numbers, from SQLite's own hand.
    let stored: HashMap<usize, u64> = serde_json::from_str(&stored).unwrap_or_default();
    let message = |(nth, (_, author, message)): (usize, &(RoomId, UserId, &NewMessage))| {
        Some(Message::new(message.id, *stored.get(&nth)?, *author, message.body.clone(), sent_at))
    };
    Ok(posts.iter().enumerate().map(message).collect())
}

/// Writes down what a member did to their group.
pub(super) async fn insert_line(
    connection: &mut SqliteConnection,
    room: RoomId,
    author: UserId,
    line: Line,
) -> Result<Message> {
    let seq = advance(connection, room, author).await?;
    let (id, sent_at) = (MessageId::new(), now_ms());
    sqlx::query(
        "INSERT INTO messages (room, seq, version, id, author, body, sent_at, line) VALUES (?1, ?2, ?2, ?3, ?4, '', ?5, ?6)",
    )
    .bind(room.uuid())
    .bind(seq)
    .bind(id.uuid())
    .bind(author.uuid())
    .bind(sent_at)
    // Our own enum of strings and ids: serde_json cannot refuse it.
    .bind(serde_json::to_string(&line).unwrap_or_default())
    .execute(connection)
    .await?;
    Ok(Message { line: Some(line), ..Message::new(id, seq as u64, author, String::new(), sent_at) })
}

/// Gives a message the room's next version and tells of it.
async fn changed(connection: &mut SqliteConnection, room: RoomId, seq: i64) -> Result<(Changed, Option<Committed>)> {
    bump(connection, room, seq).await?;
    let message = present(connection, room, seq).await?;
    Ok((Changed::Now(message.clone()), Some(Committed::Message { room, message })))
}

/// A reaction as it is told: with the whole message while few gave one, by itself where everybody would be told of many
/// with each.
async fn reaction(connection: &mut SqliteConnection, room: RoomId, reacted: Reacted) -> Result<Committed> {
    let sql = "SELECT count(*) FROM (SELECT 1 FROM reactions WHERE room = ? AND seq = ? LIMIT ?)";
    let seq = messages::signed(reacted.seq);
    let limit = REACTIONS_WHOLE as i64 + 1;
    let count: i64 =
        sqlx::query_scalar(sql).bind(room.uuid()).bind(seq).bind(limit).fetch_one(&mut *connection).await?;
    if count >= limit {
        return Ok(Committed::Reacted { room, reacted });
    }
    Ok(Committed::Message { room, message: present(connection, room, seq).await? })
}

/// Gives a message the room's next version.
async fn bump(connection: &mut SqliteConnection, room: RoomId, seq: i64) -> Result<i64> {
    let sql = "UPDATE rooms SET version = version + 1 WHERE id = ? RETURNING version";
    let version: i64 = sqlx::query_scalar(sql).bind(room.uuid()).fetch_one(&mut *connection).await?;
    sqlx::query("UPDATE messages SET version = ?3 WHERE room = ?1 AND seq = ?2")
        .bind(room.uuid())
        .bind(seq)
        .bind(version)
        .execute(connection)
        .await?;
    Ok(version)
}

async fn erase(connection: &mut SqliteConnection, room: RoomId, author: UserId, seq: i64) -> Result<()> {
    sqlx::query("DELETE FROM reactions WHERE room = ? AND seq = ?")
        .bind(room.uuid())
        .bind(seq)
        .execute(&mut *connection)
        .await?;
    let sql = "UPDATE messages SET body = '', edited_at = NULL, reply_to = NULL, recalled = 1 + EXISTS \
               (SELECT 1 FROM memberships WHERE room = ?1 AND user <> ?3 AND last_read >= ?2 AND since < ?2) \
               WHERE room = ?1 AND seq = ?2";
    sqlx::query(sql).bind(room.uuid()).bind(seq).bind(author.uuid()).execute(connection).await?;
    Ok(())
}

async fn give(connection: &mut SqliteConnection, room: RoomId, seq: i64, user: UserId, emoji: &str) -> Result<bool> {
    // Only a new one is counted: there may be thousands of each.
    let sql = "SELECT CASE WHEN EXISTS (SELECT 1 FROM reactions WHERE room = ?1 AND seq = ?2 AND emoji = ?3) THEN 0 \
               ELSE (SELECT count(DISTINCT emoji) FROM reactions WHERE room = ?1 AND seq = ?2) END";
    let query = sqlx::query_scalar(sql).bind(room.uuid()).bind(seq).bind(emoji);
    let others: i64 = query.fetch_one(&mut *connection).await?;
    if others >= REACTIONS as i64 {
        return Err(Refusal::TooMany.into());
    }
    let sql = "INSERT INTO reactions (room, seq, emoji, user, version) \
               SELECT ?1, ?2, ?3, ?4, version + 1 FROM rooms WHERE id = ?1 ON CONFLICT DO NOTHING";
    let given = sqlx::query(sql).bind(room.uuid()).bind(seq).bind(emoji).bind(user.uuid()).execute(connection).await?;
    Ok(given.rows_affected() > 0)
}

async fn take_away(
    connection: &mut SqliteConnection,
    room: RoomId,
    seq: i64,
    user: UserId,
    emoji: &str,
) -> Result<bool> {
    let taken = sqlx::query("DELETE FROM reactions WHERE room = ? AND seq = ? AND emoji = ? AND user = ?")
        .bind(room.uuid())
        .bind(seq)
        .bind(emoji)
        .bind(user.uuid())
        .execute(connection)
        .await?;
    Ok(taken.rows_affected() > 0)
}
