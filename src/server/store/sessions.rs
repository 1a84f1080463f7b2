//! Sessions: a sign-in on one device. Their tokens come here hashed.

use std::fmt::{self, Display, Formatter};

use sqlx::SqliteConnection;
use uuid::Uuid;

use crate::{
    protocol::{ended::Ended, error::Refusal, ids::UserId},
    server::store::{Result, Store, now_ms},
};

/// A session's id; whether its account is disabled; when its password was replaced; when the session expires, while it
/// is there.
type EndedRow = (Vec<u8>, bool, Option<i64>, Option<i64>);

/// Browsers that a person is known on.
const KNOWN_DEVICES: i64 = 30;
/// For so long after a new password, milliseconds, a session that is gone is said to have ended by it.
const RECENTLY: i64 = 10_000;

/// The SHA-256 of a session's token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SessionId(pub [u8; 32]);

/// In hexadecimal: names it in a form. It is a hash, and signs nobody in.
impl Display for SessionId {
    fn fmt(&self, to: &mut Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(to, "{byte:02x}"))
    }
}

/// The SHA-256 of the token by which a browser is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DeviceId(pub [u8; 32]);

/// A sign-in that begins.
#[derive(Clone, Debug)]
pub struct NewSession {
    pub id: SessionId,
    pub user: UserId,
    /// UTC milliseconds.
    pub expires_at: i64,
    /// The `User-Agent`.
    pub agent: String,
    pub device: Option<DeviceId>,
}

/// A sign-in that has not ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    pub id: SessionId,
    /// UTC milliseconds; none for one from before this was kept.
    pub created_at: Option<i64>,
    /// The `User-Agent` it was begun with.
    pub agent: Option<String>,
}

impl Store {
    /// Begins a session, and remembers the browser that it is begun on.
    ///
    /// # Errors
    /// [`Refusal::SignedOut`] when the account was disabled meanwhile.
    pub async fn insert_session(&self, session: NewSession) -> Result<()> {
        let sql = "INSERT INTO sessions (id, user, expires_at, created_at, agent) \
                   SELECT ?1, id, ?3, ?4, ?5 FROM users WHERE id = ?2 AND NOT disabled";
        let work = self.writer.run(move |connection| {
            Box::pin(async move {
                let NewSession { id, user, expires_at, agent, device } = session;
                let query = sqlx::query(sql).bind(id.0.to_vec()).bind(user.uuid()).bind(expires_at);
                let query = query.bind(now_ms()).bind(agent);
                if query.execute(&mut *connection).await?.rows_affected() != 1 {
                    return Err(Refusal::SignedOut.into());
                }
                if let Some(device) = device {
                    know_device(connection, user, device).await?;
                }
                Ok(((), None))
            })
        });
        work.await
    }

    /// The account with this login, when it has signed in on this browser before.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn owner_of_device(&self, login: &str, device: DeviceId) -> Result<Option<UserId>> {
        let sql = "SELECT user FROM users JOIN devices ON devices.user = users.id AND devices.id = ?2 WHERE login = ?1";
        let query = sqlx::query_scalar(sql).bind(login).bind(device.0.to_vec());
        let user: Option<Uuid> = query.fetch_optional(&self.readers).await?;
        Ok(user.map(UserId::from))
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
        let work = self.writer.run(move |connection| {
            Box::pin(async move {
                sqlx::query("DELETE FROM sessions WHERE id = ?").bind(id.0.to_vec()).execute(connection).await?;
                Ok(((), None))
            })
        });
        work.await
    }

    /// A person's sessions that have not ended, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sessions_of(&self, user: UserId) -> Result<Vec<Session>> {
        let sql =
            "SELECT id, created_at, agent FROM sessions WHERE user = ? AND expires_at > ? ORDER BY created_at DESC";
        let rows: Vec<(Vec<u8>, Option<i64>, Option<String>)> =
            sqlx::query_as(sql).bind(user.uuid()).bind(now_ms()).fetch_all(&self.readers).await?;
        let session = |(id, created_at, agent): (Vec<u8>, _, _)| {
            Some(Session { id: SessionId(id.try_into().ok()?), created_at, agent })
        };
        Ok(rows.into_iter().filter_map(session).collect())
    }

    /// A counter that moves whenever a session ends, by whichever process.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sessions_version(&self) -> Result<i64> {
        let sql = "SELECT CAST(CAST(value AS TEXT) AS INTEGER) FROM meta WHERE key = 'sessions_version'";
        Ok(sqlx::query_scalar(sql).fetch_one(&self.readers).await?)
    }

    /// Those of these people's sessions that have ended, and why.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn ended(&self, sessions: &[(SessionId, UserId)]) -> Result<Vec<(SessionId, Ended)>> {
        let asked: Vec<[String; 2]> =
            sessions.iter().map(|(id, user)| [id.to_string(), user.uuid().simple().to_string()]).collect();
        let sql = "SELECT unhex(asked.value ->> 0), users.disabled, users.password_at, sessions.expires_at \
                   FROM json_each(?1) AS asked JOIN users ON users.id = unhex(asked.value ->> 1) \
                   LEFT JOIN sessions ON sessions.id = unhex(asked.value ->> 0) \
                   WHERE sessions.id IS NULL OR sessions.expires_at <= ?2 OR users.disabled";
        // Strings alone: serde_json cannot refuse them.
        let asked = serde_json::to_string(&asked).unwrap_or_default();
        let rows: Vec<EndedRow> = sqlx::query_as(sql).bind(asked).bind(now_ms()).fetch_all(&self.readers).await?;
        let ended = |(id, disabled, password_at, expires_at): EndedRow| {
            Some((SessionId(id.try_into().ok()?), why(disabled, password_at, expires_at)))
        };
        Ok(rows.into_iter().filter_map(ended).collect())
    }

    /// Whether the time of a session was over after the first moment and up to the second (UTC milliseconds).
    ///
    /// # Errors
    /// When the database fails.
    pub async fn has_expired(&self, after: i64, now: i64) -> Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM sessions WHERE expires_at > ? AND expires_at <= ?)";
        Ok(sqlx::query_scalar(sql).bind(after).bind(now).fetch_one(&self.readers).await?)
    }

    /// Deletes the sessions whose time is over.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_expired_sessions(&self) -> Result<()> {
        let work = self.writer.run(move |connection| {
            Box::pin(async move {
                sqlx::query("DELETE FROM sessions WHERE expires_at <= ?").bind(now_ms()).execute(connection).await?;
                Ok(((), None))
            })
        });
        work.await
    }
}

/// Of a person's browsers the ones that were used last are known.
async fn know_device(connection: &mut SqliteConnection, user: UserId, device: DeviceId) -> Result<()> {
    let sql = "INSERT INTO devices (user, id, seen_at) VALUES (?1, ?2, ?3) \
               ON CONFLICT (user, id) DO UPDATE SET seen_at = excluded.seen_at";
    let query = sqlx::query(sql).bind(user.uuid()).bind(device.0.to_vec()).bind(now_ms());
    query.execute(&mut *connection).await?;
    let sql = "DELETE FROM devices WHERE user = ?1 AND id IN \
               (SELECT id FROM devices WHERE user = ?1 ORDER BY seen_at DESC LIMIT -1 OFFSET ?2)";
    sqlx::query(sql).bind(user.uuid()).bind(KNOWN_DEVICES).execute(connection).await?;
    Ok(())
}

/// Why a session is gone, or about to be: a row with `expires_at` is still there.
fn why(disabled: bool, password_at: Option<i64>, expires_at: Option<i64>) -> Ended {
    match expires_at {
        _ if disabled => Ended::Disabled,
        Some(_) => Ended::Expired,
        None if password_at.is_some_and(|at| at > now_ms() - RECENTLY) => Ended::PasswordChanged,
        None => Ended::SignedOut,
    }
}
