//! Searching messages by any part of their words.

use crate::{
    model::SearchPage,
    store::{error::StoreResult, handle::Store, index},
};
use protocol::ids::{RoomId, UserId};

impl Store {
    /// Waits until texts inserted before this call are indexed, a second at most.
    pub async fn catch_up_index(&self) {
        self.indexer.catch_up().await;
    }

    /// A page of the newest messages that this user sees and that contain every word of `query`. `before`: the
    /// cursor of the page before this one.
    ///
    /// # Errors
    /// [`Refusal::TooFast`] if it takes longer than two seconds.
    ///
    /// [`Refusal::TooFast`]: protocol::error::Refusal::TooFast
    pub async fn search(&self, user: UserId, query: &str, before: Option<u64>) -> StoreResult<SearchPage> {
        let mut tx = self.search_pool.begin().await?;
        index::search(&mut tx, (user, None), query, before).await
    }

    /// As [`Store::search`], in one room alone.
    ///
    /// # Errors
    /// As [`Store::search`].
    pub async fn search_room(
        &self,
        room: RoomId,
        user: UserId,
        query: &str,
        before: Option<u64>,
    ) -> StoreResult<SearchPage> {
        let mut tx = self.search_pool.begin().await?;
        index::search(&mut tx, (user, Some(room)), query, before).await
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::sleep;

    use super::*;
    use crate::model::Durability;
    use protocol::{ids::MessageId, room_socket::Post};

    #[tokio::test]
    async fn a_text_is_indexed_after_a_time_without_writes() {
        let directory = tempfile::tempdir().unwrap();
        let (store, _committed) = Store::open(directory.path(), Durability::Normal).await.unwrap();
        let [minsu, younghee] = ["minsu", "younghee"].map(str::to_owned);
        let minsu = store.insert_account(minsu.clone(), minsu, "!".into(), false).await.unwrap();
        let younghee = store.insert_account(younghee.clone(), younghee, "!".into(), false).await.unwrap();
        let room = store.open_direct(minsu, younghee).await.unwrap();
        let message = Post::new(MessageId::new(), "회의");
        store.insert_message(room, minsu, message).await.unwrap();
        store.writer.stop();
        // Longer than the indexer gathers texts: its write is refused meanwhile.
        sleep(Duration::from_millis(100)).await;
        store.writer.resume();
        let mut hits = Vec::new();
        for _ in 0..5 {
            store.catch_up_index().await;
            hits = store.search(minsu, "회의", None).await.unwrap().hits;
            if !hits.is_empty() {
                break;
            }
        }
        assert_eq!(hits.len(), 1);
        store.close().await;
    }
}
