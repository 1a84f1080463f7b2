//! Scheduled messages: a person sets and changes them, and a task sends them at their times.

use std::{collections::HashSet, time::Duration};

use tokio::time::timeout;

use crate::{
    messenger::{
        actor::Actor, inner::Messenger, messages::check_body, pace::report, policy::Result, services::Messages,
    },
    store::now_ms,
};
use protocol::{
    error::Refusal,
    ids::{MessageId, RoomId},
    schedule::{Reschedule, Schedule},
};

/// How often the task looks without being woken: the system's clock may have jumped.
const EVERY: Duration = Duration::from_secs(10);
/// How soon it tries again when the store was unavailable.
const RETRY_AFTER: Duration = Duration::from_secs(1);
/// Messages that it reads at once.
const AT_ONCE: usize = 500;

impl Messages<'_> {
    /// Stores a message that is sent at a later time.
    ///
    /// # Errors
    /// As [`Messages::post`], and [`Refusal::InvalidTime`].
    pub async fn schedule(self, actor: Actor, room: RoomId, schedule: Schedule) -> Result<()> {
        check_body(&schedule.body)?;
        self.0.check_message_rate(actor)?;
        self.check_mentions(actor, room, &schedule.mentions).await?;
        Ok(self.0.0.store.schedule(room, actor.user, schedule, now_ms()).await?)
    }

    /// Gives a scheduled message of the actor another text and time.
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
    /// [`Refusal::NotFound`], [`Refusal::TooFast`].
    pub async fn send_scheduled(self, actor: Actor, room: RoomId, id: MessageId) -> Result<()> {
        self.0.check_message_rate(actor)?;
        Ok(self.0.0.store.send_scheduled(room, actor.user, id).await?)
    }
}

/// One look at the messages that wait for their times.
#[derive(Default)]
struct Round {
    /// Rooms of messages that wait for the store: later ones of the same room wait, too.
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

    /// How long the task waits for the next round. `next`: until the next message, if one is known; `is_full`: there may
    /// be more that are due.
    fn wait(&self, next: Option<Duration>, is_full: bool) -> Duration {
        let at_most = if self.waiting.is_empty() { EVERY } else { RETRY_AFTER };
        match next {
            Some(next) => next.min(at_most),
            None if is_full && self.waiting.is_empty() => Duration::ZERO,
            None => at_most,
        }
    }
}

/// Whether a message is refused for good. When the store is unavailable it may be sent later.
fn is_final(why: Refusal) -> bool {
    why != Refusal::Unavailable
}

impl Messenger {
    /// Sends the messages whose time has come, and returns how long the next one waits.
    async fn send_due(&self) -> Result<Duration> {
        let mut round = Round::default();
        let next = self.next_scheduled().await?;
        for (id, room, at) in &next {
            let now = now_ms();
            if *at > now {
                return Ok(round.wait(Some(Duration::from_millis(at.abs_diff(now))), false));
            }
            if round.may_send(*room) {
                round.note(*room, self.send_or_fail(*id, now).await);
            }
        }
        Ok(round.wait(None, next.len() == AT_ONCE))
    }

    /// The messages that wait, in their order; the first one alone while none is due. Every change of one wakes the task.
    async fn next_scheduled(&self) -> Result<Vec<(MessageId, RoomId, i64)>> {
        let first = self.0.store.next_scheduled(1).await?;
        let is_due = first.first().is_some_and(|(.., at)| *at <= now_ms());
        if is_due { Ok(self.0.store.next_scheduled(AT_ONCE).await?) } else { Ok(first) }
    }

    /// Sends a message, or keeps it with the reason why it cannot be sent.
    async fn send_or_fail(&self, id: MessageId, now: i64) -> Result<()> {
        let store = &self.0.store;
        match store.send_due(id, now).await.map_err(Refusal::from) {
            Err(why) if is_final(why) => Ok(store.fail_scheduled(id, why).await?),
            sent => sent,
        }
    }
}

pub(super) async fn send_scheduled(messenger: Messenger) {
    loop {
        let sent = messenger.send_due().await;
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
