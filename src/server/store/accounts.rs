//! Accounts and sessions. Passwords come here hashed, session tokens too.

use sqlx::{FromRow, Sqlite, SqliteConnection};
use uuid::Uuid;

use crate::{
    protocol::{error::Refusal, ids::UserId},
    server::store::{Result, Store, now_ms},
};

/// The SHA-256 of a session's token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SessionId(pub [u8; 32]);

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub id: UserId,
    pub login: String,
    pub name: String,
    /// May not sign in and is not listed; what they said stays.
    pub disabled: bool,
}

#[derive(FromRow)]
struct Row {
    id: Uuid,
    login: String,
    name: String,
    disabled: bool,
}

impl From<Row> for Account {
    fn from(row: Row) -> Self {
        Self { id: row.id.into(), login: row.login, name: row.name, disabled: row.disabled }
    }
}

/// What may stand for a `?` of a statement.
trait Value: for<'q> sqlx::Encode<'q, Sqlite> + sqlx::Type<Sqlite> + Send + 'static {}
impl<V: for<'q> sqlx::Encode<'q, Sqlite> + sqlx::Type<Sqlite> + Send + 'static> Value for V {}

impl Store {
    /// A counter that moves whenever an account changes or a session ends, by whichever process.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn accounts_version(&self) -> Result<i64> {
        let sql = "SELECT CAST(CAST(value AS TEXT) AS INTEGER) FROM meta WHERE key = 'accounts_version'";
        Ok(sqlx::query_scalar(sql).fetch_one(&self.readers).await?)
    }

    /// Every account, the disabled ones too.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn accounts(&self) -> Result<Vec<Account>> {
        let rows: Vec<Row> = sqlx::query_as("SELECT id, login, name, disabled FROM users ORDER BY login")
            .fetch_all(&self.readers)
            .await?;
        Ok(rows.into_iter().map(Account::from).collect())
    }

    /// The account that may sign in by this login, with its password's hash.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn credentials(&self, login: &str) -> Result<Option<(UserId, String)>> {
        let row: Option<(Uuid, String)> =
            sqlx::query_as("SELECT id, password FROM users WHERE login = ? AND NOT disabled")
                .bind(login)
                .fetch_optional(&self.readers)
                .await?;
        Ok(row.map(|(id, password)| (id.into(), password)))
    }

    /// Makes an account. With `only_first`, only when there is none yet.
    ///
    /// # Errors
    /// [`Refusal::LoginTaken`], or [`Refusal::RegistrationClosed`] when it was not the first.
    pub async fn insert_account(&self, login: String, name: String, hash: String, only_first: bool) -> Result<UserId> {
        let work = self.writer.run(move |connection| {
            Box::pin(async move {
                may_insert(connection, &login, only_first).await?;
                let id = UserId::new();
                sqlx::query("INSERT INTO users (id, login, name, password, created_at) VALUES (?, ?, ?, ?, ?)")
                    .bind(id.uuid())
                    .bind(login)
                    .bind(name)
                    .bind(hash)
                    .bind(now_ms())
                    .execute(connection)
                    .await?;
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
        self.change_account("UPDATE users SET password = ?2 WHERE login = ?1 RETURNING id", login, hash).await
    }

    /// Disables an account and ends all its sessions, or enables it again.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when nobody has this login.
    pub async fn set_disabled(&self, login: String, disabled: bool) -> Result<()> {
        self.change_account("UPDATE users SET disabled = ?2 WHERE login = ?1 RETURNING id", login, disabled).await
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

    /// Begins a session that lasts until `expires_at` (UTC milliseconds).
    ///
    /// # Errors
    /// [`Refusal::SignedOut`] when the account was disabled meanwhile.
    pub async fn insert_session(&self, id: SessionId, user: UserId, expires_at: i64) -> Result<()> {
        let sql =
            "INSERT INTO sessions (id, user, expires_at) SELECT ?1, id, ?3 FROM users WHERE id = ?2 AND NOT disabled";
        let work = self.writer.run(move |connection| {
            Box::pin(async move {
                let query = sqlx::query(sql).bind(id.0.to_vec()).bind(user.uuid()).bind(expires_at);
                let begun = query.execute(connection).await?.rows_affected();
                if begun == 1 { Ok(((), None)) } else { Err(Refusal::SignedOut.into()) }
            })
        });
        work.await
    }

    /// Whose session this is, when it has not ended.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn session(&self, id: SessionId) -> Result<Option<UserId>> {
        let sql = "SELECT user FROM sessions JOIN users ON users.id = user \
                   WHERE sessions.id = ? AND expires_at > ? AND NOT disabled";
        let user: Option<Uuid> =
            sqlx::query_scalar(sql).bind(id.0.to_vec()).bind(now_ms()).fetch_optional(&self.readers).await?;
        Ok(user.map(UserId::from))
    }

    /// Ends a session; nothing happens when it has ended.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_session(&self, id: SessionId) -> Result<()> {
        self.delete_sessions("DELETE FROM sessions WHERE id = ?", id.0.to_vec()).await
    }

    /// Forgets the sessions whose time is over.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_expired_sessions(&self) -> Result<()> {
        self.delete_sessions("DELETE FROM sessions WHERE expires_at <= ?", now_ms()).await
    }

    async fn delete_sessions<V: Value>(&self, sql: &'static str, which: V) -> Result<()> {
        let work = self.writer.run(move |connection| {
            Box::pin(async move {
                sqlx::query(sql).bind(which).execute(connection).await?;
                Ok(((), None))
            })
        });
        work.await
    }
}

async fn may_insert(connection: &mut SqliteConnection, login: &str, only_first: bool) -> Result<()> {
    let (people, same): (i64, i64) = sqlx::query_as("SELECT count(*), count(*) FILTER (WHERE login = ?) FROM users")
        .bind(login)
        .fetch_one(connection)
        .await?;
    if only_first && people > 0 {
        return Err(Refusal::RegistrationClosed.into());
    }
    if same > 0 { Err(Refusal::LoginTaken.into()) } else { Ok(()) }
}
