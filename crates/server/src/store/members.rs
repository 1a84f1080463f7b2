//! Memberships: read marks, and each member's own settings for a room.

use crate::{
    model::{Committed, Membership, RoomMember},
    store::{
        error::StoreResult,
        handle::Store,
        rules,
        sql::{db::Db, memberships, people},
    },
};
use protocol::{
    error::Refusal,
    ids::{RoomId, UserId},
};

impl Store {
    /// A current membership; `None` for a non-member.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn membership(&self, room: RoomId, user: UserId) -> StoreResult<Option<Membership>> {
        Ok(memberships::find(&mut self.read_pool.acquire().await?, room, user).await?)
    }

    /// All current and former members of a room; empty for an unknown room.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn members(&self, room: RoomId) -> StoreResult<Vec<RoomMember>> {
        Ok(memberships::of(&mut self.read_pool.acquire().await?, room).await?)
    }

    /// Memberships, current and ended, for (room, user) pairs; pairs without one are omitted.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn memberships(&self, pairs: &[(RoomId, UserId)]) -> StoreResult<Vec<(RoomId, RoomMember)>> {
        Ok(people::memberships(&mut self.read_pool.acquire().await?, pairs).await?)
    }

    /// All memberships of these users, current and ended.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn memberships_of(&self, users: &[UserId]) -> StoreResult<Vec<(RoomId, UserId)>> {
        Ok(people::memberships_of(&mut self.read_pool.acquire().await?, users).await?)
    }

    /// The current members of these rooms.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn people_in(&self, rooms: impl IntoIterator<Item = RoomId>) -> StoreResult<Vec<(RoomId, UserId)>> {
        let rooms: Vec<RoomId> = rooms.into_iter().collect();
        Ok(people::members_of(&mut self.read_pool.acquire().await?, rooms).await?)
    }

    /// Moves a member's read mark forward, at most to the room's newest change. Does nothing for a non-member.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn mark_read(&self, room: RoomId, user: UserId, seq: u64) -> StoreResult<()> {
        let write = self.writer.run(move |db| {
            Box::pin(async move {
                let mark = advance_read_mark(db, room, user, seq).await?;
                Ok(((), mark.map(|seq| Committed::Read { room, user, seq })))
            })
        });
        write.await
    }

    /// Sets whether a member muted a room; with `mentions_only`, mentions still give notice.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for a non-member.
    pub async fn set_muted(&self, room: RoomId, user: UserId, on: bool, mentions_only: bool) -> StoreResult<()> {
        let mentions_only = on && mentions_only;
        let write = self.writer.run(move |db| {
            Box::pin(async move {
                if !memberships::update_muted(db, room, user, (on, mentions_only)).await? {
                    return Err(Refusal::NotFound.into());
                }
                Ok(((), Some(Committed::Muted { room, user, on, mentions_only })))
            })
        });
        write.await
    }

    /// Sets whether a room is pinned to the top of a member's list.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for a non-member.
    pub async fn set_pinned(&self, room: RoomId, user: UserId, on: bool) -> StoreResult<()> {
        let write = self.writer.run(move |db| {
            Box::pin(async move {
                if !memberships::update_pinned(db, room, user, on).await? {
                    return Err(Refusal::NotFound.into());
                }
                Ok(((), Some(Committed::Listed { room, user })))
            })
        });
        write.await
    }

    /// Hides a room from a member's list until its next message.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for a non-member.
    pub async fn hide(&self, room: RoomId, user: UserId) -> StoreResult<()> {
        let write = self.writer.run(move |db| {
            Box::pin(async move {
                if !memberships::hide_now(db, room, user).await? {
                    return Err(Refusal::NotFound.into());
                }
                Ok(((), Some(Committed::Listed { room, user })))
            })
        });
        write.await
    }
}

/// The new read mark, if it moved.
async fn advance_read_mark(db: &mut Db, room: RoomId, user: UserId, seq: u64) -> sqlx::Result<Option<u64>> {
    let Some((last_read, version)) = memberships::read_mark(&mut *db, room, user).await? else { return Ok(None) };
    let mark = rules::advance_read_mark(last_read, seq, version);
    if let Some(seq) = mark {
        memberships::update_read_mark(db, room, user, seq).await?;
    }
    Ok(mark)
}
