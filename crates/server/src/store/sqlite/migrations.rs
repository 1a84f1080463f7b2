//! Migrations: compares the applied migrations of a database with this program's.

use std::path::Path;

use sqlx::{
    SqliteConnection,
    migrate::{MigrateError, Migrator},
};

use crate::{
    model::{DatabaseCause, Fault},
    store::sqlite::fault,
};

static KNOWN: Migrator = sqlx::migrate!();

/// Whether migrations are pending. They are in an empty database.
///
/// # Errors
/// [`Fault::Newer`], [`Fault::HalfDone`] or [`Fault::Foreign`] if this program cannot use the tables.
pub(crate) async fn are_pending(db: &mut SqliteConnection, file: &Path) -> Result<bool, Fault> {
    let failed = fault::database(file);
    let sql =
        "SELECT count(*), count(*) FILTER (WHERE name = '_sqlx_migrations') FROM sqlite_schema WHERE type = 'table'";
    let (tables, migrations): (i64, i64) = sqlx::query_as(sql).fetch_one(&mut *db).await.map_err(&failed)?;
    if migrations == 0 {
        return if tables == 0 { Ok(true) } else { Err(Fault::Foreign(file.to_owned())) };
    }
    let sql = "SELECT version, success FROM _sqlx_migrations ORDER BY version";
    let applied: Vec<(i64, bool)> = sqlx::query_as(sql).fetch_all(db).await.map_err(&failed)?;
    if applied.iter().any(|(_, is_whole)| !is_whole) {
        return Err(Fault::HalfDone(file.to_owned()));
    }
    let is_unknown = |version: i64| !KNOWN.version_exists(version);
    let newest = KNOWN.iter().map(|migration| migration.version).max();
    match applied.iter().find(|(version, _)| is_unknown(*version)) {
        Some((version, _)) if Some(*version) > newest => Err(Fault::Newer(file.to_owned())),
        Some(_) => Err(Fault::Foreign(file.to_owned())),
        None => Ok(applied.len() < KNOWN.iter().count()),
    }
}

/// For a command that only reads: requires the tables of this program.
///
/// # Errors
/// As [`are_pending`]; [`Fault::Older`] if migrations are pending.
pub(crate) async fn check_current(db: &mut SqliteConnection, file: &Path) -> Result<(), Fault> {
    if are_pending(db, file).await? { Err(Fault::Older(file.to_owned())) } else { Ok(()) }
}

/// Runs the pending migrations.
///
/// # Errors
/// [`Fault::Foreign`] if an applied migration differs from this program's, or the database's own error.
pub(crate) async fn run(db: &mut SqliteConnection, file: &Path) -> Result<(), Fault> {
    KNOWN.run(db).await.map_err(|error| match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => fault::database(file)(error),
        MigrateError::VersionMismatch(_) => Fault::Foreign(file.to_owned()),
        other => Fault::Database { path: file.to_owned(), cause: DatabaseCause::Other(other.to_string()) },
    })
}

#[cfg(test)]
mod tests {
    use sqlx::Connection;

    use super::*;

    /// A group that Minsu made with Younghee. Sora was invited at version 3, and again at version 5.
    const GROUP: &str = "
        INSERT INTO users (id, login, name, password, created_at) VALUES
          (unhex('00000000000000000000000000000001'), 'minsu', 'minsu', '!', 0),
          (unhex('00000000000000000000000000000002'), 'younghee', 'younghee', '!', 0),
          (unhex('00000000000000000000000000000003'), 'sora', 'sora', '!', 0);
        INSERT INTO rooms (id, version, created_at, is_group) VALUES
          (zeroblob(16), 5, 0, 1), (unhex('0000000000000000000000000000000a'), 1, 0, 0);
        INSERT INTO messages (room, seq, version, id, author, body, sent_at, line) VALUES
          (zeroblob(16), 1, 1, randomblob(16), unhex('00000000000000000000000000000001'), '', 0, '{\"kind\":\"made\"}'),
          (zeroblob(16), 3, 3, randomblob(16), unhex('00000000000000000000000000000002'), '', 0,
           '{\"kind\":\"invited\",\"users\":[\"00000000-0000-0000-0000-000000000003\"]}'),
          (zeroblob(16), 5, 5, randomblob(16), unhex('00000000000000000000000000000001'), '', 0,
           '{\"kind\":\"invited\",\"users\":[\"00000000-0000-0000-0000-000000000003\"]}'),
          (unhex('0000000000000000000000000000000a'), 1, 1, randomblob(16),
           unhex('00000000000000000000000000000001'), '말', 0, NULL);
        INSERT INTO memberships (room, user) SELECT zeroblob(16), id FROM users;
        INSERT INTO memberships (room, user)
        SELECT unhex('0000000000000000000000000000000a'), id FROM users WHERE login <> 'sora'";

    #[tokio::test]
    async fn members_of_an_older_database_joined_when_its_events_say() {
        let mut db = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        let mut rest: Vec<_> = KNOWN.iter().collect();
        let later = rest.split_off(rest.iter().position(|migration| migration.version == 110).unwrap());
        for migration in rest {
            sqlx::raw_sql(migration.sql.clone()).execute(&mut db).await.unwrap();
        }
        sqlx::raw_sql(GROUP).execute(&mut db).await.unwrap();
        for migration in later {
            sqlx::raw_sql(migration.sql.clone()).execute(&mut db).await.unwrap();
        }
        let sql = "SELECT login, joined_at FROM memberships JOIN users ON users.id = user ORDER BY room, login";
        let joined: Vec<(String, i64)> = sqlx::query_as(sql).fetch_all(&mut db).await.unwrap();
        let expected = [("minsu", 0), ("sora", 5), ("younghee", 1), ("minsu", 0), ("younghee", 0)];
        assert_eq!(joined, expected.map(|(login, at)| (login.to_owned(), at)));
    }
}
