//! What a node sends to the others, and what it needs to broadcast their changes in order.

use std::collections::HashMap;

use crate::{
    model::{Committed, NodeSignal, PositionedRow, RoomChanges},
    store::{
        error::StoreResult,
        handle::Store,
        postgres::{
            cluster_key::{self, KEY_BYTES},
            connection::answered,
            feed_shared::WrittenRows,
            room_changes,
        },
        sql::rooms,
    },
};
use protocol::{error::Refusal, ids::RoomId};

impl Store {
    /// Whether other nodes may use the same database.
    pub fn is_shared(&self) -> bool {
        self.writer.is_shared()
    }

    /// Sends a signal to the other nodes. It is lost while the database cannot be reached.
    pub fn signal(&self, signal: NodeSignal) {
        if self.is_shared() {
            self.writer.signal(signal);
        }
    }

    /// As [`Store::signal`]; returns once it is in the feed.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn signal_now(&self, signal: NodeSignal) -> StoreResult<()> {
        let write = self.writer.run(move |_| Box::pin(async move { Ok(((), Some(Committed::Signal(signal)))) }));
        write.await
    }

    /// The rows of the feed that this node writes from now on, for the bus; `None` without a feed, and if a bus has them.
    pub fn written_rows(&self) -> Option<WrittenRows> {
        self.feed.as_ref()?.written_rows()
    }

    /// Takes a row that another node sent over the bus.
    pub fn receive_row(&self, row: PositionedRow) {
        if let Some(feed) = &self.feed {
            feed.receive(row);
        }
    }

    /// Reads the feed now instead of at the next poll.
    pub fn read_feed(&self) {
        if let Some(feed) = &self.feed {
            feed.hint.notify_one();
        }
    }

    /// The secret that the nodes of this database share. The first one makes it.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn cluster_key(&self) -> StoreResult<[u8; KEY_BYTES]> {
        let mut fresh = [0; KEY_BYTES];
        getrandom::fill(&mut fresh).map_err(|_| Refusal::Unavailable)?;
        let mut db = self.read_pool.acquire().await?;
        Ok(cluster_key::get_or_insert(db.postgres()?, fresh).await?)
    }

    /// What changed in these rooms after these versions, in one statement. Rooms with much, or with more than texts, are
    /// left out: [`Store::changes_since`] reads those.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn plain_changes(&self, wanted: &[(RoomId, u64)]) -> StoreResult<HashMap<RoomId, RoomChanges>> {
        let mut db = self.read_pool.acquire().await?;
        let answer = answered(room_changes::plain(db.postgres()?, wanted)).await;
        Ok(db.checked(answer)?)
    }

    /// The version of a room's newest change; `None` for an unknown room.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn room_version(&self, room: RoomId) -> StoreResult<Option<u64>> {
        Ok(rooms::find_version(&mut self.read_pool.acquire().await?, room).await?)
    }
}
