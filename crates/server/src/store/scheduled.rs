//! Scheduled messages. One transaction posts the message and deletes its row, so a crash leaves exactly one of the two.

use crate::{
    model::{Committed, RateLimitedParts, ScheduleState},
    store::{
        clock::now_ms,
        error::StoreResult,
        handle::Store,
        posts::insert_one,
        rules,
        sql::{accounts, db::Db, memberships::visible_after, messages, scheduled},
    },
};
use protocol::{
    error::Refusal,
    ids::{MessageId, RoomId, UserId},
    room_socket::Post,
    schedule::{Reschedule, Schedule, ScheduledMessage},
};

/// How long a deleted scheduled message is remembered, so that a retry of it does not insert it again.
const DELETED_KEPT_MS: i64 = 7 * 24 * 60 * 60 * 1000;

impl Store {
    /// A user's scheduled messages in a room, in the order of their times.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn scheduled_in(&self, room: RoomId, author: UserId) -> StoreResult<Vec<ScheduledMessage>> {
        Ok(scheduled::in_room(&mut self.read_pool.acquire().await?, room, author).await?)
    }

    /// A user's scheduled messages that could not be sent, in the order of their times.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn unsent_scheduled(&self, author: UserId) -> StoreResult<Vec<ScheduledMessage>> {
        Ok(scheduled::failed_of(&mut self.read_pool.acquire().await?, author).await?)
    }

    /// The scheduled messages that are not sent or failed, at most `count`, in the order of their times: id, room,
    /// author, and time in UTC milliseconds.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn next_scheduled(&self, count: usize) -> StoreResult<Vec<(MessageId, RoomId, UserId, i64)>> {
        Ok(scheduled::next(&mut self.read_pool.acquire().await?, count).await?)
    }

    /// Everything in a scheduled message that is limited; nothing if it was sent or deleted.
    pub async fn rate_limited_parts_of(&self, id: MessageId) -> StoreResult<RateLimitedParts> {
        let known = scheduled::find(&mut self.read_pool.acquire().await?, id).await?;
        Ok(known.map(|(_, message)| rate_limited_parts(&message)).unwrap_or_default())
    }

    /// Inserts a scheduled message. `Some`, and nothing changes, for a retry of one that is stored, was sent or
    /// deleted. `now`: UTC milliseconds.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] if the author is not a member or does not see the message to which it replies,
    /// [`Refusal::IdConflict`], [`Refusal::TooMany`], [`Refusal::InvalidTime`].
    pub async fn schedule(
        &self,
        room: RoomId,
        author: UserId,
        schedule: Schedule,
        now: i64,
    ) -> StoreResult<Option<ScheduleState>> {
        let write = self.writer.run_in(room, move |db| {
            Box::pin(async move {
                let bound = visible_after(&mut *db, room, author).await?.ok_or(Refusal::NotFound)?;
                if let Some(known) = find_retry(&mut *db, room, author, &schedule).await? {
                    return Ok((Some(known), None));
                }
                rules::may_schedule_at(schedule.at, now)?;
                rules::may_schedule_more(scheduled::count(&mut *db, author).await?)?;
                if let Some(quoted) = schedule.reply_to {
                    rules::see(messages::find(&mut *db, quoted).await?, room, Some(bound))?;
                }
                let Schedule { id, at, body, reply_to, mentions, asks_confirmation } = schedule;
                let message =
                    ScheduledMessage { id, room, at, body, reply_to, mentions, asks_confirmation, failed: None };
                scheduled::insert(db, author, &message).await?;
                Ok((None, Some(Committed::Scheduled { user: author, message })))
            })
        });
        write.await
    }

    /// Replaces the text and time of a user's scheduled message in a room. `now`: UTC milliseconds.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] if there is none, or it was sent; [`Refusal::InvalidTime`].
    pub async fn reschedule(&self, room: RoomId, author: UserId, change: Reschedule, now: i64) -> StoreResult<()> {
        let write = self.writer.run_in(room, move |db| {
            Box::pin(async move {
                let known = find_own_in(&mut *db, room, author, change.id).await?;
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

    /// Deletes a scheduled message of a user.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] if there is none, or it was sent.
    pub async fn unschedule(&self, author: UserId, id: MessageId) -> StoreResult<()> {
        let write = self.writer.run(move |db| {
            Box::pin(async move {
                let known = find_own(&mut *db, author, id).await?;
                scheduled::delete(&mut *db, id).await?;
                let now = now_ms();
                scheduled::insert_deleted(&mut *db, id, author, now, now - DELETED_KEPT_MS).await?;
                let changed = Committed::Unscheduled { room: known.room, user: author, id };
                Ok(((), Some(with_unsent(db, author, known.failed.is_some(), vec![changed]).await?)))
            })
        });
        write.await
    }

    /// Posts a user's scheduled message in a room before its time, if `may` allows everything in it that is
    /// rate-limited. Returns what it used of that.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] if there is none, or it was sent; [`Refusal::AllTooOften`], [`Refusal::TooFast`]; as
    /// [`Store::insert_message`].
    pub async fn send_scheduled(
        &self,
        room: RoomId,
        author: UserId,
        id: MessageId,
        may: RateLimitedParts,
    ) -> StoreResult<RateLimitedParts> {
        let write = self.writer.run_in(room, move |db| {
            Box::pin(async move {
                let known = find_own_in(&mut *db, room, author, id).await?;
                let (does, sent) = send(db, author, known, may).await?;
                Ok((does, Some(sent)))
            })
        });
        let does = write.await?;
        self.indexer.wake();
        Ok(does)
    }

    /// Posts a due message, if `may` allows everything in it that is rate-limited. Returns what it used of that. A
    /// message that was changed, deleted or sent meanwhile is left unchanged. `now`: UTC milliseconds.
    ///
    /// # Errors
    /// [`Refusal::Disabled`] if its author is disabled; [`Refusal::AllTooOften`], [`Refusal::TooFast`]; as
    /// [`Store::insert_message`].
    pub async fn send_due(&self, id: MessageId, now: i64, may: RateLimitedParts) -> StoreResult<RateLimitedParts> {
        let write = self.writer.run(move |db| {
            Box::pin(async move {
                let Some((author, message)) = due(&mut *db, id, now).await? else {
                    return Ok((RateLimitedParts::default(), None));
                };
                if !accounts::is_enabled(&mut *db, author).await? {
                    return Err(Refusal::Disabled.into());
                }
                let (does, sent) = send(db, author, message, may).await?;
                Ok((does, Some(sent)))
            })
        });
        let does = write.await?;
        self.indexer.wake();
        Ok(does)
    }

    /// Gives a due message a later time. Both in UTC milliseconds.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn postpone(&self, id: MessageId, now: i64, at: i64) -> StoreResult<()> {
        let write = self.writer.run(move |db| {
            Box::pin(async move {
                let Some((user, message)) = due(&mut *db, id, now).await? else { return Ok(((), None)) };
                scheduled::update_time(db, id, at).await?;
                Ok(((), Some(Committed::Scheduled { user, message: ScheduledMessage { at, ..message } })))
            })
        });
        write.await
    }

    /// Marks a message as unsent, with the reason, until its author changes or deletes it. A message that was changed,
    /// deleted or sent meanwhile is left unchanged. `now`: UTC milliseconds.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn fail_scheduled(&self, id: MessageId, now: i64, why: Refusal) -> StoreResult<()> {
        let write = self.writer.run(move |db| {
            Box::pin(async move {
                let Some((user, message)) = due(&mut *db, id, now).await? else { return Ok(((), None)) };
                scheduled::update_failed(db, id, why).await?;
                let message = ScheduledMessage { failed: Some(why), ..message };
                Ok(((), Some(Committed::Scheduled { user, message })))
            })
        });
        write.await
    }

    /// Commits the whole list of a user's unsent messages for fan-out, once after several calls of
    /// [`Store::fail_scheduled`], because the list has whole texts.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn commit_unsent(&self, user: UserId) -> StoreResult<()> {
        let write = self.writer.run(move |db| {
            Box::pin(async move {
                let messages = scheduled::failed_of(db, user).await?;
                Ok(((), Some(Committed::UnsentScheduled { user, messages })))
            })
        });
        write.await
    }
}

/// A due message, with its author.
async fn due(db: &mut Db, id: MessageId, now: i64) -> sqlx::Result<Option<(UserId, ScheduledMessage)>> {
    let known = scheduled::find(db, id).await?;
    Ok(known.filter(|(_, message)| message.failed.is_none() && message.at <= now))
}

/// A scheduled message of this user.
async fn find_own(db: &mut Db, author: UserId, id: MessageId) -> StoreResult<ScheduledMessage> {
    let known = scheduled::find(db, id).await?.filter(|(by, _)| *by == author);
    Ok(known.map(|(_, message)| message).ok_or(Refusal::NotFound)?)
}

/// A scheduled message of this user in this room.
async fn find_own_in(db: &mut Db, room: RoomId, author: UserId, id: MessageId) -> StoreResult<ScheduledMessage> {
    let known = find_own(db, author, id).await?;
    if known.room == room { Ok(known) } else { Err(Refusal::NotFound.into()) }
}

/// The state of a message that this user scheduled with the same id and text in this room; `None` for a new id.
async fn find_retry(
    db: &mut Db,
    room: RoomId,
    author: UserId,
    schedule: &Schedule,
) -> StoreResult<Option<ScheduleState>> {
    let id = schedule.id;
    let (is_same, known) = if let Some((by, message)) = scheduled::find(&mut *db, id).await? {
        let is_same = message.body == schedule.body || scheduled::is_changed(db, id).await?;
        (is_same && (by, message.room) == (author, room), ScheduleState::Pending(message.into()))
    } else if let Some(stored) = messages::find(&mut *db, id).await? {
        let is_same = rules::is_same(&stored, &[], room, author, &Post::new(id, &schedule.body));
        (is_same, ScheduleState::Sent(messages::current(db, stored.room, stored.seq).await?.into()))
    } else if let Some(by) = scheduled::deleted_by(db, id).await? {
        (by == author, ScheduleState::Deleted)
    } else {
        return Ok(None);
    };
    if is_same { Ok(Some(known)) } else { Err(Refusal::IdConflict.into()) }
}

/// Everything in the message that is limited.
fn rate_limited_parts(message: &ScheduledMessage) -> RateLimitedParts {
    RateLimitedParts { mentions_all: message.mentions.all, asks_confirmation: message.asks_confirmation }
}

/// Posts the message and deletes its row. Also returns what it used of the rate limits. The quote is dropped if the
/// author does not see the quoted message any more, after they left and joined again.
async fn send(
    db: &mut Db,
    author: UserId,
    message: ScheduledMessage,
    may: RateLimitedParts,
) -> StoreResult<(RateLimitedParts, Committed)> {
    let does = rate_limited_parts(&message);
    rules::may_send_now(does, may)?;
    let ScheduledMessage { id, room, body, mut reply_to, mentions, asks_confirmation, failed, .. } = message;
    if let Some(quoted) = reply_to {
        let bound = visible_after(&mut *db, room, author).await?;
        reply_to = rules::see(messages::find(&mut *db, quoted).await?, room, bound).is_ok().then_some(quoted);
    }
    let post = Post { reply_to, mentions, asks_confirmation, ..Post::new(id, body) };
    // Inserts nothing if the message is stored already, with the same id and text.
    let (_, posted) = insert_one(&mut *db, room, author, post).await?;
    scheduled::delete(&mut *db, id).await?;
    let changes = posted.into_iter().chain([Committed::Unscheduled { room, user: author, id }]).collect();
    Ok((does, with_unsent(db, author, failed.is_some(), changes).await?))
}

/// The end of a membership, together with the failure of the former member's scheduled messages in the room: none of
/// them is sent any more, not even after another invitation.
pub(super) async fn with_failed(db: &mut Db, room: RoomId, user: UserId, ended: Committed) -> sqlx::Result<Committed> {
    if scheduled::fail_all(&mut *db, room, user, Refusal::NotFound).await? {
        with_unsent(db, user, true, vec![ended]).await
    } else {
        Ok(ended)
    }
}

/// These changes, and the list of unsent messages if it changed.
async fn with_unsent(
    db: &mut Db,
    user: UserId,
    is_concerned: bool,
    mut changes: Vec<Committed>,
) -> sqlx::Result<Committed> {
    if is_concerned {
        changes.push(Committed::UnsentScheduled { user, messages: scheduled::failed_of(db, user).await? });
    }
    Ok(Committed::Several(changes))
}
