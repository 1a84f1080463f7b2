//! The epoch of the database's versions, and the incarnation that it belongs to, which `meta` stores as `history`.

use sqlx::PgConnection;
use uuid::Uuid;

/// What names the incarnation of a database: the cluster, its timeline, the database. A failover, a restored backup and a
/// copy each differ in one of them, and may lack what a window has seen.
pub(crate) async fn of(connection: &mut PgConnection) -> sqlx::Result<String> {
    let sql = "SELECT c.system_identifier || ' ' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) || ' ' || \
               (SELECT oid FROM pg_database WHERE datname = current_database()) FROM pg_control_system() AS c";
    sqlx::query_scalar(sql).fetch_one(connection).await
}

/// What names the database in its cluster. A failover keeps it; a copy and a restored dump have another one.
pub(crate) async fn database(connection: &mut PgConnection) -> sqlx::Result<String> {
    let sql = "SELECT c.system_identifier || ' ' || (SELECT oid FROM pg_database WHERE datname = current_database()) \
               FROM pg_control_system() AS c";
    sqlx::query_scalar(sql).fetch_one(connection).await
}

/// The epoch of the database. It gets a new one if its incarnation is not the one that the epoch was made for.
pub(crate) async fn epoch(connection: &mut PgConnection, incarnation: &str) -> sqlx::Result<Uuid> {
    let sql = "INSERT INTO meta (key, value) VALUES ('history', convert_to($1, 'UTF8')) ON CONFLICT (key) DO NOTHING";
    sqlx::query(sql).bind(incarnation).execute(&mut *connection).await?;
    // Of several nodes that see a new incarnation at once, one sets the epoch.
    let sql = "WITH changed AS (UPDATE meta SET value = convert_to($1, 'UTF8') \
                WHERE key = 'history' AND value <> convert_to($1, 'UTF8') RETURNING 1) \
               UPDATE meta SET value = uuid_send(gen_random_uuid()) WHERE key = 'epoch' AND EXISTS (SELECT 1 FROM changed)";
    sqlx::query(sql).bind(incarnation).execute(&mut *connection).await?;
    let epoch: Vec<u8> = sqlx::query_scalar("SELECT value FROM meta WHERE key = 'epoch'").fetch_one(connection).await?;
    Uuid::from_slice(&epoch).map_err(|error| sqlx::Error::Decode(error.into()))
}
