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

impl Messenger {
    /// Sends the messages whose time has come, and returns how long the next one waits.
    async fn send_due(&self) -> Result<Duration> {
        // After a message that waits for the store, later ones of its room wait, too.
        let mut waiting = HashSet::new();
        let next = self.0.store.next_scheduled(AT_ONCE).await?;
        for (id, room, at) in &next {
            let now = now_ms();
            if *at > now {
                let until = Duration::from_millis(at.abs_diff(now));
                return Ok(if waiting.is_empty() { until.min(EVERY) } else { until.min(RETRY_AFTER) });
            }
            if !waiting.contains(room) && self.send_or_fail(*id, now).await == Err(Refusal::Unavailable) {
                waiting.insert(*room);
            }
        }
        Ok(match (waiting.is_empty(), next.len() < AT_ONCE) {
            (false, _) => RETRY_AFTER,
            (true, false) => Duration::ZERO,
            (true, true) => EVERY,
        })
    }

    /// Sends a message, or keeps it with the reason why it cannot be sent.
    async fn send_or_fail(&self, id: MessageId, now: i64) -> Result<()> {
        let store = &self.0.store;
        match store.send_due(id, now).await.map_err(Refusal::from) {
            Err(why) if why != Refusal::Unavailable => Ok(store.fail_scheduled(id, why).await?),
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
