//! Scheduled messages. A message that is sent and its scheduled row are one transaction: a crash leaves either.

use crate::{
    model::Committed,
    store::{
        error::StoreResult,
        handle::Store,
        rules,
        sql::{accounts, db::Db, memberships::visible_after, messages, scheduled},
        sqlite::posts::insert_one,
    },
};
use protocol::{
    error::Refusal,
    ids::{MessageId, RoomId, UserId},
    room_socket::Post,
    schedule::{Reschedule, Schedule, ScheduledMessage},
};

impl Store {
    /// A person's scheduled messages in a room, in the order of their times.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn scheduled_in(&self, room: RoomId, author: UserId) -> StoreResult<Vec<ScheduledMessage>> {
        Ok(scheduled::in_room(&mut *self.readers.acquire().await?, room, author).await?)
    }

    /// A person's scheduled messages that could not be sent, in the order of their times.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn unsent(&self, author: UserId) -> StoreResult<Vec<ScheduledMessage>> {
        Ok(scheduled::failed_of(&mut *self.readers.acquire().await?, author).await?)
    }

    /// The messages that wait, at most `count`, in the order in which they are sent: id, room, and time in UTC
    /// milliseconds.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn next_scheduled(&self, count: usize) -> StoreResult<Vec<(MessageId, RoomId, i64)>> {
        Ok(scheduled::next(&mut *self.readers.acquire().await?, count).await?)
    }

    /// Inserts a scheduled message; a retry of one that is stored or was sent changes nothing. `now`: UTC milliseconds.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] if the author is not a member or does not see the message to which it replies,
    /// [`Refusal::IdConflict`], [`Refusal::TooMany`], [`Refusal::InvalidTime`].
    pub async fn schedule(&self, room: RoomId, author: UserId, schedule: Schedule, now: i64) -> StoreResult<()> {
        let write = self.writer.run(move |db| {
            Box::pin(async move {
                let bound = visible_after(&mut *db, room, author).await?.ok_or(Refusal::NotFound)?;
                if is_retry(&mut *db, room, author, schedule.id).await? {
                    return Ok(((), None));
                }
                rules::may_schedule_at(schedule.at, now)?;
                rules::may_schedule_more(scheduled::count(&mut *db, author).await?)?;
                if let Some(quoted) = schedule.reply_to {
                    rules::see(messages::find(&mut *db, quoted).await?, room, Some(bound))?;
                }
                let Schedule { id, at, body, reply_to, mentions } = schedule;
                let message = ScheduledMessage { id, room, at, body, reply_to, mentions, failed: None };
                scheduled::insert(db, author, &message).await?;
                Ok(((), Some(Committed::Scheduled { user: author, message })))
            })
        });
        write.await
    }

    /// Gives a scheduled message of a person in a room another text and time. `now`: UTC milliseconds.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] if there is none, or it was sent; [`Refusal::InvalidTime`].
    pub async fn reschedule(&self, room: RoomId, author: UserId, change: Reschedule, now: i64) -> StoreResult<()> {
        let write = self.writer.run(move |db| {
            Box::pin(async move {
                let known = own_in(&mut *db, room, author, change.id).await?;
                rules::may_schedule_at(change.at, now)?;
                scheduled::update(&mut *db, &change).await?;
                let Reschedule { at, body, mentions, .. } = change;
                let has_failed = known.failed.is_some();
                let message = ScheduledMessage { at, body, mentions, failed: None, ..known };
                let changed = Committed::Scheduled { user: author, message };
                Ok(((), Some(with_unsent(db, author, has_failed, vec![changed]).await?)))
            })
        });
        write.await
    }

    /// Deletes a scheduled message of a person.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] if there is none, or it was sent.
    pub async fn unschedule(&self, author: UserId, id: MessageId) -> StoreResult<()> {
        let write = self.writer.run(move |db| {
            Box::pin(async move {
                let known = own(&mut *db, author, id).await?;
                scheduled::delete(&mut *db, id).await?;
                let changed = Committed::Unscheduled { room: known.room, user: author, id };
                Ok(((), Some(with_unsent(db, author, known.failed.is_some(), vec![changed]).await?)))
            })
        });
        write.await
    }

    /// Posts a scheduled message of a person in a room, at whatever time.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] if there is none, or it was sent; as [`Store::insert_message`].
    pub async fn send_scheduled(&self, room: RoomId, author: UserId, id: MessageId) -> StoreResult<()> {
        let write = self.writer.run(move |db| {
            Box::pin(async move {
                let known = own_in(&mut *db, room, author, id).await?;
                Ok(((), Some(send(db, author, known).await?)))
            })
        });
        write.await?;
        self.indexer.wake();
        Ok(())
    }

    /// Posts a message whose time has come; one that was changed, deleted or sent by then is left as it is. `now`: UTC
    /// milliseconds.
    ///
    /// # Errors
    /// [`Refusal::Disabled`] if its author is disabled; as [`Store::insert_message`].
    pub async fn send_due(&self, id: MessageId, now: i64) -> StoreResult<()> {
        let write = self.writer.run(move |db| {
            Box::pin(async move {
                let known = scheduled::find(&mut *db, id).await?;
                let due = known.filter(|(_, message)| message.failed.is_none() && message.at <= now);
                let Some((author, message)) = due else { return Ok(((), None)) };
                if !accounts::is_enabled(&mut *db, author).await? {
                    return Err(Refusal::Disabled.into());
                }
                Ok(((), Some(send(db, author, message).await?)))
            })
        });
        write.await?;
        self.indexer.wake();
        Ok(())
    }

    /// Keeps a message that could not be sent, with the reason, until its author changes or deletes it.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn fail_scheduled(&self, id: MessageId, why: Refusal) -> StoreResult<()> {
        let write = self.writer.run(move |db| {
            Box::pin(async move {
                let Some((user, message)) = scheduled::find(&mut *db, id).await? else { return Ok(((), None)) };
                scheduled::update_failed(&mut *db, id, why).await?;
                let changed = Committed::Scheduled { user, message: ScheduledMessage { failed: Some(why), ..message } };
                Ok(((), Some(with_unsent(db, user, true, vec![changed]).await?)))
            })
        });
        write.await
    }
}

/// A scheduled message of this person.
async fn own(db: &mut Db, author: UserId, id: MessageId) -> StoreResult<ScheduledMessage> {
    let known = scheduled::find(db, id).await?.filter(|(by, _)| *by == author);
    Ok(known.map(|(_, message)| message).ok_or(Refusal::NotFound)?)
}

/// A scheduled message of this person in this room.
async fn own_in(db: &mut Db, room: RoomId, author: UserId, id: MessageId) -> StoreResult<ScheduledMessage> {
    let known = own(db, author, id).await?;
    if known.room == room { Ok(known) } else { Err(Refusal::NotFound.into()) }
}

/// Whether this person scheduled a message with this id in this room, which may have been sent by now.
async fn is_retry(db: &mut Db, room: RoomId, author: UserId, id: MessageId) -> StoreResult<bool> {
    let waits = scheduled::find(&mut *db, id).await?.map(|(by, message)| (by, message.room));
    let stored = messages::find(db, id).await?.map(|message| (message.author, message.room));
    match waits.or(stored) {
        Some(known) if known == (author, room) => Ok(true),
        Some(_) => Err(Refusal::IdConflict.into()),
        None => Ok(false),
    }
}

/// Posts the message and deletes its row.
async fn send(db: &mut Db, author: UserId, message: ScheduledMessage) -> StoreResult<Committed> {
    let ScheduledMessage { id, room, body, reply_to, mentions, failed, .. } = message;
    let post = Post { reply_to, mentions, ..Post::new(id, body) };
    // Nothing for a message that is stored already, with the same id and text.
    let (_, posted) = insert_one(&mut *db, room, author, post).await?;
    scheduled::delete(&mut *db, id).await?;
    let changes = posted.into_iter().chain([Committed::Unscheduled { room, user: author, id }]).collect();
    Ok(with_unsent(db, author, failed.is_some(), changes).await?)
}

/// The end of a membership, and what it does to the scheduled messages of the former member in the room: none of them goes
/// any more, not even after another invitation.
pub(super) async fn with_failed(db: &mut Db, room: RoomId, user: UserId, ended: Committed) -> sqlx::Result<Committed> {
    if scheduled::fail_all(&mut *db, room, user, Refusal::NotFound).await? {
        with_unsent(db, user, true, vec![ended]).await
    } else {
        Ok(ended)
    }
}

/// These changes, and those of the messages that could not be sent if one of them is concerned.
async fn with_unsent(
    db: &mut Db,
    user: UserId,
    is_concerned: bool,
    mut changes: Vec<Committed>,
) -> sqlx::Result<Committed> {
    if is_concerned {
        changes.push(Committed::Unsent { user, messages: scheduled::failed_of(db, user).await? });
    }
    Ok(Committed::Several(changes))
}
