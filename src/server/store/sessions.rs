//! Sessions: a sign-in on one device. Their tokens come here hashed.

use std::fmt::{self, Display, Formatter};

use uuid::Uuid;

use crate::{
    protocol::{error::Refusal, ids::UserId},
    server::store::{Result, Store, accounts::Value, now_ms},
};

/// The SHA-256 of a session's token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SessionId(pub [u8; 32]);

/// In hexadecimal: names it in a form. It is a hash, and signs nobody in.
impl Display for SessionId {
    fn fmt(&self, to: &mut Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(to, "{byte:02x}"))
    }
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
    /// Begins a session that lasts until `expires_at` (UTC milliseconds), with the program that asked for it.
    ///
    /// # Errors
    /// [`Refusal::SignedOut`] when the account was disabled meanwhile.
    pub async fn insert_session(&self, id: SessionId, user: UserId, expires_at: i64, agent: String) -> Result<()> {
        let sql = "INSERT INTO sessions (id, user, expires_at, created_at, agent) \
                   SELECT ?1, id, ?3, ?4, ?5 FROM users WHERE id = ?2 AND NOT disabled";
        let work = self.writer.run(move |connection| {
            Box::pin(async move {
                let query = sqlx::query(sql).bind(id.0.to_vec()).bind(user.uuid()).bind(expires_at);
                let query = query.bind(now_ms()).bind(agent);
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
