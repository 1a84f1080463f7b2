//! Rooms: opening direct rooms, and a user's room list.

use crate::{
    model::Committed,
    store::{
        error::StoreResult,
        handle::Store,
        rules,
        sql::{
            db::Db,
            memberships,
            people::{self, Joining},
            rooms, summaries,
        },
        versions,
    },
};
use protocol::{
    ids::{RoomId, UserId},
    room::RoomSummary,
};

impl Store {
    /// The direct room of two users, created if there is none; of a user with themselves, their notes. It appears in
    /// the list of `one` now, and in the other's with the first message.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for an unknown account.
    ///
    /// [`Refusal::NotFound`]: protocol::error::Refusal::NotFound
    pub async fn open_direct(&self, one: UserId, other: UserId) -> StoreResult<RoomId> {
        let (low, high) = (one.min(other), one.max(other));
        let write = self.writer.run(move |db| {
            Box::pin(async move {
                let listed = |room| Committed::Listed { room, user: one };
                if let Some(room) = rooms::find_direct(&mut *db, low, high).await? {
                    let is_shown_now = memberships::update_hidden_at(db, room, one, None).await?;
                    return Ok((room, is_shown_now.then(|| listed(room))));
                }
                let room = insert_direct(&mut *db, low, high).await?;
                if other != one {
                    memberships::update_hidden_at(db, room, other, Some(0)).await?;
                }
                Ok((room, Some(listed(room))))
            })
        });
        write.await
    }

    /// A user's rooms, the most recently active first. Direct rooms that somebody else opened are left out until they
    /// have a message.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn rooms_of(&self, user: UserId) -> StoreResult<Vec<RoomSummary>> {
        Ok(summaries::of(&mut self.read_pool.acquire().await?, user).await?)
    }

    /// The summaries of (room, member) pairs; pairs without a current membership are omitted.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn summaries(&self, pairs: &[(RoomId, UserId)]) -> StoreResult<Vec<(UserId, RoomSummary)>> {
        Ok(summaries::of_pairs(&mut self.read_pool.acquire().await?, pairs).await?)
    }
}

async fn insert_direct(db: &mut Db, low: UserId, high: UserId) -> StoreResult<RoomId> {
    let room = RoomId::new();
    let active_at = versions::next_active_at(&mut *db).await?;
    rooms::insert(&mut *db, room, false, None, active_at).await?;
    let people = if low == high { vec![low] } else { vec![low, high] };
    let found = people::insert_memberships(&mut *db, room, &people, Joining::default()).await?;
    rules::may_join(people.len(), found, found)?;
    rooms::insert_direct(db, low, high, room).await?;
    Ok(room)
}
