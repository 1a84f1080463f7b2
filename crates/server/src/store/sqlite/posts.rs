//! Inserting posts, many in one call: every call is a round trip to SQLite's thread.

use std::collections::HashMap;

use sqlx::{QueryBuilder, Sqlite, SqliteConnection};

use crate::store::{clock::now_ms, sql::post_ref::PostRef};
use protocol::{ids::MessageId, message::Message};

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

/// Inserts posts in their order, after the statements `first`, which have no parameters. `None` for each post that is
/// stored already or whose author is not a member. Quotes, mentions and files are not filled in.
pub(crate) async fn insert_together(
    db: &mut SqliteConnection,
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
