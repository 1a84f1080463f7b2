//! The write of the health check.

use crate::store::sql::{db::Db, statement::query};

pub(crate) async fn write(db: &mut Db) -> sqlx::Result<()> {
    query("UPDATE counters SET value = value + 1 WHERE name = 'pulse'").execute(db).await.map(drop)
}
