//! The secret under which the nodes of a database encrypt what they send over the bus.

use sqlx::PgConnection;

/// Bytes of the secret.
pub(crate) const KEY_BYTES: usize = 32;

/// The secret of this database; `fresh` if it has none.
pub(crate) async fn get_or_insert(db: &mut PgConnection, fresh: [u8; KEY_BYTES]) -> sqlx::Result<[u8; KEY_BYTES]> {
    let sql = "INSERT INTO meta (key, value) VALUES ('cluster_key', $1) ON CONFLICT (key) DO NOTHING";
    sqlx::query(sql).bind(fresh.to_vec()).execute(&mut *db).await?;
    let sql = "SELECT value FROM meta WHERE key = 'cluster_key'";
    let key: Vec<u8> = sqlx::query_scalar(sql).fetch_one(db).await?;
    key.try_into().map_err(|_| sqlx::Error::Decode("the key of the cluster has another length".into()))
}
