//! Migrations: compares the applied migrations of a database with this program's.

use sqlx::{
    PgConnection,
    migrate::{MigrateError, Migrator},
};

use crate::{
    model::{DatabaseUrl, Fault, SharedFault},
    store::postgres::fault,
};

static KNOWN: Migrator = sqlx::migrate!("./migrations_postgres");

/// Who uses the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TableUse {
    /// A server, or a command beside servers. It can use tables that a newer program extended.
    Beside,
    /// A command that reads or copies all rows: it must know every table.
    All,
}

/// Whether migrations are pending. They are in an empty database.
///
/// # Errors
/// [`SharedFault::Newer`] or [`SharedFault::Foreign`] if this program cannot use the tables.
pub(crate) async fn are_pending(db: &mut PgConnection, url: &DatabaseUrl, of: TableUse) -> Result<bool, Fault> {
    let (failed, refused) = (fault::database(url), |cause| Fault::Shared { database: url.redacted(), cause });
    let (tables, migrations) = tables(&mut *db).await.map_err(&failed)?;
    if migrations == 0 {
        return if tables == 0 { Ok(true) } else { Err(refused(SharedFault::Foreign)) };
    }
    let sql = "SELECT version, success FROM _sqlx_migrations ORDER BY version";
    let applied: Vec<(i64, bool)> =
        sqlx::query_as(sql).fetch_all(&mut *db).await.map_err(|_| refused(SharedFault::Foreign))?;
    let newest = KNOWN.iter().map(|migration| migration.version).max().unwrap_or_default();
    let is_foreign =
        |&(version, is_whole): &(i64, bool)| !is_whole || (version <= newest && !KNOWN.version_exists(version));
    if applied.iter().any(is_foreign) {
        return Err(refused(SharedFault::Foreign));
    }
    let is_newer = applied.iter().any(|(version, _)| *version > newest);
    if is_newer && (of == TableUse::All || needs(db).await.map_err(&failed)?.is_none_or(|needs| needs > newest)) {
        return Err(refused(SharedFault::Newer));
    }
    Ok(KNOWN.iter().any(|migration| !applied.contains(&(migration.version, true))))
}

/// The migration that a program must know to use the tables.
async fn needs(db: &mut PgConnection) -> sqlx::Result<Option<i64>> {
    let sql = "SELECT convert_from(value, 'UTF8')::BIGINT FROM meta WHERE key = 'needs'";
    sqlx::query_scalar(sql).fetch_optional(db).await
}

/// Whether the database keeps every text that a message may have.
pub(crate) async fn is_utf8(db: &mut PgConnection) -> sqlx::Result<bool> {
    let encoding: String = sqlx::query_scalar("SHOW server_encoding").fetch_one(db).await?;
    Ok(encoding == "UTF8")
}

/// Whether the database has no tables.
pub(crate) async fn is_empty(db: &mut PgConnection) -> sqlx::Result<bool> {
    Ok(tables(db).await?.0 == 0)
}

/// How many tables there are, and how many of them list migrations.
async fn tables(db: &mut PgConnection) -> sqlx::Result<(i64, i64)> {
    let sql = "SELECT count(*), count(*) FILTER (WHERE table_name = '_sqlx_migrations') \
               FROM information_schema.tables WHERE table_schema = current_schema()";
    sqlx::query_as(sql).fetch_one(db).await
}

/// For a command that only reads: requires the tables of this program.
///
/// # Errors
/// As [`are_pending`]; [`SharedFault::Empty`] or [`SharedFault::Older`] if migrations are pending.
pub(crate) async fn check_current(db: &mut PgConnection, url: &DatabaseUrl) -> Result<(), Fault> {
    if !are_pending(&mut *db, url, TableUse::All).await? {
        return Ok(());
    }
    let is_empty = is_empty(db).await.map_err(fault::database(url))?;
    let cause = if is_empty { SharedFault::Empty } else { SharedFault::Older };
    Err(Fault::Shared { database: url.redacted(), cause })
}

/// Runs the pending migrations. Only one process does so at a time.
///
/// # Errors
/// [`SharedFault::Foreign`] if an applied migration differs from this program's, or the database's own error.
pub(crate) async fn run(db: &mut PgConnection, url: &DatabaseUrl) -> Result<(), Fault> {
    let shared = |cause| Fault::Shared { database: url.redacted(), cause };
    KNOWN.run(db).await.map_err(|error| match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => fault::database(url)(error),
        MigrateError::VersionMismatch(_) => shared(SharedFault::Foreign),
        other => shared(SharedFault::Other(other.to_string())),
    })
}
