//! Rows of the feed and of the nodes. Every transaction of a writer has one row, numbered without a gap, in the same
//! transaction. A node reads the rows of the others from where it stopped.

use std::collections::HashMap;

use sqlx::PgConnection;
use uuid::Uuid;

use crate::model::{FeedRow, NodeId, PositionedRow};

/// Rows of one writer in one read, at most.
const ROWS: i64 = 500;
/// The clock of the database, in UTC milliseconds: clocks of nodes differ.
const NOW: &str = "(extract(epoch FROM clock_timestamp()) * 1000)::BIGINT";

/// Up to which row each node was read.
pub(crate) type FeedPositions = HashMap<Uuid, i64>;

/// A node, as its row says.
pub(crate) struct NodeRow {
    pub(crate) id: NodeId,
    /// How long it has been silent, in milliseconds.
    pub(crate) silent_ms: i64,
    /// Its last row of the feed when it joined, and now.
    pub(crate) first: i64,
    pub(crate) top: i64,
    pub(crate) has_left: bool,
}

/// The row as it is stored.
pub(crate) fn encoded(row: &FeedRow) -> Vec<u8> {
    if row.is_empty() {
        return Vec::new();
    }
    // Ids, numbers and flags: serde_json cannot refuse them.
    serde_json::to_vec(row).unwrap_or_default()
}

/// Adds this node's row. `top`: its last row of the feed.
pub(crate) async fn join(db: &mut PgConnection, node: Uuid, top: i64) -> sqlx::Result<()> {
    let sql = sqlx::AssertSqlSafe(format!(
        "INSERT INTO nodes (id, beat_at, first, top) VALUES ($1, {NOW}, $2, $2) ON CONFLICT (id) DO NOTHING"
    ));
    sqlx::query(sql).bind(node).bind(top).execute(db).await.map(drop)
}

/// Says that this node is alive, and which row of the feed is its last one. `false` if the node has no row any more: the
/// others took it for ended, and deleted it.
pub(crate) async fn beat(db: &mut PgConnection, node: Uuid, top: i64) -> sqlx::Result<bool> {
    let sql = sqlx::AssertSqlSafe(format!("UPDATE nodes SET beat_at = {NOW}, top = $2 WHERE id = $1"));
    Ok(sqlx::query(sql).bind(node).bind(top).execute(db).await?.rows_affected() > 0)
}

/// Says that this node ended in order.
pub(crate) async fn leave(db: &mut PgConnection, node: Uuid) -> sqlx::Result<()> {
    let sql = sqlx::AssertSqlSafe(format!("UPDATE nodes SET beat_at = {NOW}, has_left = TRUE WHERE id = $1"));
    sqlx::query(sql).bind(node).execute(db).await.map(drop)
}

/// Deletes the rows of nodes that have been silent for this long, in milliseconds.
pub(crate) async fn delete_silent(db: &mut PgConnection, ms: i64) -> sqlx::Result<()> {
    let sql = sqlx::AssertSqlSafe(format!("DELETE FROM nodes WHERE beat_at < {NOW} - $1"));
    sqlx::query(sql).bind(ms).execute(db).await.map(drop)
}

/// Deletes rows of the feed that are older, in milliseconds.
pub(crate) async fn delete_older(db: &mut PgConnection, ms: i64) -> sqlx::Result<()> {
    let sql = sqlx::AssertSqlSafe(format!("DELETE FROM feed WHERE at < {NOW} - $1"));
    sqlx::query(sql).bind(ms).execute(db).await.map(drop)
}

/// All nodes but this one.
pub(crate) async fn others(db: &mut PgConnection, node: Uuid) -> sqlx::Result<Vec<NodeRow>> {
    let sql =
        sqlx::AssertSqlSafe(format!("SELECT id, {NOW} - beat_at, first, top, has_left FROM nodes WHERE id <> $1"));
    let rows: Vec<(Uuid, i64, i64, i64, bool)> = sqlx::query_as(sql).bind(node).fetch_all(db).await?;
    let node = |(id, silent_ms, first, top, has_left)| NodeRow { id: NodeId(id), silent_ms, first, top, has_left };
    Ok(rows.into_iter().map(node).collect())
}

/// How many nodes beat within the last seconds and did not leave.
pub(crate) async fn running(db: &mut PgConnection) -> sqlx::Result<i64> {
    let sql = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM nodes WHERE NOT has_left AND beat_at > {NOW} - 15000"));
    sqlx::query_scalar(sql).fetch_one(db).await
}

/// The last row of every node in the feed.
pub(crate) async fn tops(db: &mut PgConnection) -> sqlx::Result<FeedPositions> {
    let rows: Vec<(Uuid, i64)> =
        sqlx::query_as("SELECT writer, max(seq) AS position FROM feed GROUP BY writer").fetch_all(db).await?;
    Ok(rows.into_iter().collect())
}

/// The next rows after these positions, those of each writer in their order. `true` if there may be more.
pub(crate) async fn after(
    db: &mut PgConnection,
    positions: &FeedPositions,
) -> sqlx::Result<(Vec<PositionedRow>, bool)> {
    let (writers, positions): (Vec<Uuid>, Vec<i64>) =
        positions.iter().map(|(writer, position)| (*writer, *position)).unzip();
    // A join without LATERAL reads all rows of the feed.
    let sql = "SELECT p.writer, f.position, f.changes FROM unnest($1, $2) AS p (writer, position) CROSS JOIN LATERAL \
                 (SELECT seq AS position, changes FROM feed WHERE writer = p.writer AND seq > p.position ORDER BY seq LIMIT $3) AS f";
    let query = sqlx::query_as(sql).bind(writers).bind(positions).bind(ROWS);
    let rows: Vec<(Uuid, i64, Vec<u8>)> = query.fetch_all(db).await?;
    let is_full = rows.len() as i64 >= ROWS;
    let positioned = |(writer, position, changes): (Uuid, i64, Vec<u8>)| PositionedRow {
        writer: NodeId(writer),
        position,
        row: decoded(&changes),
        messages: Vec::new(),
    };
    Ok((rows.into_iter().map(positioned).collect(), is_full))
}

/// A row that this version of the program cannot read counts as empty: rooms show the gap in their versions.
fn decoded(changes: &[u8]) -> FeedRow {
    if changes.is_empty() {
        return FeedRow::default();
    }
    serde_json::from_slice(changes).unwrap_or_else(|error| {
        tracing::warn!(%error, "a row of the feed cannot be read");
        FeedRow::default()
    })
}
