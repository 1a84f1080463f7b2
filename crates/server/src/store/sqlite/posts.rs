//! Inserting posts, many in one call: every call is a round trip to SQLite's thread.

use std::collections::HashMap;

use sqlx::{QueryBuilder, Sqlite};

use crate::{
    model::{Changed, Committed},
    store::{
        clock::now_ms,
        error::StoreResult,
        rules,
        sql::{
            attachments, confirmations,
            db::Db,
            files,
            memberships::{self, visible_after},
            messages::{current, find},
            uploads,
        },
        sqlite::mentions,
    },
};
use protocol::{
    error::Refusal,
    ids::{FileId, MessageId, RoomId, UserId},
    message::Message,
    room_socket::Post,
};

/// A message to insert, its room and its author.
pub(crate) type PostRef<'p> = (RoomId, UserId, &'p Post);

/// A trigger of the writer's connection that inserts a post, so that many posts are one call. Each step runs if the one
/// before changed something; the room's version advances if the author is a member and the id is new.
pub(crate) const PREPARE: &str = "
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

/// Inserts one post, with its reply and its files. A retry returns the stored message.
pub(crate) async fn insert_one(
    db: &mut Db,
    room: RoomId,
    author: UserId,
    message: Post,
) -> StoreResult<(Changed, Option<Committed>)> {
    check_reply(&mut *db, room, author, &message).await?;
    let inserted = insert_together(db, "", &[(room, author, &message)]).await?.pop().flatten();
    let Some(inserted) = inserted else { return retried(db, room, author, &message).await };
    attach(&mut *db, room, author, inserted.seq, &message.files).await?;
    let (is_plain, asked) = (is_plain(&message), message.asks_confirmation);
    if !message.mentions.is_empty() {
        mentions::replace(&mut *db, room, (author, inserted.seq), message.mentions).await?;
    }
    ask(&mut *db, room, inserted.seq, asked).await?;
    let message = if is_plain { inserted } else { current(db, room, inserted.seq).await? };
    Ok((Changed::Now, Some(Committed::Message { room, message })))
}

/// Whether the post can be inserted together with others, without further statements.
pub(crate) fn is_plain(message: &Post) -> bool {
    message.reply_to.is_none() && message.mentions.is_empty() && message.files.is_empty() && !message.asks_confirmation
}

/// Marks a message that was just inserted as asking for confirmations, if its author wants that.
async fn ask(db: &mut Db, room: RoomId, seq: u64, asked: bool) -> sqlx::Result<()> {
    let members = if asked { memberships::count(&mut *db, room).await? } else { 0 };
    if rules::asks(asked, members) { confirmations::ask(db, room, seq).await } else { Ok(()) }
}

/// Attaches files to a message that was just inserted: completed, unattached files of its author.
async fn attach(db: &mut Db, room: RoomId, author: UserId, seq: u64, ids: &[FileId]) -> StoreResult<()> {
    rules::may_attach(ids.len())?;
    for (nth, id) in ids.iter().enumerate() {
        if !files::attach(&mut *db, author, *id, (room, seq, nth)).await? {
            let is_pending = uploads::find(db, author, *id).await?.is_some();
            return Err(rules::why_not_attached(is_pending).into());
        }
    }
    Ok(())
}

/// Checks that the author sees the quoted message. A stored reply passes: the quoted message may have been recalled
/// since.
async fn check_reply(db: &mut Db, room: RoomId, author: UserId, message: &Post) -> StoreResult<()> {
    let Some(quoted) = message.reply_to else { return Ok(()) };
    if find(&mut *db, message.id).await?.is_none() {
        let bound = visible_after(&mut *db, room, author).await?;
        rules::see(find(db, quoted).await?, room, bound)?;
    }
    Ok(())
}

/// The answer when nothing was inserted: the id is taken, or the author is not a member.
async fn retried(
    db: &mut Db,
    room: RoomId,
    author: UserId,
    message: &Post,
) -> StoreResult<(Changed, Option<Committed>)> {
    let stored = find(&mut *db, message.id).await?.ok_or(Refusal::NotFound)?;
    let files = attachments::ids(&mut *db, stored.room, stored.seq).await?;
    if !rules::is_same(&stored, &files, room, author, message) {
        return Err(Refusal::IdConflict.into());
    }
    Ok((Changed::Already(current(db, room, stored.seq).await?.into()), None))
}

/// Inserts posts in their order, after the statements `first`, which have no parameters. `None` for each post that is
/// stored already or whose author is not a member. Quotes, mentions and files are not filled in.
pub(crate) async fn insert_together(
    db: &mut Db,
    first: &str,
    posts: &[PostRef<'_>],
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
    // One row, because each row is handed over between threads separately.
    sql.push("; SELECT json_group_object(nth, seq) FROM posted");
    let stored: String = sql.build_query_scalar().fetch_one(db).await?;
    // SQLite wrote these numbers from ours, so they parse.
    let stored: HashMap<usize, u64> = serde_json::from_str(&stored).unwrap_or_default();
    let message = |(nth, (_, author, message)): (usize, &PostRef<'_>)| {
        Some(Message::new(message.id, *stored.get(&nth)?, *author, message.body.clone(), sent_at))
    };
    Ok(posts.iter().enumerate().map(message).collect())
}
