//! Collections: a user's own messages of one kind, from all their rooms.

use crate::{
    model::{Committed, SearchPage},
    store::{
        error::StoreResult,
        handle::Store,
        mentions, rules,
        sql::{bookmarks, hits, memberships::visible_after, messages::find},
    },
};
use protocol::{
    ids::{MessageId, RoomId, UserId},
    lobby_socket::Collection,
};

impl Store {
    /// A page of a collection, newest first. `before`: the cursor of the page before this one.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn collection(&self, user: UserId, of: Collection, before: Option<u64>) -> StoreResult<SearchPage> {
        let mut tx = self.read_pool.begin().await?;
        match of {
            Collection::Mentions => Ok(mentions::of(&mut tx, user, before).await?),
            Collection::Bookmarks => Ok(hits::bookmarks(&mut tx, user, before).await?),
        }
    }

    /// A user's bookmarks in a room, of messages that a member with this lower bound sees.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn bookmarks_in(&self, room: RoomId, user: UserId, visible_after: u64) -> StoreResult<Vec<MessageId>> {
        Ok(bookmarks::in_room(&mut self.read_pool.acquire().await?, room, user, visible_after).await?)
    }

    /// Bookmarks a message for a user, or removes the bookmark.
    ///
    /// # Errors
    /// As the rules `see` and `may_bookmark_more` say: `NotFound`, `Recalled`, `TooMany`.
    pub async fn set_bookmark(&self, room: RoomId, user: UserId, id: MessageId, on: bool) -> StoreResult<()> {
        let write = self.writer.run_in(room, move |db| {
            Box::pin(async move {
                let bound = visible_after(&mut *db, room, user).await?;
                let message = rules::see(find(&mut *db, id).await?, room, bound)?;
                let is_change = if on {
                    rules::not_recalled(&message)?;
                    rules::may_bookmark_more(bookmarks::count(&mut *db, user).await?)?;
                    bookmarks::insert(db, room, message.seq, user).await?
                } else {
                    bookmarks::delete(db, room, message.seq, user).await?
                };
                Ok(((), is_change.then_some(Committed::Bookmarked { room, user, id, on })))
            })
        });
        write.await
    }
}
