//! Rows of `messages`, as members and as rules see them.

use std::collections::HashMap;

use sqlx::FromRow;
use uuid::Uuid;

use crate::{
    store::{
        rules::StoredMessage,
        sql::{
            attachments, confirmations,
            db::{Db, signed},
            statement::query_as,
        },
    },
    text,
};
use protocol::{
    ids::{MessageId, RoomId},
    message::{Mentions, Message, Quote, Reaction, Recalled},
};

/// Messages that are further apart are looked up separately.
const APART: i64 = 50;

/// Columns of a message and the beginning of the message that it quotes, or the name of that one's first file if it has
/// no text. `m`: the message, `q`: the quoted one.
macro_rules! select_columns {
    () => {
        "SELECT m.room, m.seq, m.version, m.id, m.author, m.body, m.sent_at, m.edited_at, m.recalled, \
         m.mentions, m.forwarded, m.asks_confirmation, m.line, \
         q.id AS q_id, q.seq AS q_seq, q.author AS q_author, coalesce(nullif(q.body, ''), \
         (SELECT f.name FROM files AS f WHERE f.room = q.room AND f.seq = q.seq ORDER BY f.nth LIMIT 1), '') AS q_body"
    };
}
pub(crate) use select_columns;

macro_rules! select_messages {
    ($rest:literal) => {
        concat!(select_columns!(), " FROM messages AS m LEFT JOIN messages AS q ON q.id = m.reply_to ", $rest)
    };
}
pub(crate) use select_messages;

/// A condition on the column `line`, as [`protocol::message::SystemEvent::brings`]: the message is not a system event,
/// or it made the reader a member. `reader`: a pattern that their id matches, in the JSON of `line` as in `text`.
macro_rules! concerns_reader {
    ($line:literal, $text:literal, $reader:literal) => {
        concat!(
            "(",
            $line,
            " IS NULL OR ",
            $line,
            " LIKE '{\"kind\":\"made\"%' OR (",
            $line,
            " LIKE '{\"kind\":\"invited\"%' AND ",
            $text,
            " LIKE ",
            $reader,
            "))"
        )
    };
}
pub(crate) use concerns_reader;

#[derive(FromRow)]
pub(crate) struct MessageRow {
    pub(crate) seq: i64,
    pub(crate) version: i64,
    id: Uuid,
    author: Uuid,
    body: String,
    sent_at: i64,
    edited_at: Option<i64>,
    recalled: Option<i64>,
    mentions: Option<String>,
    forwarded: Option<String>,
    asks_confirmation: bool,
    line: Option<String>,
    q_id: Option<Uuid>,
    q_seq: Option<i64>,
    q_author: Option<Uuid>,
    q_body: Option<String>,
}

impl MessageRow {
    fn quote(&self) -> Option<Quote> {
        Some(Quote {
            id: self.q_id?.into(),
            seq: self.q_seq? as u64,
            author: self.q_author?.into(),
            body: text::quote(self.q_body.as_ref()?).to_owned(),
        })
    }

    /// The message without its files, reactions and confirmations, for a member with this lower bound of visible
    /// history.
    pub(crate) fn into_message(self, visible_after: u64) -> Message {
        let reply_to = self.quote();
        let message = Message {
            id: self.id.into(),
            seq: self.seq as u64,
            version: self.version as u64,
            author: self.author.into(),
            body: self.body,
            sent_at: self.sent_at,
            edited_at: self.edited_at,
            recalled: recalled(self.recalled),
            reply_to,
            answers_hidden: false,
            mentions: mentions(self.mentions.as_deref()),
            forwarded: self.forwarded.and_then(|json| serde_json::from_str(&json).ok()),
            confirmations: None,
            files: Vec::new(),
            reactions: Vec::new(),
            system_event: self.line.and_then(|line| serde_json::from_str(&line).ok()),
        };
        message.seen_after(visible_after)
    }
}

/// The value of the column `recalled`.
pub(crate) fn recalled(kind: Option<i64>) -> Option<Recalled> {
    kind.map(|kind| if kind == 1 { Recalled::BeforeRead } else { Recalled::AfterRead })
}

/// The value of the column `mentions`.
pub(crate) fn mentions(json: Option<&str>) -> Mentions {
    json.and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default()
}

/// Rows of one room as messages with their files, reactions and confirmations, for a member with this lower bound. [`Message::seen_by`] later removes the confirmations of others for each recipient.
pub(crate) async fn assembled(
    db: &mut Db,
    room: RoomId,
    visible_after: u64,
    rows: Vec<MessageRow>,
) -> sqlx::Result<Vec<Message>> {
    let is_asked = rows.iter().any(|row| row.asks_confirmation);
    let (mut files, mut reactions, mut confirmations) = (HashMap::new(), HashMap::new(), HashMap::new());
    for (first, last) in runs(rows.iter().map(|row| row.seq).collect()) {
        files.extend(attachments::of_messages(&mut *db, room, first, last).await?);
        reactions.extend(reactions_of(&mut *db, room, first, last).await?);
        if is_asked {
            confirmations.extend(confirmations::of_messages(&mut *db, room, first, last).await?);
        }
    }
    let message = |row: MessageRow| {
        let files = files.remove(&row.seq).unwrap_or_default();
        let reactions = reactions.remove(&row.seq).unwrap_or_default();
        let confirmations = row.asks_confirmation.then(|| confirmations.remove(&row.seq).unwrap_or_default());
        Message { files, reactions, confirmations, ..row.into_message(visible_after) }
    };
    Ok(rows.into_iter().map(message).collect())
}

/// First and last of the numbers that lie close together. An old changed message must not cause all
/// later rows to be read.
fn runs(mut seqs: Vec<i64>) -> Vec<(i64, i64)> {
    seqs.sort_unstable();
    let runs = seqs.chunk_by(|one, next| next - one <= APART);
    runs.filter_map(|run| Some((*run.first()?, *run.last()?))).collect()
}

/// Reactions by `seq`, in the order in which they were added.
async fn reactions_of(db: &mut Db, room: RoomId, first: i64, last: i64) -> sqlx::Result<HashMap<i64, Vec<Reaction>>> {
    let sql = "SELECT r.seq, r.emoji, r.user FROM reactions AS r WHERE r.room = $1 AND r.seq BETWEEN $2 AND $3 \
               ORDER BY r.seq, r.version";
    let added: Vec<(i64, String, Uuid)> = query_as(sql).bind(room.uuid()).bind(first).bind(last).fetch_all(db).await?;
    let mut reactions: HashMap<i64, Vec<Reaction>> = HashMap::new();
    for (seq, emoji, user) in added {
        let of_message = reactions.entry(seq).or_default();
        match of_message.iter_mut().find(|reaction| reaction.emoji == emoji) {
            Some(reaction) => reaction.users.push(user.into()),
            None => of_message.push(Reaction { emoji, users: vec![user.into()] }),
        }
    }
    Ok(reactions)
}

/// The current state of a message, with nothing hidden. The fan-out hides parts for each recipient.
pub(crate) async fn current(db: &mut Db, room: RoomId, seq: u64) -> sqlx::Result<Message> {
    let query = query_as(select_messages!("WHERE m.room = $1 AND m.seq = $2"));
    let row: MessageRow = query.bind(room.uuid()).bind(signed(seq)).fetch_one(&mut *db).await?;
    let mut messages = assembled(db, room, 0, vec![row]).await?;
    messages.pop().ok_or(sqlx::Error::RowNotFound)
}

#[derive(FromRow)]
struct StoredRow {
    id: Uuid,
    room: Uuid,
    seq: i64,
    version: i64,
    author: Uuid,
    body: String,
    sent_at: i64,
    is_edited: bool,
    is_recalled: bool,
    is_system: bool,
    asks_confirmation: bool,
    number: Option<i64>,
}

/// The message with this id, in any room.
pub(crate) async fn find(db: &mut Db, id: MessageId) -> sqlx::Result<Option<StoredMessage>> {
    let sql = "SELECT id, room, seq, version, author, body, sent_at, edited_at IS NOT NULL AS is_edited, \
               recalled IS NOT NULL AS is_recalled, line IS NOT NULL AS is_system, \
               asks_confirmation, number \
               FROM messages WHERE id = $1";
    let row: Option<StoredRow> = query_as(sql).bind(id.uuid()).fetch_optional(db).await?;
    Ok(row.map(|row| StoredMessage {
        id: row.id.into(),
        room: row.room.into(),
        seq: row.seq as u64,
        version: row.version as u64,
        author: row.author.into(),
        body: row.body,
        sent_at: row.sent_at,
        is_edited: row.is_edited,
        is_recalled: row.is_recalled,
        is_system: row.is_system,
        asks_confirmation: row.asks_confirmation,
        number: row.number,
    }))
}

#[cfg(test)]
mod tests {
    use super::runs;

    #[test]
    fn an_old_message_is_a_run_of_its_own() {
        assert_eq!(runs(vec![100_002, 7, 100_000, 9]), [(7, 9), (100_000, 100_002)]);
        assert_eq!(runs((1..=120).collect()), [(1, 120)]);
        assert_eq!(runs(Vec::new()), []);
    }
}
