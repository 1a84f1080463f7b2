//! The blobs in a database, for commands that compare or copy all of them.

use std::path::Path;

use sqlx::Connection;
use uuid::Uuid;

use crate::{
    model::{BlobHash, Fault, KnownBytes},
    store::{
        sql::{blobs::hash, db::Db},
        sqlite::{
            connection::{connect, reader_options},
            fault, files, migrations,
        },
    },
};
use protocol::ids::FileId;

/// The blobs in the database of `directory`. Changes nothing there.
///
/// # Errors
/// [`Fault::NoDatabase`], or why the database cannot be read.
pub async fn known_bytes(directory: &Path) -> Result<KnownBytes, Fault> {
    let file = files::existing(directory)?;
    let failed = fault::database(&file);
    let mut connection = connect(&reader_options(&file)).await.map_err(&failed)?;
    migrations::check_current(&mut connection, &file).await?;
    let blobs = blobs(&mut connection).await.map_err(&failed)?;
    let released = released(&mut connection).await.map_err(&failed)?;
    let query = sqlx::query_scalar("SELECT id FROM uploads ORDER BY id");
    let uploads: Vec<Uuid> = query.fetch_all(&mut connection).await.map_err(&failed)?;
    connection.close().await.map_err(&failed)?;
    Ok(KnownBytes { blobs, released, uploads: uploads.into_iter().map(FileId::from).collect() })
}

/// Every blob with refs and its size in bytes, in the order of the hashes.
pub(crate) async fn blobs(db: &mut Db) -> sqlx::Result<Vec<(BlobHash, u64)>> {
    let sql = "SELECT hash, size FROM blobs WHERE refs > 0 ORDER BY hash";
    let rows: Vec<(Vec<u8>, i64)> = sqlx::query_as(sql).fetch_all(db).await?;
    rows.into_iter().map(|(column, size)| Ok((hash(column)?, size as u64))).collect()
}

/// Blobs whose bytes are to be removed, in the order of their hashes.
async fn released(db: &mut Db) -> sqlx::Result<Vec<BlobHash>> {
    let query = sqlx::query_scalar("SELECT hash FROM blobs WHERE refs = 0 ORDER BY hash");
    query.fetch_all(db).await?.into_iter().map(hash).collect()
}
