//! The room list of a user.

use std::cmp::Reverse;

use sqlx::FromRow;
use uuid::Uuid;

use crate::store::{
    sql::{
        db::{Db, signed},
        messages::{concerns_reader, mentions, recalled},
    },
    sqlite::people::pairs_json,
};
use protocol::{
    file::{Attachment, PreviewSize},
    ids::{RoomId, UserId},
    limit::{LISTED_MEMBERS, UNREAD_COUNTED},
    message::Message,
    room::RoomSummary,
};

#[derive(FromRow)]
struct SummaryRow {
    of: Uuid,
    room: Uuid,
    is_group: bool,
    title: Option<String>,
    active_at: i64,
    is_muted: bool,
    mentions_only: bool,
    is_pinned: bool,
    hidden_at: Option<i64>,
    size: i64,
    /// Ids in hexadecimal, concatenated.
    others: Option<String>,
    unread: i64,
    mentioned: Option<i64>,
    seq: Option<i64>,
    version: Option<i64>,
    id: Option<Uuid>,
    author: Option<Uuid>,
    body: Option<String>,
    sent_at: Option<i64>,
    edited_at: Option<i64>,
    recalled: Option<i64>,
    mentions: Option<String>,
    line: Option<String>,
    /// [`ListedFile`]s as JSON.
    files: String,
}

/// Id in hexadecimal, name, media type, size, width, height.
type ListedFile = (String, String, String, u64, Option<u32>, Option<u32>);

fn attachment((id, name, media_type, size, width, height): ListedFile) -> Option<Attachment> {
    let preview = width.zip(height).map(|(width, height)| PreviewSize { width, height });
    Some(Attachment { id: Uuid::parse_str(&id).ok()?.into(), name, media_type, size, preview })
}

impl SummaryRow {
    fn into_summary(self) -> RoomSummary {
        let last = self.last();
        let others = self.others.as_deref().unwrap_or_default();
        let other = |id: &[u8]| str::from_utf8(id).ok().and_then(|id| Uuid::parse_str(id).ok()).map(UserId::from);
        let newest = last.as_ref().map_or(0, |last| signed(last.seq));
        let is_hidden = self.hidden_at.is_some_and(|hidden_at| newest <= hidden_at);
        RoomSummary {
            id: self.room.into(),
            is_group: self.is_group,
            title: self.title,
            others: others.as_bytes().chunks(32).filter_map(other).collect(),
            size: u32::try_from(self.size).unwrap_or(u32::MAX),
            active_at: self.active_at,
            last,
            // The list does not show a hidden room, so nothing would explain the count.
            unread: if is_hidden { 0 } else { u32::try_from(self.unread).unwrap_or(u32::MAX) },
            mentioned: self.mentioned.filter(|_| !is_hidden).map(|seq| seq as u64),
            is_muted: self.is_muted,
            mentions_only: self.mentions_only,
            is_pinned: self.is_pinned,
            is_hidden,
        }
    }

    fn files(&self) -> Vec<Attachment> {
        // SQLite wrote these values from ours, so they parse.
        let files: Vec<ListedFile> = serde_json::from_str(&self.files).unwrap_or_default();
        files.into_iter().filter_map(attachment).collect()
    }

    /// The last message, without reactions and quote, which the list does not show.
    fn last(&self) -> Option<Message> {
        let (id, author, body) = (self.id?.into(), self.author?.into(), self.body.clone()?);
        Some(Message {
            version: self.version? as u64,
            edited_at: self.edited_at,
            recalled: recalled(self.recalled),
            files: self.files(),
            mentions: mentions(self.mentions.as_deref()),
            system_event: self.line.as_deref().and_then(|line| serde_json::from_str(line).ok()),
            ..Message::new(id, self.seq? as u64, author, body, self.sent_at?)
        })
    }
}

/// A row for each room of a user; `mine` is their membership. The last message is not a system event, unless it made
/// the user a member: other events leave the row unchanged. $1: how many other members are listed, $3: up to how many
/// unread messages are counted.
macro_rules! select_summaries {
    ($from:literal) => {
        concat!(
            "SELECT mine.user AS of, mine.room, rooms.is_group, rooms.title, rooms.active_at, mine.is_muted, mine.mentions_only, mine.is_pinned, mine.hidden_at, \
                    (SELECT count(*) FROM memberships WHERE room = mine.room AND left_at IS NULL) AS size, \
                    (SELECT group_concat(hex(user), '') FROM \
                      (SELECT user FROM memberships WHERE room = mine.room AND user <> mine.user AND left_at IS NULL \
                        ORDER BY user LIMIT $1)) AS others, \
                    (SELECT count(*) FROM \
                      (SELECT 1 FROM messages WHERE room = mine.room AND seq > max(mine.last_read, mine.since) \
                          AND author <> mine.user AND recalled IS NULL AND ",
            concerns_reader!("line", "replace(line, '-', '')", "'%' || hex(mine.user) || '%'"),
            " LIMIT $3)) AS unread, \
                    (SELECT max(seq) FROM mentions WHERE user = mine.user AND room = mine.room \
                        AND seq > max(mine.last_read, mine.since)) AS mentioned, \
                    last.seq, last.version, last.id, last.author, last.body, last.sent_at, last.edited_at, last.recalled, last.mentions, last.line, \
                    (SELECT json_group_array(json_array(hex(id), name, media_type, size, width, height)) FROM \
                      (SELECT id, name, media_type, size, width, height FROM files AS f \
                        WHERE f.room = last.room AND f.seq = last.seq ORDER BY nth)) AS files \
               FROM ",
            $from,
            " JOIN rooms ON rooms.id = mine.room \
               LEFT JOIN messages AS last ON last.room = mine.room \
                AND last.seq = (SELECT seq FROM messages WHERE room = mine.room AND seq > mine.since AND ",
            concerns_reader!("line", "replace(line, '-', '')", "'%' || hex(mine.user) || '%'"),
            " ORDER BY seq DESC LIMIT 1) \
              WHERE mine.left_at IS NULL"
        )
    };
}

/// A user's rooms, the most recently active first. Direct rooms that somebody else opened are left out until they have
/// a message.
pub(crate) async fn of(db: &mut Db, user: UserId) -> sqlx::Result<Vec<RoomSummary>> {
    let sql = concat!(
        select_summaries!("memberships AS mine"),
        " AND mine.user = $2 AND (mine.hidden_at IS NULL OR last.seq IS NOT NULL)"
    );
    let query = sqlx::query_as(sql).bind(LISTED_MEMBERS as i64).bind(user.uuid()).bind(UNREAD_COUNTED);
    let rows: Vec<SummaryRow> = query.fetch_all(db).await?;
    let mut rooms: Vec<RoomSummary> = rows.into_iter().map(SummaryRow::into_summary).collect();
    rooms.sort_by_key(|room| (Reverse(room.active_at), room.id));
    Ok(rooms)
}

/// The summaries of (room, member) pairs; pairs without a current membership are omitted.
pub(crate) async fn of_pairs(db: &mut Db, pairs: &[(RoomId, UserId)]) -> sqlx::Result<Vec<(UserId, RoomSummary)>> {
    let sql = select_summaries!(
        "json_each($2) AS pair \
         JOIN memberships AS mine ON mine.room = unhex(pair.value ->> 0) AND mine.user = unhex(pair.value ->> 1)"
    );
    let query = sqlx::query_as(sql).bind(LISTED_MEMBERS as i64).bind(pairs_json(pairs)).bind(UNREAD_COUNTED);
    let rows: Vec<SummaryRow> = query.fetch_all(db).await?;
    Ok(rows.into_iter().map(|row| (row.of.into(), row.into_summary())).collect())
}
