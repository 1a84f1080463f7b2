//! The files of messages, as message pages, lists and searches show them.

use std::collections::HashMap;

use sqlx::FromRow;
use uuid::Uuid;

use crate::{
    model::FilePage,
    store::sql::{
        db::{Db, signed, unsigned},
        statement::{query_as, query_scalar},
    },
};
use protocol::{
    file::{Attachment, PreviewSize, RoomFile},
    ids::{FileId, RoomId},
    limit::{FILES, PAGE_FILES},
};

#[derive(FromRow)]
struct AttachmentRow {
    seq: i64,
    id: Uuid,
    name: String,
    media_type: String,
    size: i64,
    width: Option<i64>,
    height: Option<i64>,
    text: Option<String>,
}

impl From<AttachmentRow> for Attachment {
    fn from(row: AttachmentRow) -> Self {
        let AttachmentRow { id, name, media_type, size, width, height, text, .. } = row;
        let preview = width
            .and_then(unsigned)
            .zip(height.and_then(unsigned))
            .map(|(width, height)| PreviewSize { width, height });
        Self { id: id.into(), name, media_type, size: size as u64, preview, text }
    }
}

/// The files of a room's messages from `first` to `last`, by `seq`; the files of each message in its order.
pub(crate) async fn of_messages(
    db: &mut Db,
    room: RoomId,
    first: i64,
    last: i64,
) -> sqlx::Result<HashMap<i64, Vec<Attachment>>> {
    let sql = "SELECT seq, id, name, media_type, size, width, height, text FROM files \
               WHERE room = $1 AND seq BETWEEN $2 AND $3 ORDER BY seq, nth";
    let rows: Vec<AttachmentRow> = query_as(sql).bind(room.uuid()).bind(first).bind(last).fetch_all(db).await?;
    let mut files: HashMap<i64, Vec<Attachment>> = HashMap::new();
    for row in rows {
        files.entry(row.seq).or_default().push(row.into());
    }
    Ok(files)
}

/// The ids of a message's files, in the message's order.
pub(crate) async fn ids(db: &mut Db, room: RoomId, seq: u64) -> sqlx::Result<Vec<FileId>> {
    let sql = "SELECT id FROM files WHERE room = $1 AND seq = $2 ORDER BY nth";
    let ids: Vec<Uuid> = query_scalar(sql).bind(room.uuid()).bind(signed(seq)).fetch_all(db).await?;
    Ok(ids.into_iter().map(FileId::from).collect())
}

/// The names of a message's files, in the message's order.
pub(crate) async fn names(db: &mut Db, room: RoomId, seq: u64) -> sqlx::Result<Vec<String>> {
    let sql = "SELECT name FROM files WHERE room = $1 AND seq = $2 ORDER BY nth";
    query_scalar(sql).bind(room.uuid()).bind(signed(seq)).fetch_all(db).await
}

#[derive(FromRow)]
struct RoomFileRow {
    #[sqlx(flatten)]
    file: AttachmentRow,
    author: Uuid,
    sent_at: i64,
}

/// A page of a room's files, newest first: files whose folded names contain `part`, of messages with a `seq` within
/// `between`. A page never splits a message.
pub(crate) async fn page(db: &mut Db, room: RoomId, between: (u64, u64), part: &str) -> sqlx::Result<FilePage> {
    let sql = "SELECT f.seq, f.id, f.name, f.media_type, f.size, f.width, f.height, f.text, m.author, m.sent_at \
               FROM files AS f JOIN messages AS m ON m.room = f.room AND m.seq = f.seq \
               WHERE f.room = $1 AND f.seq > $2 AND f.seq < $3 AND f.folded_name LIKE $4 ESCAPE '!' \
               ORDER BY f.seq DESC, f.nth DESC LIMIT $5";
    let query = query_as(sql).bind(room.uuid()).bind(signed(between.0)).bind(signed(between.1));
    let query = query.bind(containing(part));
    let rows: Vec<RoomFileRow> = query.bind((PAGE_FILES + 1) as i64).fetch_all(db).await?;
    Ok(whole_messages(rows.into_iter().map(room_file).collect()))
}

fn room_file(RoomFileRow { file, author, sent_at }: RoomFileRow) -> RoomFile {
    RoomFile { seq: file.seq as u64, author: author.into(), sent_at, file: file.into() }
}

/// A page without its last message, whose files may continue, and the `before` of the next page. A message has fewer
/// files than a page.
fn whole_messages(mut files: Vec<RoomFile>) -> FilePage {
    const { assert!(FILES < PAGE_FILES) };
    if files.len() <= PAGE_FILES {
        return FilePage { files, before: None };
    }
    let cut = files.last().map(|file| file.seq);
    files.retain(|file| Some(file.seq) != cut);
    let before = files.last().map(|file| file.seq);
    FilePage { files, before }
}

/// A LIKE pattern for texts that contain `part`.
fn containing(part: &str) -> String {
    let mut pattern = String::from("%");
    for c in part.chars() {
        if matches!(c, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_means_the_characters_that_were_typed() {
        assert_eq!(containing(""), "%%");
        assert_eq!(containing("50%_a!"), "%50!%!_a!!%");
    }
}
