//! Pinned messages of a room, and its announcement.

use crate::{
    model::Committed,
    store::{
        error::StoreResult,
        groups::insert_event,
        handle::Store,
        rules::{self, StoredMessage},
        sql::{db::Db, memberships, messages::find, pins},
    },
};
use protocol::{
    error::Refusal,
    ids::{MessageId, RoomId, UserId},
    message::{Message, PinnedMessage, SystemEvent},
};

impl Store {
    /// The pinned messages that a member with this lower bound sees, in reverse order of pinning.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn pins(&self, room: RoomId, visible_after: u64) -> StoreResult<Vec<PinnedMessage>> {
        Ok(pins::of(&mut self.read_pool.acquire().await?, room, visible_after).await?)
    }

    /// Makes a message the announcement of its room; the previous announcement stays pinned. `None` removes the
    /// announcement.
    ///
    /// # Errors
    /// As the rules `see` and `may_pin` say: `NotFound`, `Recalled`, `NotMaker`; [`Refusal::TooMany`].
    pub async fn announce(&self, room: RoomId, me: UserId, id: Option<MessageId>) -> StoreResult<()> {
        let write = self.writer.run_in(room, move |db| {
            Box::pin(async move {
                check_may_pin(&mut *db, room, me).await?;
                let message = match id {
                    Some(id) => Some(seen(&mut *db, room, me, id).await?),
                    None => None,
                };
                let pinned = pins::of(&mut *db, room, 0).await?;
                let current = pinned.iter().find(|pin| pin.is_announcement);
                let event = match message {
                    Some(message) if current.is_some_and(|current| current.id == message.id) => return Ok(((), None)),
                    Some(message) => {
                        pin(&mut *db, &message, me, &pinned).await?;
                        pins::retire(&mut *db, room).await?;
                        pins::announce(&mut *db, room, message.seq, me).await?;
                        SystemEvent::Announced
                    }
                    None => {
                        let Some(current) = current else { return Ok(((), None)) };
                        pins::delete(&mut *db, room, current.seq).await?;
                        SystemEvent::Unannounced
                    }
                };
                let event = insert_event(&mut *db, room, me, event).await?;
                Ok(((), Some(changed(db, room, Some(event)).await?)))
            })
        });
        write.await
    }

    /// Pins a message in its room, or unpins it. Only unpinning the announcement inserts a system event.
    ///
    /// # Errors
    /// As for [`Store::announce`].
    pub async fn pin_message(&self, room: RoomId, me: UserId, id: MessageId, on: bool) -> StoreResult<()> {
        let write = self.writer.run_in(room, move |db| {
            Box::pin(async move {
                check_may_pin(&mut *db, room, me).await?;
                let message = seen(&mut *db, room, me, id).await?;
                let pinned = pins::of(&mut *db, room, 0).await?;
                let known = pinned.iter().find(|pin| pin.id == id);
                let mut event = None;
                match known {
                    None if on => pin(&mut *db, &message, me, &pinned).await?,
                    Some(known) if !on => {
                        if pins::delete(&mut *db, room, known.seq).await? == Some(true) {
                            event = Some(insert_event(&mut *db, room, me, SystemEvent::Unannounced).await?);
                        }
                    }
                    _ => return Ok(((), None)),
                }
                Ok(((), Some(changed(db, room, event).await?)))
            })
        });
        write.await
    }

    /// Allows only the maker of a group to pin messages, or everybody.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::NotAGroup`], [`Refusal::NotMaker`].
    pub async fn limit_pins(&self, room: RoomId, me: UserId, on: bool) -> StoreResult<()> {
        let write = self.writer.run_in(room, move |db| {
            Box::pin(async move {
                rules::may_manage(memberships::group_membership(&mut *db, room, me).await?)?;
                rules::may_pin(true, true, rules::maker(memberships::enabled(&mut *db, room).await?), me)?;
                if !pins::update_by_maker(&mut *db, room, on).await? {
                    return Ok(((), None));
                }
                let event = insert_event(&mut *db, room, me, SystemEvent::PinsLimited { on }).await?;
                Ok(((), Some(changed(db, room, Some(event)).await?)))
            })
        });
        write.await
    }
}

/// Whether this user may pin messages of the room.
async fn check_may_pin(db: &mut Db, room: RoomId, me: UserId) -> StoreResult<()> {
    let membership = memberships::group_membership(&mut *db, room, me).await?.ok_or(Refusal::NotFound)?;
    let by_maker = membership.is_group && pins::are_by_maker(&mut *db, room).await?;
    let maker = if by_maker { rules::maker(memberships::enabled(&mut *db, room).await?) } else { None };
    Ok(rules::may_pin(membership.is_group, by_maker, maker, me)?)
}

/// A message that this user sees and that is not recalled.
async fn seen(db: &mut Db, room: RoomId, me: UserId, id: MessageId) -> StoreResult<StoredMessage> {
    let bound = memberships::visible_after(&mut *db, room, me).await?;
    let message = rules::see(find(&mut *db, id).await?, room, bound)?;
    rules::not_recalled(&message)?;
    Ok(message)
}

/// Pins a message, unless it is pinned already.
async fn pin(db: &mut Db, message: &StoredMessage, me: UserId, pinned: &[PinnedMessage]) -> StoreResult<()> {
    if pinned.iter().all(|pin| pin.id != message.id) {
        rules::may_pin_more(pinned.len())?;
        pins::insert(db, message.room, message.seq, me).await?;
    }
    Ok(())
}

async fn changed(db: &mut Db, room: RoomId, event: Option<Message>) -> StoreResult<Committed> {
    let (by_maker, pins) = (pins::are_by_maker(&mut *db, room).await?, pins::of(db, room, 0).await?);
    Ok(Committed::Pins { room, event, pins, by_maker })
}
