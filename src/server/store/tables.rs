//! Which tables a database has, compared with those that this program knows.

use std::path::Path;

use sqlx::{
    SqliteConnection,
    migrate::{MigrateError, Migrator},
};

use crate::server::store::{Cause, Fault};

static KNOWN: Migrator = sqlx::migrate!();

/// Whether the tables are to be brought up to date, or to be made at all.
///
/// # Errors
/// [`Fault::Newer`], [`Fault::HalfDone`] or [`Fault::Foreign`] when this program cannot use them.
pub(super) async fn are_old(connection: &mut SqliteConnection, file: &Path) -> Result<bool, Fault> {
    let failed = Fault::database(file);
    let sql =
        "SELECT count(*), count(*) FILTER (WHERE name = '_sqlx_migrations') FROM sqlite_schema WHERE type = 'table'";
    let (tables, steps): (i64, i64) = sqlx::query_as(sql).fetch_one(&mut *connection).await.map_err(&failed)?;
    if steps == 0 {
        return if tables == 0 { Ok(true) } else { Err(Fault::Foreign(file.to_owned())) };
    }
    let sql = "SELECT version, success FROM _sqlx_migrations ORDER BY version";
    let done: Vec<(i64, bool)> = sqlx::query_as(sql).fetch_all(connection).await.map_err(&failed)?;
    if done.iter().any(|(_, is_whole)| !is_whole) {
        return Err(Fault::HalfDone(file.to_owned()));
    }
    let is_unknown = |version: i64| !KNOWN.version_exists(version);
    let newest = KNOWN.iter().map(|step| step.version).max();
    match done.iter().find(|(version, _)| is_unknown(*version)) {
        Some((version, _)) if Some(*version) > newest => Err(Fault::Newer(file.to_owned())),
        Some(_) => Err(Fault::Foreign(file.to_owned())),
        None => Ok(done.len() < KNOWN.iter().count()),
    }
}

/// For a command that only looks: the tables must be those that it knows.
///
/// # Errors
/// As [`are_old`]; [`Fault::Older`] when they are.
pub(super) async fn check_current(connection: &mut SqliteConnection, file: &Path) -> Result<(), Fault> {
    if are_old(connection, file).await? { Err(Fault::Older(file.to_owned())) } else { Ok(()) }
}

/// Brings the tables up to date.
///
/// # Errors
/// [`Fault::Foreign`] when a step that was done is not the one that this program knows, or what the database says.
pub(super) async fn update(connection: &mut SqliteConnection, file: &Path) -> Result<(), Fault> {
    KNOWN.run(connection).await.map_err(|error| match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => Fault::database(file)(error),
        MigrateError::VersionMismatch(_) => Fault::Foreign(file.to_owned()),
        other => Fault::Database { path: file.to_owned(), cause: Cause::Other(other.to_string()) },
    })
}
