//! Rows of `settings`: the settings of each user.

use crate::store::sql::{
    db::Db,
    statement::{query, query_scalar},
};
use protocol::ids::UserId;

/// The settings of a user; `None` if they changed none.
pub(crate) async fn of(db: &mut Db, user: UserId) -> sqlx::Result<Option<String>> {
    let sql = "SELECT value FROM settings AS s WHERE s.user = $1";
    query_scalar(sql).bind(user.uuid()).fetch_optional(db).await
}

pub(crate) async fn upsert(db: &mut Db, user: UserId, value: &str) -> sqlx::Result<()> {
    let sql = "INSERT INTO settings (\"user\", value) VALUES ($1, $2) \
               ON CONFLICT (\"user\") DO UPDATE SET value = excluded.value";
    query(sql).bind(user.uuid()).bind(value).execute(db).await.map(drop)
}
