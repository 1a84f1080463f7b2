//! Reading messages. A member sees messages with a `seq` above their lower bound, `visible_after`.

use crate::{
    model::{Anchor, MessagePage},
    store::{error::StoreResult, handle::Store, sql::pages::VisibleHistory},
};
use protocol::{ids::RoomId, limit::PAGE_MESSAGES, message::Message};

impl Store {
    /// A page of a room, for a member with this lower bound.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn page(&self, room: RoomId, visible_after: u64, anchor: Anchor) -> StoreResult<MessagePage> {
        let mut tx = self.read_pool.begin().await?;
        Ok(VisibleHistory { room, visible_after }.page(&mut tx, anchor).await?)
    }

    /// Messages that changed after `version`, in the order of the changes, with the room's version. `None` if they
    /// are more than a page or `version` is ahead of the room.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn changes_since(
        &self,
        room: RoomId,
        visible_after: u64,
        version: u64,
    ) -> StoreResult<Option<(Vec<Message>, u64)>> {
        let mut tx = self.read_pool.begin().await?;
        Ok(VisibleHistory { room, visible_after }.changes_since(&mut tx, version).await?)
    }

    /// The next changes after `version`, at most two pages, in their order; up to which version they are whole; and the
    /// room's version.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn next_changes(&self, room: RoomId, version: u64) -> StoreResult<(Vec<Message>, u64, u64)> {
        let mut tx = self.read_pool.begin().await?;
        Ok(VisibleHistory { room, visible_after: 0 }.next_changes(&mut tx, version).await?)
    }

    /// The oldest messages after `seq`, at most a page, for a member with this lower bound.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn unread(&self, room: RoomId, visible_after: u64, seq: u64) -> StoreResult<Vec<Message>> {
        let mut tx = self.read_pool.begin().await?;
        Ok(VisibleHistory { room, visible_after }.after(&mut tx, seq, PAGE_MESSAGES).await?.messages)
    }
}
