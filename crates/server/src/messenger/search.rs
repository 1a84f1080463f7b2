//! Search over the messages of a user's rooms, and the user's collections of them.

use crate::{
    messenger::{actor::Actor, budget::Searching, policy::Result, services::Search},
    model::SearchPage,
    text,
};
use protocol::{error::Refusal, ids::RoomId, limit::QUERY_CHARS, lobby_socket::Collection};

impl Search<'_> {
    /// The newest messages that contain every word of `query`, in the rooms of the actor; `before` is the cursor of an
    /// older page.
    ///
    /// # Errors
    /// [`Refusal::InvalidQuery`] when the query is empty or too long; [`Refusal::TooFast`] over budget.
    pub async fn messages(self, actor: Actor, query: &str, before: Option<u64>) -> Result<SearchPage> {
        self.search(actor, None, query, before).await
    }

    /// As [`Search::messages`], in one room alone.
    ///
    /// # Errors
    /// As [`Search::messages`]; [`Refusal::NotFound`] for a room that the actor is not a member of.
    pub async fn in_room(self, actor: Actor, room: RoomId, query: &str, before: Option<u64>) -> Result<SearchPage> {
        self.0.membership(actor.user, room).await?;
        self.search(actor, Some(room), query, before).await
    }

    async fn search(self, actor: Actor, room: Option<RoomId>, query: &str, before: Option<u64>) -> Result<SearchPage> {
        if !text::is_visible(query) || query.chars().count() > QUERY_CHARS {
            return Err(Refusal::InvalidQuery);
        }
        let mut searching = self.0.begin_search(actor)?;
        let store = &self.0.0.store;
        store.catch_up_index().await;
        searching.as_mut().map(Searching::starts_now);
        Ok(match room {
            Some(room) => store.search_room(room, actor.user, query, before).await?,
            None => store.search(actor.user, query, before).await?,
        })
    }

    /// The actor's messages of a collection, newest first; `before` is the cursor of an older page.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn collection(self, actor: Actor, of: Collection, before: Option<u64>) -> Result<SearchPage> {
        Ok(self.0.0.store.collection(actor.user, of, before).await?)
    }
}
