//! The blobs in a database, for commands that compare or copy all of them.

use uuid::Uuid;

use crate::{
    model::{BlobHash, RecordedBytes},
    store::sql::{
        blobs::hash,
        db::Db,
        statement::{query_as, query_scalar},
    },
};
use protocol::ids::FileId;

/// All blobs and pending uploads.
pub(crate) async fn recorded_bytes(db: &mut Db) -> sqlx::Result<RecordedBytes> {
    let (blobs, released) = (blobs(&mut *db).await?, released(&mut *db).await?);
    let uploads: Vec<Uuid> = query_scalar("SELECT id FROM uploads ORDER BY id").fetch_all(db).await?;
    Ok(RecordedBytes { blobs, released, uploads: uploads.into_iter().map(FileId::from).collect() })
}

/// Every blob with refs and its size in bytes, in the order of the hashes.
pub(crate) async fn blobs(db: &mut Db) -> sqlx::Result<Vec<(BlobHash, u64)>> {
    let sql = "SELECT hash, size FROM blobs WHERE refs > 0 ORDER BY hash";
    let rows: Vec<(Vec<u8>, i64)> = query_as(sql).fetch_all(db).await?;
    rows.into_iter().map(|(column, size)| Ok((hash(column)?, size as u64))).collect()
}

/// Blobs whose bytes are to be removed, in the order of their hashes.
async fn released(db: &mut Db) -> sqlx::Result<Vec<BlobHash>> {
    let rows = query_scalar("SELECT hash FROM blobs WHERE refs = 0 ORDER BY hash").fetch_all(db).await?;
    rows.into_iter().map(hash).collect()
}
