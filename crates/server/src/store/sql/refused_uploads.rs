//! Rows of `refused_uploads`: uploads that were refused for their content, and why.

use crate::store::sql::{
    db::Db,
    statement::{query, query_scalar},
};
use protocol::{
    error::Refusal,
    ids::{FileId, UserId},
};

pub(crate) async fn insert(db: &mut Db, owner: UserId, id: FileId, why: Refusal, at: i64) -> sqlx::Result<()> {
    // An enum without fields: serde_json cannot refuse it.
    let word = serde_json::to_string(&why).unwrap_or_default();
    let sql = "INSERT INTO refused_uploads (id, owner, refusal, refused_at) VALUES ($1, $2, $3, $4)";
    let query = query(sql).bind(id.uuid()).bind(owner.uuid()).bind(word).bind(at);
    query.execute(db).await.map(drop)
}

/// Why an upload of this owner was refused; `None` if it was not, or not after this moment.
pub(crate) async fn find(db: &mut Db, owner: UserId, id: FileId, after: i64) -> sqlx::Result<Option<Refusal>> {
    let sql = "SELECT refusal FROM refused_uploads WHERE id = $1 AND owner = $2 AND refused_at > $3";
    let query = query_scalar(sql).bind(id.uuid()).bind(owner.uuid()).bind(after);
    let word: Option<String> = query.fetch_optional(db).await?;
    Ok(word.and_then(|word| serde_json::from_str(&word).ok()))
}

/// Deletes the rows up to this moment.
pub(crate) async fn delete_until(db: &mut Db, at: i64) -> sqlx::Result<()> {
    query("DELETE FROM refused_uploads WHERE refused_at <= $1").bind(at).execute(db).await.map(drop)
}
