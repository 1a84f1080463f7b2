//! Rows of `uploads`: uploads that are not complete.

use sqlx::FromRow;
use uuid::Uuid;

use crate::{
    model::Upload,
    store::sql::{
        db::{Db, signed},
        statement::{query, query_as, query_scalar},
    },
};
use protocol::ids::{FileId, UserId};

#[derive(FromRow)]
struct UploadRow {
    id: Uuid,
    owner: Uuid,
    name: String,
    length: i64,
    is_original: bool,
    created_at: i64,
    expires_at: i64,
}

impl From<UploadRow> for Upload {
    fn from(row: UploadRow) -> Self {
        let UploadRow { id, owner, name, length, is_original, created_at, expires_at } = row;
        Self { id: id.into(), owner: owner.into(), name, length: length as u64, is_original, created_at, expires_at }
    }
}

pub(crate) async fn insert(db: &mut Db, upload: &Upload) -> sqlx::Result<()> {
    let sql = "INSERT INTO uploads (id, owner, name, length, is_original, created_at, expires_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let query = query(sql).bind(upload.id.uuid()).bind(upload.owner.uuid()).bind(&upload.name);
    let query =
        query.bind(signed(upload.length)).bind(upload.is_original).bind(upload.created_at).bind(upload.expires_at);
    query.execute(db).await.map(drop)
}

/// An upload, if this user owns it.
pub(crate) async fn find(db: &mut Db, owner: UserId, id: FileId) -> sqlx::Result<Option<Upload>> {
    let sql =
        "SELECT id, owner, name, length, is_original, created_at, expires_at FROM uploads WHERE id = $1 AND owner = $2";
    let row: Option<UploadRow> = query_as(sql).bind(id.uuid()).bind(owner.uuid()).fetch_optional(db).await?;
    Ok(row.map(Upload::from))
}

/// How many uploads of this user are not complete.
pub(crate) async fn count(db: &mut Db, owner: UserId) -> sqlx::Result<usize> {
    let query = query_scalar("SELECT count(*) FROM uploads WHERE owner = $1").bind(owner.uuid());
    let count: i64 = query.fetch_one(db).await?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

/// Uploads that have expired, at most `count`, the oldest first.
pub(crate) async fn expired(db: &mut Db, now: i64, count: usize) -> sqlx::Result<Vec<FileId>> {
    let sql = "SELECT id FROM uploads WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2";
    let ids: Vec<Uuid> = query_scalar(sql).bind(now).bind(count as i64).fetch_all(db).await?;
    Ok(ids.into_iter().map(FileId::from).collect())
}

/// Moves the expiry of an upload.
pub(crate) async fn extend(db: &mut Db, id: FileId, expires_at: i64) -> sqlx::Result<()> {
    let sql = "UPDATE uploads SET expires_at = $2 WHERE id = $1 AND expires_at < $2";
    query(sql).bind(id.uuid()).bind(expires_at).execute(db).await.map(drop)
}

/// Deletes an upload of this owner. Returns its length, if it existed.
pub(crate) async fn delete(db: &mut Db, owner: UserId, id: FileId) -> sqlx::Result<Option<u64>> {
    let sql = "DELETE FROM uploads WHERE id = $1 AND owner = $2 RETURNING length";
    let length: Option<i64> = query_scalar(sql).bind(id.uuid()).bind(owner.uuid()).fetch_optional(db).await?;
    Ok(length.map(|length| length as u64))
}

/// Deletes an upload if it has expired. Returns its owner and length if it did.
pub(crate) async fn delete_expired(db: &mut Db, id: FileId, now: i64) -> sqlx::Result<Option<(UserId, u64)>> {
    let sql = "DELETE FROM uploads WHERE id = $1 AND expires_at <= $2 RETURNING owner, length";
    let row: Option<(Uuid, i64)> = query_as(sql).bind(id.uuid()).bind(now).fetch_optional(db).await?;
    Ok(row.map(|(owner, length)| (owner.into(), length as u64)))
}

pub(crate) async fn exists(db: &mut Db, id: FileId) -> sqlx::Result<bool> {
    query_scalar("SELECT EXISTS (SELECT 1 FROM uploads WHERE id = $1)").bind(id.uuid()).fetch_one(db).await
}
