//! Moves the rows of a data directory into a shared database, with ids, versions and epoch, so that windows resume.

use futures::TryStreamExt;
use sqlx::{
    AssertSqlSafe, Connection, PgConnection, Row, SqliteConnection, postgres::PgArguments, query::Query,
    sqlite::SqliteRow,
};
use uuid::Uuid;

use crate::{
    model::{DatabaseUrl, Fault, SharedFault},
    store::{
        copied_tables::{COPIED, ColumnType, CopiedColumn, CopiedTable, IDENTITIES},
        postgres::{
            self,
            connection::{Purpose, options},
            incarnation,
            migrations::TableUse,
        },
        sqlite,
    },
};

/// Rows in one statement.
const ROWS: usize = 1_000;

/// Copies the database of `directory` into an empty one. No server runs on the directory meanwhile. Either all rows are
/// copied or none. Returns how many messages there are. The server indexes their texts when it starts.
///
/// # Errors
/// [`Fault::InUse`] if a server runs on the directory; [`SharedFault::NotEmpty`]; why one of the two cannot be used.
pub async fn copy(directory: &std::path::Path, url: &DatabaseUrl) -> Result<u64, Fault> {
    let file = sqlite::files::existing(directory)?;
    let _lock = sqlite::files::lock(directory)?;
    let failed_here = sqlite::fault::database(&file);
    let mut source =
        sqlite::connection::connect(&sqlite::connection::read_options(&file)).await.map_err(&failed_here)?;
    sqlite::migrations::check_current(&mut source, &file).await?;
    let failed = postgres::fault::database(url);
    let mut target = postgres::connection::connect(&options(url, Purpose::Whole)?).await.map_err(&failed)?;
    if postgres::migrations::are_pending(&mut target, url, TableUse::All).await? {
        postgres::migrations::run(&mut target, url).await?;
    }
    if has_rows(&mut target).await.map_err(&failed)? {
        return Err(Fault::Shared { database: url.redacted(), cause: SharedFault::NotEmpty });
    }
    let messages = copy_all(&mut source, &mut target).await.map_err(&failed)?;
    let _ = (source.close().await, target.close().await);
    Ok(messages)
}

async fn has_rows(target: &mut PgConnection) -> sqlx::Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM users) OR EXISTS (SELECT 1 FROM rooms)";
    sqlx::query_scalar(sql).fetch_one(target).await
}

async fn copy_all(source: &mut SqliteConnection, target: &mut PgConnection) -> sqlx::Result<u64> {
    let (mut source, mut target) = (source.begin().await?, target.begin().await?);
    // Its trigger would count the accounts again.
    sqlx::query("ALTER TABLE users DISABLE TRIGGER users_changed").execute(&mut *target).await?;
    sqlx::query("DELETE FROM used_bytes_of_all").execute(&mut *target).await?;
    for table in COPIED {
        copy_table(&mut source, &mut target, table).await?;
    }
    for table in IDENTITIES {
        let sql = format!(
            "SELECT setval(pg_get_serial_sequence('{table}', 'number'), coalesce(max(number), 0) + 1, false) FROM {table}"
        );
        // A name from `IDENTITIES`.
        sqlx::query(AssertSqlSafe(sql)).execute(&mut *target).await?;
    }
    sqlx::query("ALTER TABLE users ENABLE TRIGGER users_changed").execute(&mut *target).await?;
    counters(&mut source, &mut target).await?;
    let sql = "INSERT INTO unindexed (room, seq) SELECT room, seq FROM messages WHERE number IS NOT NULL";
    sqlx::query(sql).execute(&mut *target).await?;
    let messages: i64 = sqlx::query_scalar("SELECT count(*) FROM messages").fetch_one(&mut *target).await?;
    target.commit().await?;
    Ok(messages as u64)
}

/// The epoch, with the incarnation of the target, and the counters of changes.
async fn counters(source: &mut SqliteConnection, target: &mut PgConnection) -> sqlx::Result<()> {
    let epoch: Uuid = sqlite::versions::epoch(&mut *source).await?;
    let incarnation = incarnation::of(&mut *target).await?;
    let sql = "INSERT INTO meta (key, value) VALUES ('epoch', $1), ('history', convert_to($2, 'UTF8')) \
               ON CONFLICT (key) DO UPDATE SET value = excluded.value";
    sqlx::query(sql).bind(epoch.as_bytes().to_vec()).bind(incarnation).execute(&mut *target).await?;
    let accounts: i64 = sqlx::query_scalar(sqlite::versions::ACCOUNTS_VERSION).fetch_one(source).await?;
    let sql = "UPDATE counters SET value = CASE name WHEN 'accounts_version' THEN $1 \
               ELSE (SELECT coalesce(max(number), 0) FROM ended_sessions) END WHERE name IN ('accounts_version', 'ended_sessions')";
    sqlx::query(sql).bind(accounts).execute(target).await.map(drop)
}

async fn copy_table(source: &mut SqliteConnection, target: &mut PgConnection, table: &CopiedTable) -> sqlx::Result<()> {
    let names: Vec<String> = table.columns.iter().map(|column| format!("\"{}\"", column.name)).collect();
    let names = names.join(", ");
    let select = format!("SELECT {names} FROM {} ORDER BY {}", table.name, table.order);
    let arrays: Vec<String> =
        (1..).zip(table.columns).map(|(nth, column)| format!("${nth}::{}[]", column.column_type.array())).collect();
    let insert = format!("INSERT INTO {} ({names}) SELECT * FROM unnest({})", table.name, arrays.join(", "));
    // Both are made of names from `COPIED`.
    let mut rows = sqlx::query(AssertSqlSafe(select)).fetch(source);
    loop {
        let mut batch = Vec::with_capacity(ROWS);
        while batch.len() < ROWS
            && let Some(row) = rows.try_next().await?
        {
            batch.push(row);
        }
        if batch.is_empty() {
            return Ok(());
        }
        let mut query = sqlx::query(AssertSqlSafe(insert.clone()));
        for (index, column) in table.columns.iter().enumerate() {
            query = bound(query, column, index, &batch)?;
        }
        query.execute(&mut *target).await?;
    }
}

type Insert<'q> = Query<'q, sqlx::Postgres, PgArguments>;

/// A column of these rows as an array.
fn bound<'q>(query: Insert<'q>, column: &CopiedColumn, index: usize, rows: &[SqliteRow]) -> sqlx::Result<Insert<'q>> {
    Ok(match column.column_type {
        ColumnType::Id => query.bind(values::<Uuid>(index, rows)?),
        ColumnType::Integer => query.bind(values::<i64>(index, rows)?),
        ColumnType::Boolean => query.bind(values::<bool>(index, rows)?),
        ColumnType::Text => query.bind(values::<String>(index, rows)?),
        ColumnType::Bytes => query.bind(values::<Vec<u8>>(index, rows)?),
    })
}

fn values<'r, T>(index: usize, rows: &'r [SqliteRow]) -> sqlx::Result<Vec<Option<T>>>
where
    T: sqlx::Decode<'r, sqlx::Sqlite> + sqlx::Type<sqlx::Sqlite>,
{
    rows.iter().map(|row| row.try_get(index)).collect()
}
