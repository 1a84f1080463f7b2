//! Files: who may read one, how much is used, and the blobs without refs.

use crate::{
    messenger::{actor::Actor, policy::Result, services::Files},
    model::{FilePage, StoredFile},
    text,
};
use protocol::{
    error::Refusal,
    ids::{FileId, RoomId},
    limit::QUERY_CHARS,
};

impl Files<'_> {
    /// A file that the actor may read: an unattached file of theirs, or a file of a message that they see.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for every other file, known or not.
    pub async fn readable(self, actor: Actor, id: FileId) -> Result<StoredFile> {
        Ok(self.0.0.store.readable_file(actor.user, id).await?)
    }

    /// The files of a room that the actor sees, newest first, those whose names contain `query`; `before` is the cursor
    /// of an older page.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for a room that the actor is not a member of, [`Refusal::InvalidQuery`] when the query is
    /// too long, [`Refusal::TooFast`] over the budget of searches.
    pub async fn of_room(
        self,
        actor: Actor,
        room: RoomId,
        query: Option<&str>,
        before: Option<u64>,
    ) -> Result<FilePage> {
        let query = query.unwrap_or_default().trim();
        if query.chars().count() > QUERY_CHARS {
            return Err(Refusal::InvalidQuery);
        }
        // A rare name takes a search over all files of the room.
        let _searching = if query.is_empty() { None } else { self.0.begin_search(actor)? };
        Ok(self.0.0.store.files_of_room(room, actor.user, &text::folded(query), before).await?)
    }

    /// The bytes of the actor's files and pending uploads.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn used(self, actor: Actor) -> Result<u64> {
        Ok(self.0.0.store.used(actor.user).await?)
    }

    /// Waits until files were deleted since the last call. Their blobs may have no refs left.
    pub async fn released(self) {
        self.0.0.files_released.notified().await;
    }
}
