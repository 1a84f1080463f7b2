//! Absence: a user sets it, a task broadcasts its beginning and its end, another gives automatic answers.

use std::collections::BTreeSet;

use crate::{
    messenger::{actor::Actor, inner::Messenger, intervals::report, name, policy::Result, services::People},
    store::now_ms,
};
use protocol::{
    ids::{RoomId, UserId},
    message::Message,
    user::Absence,
};

impl People<'_> {
    /// Sets the actor's absence, or removes it; it is broadcast at the next tick.
    ///
    /// # Errors
    /// [`protocol::error::Refusal::InvalidProfile`] for its text, [`protocol::error::Refusal::InvalidTime`].
    pub async fn set_absence(self, actor: Actor, absence: Option<Absence>) -> Result<()> {
        let absence = match absence {
            Some(Absence { from, until, text, .. }) => {
                let text = name::profile_line(text.as_deref().unwrap_or_default())?;
                Some(Absence { from, until, text, is_now: false })
            }
            None => None,
        };
        self.0.0.store.set_absence(actor.user, absence, now_ms()).await?;
        self.0.0.accounts_changed.notify_one();
        Ok(())
    }
}

impl Messenger {
    /// Recomputes who is absent, and broadcasts the users whose absence began or ended since the last call.
    pub(super) fn broadcast_absences(&self) {
        let changed: Vec<UserId> = {
            // The lock spans the read and the update, so that an older state never replaces a newer one.
            let mut absent = self.0.absent.write();
            let now: BTreeSet<UserId> = self.directory().absent(self.0.clock.now_ms()).collect();
            let changed = absent.symmetric_difference(&now).copied().collect();
            *absent = now;
            changed
        };
        self.broadcast_users(&self.directory(), &changed);
    }

    /// Removes the absences that are over. The next load of changed accounts broadcasts that.
    pub(super) async fn end_absences(&self) -> Result<()> {
        Ok(self.0.store.end_absences(self.0.clock.now_ms()).await?)
    }

    /// Records a committed message for the task that gives automatic answers.
    pub(super) fn note_unanswered(&self, room: RoomId, message: &Message) {
        if may_be_answered(message) && !self.0.absent.read().is_empty() {
            self.0.unanswered.note(room, message.author);
        }
    }
}

/// Whether a committed message is new and was written by a user. Programs behind the original's clients send automatic
/// texts in parentheses: those get no answer, so that two programs do not answer each other forever.
fn may_be_answered(message: &Message) -> bool {
    let is_new = message.version == message.seq && message.system_event.is_none();
    let text = message.body.trim();
    is_new && !(text.starts_with('(') && text.ends_with(')'))
}

pub(super) async fn answer_for_absent(messenger: Messenger) {
    loop {
        for (room, author) in messenger.0.unanswered.take().await {
            let now = messenger.0.clock.now_ms();
            let answered = messenger.0.store.answer_for_absent(room, author, now).await;
            report("automatic answers", answered.map_err(Into::into));
        }
    }
}

#[cfg(test)]
mod tests {
    use protocol::{ids::MessageId, message::SystemEvent};

    use super::*;
    use crate::messenger::policy::Policy;

    #[test]
    fn only_new_texts_of_people_are_answered() {
        let new = |body: &str| Message::new(MessageId::new(), 7, UserId::new(), body.into(), 0);
        assert!(may_be_answered(&new("계세요?")) && may_be_answered(&new("(급) 회의 자료 부탁드려요")));
        assert!(!may_be_answered(&new("(자동 응답: 부재 중입니다.)")) && !may_be_answered(&new(" (회의 중입니다.) ")));
        assert!(!may_be_answered(&Message { version: 8, ..new("고친 글") }));
        let event = SystemEvent::Absent { until: 1, text: None };
        assert!(!may_be_answered(&Message { system_event: Some(event), ..new("") }));
    }

    #[tokio::test]
    async fn only_those_with_an_absence_that_is_not_over_are_looked_at() {
        let data = tempfile::tempdir().unwrap();
        let messenger = Messenger::open(data.path(), Policy::UNLIMITED).await.unwrap();
        let (store, from) = (&messenger.0.store, now_ms() - 10_000);
        let user = store.insert_account("minsu".into(), "김민수".into(), "!".into(), false).await.unwrap();
        let looked_at = || messenger.directory().absent(now_ms()).count();
        for (until, count) in [(now_ms() + 60_000, 1), (now_ms() - 1_000, 0)] {
            let absence = Absence { from, until, text: None, is_now: false };
            store.set_absence(user, Some(absence), from).await.unwrap();
            messenger.end_absences().await.unwrap();
            messenger.refresh_accounts().await.unwrap();
            assert_eq!((looked_at(), messenger.0.absent.read().len()), (count, count));
        }
        messenger.close().await;
    }

    #[test]
    fn an_absence_is_announced_begins_and_ends() {
        let absence = Absence { from: 10, until: 20, text: None, is_now: false };
        let seen = |now| absence.clone().seen_at(now).map(|absence| absence.is_now);
        assert_eq!([seen(9), seen(10), seen(19), seen(20)], [Some(false), Some(true), Some(true), None]);
    }
}
