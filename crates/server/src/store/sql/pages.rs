//! Pages of a room's messages. Every query is bounded from below by the member's visible history, and from above by the
//! size of a page.

use crate::{
    model::{Anchor, MessagePage},
    store::sql::{
        db::{Db, signed},
        messages::{MessageRow, assembled, concerns_reader, select_columns, select_messages},
        rooms,
        statement::{query_as, query_scalar},
    },
};
use protocol::{
    ids::{RoomId, UserId},
    limit::PAGE_MESSAGES,
    message::Message,
};

/// Unread messages in the first page of a room: most of a window's capacity, so that few members have to load more
/// before the newest message.
const UNREAD_MESSAGES: usize = 5 * PAGE_MESSAGES;
/// Above every `seq`.
const END: u64 = i64::MAX as u64;

/// Consecutive messages, oldest first.
pub(crate) struct Slice {
    pub(crate) messages: Vec<Message>,
    has_earlier: bool,
    has_later: bool,
}

/// The messages of a room that a member sees: those with a `seq` above `visible_after`.
#[derive(Clone, Copy)]
pub(crate) struct VisibleHistory {
    pub(crate) room: RoomId,
    pub(crate) visible_after: u64,
}

impl VisibleHistory {
    /// The page at an anchor, with the room's version in the same snapshot.
    pub(crate) async fn page(self, db: &mut Db, anchor: Anchor) -> sqlx::Result<MessagePage> {
        let version = rooms::version(&mut *db, self.room).await?;
        let slice = match anchor {
            Anchor::Newest => self.newest(db).await?,
            Anchor::Unread { reader, last_read } => self.unread(db, reader, last_read).await?,
            Anchor::Before(seq) => Slice { has_later: seq < END, ..self.before(db, seq, PAGE_MESSAGES).await? },
            Anchor::After(seq) => self.after(db, seq, PAGE_MESSAGES).await?,
            Anchor::Around(seq) => self.around(db, seq, PAGE_MESSAGES / 2).await?,
            Anchor::AroundTime(at) => {
                let seq = self.first_at(&mut *db, at).await?;
                self.around(db, seq.unwrap_or(END), PAGE_MESSAGES / 2).await?
            }
        };
        let Slice { messages, has_earlier, has_later } = slice;
        Ok(MessagePage { messages, has_earlier, has_later, version })
    }

    /// Messages that changed after `version`, in the order of the changes, with the room's version. `None` if they
    /// are more than a page or `version` is ahead of the room.
    pub(crate) async fn changes_since(self, db: &mut Db, version: u64) -> sqlx::Result<Option<(Vec<Message>, u64)>> {
        let latest = rooms::version(&mut *db, self.room).await?;
        if latest < version {
            return Ok(None);
        }
        // New messages are found by the primary key, older ones that changed by a separate index.
        let from = version.max(self.visible_after);
        let mut rows = self.rows_after(&mut *db, from, PAGE_MESSAGES + 1).await?;
        rows.extend(self.rows_changed_after(&mut *db, version, PAGE_MESSAGES + 1).await?);
        rows.sort_by_key(|row| row.version);
        if rows.len() > PAGE_MESSAGES {
            return Ok(None);
        }
        Ok(Some((self.messages(db, rows).await?, latest)))
    }

    /// The next changes after `version`, at most two pages, in their order; up to which version they are whole; and the
    /// room's version.
    pub(crate) async fn next_changes(self, db: &mut Db, version: u64) -> sqlx::Result<(Vec<Message>, u64, u64)> {
        let latest = rooms::version(&mut *db, self.room).await?;
        let posted = self.rows_after(&mut *db, version.max(self.visible_after), PAGE_MESSAGES).await?;
        let changed = self.rows_changed_after(&mut *db, version, PAGE_MESSAGES).await?;
        let is_full = |rows: &[MessageRow]| rows.len() == PAGE_MESSAGES;
        // Versions above the last row of a full page may have rows that were not read.
        let mut whole = latest as i64;
        whole = posted.last().filter(|_| is_full(&posted)).map_or(whole, |row| whole.min(row.seq));
        whole = changed.last().filter(|_| is_full(&changed)).map_or(whole, |row| whole.min(row.version));
        let mut rows: Vec<_> = posted.into_iter().chain(changed).filter(|row| row.version <= whole).collect();
        rows.sort_by_key(|row| row.version);
        Ok((self.messages(db, rows).await?, whole as u64, latest))
    }

    /// At most `count` messages after `seq`, oldest first.
    pub(crate) async fn after(self, db: &mut Db, seq: u64, count: usize) -> sqlx::Result<Slice> {
        let mut rows = self.rows_after(&mut *db, self.visible_after.max(seq), count + 1).await?;
        let has_later = rows.len() > count;
        rows.truncate(count);
        Ok(Slice { messages: self.messages(db, rows).await?, has_earlier: false, has_later })
    }

    async fn newest(self, db: &mut Db) -> sqlx::Result<Slice> {
        self.before(db, END, PAGE_MESSAGES).await
    }

    async fn before(self, db: &mut Db, seq: u64, count: usize) -> sqlx::Result<Slice> {
        let sql = select_messages!("WHERE m.room = $1 AND m.seq > $2 AND m.seq < $3 ORDER BY m.seq DESC LIMIT $4");
        let query = query_as(sql).bind(self.room.uuid()).bind(signed(self.visible_after)).bind(signed(seq));
        let mut rows: Vec<MessageRow> = query.bind(count as i64 + 1).fetch_all(&mut *db).await?;
        let has_earlier = rows.len() > count;
        rows.truncate(count);
        rows.reverse();
        Ok(Slice { messages: self.messages(db, rows).await?, has_earlier, has_later: false })
    }

    /// Half a page before `seq`, and `count` messages from `seq` on.
    async fn around(self, db: &mut Db, seq: u64, count: usize) -> sqlx::Result<Slice> {
        let older = self.before(&mut *db, seq, PAGE_MESSAGES / 2).await?;
        let newer = self.after(db, seq.saturating_sub(1), count).await?;
        let messages = older.messages.into_iter().chain(newer.messages).collect();
        Ok(Slice { messages, has_earlier: older.has_earlier, ..newer })
    }

    async fn unread(self, db: &mut Db, reader: UserId, last_read: u64) -> sqlx::Result<Slice> {
        let newest = self.newest(&mut *db).await?;
        let from = newest.messages.first().map_or(0, |message| message.seq);
        if !newest.has_earlier || from <= last_read {
            return Ok(newest);
        }
        match self.first_unread(&mut *db, reader, last_read, from).await? {
            Some(first) => self.around(db, first, UNREAD_MESSAGES).await,
            None => Ok(newest),
        }
    }

    /// The first message between `last_read` and `before` that counts as unread for this reader.
    async fn first_unread(self, db: &mut Db, reader: UserId, last_read: u64, before: u64) -> sqlx::Result<Option<u64>> {
        let sql = concat!(
            "SELECT seq FROM messages WHERE room = $1 AND seq > $2 AND seq < $3 AND author <> $4 AND recalled IS NULL AND ",
            concerns_reader!("line", "line", "$5"),
            " ORDER BY seq LIMIT 1"
        );
        let query = query_scalar(sql).bind(self.room.uuid()).bind(signed(self.visible_after.max(last_read)));
        let query = query.bind(signed(before)).bind(reader.uuid()).bind(format!("%{reader}%"));
        let first: Option<i64> = query.fetch_optional(db).await?;
        Ok(first.map(|seq| seq as u64))
    }

    /// The first message sent at or after a moment, by binary search over `seq`: some twenty look-ups in a room of a
    /// million. If the clock was set back, it is one of the messages at that time.
    async fn first_at(self, db: &mut Db, at: i64) -> sqlx::Result<Option<u64>> {
        let sql = "WITH RECURSIVE bounds (low, high) AS ( \
                     SELECT $2, (SELECT version FROM rooms WHERE id = $1) \
                     UNION ALL \
                     SELECT CASE WHEN coalesce((SELECT sent_at FROM messages WHERE room = $1 AND seq > (low + high) / 2 \
                                                 ORDER BY seq LIMIT 1), $3) >= $3 THEN low ELSE (low + high) / 2 + 1 END, \
                            CASE WHEN coalesce((SELECT sent_at FROM messages WHERE room = $1 AND seq > (low + high) / 2 \
                                                 ORDER BY seq LIMIT 1), $3) >= $3 THEN (low + high) / 2 ELSE high END \
                       FROM bounds WHERE low < high) \
                   SELECT seq FROM messages WHERE room = $1 AND seq > (SELECT max(low) FROM bounds) ORDER BY seq LIMIT 1";
        let query = query_scalar(sql).bind(self.room.uuid()).bind(signed(self.visible_after)).bind(at);
        let seq: Option<i64> = query.fetch_optional(db).await?;
        Ok(seq.map(|seq| seq as u64))
    }

    async fn rows_after(self, db: &mut Db, seq: u64, count: usize) -> sqlx::Result<Vec<MessageRow>> {
        let sql = select_messages!("WHERE m.room = $1 AND m.seq > $2 ORDER BY m.seq LIMIT $3");
        let query = query_as(sql).bind(self.room.uuid()).bind(signed(seq)).bind(count as i64);
        query.fetch_all(db).await
    }

    /// Rows posted up to `version` that changed after it.
    async fn rows_changed_after(self, db: &mut Db, version: u64, count: usize) -> sqlx::Result<Vec<MessageRow>> {
        let sql = select_messages!(
            "WHERE m.room = $1 AND m.version <> m.seq AND m.version > $2 AND m.seq > $3 AND m.seq <= $2 \
             ORDER BY m.version LIMIT $4"
        );
        let query = query_as(sql).bind(self.room.uuid()).bind(signed(version)).bind(signed(self.visible_after));
        query.bind(count as i64).fetch_all(db).await
    }

    async fn messages(self, db: &mut Db, rows: Vec<MessageRow>) -> sqlx::Result<Vec<Message>> {
        assembled(db, self.room, self.visible_after, rows).await
    }
}
