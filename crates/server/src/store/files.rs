//! Files: who may read one, copies for forwarded messages, and how much is used.

use crate::{
    model::{FilePage, Quotas, StoredFile},
    store::{
        clock::now_ms,
        error::StoreResult,
        handle::Store,
        sql::{attachments, db::Db, files, memberships, used_bytes},
        uploads::insert_file,
    },
};
use protocol::{
    error::Refusal,
    file::Attachment,
    ids::{FileId, RoomId, UserId},
};

impl Store {
    /// A file that this user may read: an unattached file only if they own it, an attached file only if they see its
    /// message. A disabled account reads nothing.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for every other file, known or not.
    pub async fn readable_file(&self, user: UserId, id: FileId) -> StoreResult<StoredFile> {
        let file = files::readable(&mut self.read_pool.acquire().await?, user, id).await?;
        Ok(file.ok_or(Refusal::NotFound)?)
    }

    /// The files of a room that a member sees, newest first: a page of files of messages before `before` whose names
    /// contain `part`, folded as in [`crate::text::folded`].
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for a non-member.
    pub async fn files_of_room(
        &self,
        room: RoomId,
        user: UserId,
        part: &str,
        before: Option<u64>,
    ) -> StoreResult<FilePage> {
        let mut tx = self.search_pool.begin().await?;
        let bound = memberships::visible_after(&mut tx, room, user).await?.ok_or(Refusal::NotFound)?;
        Ok(attachments::page(&mut tx, room, (bound, before.unwrap_or(u64::MAX)), part).await?)
    }

    /// The bytes of a user's files and pending uploads.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn used(&self, owner: UserId) -> StoreResult<u64> {
        Ok(used_bytes::of(&mut self.read_pool.acquire().await?, owner).await?)
    }

    /// The bytes of all users' files and pending uploads. Files with the same blob count separately.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn used_total(&self) -> StoreResult<u64> {
        Ok(used_bytes::of_all(&mut self.read_pool.acquire().await?).await?)
    }
}

/// Copies files that this user may read, in this order, for a message of theirs. A copy names the same blob and counts
/// against the user's quota. The blob has refs, which no node takes away meanwhile, so its bytes stay.
pub(super) async fn copied(
    db: &mut Db,
    user: UserId,
    files: &[Attachment],
    quotas: Quotas,
) -> StoreResult<Vec<FileId>> {
    let mut copies = Vec::with_capacity(files.len());
    if !files.is_empty() {
        used_bytes::lock(&mut *db).await?;
    }
    for file in files {
        let file = files::readable(&mut *db, user, file.id).await?.ok_or(Refusal::NotFound)?;
        let copy = StoredFile { id: FileId::new(), owner: user, created_at: now_ms(), attached_to: None, ..file };
        insert_file(&mut *db, &copy, quotas).await?;
        copies.push(copy.id);
    }
    Ok(copies)
}
