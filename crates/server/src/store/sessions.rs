//! Sessions. Their tokens arrive here hashed.

use crate::{
    model::{DeviceId, EndedSession, NewSession, SessionId, SessionInfo},
    store::{clock::now_ms, error::StoreResult, handle::Store, rules, sql::sessions},
};
use protocol::{error::Refusal, ids::UserId};

impl Store {
    /// Inserts a session, and remembers its device.
    ///
    /// # Errors
    /// [`Refusal::SignedOut`] if the account was disabled meanwhile.
    pub async fn insert_session(&self, session: NewSession) -> StoreResult<()> {
        let write = self.writer.run(move |db| {
            Box::pin(async move {
                let (user, device) = (session.user, session.device);
                if !sessions::insert(&mut *db, session).await? {
                    return Err(Refusal::SignedOut.into());
                }
                if let Some(device) = device {
                    sessions::upsert_device(db, user, device).await?;
                }
                Ok(((), None))
            })
        });
        write.await
    }

    /// The account with this login, if it has signed in on this device.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn owner_of_device(&self, login: &str, device: DeviceId) -> StoreResult<Option<UserId>> {
        Ok(sessions::owner_of_device(&mut self.read_pool.acquire().await?, login, device).await?)
    }

    /// The account of a session that has not ended.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn session(&self, id: SessionId) -> StoreResult<Option<UserId>> {
        Ok(sessions::owner(&mut self.read_pool.acquire().await?, id).await?)
    }

    /// Deletes a session, if it exists.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn delete_session(&self, id: SessionId) -> StoreResult<()> {
        let write = self.writer.run(move |db| Box::pin(async move { Ok((sessions::delete(db, id).await?, None)) }));
        write.await
    }

    /// A user's sessions that have not ended, newest first.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn sessions_of(&self, user: UserId) -> StoreResult<Vec<SessionInfo>> {
        Ok(sessions::of(&mut self.read_pool.acquire().await?, user).await?)
    }

    /// The sessions with a tombstone after number `after`, and those that expired within `expired` (after its first
    /// moment, up to its second; UTC milliseconds).
    ///
    /// # Errors
    /// If the database fails.
    pub async fn ended_sessions(&self, after: i64, expired: (i64, i64)) -> StoreResult<Vec<EndedSession>> {
        let (rows, now) = (sessions::ended(&mut self.read_pool.acquire().await?, after, expired).await?, now_ms());
        let ended = |(number, id, is_disabled, password_at, expires_at): sessions::EndedRow| {
            let reason = rules::why_ended(is_disabled, password_at, expires_at, now);
            Some(EndedSession { number, id: SessionId(id.try_into().ok()?), reason })
        };
        Ok(rows.into_iter().filter_map(ended).collect())
    }

    /// Deletes expired sessions, and the tombstones up to number `seen`.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn sweep_sessions(&self, seen: i64) -> StoreResult<()> {
        let write = self.writer.run(move |db| {
            Box::pin(async move {
                sessions::delete_expired(&mut *db).await?;
                Ok((sessions::delete_tombstones(db, seen).await?, None))
            })
        });
        write.await
    }
}
