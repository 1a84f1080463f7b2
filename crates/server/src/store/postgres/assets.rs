//! Rows of `builds` and `assets`.

use crate::{
    model::Asset,
    store::{postgres::connection::answered, sql::db::Db},
};

/// Marks a start of this build, by the database's clock. Returns whether a node of it had started before.
pub(crate) async fn begin(db: &mut Db, build: &str) -> sqlx::Result<bool> {
    let db = db.postgres()?;
    let sql = "UPDATE builds SET started_at = (extract(epoch FROM clock_timestamp()) * 1000)::bigint WHERE build = $1";
    if sqlx::query(sql).bind(build).execute(&mut *db).await?.rows_affected() > 0 {
        return Ok(true);
    }
    let sql = "INSERT INTO builds (build, started_at) VALUES ($1, (extract(epoch FROM clock_timestamp()) * 1000)::bigint) \
               ON CONFLICT (build) DO NOTHING";
    Ok(sqlx::query(sql).bind(build).execute(db).await?.rows_affected() == 0)
}

pub(crate) async fn insert(db: &mut Db, build: &str, files: &[Asset]) -> sqlx::Result<()> {
    let db = db.postgres()?;
    for Asset { name, content } in files {
        let sql = "INSERT INTO assets (build, name, content) VALUES ($1, $2, $3)";
        sqlx::query(sql).bind(build).bind(name).bind(&content[..]).execute(&mut *db).await?;
    }
    Ok(())
}

/// Deletes all but the last builds; never this one.
pub(crate) async fn keep_last(db: &mut Db, build: &str, count: i64) -> sqlx::Result<()> {
    let sql = "DELETE FROM builds WHERE build <> $1 AND build NOT IN \
               (SELECT build FROM builds ORDER BY started_at DESC, build LIMIT $2)";
    sqlx::query(sql).bind(build).bind(count).execute(db.postgres()?).await.map(drop)
}

pub(crate) async fn builds(db: &mut Db) -> sqlx::Result<Vec<String>> {
    let answer = answered(sqlx::query_scalar("SELECT build FROM builds").fetch_all(db.postgres()?)).await;
    db.checked(answer)
}

pub(crate) async fn of(db: &mut Db, build: &str) -> sqlx::Result<Vec<Asset>> {
    let sql = "SELECT name, content FROM assets WHERE build = $1";
    let answer = answered(sqlx::query_as(sql).bind(build).fetch_all(db.postgres()?)).await;
    let rows: Vec<(String, Vec<u8>)> = db.checked(answer)?;
    Ok(rows.into_iter().map(|(name, content)| Asset { name, content: content.into() }).collect())
}
