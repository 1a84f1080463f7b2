//! Scheduled messages: users set and change them, and a task sends them when they are due.

use std::{
    collections::{BTreeSet, HashSet},
    time::Duration,
};

use tokio::time::timeout;

use crate::{
    messenger::{
        actor::Actor,
        budget::CommandClass,
        inner::Messenger,
        intervals::report,
        messages::{Repeated, check_body},
        policy::Result,
        services::Messages,
    },
    model::{RateLimitedParts, ScheduleState},
    store::now_ms,
};
use protocol::{
    error::Refusal,
    ids::{MessageId, RoomId, UserId},
    schedule::{Reschedule, Schedule},
};

/// How often the task runs without being woken: the steady clock follows a jump of the wall clock after a minute.
const EVERY: Duration = Duration::from_secs(10);
/// The delay before a retry when the store is unavailable.
const RETRY_AFTER: Duration = Duration::from_secs(1);
/// Messages read at once, at most.
const AT_ONCE: usize = 500;

impl Messages<'_> {
    /// Stores a scheduled message. The limits of mentions and confirmation requests apply when it is sent. `Some` if it
    /// was stored before.
    ///
    /// # Errors
    /// As [`Messages::post`], and [`Refusal::InvalidTime`].
    pub async fn schedule(self, actor: Actor, room: RoomId, schedule: Schedule) -> Result<Option<Repeated>> {
        check_body(&schedule.body)?;
        self.0.check_message_rate(actor)?;
        self.check_mentions(actor, room, &schedule.mentions).await?;
        let id = schedule.id;
        let known = self.0.0.store.schedule(room, actor.user, schedule, now_ms()).await?;
        Ok(known.map(|known| match known {
            ScheduleState::Pending(message) => Repeated::Scheduled(message),
            ScheduleState::Sent(message) => Repeated::Message { cursor: self.0.cursor(message.version), message },
            ScheduleState::Deleted => Repeated::Unscheduled(id),
        }))
    }

    /// Replaces the text and time of a scheduled message of the actor.
    ///
    /// # Errors
    /// As [`Messages::schedule`]; [`Refusal::NotFound`] also for one that was sent.
    pub async fn reschedule(self, actor: Actor, room: RoomId, change: Reschedule) -> Result<()> {
        check_body(&change.body)?;
        self.0.check_message_rate(actor)?;
        self.check_mentions(actor, room, &change.mentions).await?;
        Ok(self.0.0.store.reschedule(room, actor.user, change, now_ms()).await?)
    }

    /// Deletes a scheduled message of the actor.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub async fn unschedule(self, actor: Actor, id: MessageId) -> Result<()> {
        Ok(self.0.0.store.unschedule(actor.user, id).await?)
    }

    /// Posts a scheduled message of the actor now.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::TooFast`], [`Refusal::AllTooOften`].
    pub async fn send_scheduled(self, actor: Actor, room: RoomId, id: MessageId) -> Result<()> {
        self.0.check_message_rate(actor)?;
        let may = self.0.take_limited(actor.user, id).await?;
        let sent = self.0.0.store.send_scheduled(room, actor.user, id, may).await;
        self.0.return_unused(actor.user, may, sent.as_ref().copied().unwrap_or_default());
        Ok(sent.map(drop)?)
    }
}

/// One round over the scheduled messages.
#[derive(Default)]
struct Round {
    /// Rooms with a message that waits for the store: later messages of the same room wait, too, to keep their order.
    waiting: HashSet<RoomId>,
}

impl Round {
    fn may_send(&self, room: RoomId) -> bool {
        !self.waiting.contains(&room)
    }

    fn note(&mut self, room: RoomId, outcome: Result<()>) {
        if outcome == Err(Refusal::Unavailable) {
            self.waiting.insert(room);
        }
    }

    /// How long the task waits for the next round. `next`: the time until the next message, if one is known; `is_full`:
    /// more messages may be due.
    fn wait(&self, next: Option<Duration>, is_full: bool) -> Duration {
        let at_most = if self.waiting.is_empty() { EVERY } else { RETRY_AFTER };
        match next {
            Some(next) => next.min(at_most),
            None if is_full && self.waiting.is_empty() => Duration::ZERO,
            None => at_most,
        }
    }
}

/// Whether a refusal is final. While the store is unavailable, the message may be sent later.
fn is_final(why: Refusal) -> bool {
    why != Refusal::Unavailable
}

impl Messenger {
    /// Charges the author's budgets for everything in a scheduled message that is limited, as far as they allow it.
    async fn take_limited(&self, author: UserId, id: MessageId) -> Result<RateLimitedParts> {
        let does = self.0.store.rate_limited_parts_of(id).await?;
        let take = |class| self.take(author, class).is_ok();
        Ok(RateLimitedParts {
            mentions_all: does.mentions_all && take(CommandClass::MentionAll),
            asks_confirmation: does.asks_confirmation && take(CommandClass::AskConfirmation),
        })
    }

    /// Refunds what was `taken` and the message did not use.
    fn return_unused(&self, author: UserId, taken: RateLimitedParts, used: RateLimitedParts) {
        if taken.mentions_all && !used.mentions_all {
            self.refund(author, CommandClass::MentionAll);
        }
        if taken.asks_confirmation && !used.asks_confirmation {
            self.refund(author, CommandClass::AskConfirmation);
        }
    }

    /// Sends the due messages, and returns how long to wait for the next one. `failed`: authors with new unsent
    /// messages; each receives the whole list once.
    pub(super) async fn send_due(&self, failed: &mut BTreeSet<UserId>) -> Result<Duration> {
        let wait = self.send_each_due(failed).await;
        while let Some(author) = failed.first().copied() {
            self.0.store.commit_unsent(author).await?;
            failed.remove(&author);
        }
        wait
    }

    async fn send_each_due(&self, failed: &mut BTreeSet<UserId>) -> Result<Duration> {
        let mut round = Round::default();
        let next = self.next_scheduled().await?;
        for (id, room, author, at) in &next {
            let now = self.0.clock.now_ms();
            if *at > now {
                return Ok(round.wait(Some(Duration::from_millis(at.abs_diff(now))), false));
            }
            if round.may_send(*room) {
                let sent = self.send_or_keep(*id, *author, now).await;
                if sent == Ok(false) {
                    failed.insert(*author);
                }
                round.note(*room, sent.map(drop));
            }
        }
        Ok(round.wait(None, next.len() == AT_ONCE))
    }

    /// The scheduled messages in their order; only the first one while none is due. Every change of one wakes the task.
    async fn next_scheduled(&self) -> Result<Vec<(MessageId, RoomId, UserId, i64)>> {
        let first = self.0.store.next_scheduled(1).await?;
        let is_due = first.first().is_some_and(|(.., at)| *at <= self.0.clock.now_ms());
        if is_due { Ok(self.0.store.next_scheduled(AT_ONCE).await?) } else { Ok(first) }
    }

    /// Sends a message. Over a budget of its author it stays until the budget allows it. If it cannot be sent, it
    /// becomes unsent with the reason: `false`.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    async fn send_or_keep(&self, id: MessageId, author: UserId, now: i64) -> Result<bool> {
        let store = &self.0.store;
        let later = |class| now.saturating_add_unsigned(self.wait_for(author, class).as_millis() as u64 + 1);
        let may = self.take_limited(author, id).await?;
        let sent = store.send_due(id, now, may).await;
        self.return_unused(author, may, sent.as_ref().copied().unwrap_or_default());
        match sent.map_err(Refusal::from) {
            Ok(_) => {}
            Err(why) if !is_final(why) => return Err(why),
            Err(Refusal::AllTooOften) => store.postpone(id, now, later(CommandClass::MentionAll)).await?,
            Err(Refusal::TooFast) => store.postpone(id, now, later(CommandClass::AskConfirmation)).await?,
            Err(why) => {
                store.fail_scheduled(id, now, why).await?;
                return Ok(false);
            }
        }
        Ok(true)
    }
}

pub(super) async fn send_scheduled(messenger: Messenger) {
    let mut failed = BTreeSet::new();
    loop {
        let sent = messenger.send_due(&mut failed).await;
        let wait = sent.unwrap_or(RETRY_AFTER);
        report("scheduled messages", sent.map(drop));
        let _ = timeout(wait, messenger.0.schedule_changed.notified()).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_that_waits_for_the_store_holds_back_its_room_and_is_tried_again_soon() {
        let (mut round, [one, other]) = (Round::default(), [RoomId::new(), RoomId::new()]);
        round.note(other, Ok(()));
        round.note(other, Err(Refusal::NotFound));
        assert_eq!(round.wait(None, true), Duration::ZERO, "there may be more");
        round.note(one, Err(Refusal::Unavailable));
        assert!(!round.may_send(one) && round.may_send(other));
        for next in [None, Some(EVERY)] {
            assert_eq!(round.wait(next, true), RETRY_AFTER);
        }
        assert!(is_final(Refusal::NotFound) && !is_final(Refusal::Unavailable));
    }

    #[test]
    fn the_task_waits_for_the_next_message_and_never_long() {
        let (round, soon) = (Round::default(), Duration::from_millis(3));
        let waits = [round.wait(Some(soon), false), round.wait(Some(100 * EVERY), false), round.wait(None, false)];
        assert_eq!(waits, [soon, EVERY, EVERY]);
    }
}
