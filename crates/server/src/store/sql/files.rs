//! Rows of `files`: completed uploads, attached or not.

use sqlx::FromRow;
use uuid::Uuid;

use crate::{
    model::{StoredFile, StoredPreview},
    store::sql::{
        blobs::hash,
        db::{Db, signed, unsigned},
        statement::{query, query_as, query_scalar},
    },
};
use protocol::{
    file::PreviewSize,
    ids::{FileId, RoomId, UserId},
};

/// Columns of a file's row, `f`, with the size of its preview's blob, `p`.
macro_rules! select_files {
    ($rest:literal) => {
        concat!(
            "SELECT f.id, f.owner, f.blob, f.name, f.media_type, f.size, f.upload_length, f.preview, f.preview_type, f.width, f.height, f.text, \
             p.size AS preview_size, f.created_at, f.room, f.seq \
             FROM files AS f LEFT JOIN blobs AS p ON p.hash = f.preview ",
            $rest
        )
    };
}

#[derive(FromRow)]
struct FileRow {
    id: Uuid,
    owner: Uuid,
    blob: Vec<u8>,
    name: String,
    media_type: String,
    size: i64,
    upload_length: Option<i64>,
    preview: Option<Vec<u8>>,
    preview_type: Option<String>,
    preview_size: Option<i64>,
    width: Option<i64>,
    height: Option<i64>,
    text: Option<String>,
    created_at: i64,
    room: Option<Uuid>,
    seq: Option<i64>,
}

impl FileRow {
    fn preview(&self) -> sqlx::Result<Option<StoredPreview>> {
        let (Some(column), Some(media_type), Some(size), Some(width), Some(height)) = (
            &self.preview,
            &self.preview_type,
            self.preview_size,
            self.width.and_then(unsigned),
            self.height.and_then(unsigned),
        ) else {
            return Ok(None);
        };
        let pixels = PreviewSize { width, height };
        Ok(Some(StoredPreview {
            hash: hash(column.clone())?,
            size: size as u64,
            media_type: media_type.clone(),
            pixels,
        }))
    }

    fn into_file(self) -> sqlx::Result<StoredFile> {
        Ok(StoredFile {
            preview: self.preview()?,
            id: self.id.into(),
            owner: self.owner.into(),
            hash: hash(self.blob)?,
            name: self.name,
            media_type: self.media_type,
            size: self.size as u64,
            text: self.text,
            upload_length: self.upload_length.unwrap_or(self.size) as u64,
            created_at: self.created_at,
            attached_to: self.room.zip(self.seq).map(|(room, seq)| (room.into(), seq as u64)),
        })
    }
}

/// Inserts an unattached file. `folded_name`: its name folded for searches.
pub(crate) async fn insert(db: &mut Db, file: &StoredFile, folded_name: &str) -> sqlx::Result<()> {
    let sql = "INSERT INTO files (id, owner, blob, name, folded_name, media_type, size, upload_length, created_at, \
               preview, preview_type, width, height, text) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
    let preview = file.preview.as_ref();
    let query = query(sql).bind(file.id.uuid()).bind(file.owner.uuid()).bind(file.hash.0.to_vec());
    let query = query.bind(&file.name).bind(folded_name).bind(&file.media_type).bind(signed(file.size));
    let query = query
        .bind(signed(file.upload_length))
        .bind(file.created_at)
        .bind(preview.map(|preview| preview.hash.0.to_vec()));
    let query = query.bind(preview.map(|preview| &preview.media_type));
    let query = query.bind(preview.map(|preview| preview.pixels.width));
    let query = query.bind(preview.map(|preview| preview.pixels.height)).bind(file.text.as_deref());
    query.execute(db).await.map(drop)
}

/// A file that this user uploaded.
pub(crate) async fn owned(db: &mut Db, owner: UserId, id: FileId) -> sqlx::Result<Option<StoredFile>> {
    let query = query_as(select_files!("WHERE f.id = $1 AND f.owner = $2")).bind(id.uuid()).bind(owner.uuid());
    let row: Option<FileRow> = query.fetch_optional(db).await?;
    row.map(FileRow::into_file).transpose()
}

/// A file that this user may read: an unattached file only if they own it, an attached file only if they see its
/// message.
pub(crate) async fn readable(db: &mut Db, user: UserId, id: FileId) -> sqlx::Result<Option<StoredFile>> {
    let sql = select_files!(
        "WHERE f.id = $1 AND EXISTS (SELECT 1 FROM users WHERE users.id = $2 AND NOT users.disabled) \
         AND (f.room IS NULL AND f.owner = $2 OR EXISTS (SELECT 1 FROM memberships AS mine \
               WHERE mine.room = f.room AND mine.user = $2 AND mine.left_at IS NULL AND mine.since < f.seq))"
    );
    let row: Option<FileRow> = query_as(sql).bind(id.uuid()).bind(user.uuid()).fetch_optional(db).await?;
    row.map(FileRow::into_file).transpose()
}

/// Attaches an unattached file of this user as the `nth` file of a message. Returns whether the file existed.
pub(crate) async fn attach(
    db: &mut Db,
    owner: UserId,
    id: FileId,
    (room, seq, nth): (RoomId, u64, usize),
) -> sqlx::Result<bool> {
    let sql = "UPDATE files SET room = $3, seq = $4, nth = $5 WHERE id = $1 AND owner = $2 AND room IS NULL";
    let query = query(sql).bind(id.uuid()).bind(owner.uuid()).bind(room.uuid()).bind(signed(seq));
    Ok(query.bind(nth as i64).execute(db).await? > 0)
}

/// How many unattached files this user has.
pub(crate) async fn count_unattached(db: &mut Db, owner: UserId) -> sqlx::Result<usize> {
    let query = query_scalar("SELECT count(*) FROM files WHERE owner = $1 AND room IS NULL").bind(owner.uuid());
    let count: i64 = query.fetch_one(db).await?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

/// A deleted row of `files`: its owner, blob, preview and size.
#[derive(FromRow)]
pub(crate) struct DeletedFile {
    pub(crate) owner: Uuid,
    pub(crate) blob: Vec<u8>,
    pub(crate) preview: Option<Vec<u8>>,
    pub(crate) size: i64,
}

/// Deletes an unattached file of this owner.
pub(crate) async fn delete_unattached(db: &mut Db, owner: UserId, id: FileId) -> sqlx::Result<Option<DeletedFile>> {
    let sql = "DELETE FROM files WHERE id = $1 AND owner = $2 AND room IS NULL RETURNING owner, blob, preview, size";
    query_as(sql).bind(id.uuid()).bind(owner.uuid()).fetch_optional(db).await
}

/// Deletes files that were completed before this moment and are unattached, at most `count`.
pub(crate) async fn delete_expired(db: &mut Db, before: i64, count: usize) -> sqlx::Result<Vec<DeletedFile>> {
    let sql = "DELETE FROM files WHERE id IN (SELECT old.id FROM files AS old \
               WHERE old.room IS NULL AND old.created_at < $1 ORDER BY old.created_at LIMIT $2) \
               RETURNING owner, blob, preview, size";
    query_as(sql).bind(before).bind(count as i64).fetch_all(db).await
}

/// Deletes the files of a message.
pub(crate) async fn delete_of_message(db: &mut Db, room: RoomId, seq: u64) -> sqlx::Result<Vec<DeletedFile>> {
    let sql = "DELETE FROM files WHERE room = $1 AND seq = $2 RETURNING owner, blob, preview, size";
    query_as(sql).bind(room.uuid()).bind(signed(seq)).fetch_all(db).await
}
