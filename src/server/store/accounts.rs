//! Accounts: who may sign in, and what they tell of themselves. Passwords come here hashed.

use std::path::Path;

use sqlx::{Connection, FromRow, Sqlite, SqliteConnection, SqliteExecutor};
use uuid::Uuid;

use crate::{
    protocol::{error::Refusal, ids::UserId, user::Profile},
    server::store::{Fault, Result, Store, connect, files, looking, now_ms, tables},
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub id: UserId,
    pub login: String,
    pub name: String,
    /// May not sign in and is not listed; what they said stays.
    pub disabled: bool,
    /// They want not to be disturbed.
    pub is_busy: bool,
    pub profile: Profile,
}

/// What a sign-in is compared with.
#[derive(Debug)]
pub struct Credentials {
    pub user: UserId,
    /// In PHC format; anything else fits no password.
    pub hash: String,
    pub disabled: bool,
}

/// An account to make (with its password's hash) or to change.
#[derive(Clone, Debug)]
pub struct Entry {
    pub login: String,
    pub name: String,
    pub profile: Profile,
    /// None leaves the known account's password.
    pub hash: Option<String>,
}

#[derive(FromRow)]
struct Row {
    id: Uuid,
    login: String,
    name: String,
    disabled: bool,
    is_busy: bool,
    department: Option<String>,
    title: Option<String>,
    email: Option<String>,
    status: Option<String>,
    sort_order: Option<u32>,
}

impl From<Row> for Account {
    fn from(row: Row) -> Self {
        let Row { id, login, name, disabled, is_busy, department, title, email, status, sort_order: order } = row;
        let profile = Profile { department, title, email, status, order };
        Self { id: id.into(), login, name, disabled, is_busy, profile }
    }
}

/// What may stand for a `?` of a statement.
pub(super) trait Value: for<'q> sqlx::Encode<'q, Sqlite> + sqlx::Type<Sqlite> + Send + 'static {}
impl<V: for<'q> sqlx::Encode<'q, Sqlite> + sqlx::Type<Sqlite> + Send + 'static> Value for V {}

impl Store {
    /// The accounts that changed after this version of theirs, by whichever process, and the version now. -1: all.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn changed_accounts(&self, after: i64) -> Result<(Vec<Account>, i64)> {
        let mut tx = self.readers.begin().await?;
        let sql = "SELECT CAST(CAST(value AS TEXT) AS INTEGER) FROM meta WHERE key = 'accounts_version'";
        let version: i64 = sqlx::query_scalar(sql).fetch_one(&mut *tx).await?;
        if version == after {
            return Ok((Vec::new(), version));
        }
        let sql = "SELECT id, login, name, disabled, is_busy, department, title, email, status, sort_order \
                   FROM users WHERE changed > ?";
        let rows: Vec<Row> = sqlx::query_as(sql).bind(after).fetch_all(&mut *tx).await?;
        Ok((rows.into_iter().map(Account::from).collect(), version))
    }

    /// Every account, the disabled ones too.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn accounts(&self) -> Result<Vec<Account>> {
        Ok(all(&self.readers).await?)
    }

    /// The account with this login, a disabled one too.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn credentials(&self, login: &str) -> Result<Option<Credentials>> {
        let row: Option<(Uuid, String, bool)> =
            sqlx::query_as("SELECT id, password, disabled FROM users WHERE login = ?")
                .bind(login)
                .fetch_optional(&self.readers)
                .await?;
        Ok(row.map(|(id, hash, disabled)| Credentials { user: id.into(), hash, disabled }))
    }

    /// Makes an account. With `only_first`, only when there is none yet.
    ///
    /// # Errors
    /// [`Refusal::LoginTaken`], or [`Refusal::RegistrationClosed`] when it was not the first.
    pub async fn insert_account(&self, login: String, name: String, hash: String, only_first: bool) -> Result<UserId> {
        let work = self.writer.run(move |connection| {
            Box::pin(async move {
                may_insert(connection, &login, only_first).await?;
                let id = insert(connection, &login, &name, &hash).await?;
                Ok((id, None))
            })
        });
        work.await
    }

    /// Gives an account another password and ends all its sessions.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when nobody has this login.
    pub async fn set_password(&self, login: String, hash: String) -> Result<()> {
        let sql = "UPDATE users SET password = ?2, password_at = CAST(unixepoch('subsec') * 1000 AS INTEGER) \
                   WHERE login = ?1 RETURNING id";
        self.change_account(sql, login, hash).await
    }

    /// Disables an account and ends all its sessions, or enables it again.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when nobody has this login.
    pub async fn set_disabled(&self, login: String, disabled: bool) -> Result<()> {
        self.change_account("UPDATE users SET disabled = ?2 WHERE login = ?1 RETURNING id", login, disabled).await
    }

    /// Gives a person another name; they stay signed in.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_name(&self, user: UserId, name: String) -> Result<()> {
        let work = self.writer.run(move |connection| {
            Box::pin(async move {
                let query = sqlx::query("UPDATE users SET name = ?2 WHERE id = ?1").bind(user.uuid()).bind(name);
                query.execute(connection).await?;
                Ok(((), None))
            })
        });
        work.await
    }

    /// Remembers whether a person wants not to be disturbed, and their line.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_status(&self, user: UserId, is_busy: bool, status: Option<String>) -> Result<()> {
        let work = self.writer.run(move |connection| {
            Box::pin(async move {
                let sql = "UPDATE users SET is_busy = ?2, status = ?3 \
                           WHERE id = ?1 AND (is_busy <> ?2 OR status IS NOT ?3)";
                let query = sqlx::query(sql);
                query.bind(user.uuid()).bind(is_busy).bind(status).execute(connection).await?;
                Ok(((), None))
            })
        });
        work.await
    }

    /// Makes and changes accounts by their logins, all or none. One to make that was made meanwhile is changed, and
    /// keeps its password.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when one to change is not there.
    pub async fn import(&self, entries: Vec<Entry>) -> Result<()> {
        let work = self.writer.run(move |connection| {
            Box::pin(async move {
                for entry in entries {
                    import(connection, entry).await?;
                }
                Ok(((), None))
            })
        });
        work.await
    }

    /// Whose favourites include whom: a person's own.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn favourites(&self, user: UserId) -> Result<Vec<UserId>> {
        let sql = "SELECT favourite FROM favourites WHERE user = ? ORDER BY favourite";
        let ids: Vec<Uuid> = sqlx::query_scalar(sql).bind(user.uuid()).fetch_all(&self.readers).await?;
        Ok(ids.into_iter().map(UserId::from).collect())
    }

    /// Makes somebody a favourite of a person, or no longer one.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when there is no such account, [`Refusal::Oneself`] for oneself.
    pub async fn set_favourite(&self, user: UserId, favourite: UserId, on: bool) -> Result<()> {
        if user == favourite {
            return Err(Refusal::Oneself.into());
        }
        let sql = if on {
            "INSERT INTO favourites SELECT ?1, id FROM users WHERE id = ?2 ON CONFLICT DO UPDATE SET user = user"
        } else {
            "DELETE FROM favourites WHERE user = ?1 AND favourite = ?2"
        };
        let work = self.writer.run(move |connection| {
            Box::pin(async move {
                let query = sqlx::query(sql).bind(user.uuid()).bind(favourite.uuid());
                let changed = query.execute(connection).await?.rows_affected();
                if on && changed == 0 { Err(Refusal::NotFound.into()) } else { Ok(((), None)) }
            })
        });
        work.await
    }

    async fn change_account<V: Value>(&self, sql: &'static str, login: String, value: V) -> Result<()> {
        let work = self.writer.run(move |connection| {
            Box::pin(async move {
                let id: Option<Uuid> =
                    sqlx::query_scalar(sql).bind(login).bind(value).fetch_optional(&mut *connection).await?;
                let id = id.ok_or(Refusal::NotFound)?;
                sqlx::query("DELETE FROM sessions WHERE user = ?").bind(id).execute(connection).await?;
                Ok(((), None))
            })
        });
        work.await
    }
}

async fn all(executor: impl SqliteExecutor<'_>) -> sqlx::Result<Vec<Account>> {
    let sql = "SELECT id, login, name, disabled, is_busy, department, title, email, status, sort_order \
               FROM users ORDER BY login";
    let rows: Vec<Row> = sqlx::query_as(sql).fetch_all(executor).await?;
    Ok(rows.into_iter().map(Account::from).collect())
}

/// Every account of a data directory, for a command that only looks: it changes nothing there.
///
/// # Errors
/// [`Fault::NoDatabase`], or why it cannot be read.
pub async fn accounts_in(directory: &Path) -> std::result::Result<Vec<Account>, Fault> {
    let file = files::existing(directory)?;
    let failed = Fault::database(&file);
    let mut connection = connect(&looking(&file)).await.map_err(&failed)?;
    tables::check_current(&mut connection, &file).await?;
    let accounts = all(&mut connection).await.map_err(&failed)?;
    connection.close().await.map_err(&failed)?;
    Ok(accounts)
}

async fn may_insert(connection: &mut SqliteConnection, login: &str, only_first: bool) -> Result<()> {
    let sql = "SELECT EXISTS (SELECT 1 FROM users LIMIT 1), EXISTS (SELECT 1 FROM users WHERE login = ?)";
    let (has_people, is_taken): (bool, bool) = sqlx::query_as(sql).bind(login).fetch_one(connection).await?;
    if only_first && has_people {
        return Err(Refusal::RegistrationClosed.into());
    }
    if is_taken { Err(Refusal::LoginTaken.into()) } else { Ok(()) }
}

async fn insert(connection: &mut SqliteConnection, login: &str, name: &str, hash: &str) -> Result<UserId> {
    let id = UserId::new();
    sqlx::query("INSERT INTO users (id, login, name, password, created_at) VALUES (?, ?, ?, ?, ?)")
        .bind(id.uuid())
        .bind(login)
        .bind(name)
        .bind(hash)
        .bind(now_ms())
        .execute(connection)
        .await?;
    Ok(id)
}

async fn import(connection: &mut SqliteConnection, entry: Entry) -> Result<()> {
    let Entry { login, name, profile: Profile { department, title, email, order, .. }, hash } = entry;
    let Some(hash) = hash else {
        let sql =
            "UPDATE users SET name = ?2, department = ?3, title = ?4, email = ?5, sort_order = ?6 WHERE login = ?1";
        let query = sqlx::query(sql).bind(login).bind(name).bind(department).bind(title).bind(email).bind(order);
        let changed = query.execute(connection).await?.rows_affected();
        return if changed == 0 { Err(Refusal::NotFound.into()) } else { Ok(()) };
    };
    let sql = "INSERT INTO users (login, name, department, title, email, sort_order, id, password, created_at) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (login) DO UPDATE SET name = excluded.name, \
               department = excluded.department, title = excluded.title, email = excluded.email, \
               sort_order = excluded.sort_order";
    let query = sqlx::query(sql).bind(login).bind(name).bind(department).bind(title).bind(email).bind(order);
    query.bind(UserId::new().uuid()).bind(hash).bind(now_ms()).execute(connection).await?;
    Ok(())
}
