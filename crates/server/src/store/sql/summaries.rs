//! The room list of a user.

use std::cmp::Reverse;

use sqlx::FromRow;
use uuid::Uuid;

use crate::store::{
    postgres,
    sql::{
        db::{Db, signed},
        messages::{mentions, recalled},
        people::pairs_json,
        statement::{Sql, query_as},
    },
    sqlite,
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
    /// [`SummaryFile`]s as JSON.
    files: String,
}

/// Id in hexadecimal, name, media type, size, width, height.
type SummaryFile = (String, String, String, u64, Option<u32>, Option<u32>);

fn attachment((id, name, media_type, size, width, height): SummaryFile) -> Option<Attachment> {
    let preview = width.zip(height).map(|(width, height)| PreviewSize { width, height });
    Some(Attachment { id: Uuid::parse_str(&id).ok()?.into(), name, media_type, size, preview, text: None })
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
        // The engine wrote these values from ours, so they parse.
        let files: Vec<SummaryFile> = serde_json::from_str(&self.files).unwrap_or_default();
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

/// Statements over the rooms of one user, and over (room, member) pairs.
const OF_USER: Sql = Sql { sqlite: sqlite::summaries::OF_USER, postgres: postgres::summaries::OF_USER };
const OF_PAIRS: Sql = Sql { sqlite: sqlite::summaries::OF_PAIRS, postgres: postgres::summaries::OF_PAIRS };

/// A user's rooms, the most recently active first. Direct rooms that somebody else opened are left out until they have
/// a message.
pub(crate) async fn of(db: &mut Db, user: UserId) -> sqlx::Result<Vec<RoomSummary>> {
    let query = query_as(OF_USER).bind(LISTED_MEMBERS as i64).bind(user.uuid()).bind(UNREAD_COUNTED);
    let rows: Vec<SummaryRow> = query.fetch_all(db).await?;
    let mut rooms: Vec<RoomSummary> = rows.into_iter().map(SummaryRow::into_summary).collect();
    rooms.sort_by_key(|room| (Reverse(room.active_at), room.id));
    Ok(rooms)
}

/// The summaries of (room, member) pairs; pairs without a current membership are omitted.
pub(crate) async fn of_pairs(db: &mut Db, pairs: &[(RoomId, UserId)]) -> sqlx::Result<Vec<(UserId, RoomSummary)>> {
    let query = query_as(OF_PAIRS).bind(LISTED_MEMBERS as i64).bind(pairs_json(pairs)).bind(UNREAD_COUNTED);
    let rows: Vec<SummaryRow> = query.fetch_all(db).await?;
    Ok(rows.into_iter().map(|row| (row.of.into(), row.into_summary())).collect())
}
