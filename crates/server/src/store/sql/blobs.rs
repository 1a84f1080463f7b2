//! Rows of `blobs`, and how many files name each.

use crate::{
    model::BlobHash,
    store::sql::{
        db::{Db, signed},
        statement::{query, query_scalar},
    },
};

/// Adds a ref to a blob; the first ref inserts the row.
pub(crate) async fn hold(db: &mut Db, hash: BlobHash, size: u64) -> sqlx::Result<()> {
    let sql = "INSERT INTO blobs (hash, size, refs) VALUES ($1, $2, 1) \
               ON CONFLICT (hash) DO UPDATE SET refs = blobs.refs + 1";
    query(sql).bind(hash.0.to_vec()).bind(signed(size)).execute(db).await.map(drop)
}

/// Removes a ref. The row stays until its bytes are removed.
pub(crate) async fn release(db: &mut Db, hash: BlobHash) -> sqlx::Result<()> {
    query("UPDATE blobs SET refs = refs - 1 WHERE hash = $1").bind(hash.0.to_vec()).execute(db).await.map(drop)
}

/// Blobs without refs, at most `count`.
pub(crate) async fn unreferenced(db: &mut Db, count: usize) -> sqlx::Result<Vec<BlobHash>> {
    let query = query_scalar("SELECT hash FROM blobs WHERE refs = 0 ORDER BY hash LIMIT $1").bind(count as i64);
    query.fetch_all(db).await?.into_iter().map(hash).collect()
}

pub(crate) async fn is_unreferenced(db: &mut Db, hash: BlobHash) -> sqlx::Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM blobs WHERE hash = $1 AND refs = 0)";
    query_scalar(sql).bind(hash.0.to_vec()).fetch_one(db).await
}

/// Deletes the row if the blob has no refs. Returns whether it did.
pub(crate) async fn delete_unreferenced(db: &mut Db, hash: BlobHash) -> sqlx::Result<bool> {
    let query = query("DELETE FROM blobs WHERE hash = $1 AND refs = 0").bind(hash.0.to_vec());
    Ok(query.execute(db).await? > 0)
}

pub(crate) async fn exists(db: &mut Db, hash: BlobHash) -> sqlx::Result<bool> {
    let query = query_scalar("SELECT EXISTS (SELECT 1 FROM blobs WHERE hash = $1)").bind(hash.0.to_vec());
    query.fetch_one(db).await
}

/// The hash in a column.
pub(crate) fn hash(column: Vec<u8>) -> sqlx::Result<BlobHash> {
    let bytes = column.try_into().map_err(|_| sqlx::Error::Decode("a hash has 32 bytes".into()))?;
    Ok(BlobHash(bytes))
}
