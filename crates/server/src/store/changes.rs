//! Edits, recalls and reactions, and the entrance of posts, which `posts.rs` inserts. Each change takes the room's next
//! version in its transaction.

use crate::{
    model::{Changed, Committed, Reacted, ReactionState, Revision},
    store::{
        blobs,
        error::StoreResult,
        handle::Store,
        index, mentions,
        rules::{self, StoredMessage, WriteEffect},
        sql::{
            attachments, bookmarks, changes, confirmations,
            db::Db,
            files,
            memberships::visible_after,
            messages::{current, find},
            pins, reactions,
        },
    },
};
use protocol::{
    ids::{MessageId, RoomId, UserId},
    limit::REACTIONS_WHOLE,
    room_socket::Post,
};

impl Store {
    /// Inserts a message as the room's next change, and attaches its files. Its id is the idempotency key.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] if the author is not a member, does not see the quoted message, or has not uploaded a file
    /// or attached it already; [`Refusal::NotReady`] for a file whose upload is not complete; [`Refusal::TooMany`]
    /// files; [`Refusal::IdConflict`] if the id names another message.
    ///
    /// [`Refusal::NotFound`]: protocol::error::Refusal::NotFound
    /// [`Refusal::NotReady`]: protocol::error::Refusal::NotReady
    /// [`Refusal::TooMany`]: protocol::error::Refusal::TooMany
    /// [`Refusal::IdConflict`]: protocol::error::Refusal::IdConflict
    pub async fn insert_message(&self, room: RoomId, author: UserId, message: Post) -> StoreResult<Changed> {
        let changed = self.writer.post(room, author, message).await?;
        self.indexer.wake();
        Ok(changed)
    }

    /// Replaces the text of a message; with files the text may be empty. `oldest`: messages sent before this moment
    /// (UTC milliseconds) cannot be edited.
    ///
    /// # Errors
    /// As the rules `see`, `may_edit` and `may_be_empty` say: `NotFound`, `NotYours`, `Recalled`, `TooLate`,
    /// `EmptyBody`.
    pub async fn edit(
        &self,
        room: RoomId,
        me: UserId,
        id: MessageId,
        text: Revision,
        oldest: i64,
    ) -> StoreResult<Changed> {
        let Revision { body, mentions } = text;
        let write = self.writer.run_in(room, move |db| {
            Box::pin(async move {
                let message = visible(&mut *db, room, me, id).await?;
                if rules::may_edit(&message, me, &body, oldest)? == WriteEffect::Nothing {
                    return unchanged(db, &message).await;
                }
                if body.is_empty() {
                    let files = attachments::ids(&mut *db, room, message.seq).await?;
                    rules::may_be_empty(&body, !files.is_empty())?;
                }
                index::update(&mut *db, &message, &body).await?;
                changes::update_body(&mut *db, room, message.seq, &body).await?;
                if let Some(mentions) = mentions {
                    mentions::replace(&mut *db, room, (me, message.seq), mentions).await?;
                }
                changed(db, &message).await
            })
        });
        write.await
    }

    /// Recalls a message: its text, files, reactions, confirmations and indexed words are erased; a tombstone stays.
    ///
    /// # Errors
    /// As the rules `see` and `may_recall` say: `NotFound`, `NotYours`, `TooLate`.
    pub async fn recall(&self, room: RoomId, me: UserId, id: MessageId, oldest: i64) -> StoreResult<Changed> {
        let write = self.writer.run_in(room, move |db| {
            Box::pin(async move {
                let message = visible(&mut *db, room, me, id).await?;
                if rules::may_recall(&message, me, oldest)? == WriteEffect::Nothing {
                    return unchanged(db, &message).await;
                }
                index::delete(&mut *db, &message).await?;
                reactions::delete_all(&mut *db, room, message.seq).await?;
                let deleted = files::delete_of_message(&mut *db, room, message.seq).await?;
                blobs::release(&mut *db, deleted).await?;
                mentions::delete(&mut *db, room, message.seq).await?;
                bookmarks::delete_all(&mut *db, room, message.seq).await?;
                pins::delete(&mut *db, room, message.seq).await?;
                confirmations::delete_all(&mut *db, room, message.seq).await?;
                changes::erase(&mut *db, room, me, message.seq).await?;
                changed(db, &message).await
            })
        });
        write.await
    }

    /// Adds or removes this user's emoji on a message. Returns the current state to an idempotent retry, whose
    /// sender may have missed the event; otherwise `None`.
    ///
    /// # Errors
    /// As the rules `see`, `not_recalled` and `may_add_emoji` say: `NotFound`, `Recalled`, `TooMany`.
    pub async fn react(
        &self,
        room: RoomId,
        me: UserId,
        id: MessageId,
        emoji: String,
        on: bool,
    ) -> StoreResult<Option<ReactionState>> {
        let write = self.writer.run_in(room, move |db| {
            Box::pin(async move {
                let message = visible(&mut *db, room, me, id).await?;
                rules::not_recalled(&message)?;
                let is_new = set_reaction(&mut *db, &message, me, &emoji, on).await?;
                let version = if is_new { changes::bump(&mut *db, room, message.seq).await? } else { message.version };
                let reacted = Reacted { id, seq: message.seq, version, emoji, user: me, on };
                let state = reaction(db, room, reacted).await?;
                Ok(if is_new { (None, Some(broadcast(room, state))) } else { (Some(state), None) })
            })
        });
        write.await
    }
}

async fn visible(db: &mut Db, room: RoomId, me: UserId, id: MessageId) -> StoreResult<StoredMessage> {
    let bound = visible_after(&mut *db, room, me).await?;
    Ok(rules::see(find(db, id).await?, room, bound)?)
}

/// Gives a message the room's next version. The committed change broadcasts it to the room.
async fn changed(db: &mut Db, message: &StoredMessage) -> StoreResult<(Changed, Option<Committed>)> {
    changes::bump(&mut *db, message.room, message.seq).await?;
    let (room, message) = (message.room, current(db, message.room, message.seq).await?);
    Ok((Changed::Now, Some(Committed::Message { room, message })))
}

/// Answers a retry with the current state.
async fn unchanged(db: &mut Db, message: &StoredMessage) -> StoreResult<(Changed, Option<Committed>)> {
    Ok((Changed::Already(current(db, message.room, message.seq).await?.into()), None))
}

/// Inserts or deletes a reaction. Returns whether that changed anything.
async fn set_reaction(db: &mut Db, message: &StoredMessage, me: UserId, emoji: &str, on: bool) -> StoreResult<bool> {
    let (room, seq) = (message.room, message.seq);
    if !on {
        return Ok(reactions::delete(db, room, seq, me, emoji).await?);
    }
    rules::may_add_emoji(reactions::others_than(&mut *db, room, seq, emoji).await?)?;
    Ok(reactions::insert(db, room, seq, me, emoji).await?)
}

async fn reaction(db: &mut Db, room: RoomId, reacted: Reacted) -> sqlx::Result<ReactionState> {
    let count = reactions::count(&mut *db, room, reacted.seq, REACTIONS_WHOLE + 1).await?;
    if count > REACTIONS_WHOLE {
        return Ok(ReactionState::One(reacted));
    }
    Ok(ReactionState::Whole(current(db, room, reacted.seq).await?.into()))
}

fn broadcast(room: RoomId, state: ReactionState) -> Committed {
    match state {
        ReactionState::Whole(message) => Committed::Message { room, message: *message },
        ReactionState::One(reacted) => Committed::Reacted { room, reacted },
    }
}
