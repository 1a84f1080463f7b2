//! The write of the health check.

use crate::store::sql::{db::Db, statement::query};

/// As much as a post changes, 32 KiB: a nearly full disk still accepts less. The bytes are random, because SQLite does
/// not write an unchanged page. The key is the one that databases of earlier versions contain.
const WRITE: &str = "INSERT INTO meta (key, value) VALUES ('pulse', randomblob(32768)) \
                     ON CONFLICT (key) DO UPDATE SET value = excluded.value";

pub(crate) async fn write(db: &mut Db) -> sqlx::Result<()> {
    query(WRITE).execute(db).await.map(drop)
}
