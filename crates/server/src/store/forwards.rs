//! Forwarding: copies a message of one room into another, for a user who sees it there and may post here.

use crate::{
    model::{Changed, Committed, NewCopy, Quotas},
    store::{
        error::StoreResult,
        files::copied,
        handle::Store,
        posts::insert_one,
        rules,
        sql::{
            changes,
            db::Db,
            memberships::{self, visible_after},
            messages::{current, find},
            used_bytes,
        },
    },
};
use protocol::{
    error::Refusal,
    ids::{MessageId, RoomId, UserId},
    message::{Forwarded, Message},
    room_socket::Post,
};

impl Store {
    /// Which of these copies are not stored yet. The user must be allowed to forward the originals, messages of one
    /// room, and to store copies of their files; a copy that is stored already needs no permission any more.
    ///
    /// # Errors
    /// As the rules `see`, `not_recalled` and `may_store` say: `NotFound`, `Recalled`, `QuotaExceeded`.
    pub async fn check_forward(
        &self,
        from: RoomId,
        me: UserId,
        copies: &[NewCopy],
        quotas: Quotas,
    ) -> StoreResult<Vec<NewCopy>> {
        let mut tx = self.read_pool.begin().await?;
        let (mut bytes, mut missing) = (0_u64, Vec::new());
        for copy in copies {
            if find(&mut tx, copy.id).await?.is_none_or(|stored| stored.author != me) {
                let files = original(&mut tx, from, me, copy.original).await?.files;
                bytes = files.iter().fold(bytes, |bytes, file| bytes.saturating_add(file.size));
                missing.push(*copy);
            }
        }
        let (used, used_by_all) = (used_bytes::of(&mut tx, me).await?, used_bytes::of_all(&mut tx).await?);
        if bytes > 0 {
            rules::may_store(bytes, used, used_by_all, quotas)?;
        }
        Ok(missing)
    }

    /// Posts a copy of a message in another room. The copies of its files belong to the user, name the same blobs, and
    /// count against the user's quota. A copy that is stored already stays unchanged.
    ///
    /// # Errors
    /// As for [`Store::check_forward`] and [`Store::insert_message`], in one transaction.
    pub async fn forward(
        &self,
        from: RoomId,
        copy: NewCopy,
        to: RoomId,
        me: UserId,
        quotas: Quotas,
    ) -> StoreResult<()> {
        let write = self.writer.run_in(to, move |db| {
            Box::pin(async move {
                if let Some(stored) = find(&mut *db, copy.id).await? {
                    return rules::is_copy(&stored, to, me).then_some(((), None)).ok_or(Refusal::IdConflict.into());
                }
                let original = original(&mut *db, from, me, copy.original).await?;
                let forwarded = Forwarded { author: known_author(&mut *db, &original, to).await? };
                let files = copied(&mut *db, me, &original.files, quotas).await?;
                let post = Post { files, ..Post::new(copy.id, original.body) };
                let (Changed::Now, Some(Committed::Message { message, .. })) =
                    insert_one(&mut *db, to, me, post).await?
                else {
                    return Err(Refusal::IdConflict.into());
                };
                changes::update_forwarded(&mut *db, to, message.seq, forwarded).await?;
                let message = current(db, to, message.seq).await?;
                Ok(((), Some(Committed::Message { room: to, message })))
            })
        });
        write.await?;
        self.indexer.wake();
        Ok(())
    }
}

/// A message that this user sees and that is not recalled.
async fn original(db: &mut Db, room: RoomId, me: UserId, id: MessageId) -> StoreResult<Message> {
    let bound = visible_after(&mut *db, room, me).await?;
    let message = rules::see(find(&mut *db, id).await?, room, bound)?;
    rules::not_recalled(&message)?;
    Ok(current(db, room, message.seq).await?)
}

/// The author of a message, if the members of room `to` know them. For a forwarded message, the author of the original.
async fn known_author(db: &mut Db, original: &Message, to: RoomId) -> sqlx::Result<Option<UserId>> {
    let author = original.forwarded.map_or(Some(original.author), |forwarded| forwarded.author);
    let members = memberships::of(db, to).await?;
    Ok(author.filter(|author| members.iter().any(|member| member.user == *author)))
}
