//! Scheduled messages: when and how often they are sent, by whom, and what happens to unsent ones.

use protocol::{
    error::Refusal,
    ids::{MessageId, RoomId, UserId},
    limit::{SCHEDULE_AHEAD_MS, SCHEDULED},
    message::Mentions,
    schedule::{Reschedule, Schedule},
};
use server::model::{Committed, RateLimitedParts, ScheduleState};

use crate::fixture::{Fixture, bodies, new, refusal};

/// The time of the tests, in UTC milliseconds.
const NOW: i64 = 1_795_000_000_000;

const ANYTHING: RateLimitedParts = RateLimitedParts { mentions_all: true, asks_confirmation: true };

fn at(at: i64, body: &str) -> Schedule {
    Schedule::new(MessageId::new(), at, body)
}

impl Fixture {
    async fn schedule(&self, room: RoomId, author: UserId, due: i64, body: &str) -> MessageId {
        let schedule = at(due, body);
        let id = schedule.id;
        self.store.schedule(room, author, schedule, NOW).await.unwrap();
        id
    }

    async fn waiting(&self) -> Vec<MessageId> {
        self.store.next_scheduled(100).await.unwrap().into_iter().map(|(id, ..)| id).collect()
    }
}

fn reschedule(id: MessageId, at: i64, body: &str) -> Reschedule {
    Reschedule { id, at, body: body.to_owned(), mentions: Mentions::default() }
}

pub(crate) async fn a_scheduled_message_is_sent_once_at_its_time(fixture: &Fixture) {
    let (minsu, younghee, room) = fixture.pair().await;
    let id = fixture.schedule(room, minsu, NOW + 10, "내일 아홉 시").await;
    fixture.store.send_due(id, NOW + 9, ANYTHING).await.unwrap();
    assert!(fixture.messages(room).await.is_empty(), "its time has not come");
    assert_eq!(fixture.store.scheduled_in(room, minsu).await.unwrap()[0].id, id);
    assert!(fixture.store.scheduled_in(room, younghee).await.unwrap().is_empty(), "the author alone sees it");
    fixture.committed().await;
    for _ in 0..3 {
        fixture.store.send_due(id, NOW + 10, ANYTHING).await.unwrap();
    }
    let sent = fixture.messages(room).await;
    assert_eq!((bodies(&sent), sent[0].id, sent[0].author), (vec!["내일 아홉 시"], id, minsu));
    assert!(fixture.store.scheduled_in(room, minsu).await.unwrap().is_empty());
    let changes = fixture.committed().await;
    let [Committed::Several(changes)] = &changes[..] else { panic!("{changes:?}") };
    assert!(matches!(
        changes[..],
        [Committed::Message { .. }, Committed::Unscheduled { user, id: gone, .. }] if user == minsu && gone == id
    ));
}

pub(crate) async fn what_is_due_goes_in_order(fixture: &Fixture) {
    let (minsu, _, room) = fixture.pair().await;
    let third = fixture.schedule(room, minsu, NOW + 20, "셋").await;
    let first = fixture.schedule(room, minsu, NOW + 10, "하나").await;
    let second = fixture.schedule(room, minsu, NOW + 10, "둘").await;
    assert_eq!(fixture.waiting().await, [first, second, third]);
    let listed = fixture.store.scheduled_in(room, minsu).await.unwrap();
    assert_eq!(listed.iter().map(|message| message.id).collect::<Vec<_>>(), [first, second, third]);
}

pub(crate) async fn a_retry_schedules_nothing_new(fixture: &Fixture) {
    let (minsu, younghee, room) = fixture.pair().await;
    let store = &fixture.store;
    let schedule = at(NOW + 10, "한 번만");
    let again = async || store.schedule(room, minsu, schedule.clone(), NOW + 60).await.unwrap();
    let another = Schedule { body: "다른 글".to_owned(), ..schedule.clone() };
    assert!(store.schedule(room, minsu, schedule.clone(), NOW).await.unwrap().is_none());
    assert!(matches!(again().await, Some(ScheduleState::Pending(message)) if message.id == schedule.id));
    assert_eq!(fixture.waiting().await, [schedule.id]);
    assert_eq!(refusal(store.schedule(room, younghee, schedule.clone(), NOW).await), Refusal::IdConflict);
    assert_eq!(refusal(store.schedule(room, minsu, another.clone(), NOW).await), Refusal::IdConflict);
    store.send_due(schedule.id, NOW + 10, ANYTHING).await.unwrap();
    assert!(matches!(again().await, Some(ScheduleState::Sent(message)) if message.id == schedule.id));
    assert_eq!(refusal(store.schedule(room, minsu, another, NOW).await), Refusal::IdConflict);
    store.edit(room, minsu, schedule.id, "고친 글".into(), 0).await.unwrap();
    assert!(matches!(again().await, Some(ScheduleState::Sent(message)) if message.body == "고친 글"));
    assert!(fixture.waiting().await.is_empty(), "it was sent");
    for due in [NOW, NOW - 1, NOW + SCHEDULE_AHEAD_MS + 1] {
        assert_eq!(refusal(store.schedule(room, minsu, at(due, "언제"), NOW).await), Refusal::InvalidTime);
    }
}

pub(crate) async fn a_retry_knows_what_was_changed_and_deleted_since(fixture: &Fixture) {
    let (minsu, younghee, room) = fixture.pair().await;
    let store = &fixture.store;
    let schedule = at(NOW + 10, "처음 글");
    let again = async || store.schedule(room, minsu, schedule.clone(), NOW).await.unwrap();
    assert!(again().await.is_none());
    store.reschedule(room, minsu, reschedule(schedule.id, NOW + 20, "고친 글"), NOW).await.unwrap();
    store.reschedule(room, minsu, reschedule(schedule.id, NOW + 30, "고친 글"), NOW).await.unwrap();
    assert!(matches!(again().await, Some(ScheduleState::Pending(message)) if message.body == "고친 글"));
    store.unschedule(minsu, schedule.id).await.unwrap();
    assert!(matches!(again().await, Some(ScheduleState::Deleted)));
    assert_eq!(refusal(store.schedule(room, younghee, schedule.clone(), NOW).await), Refusal::IdConflict);
    assert!(fixture.waiting().await.is_empty(), "what was deleted stays deleted");
}

pub(crate) async fn only_its_author_changes_a_scheduled_message(fixture: &Fixture) {
    let (minsu, younghee, room) = fixture.pair().await;
    let (store, notes) = (&fixture.store, fixture.store.open_direct(minsu, minsu).await.unwrap());
    let id = fixture.schedule(room, minsu, NOW + 10, "처음 글").await;
    assert_eq!(refusal(store.unschedule(younghee, id).await), Refusal::NotFound);
    assert_eq!(refusal(store.send_scheduled(room, younghee, id, ANYTHING).await), Refusal::NotFound);
    let change = reschedule(id, NOW + 30, "고친 글");
    assert_eq!(refusal(store.reschedule(room, younghee, change.clone(), NOW).await), Refusal::NotFound);
    assert_eq!(refusal(store.reschedule(notes, minsu, change.clone(), NOW).await), Refusal::NotFound);
    assert_eq!(refusal(store.send_scheduled(notes, minsu, id, ANYTHING).await), Refusal::NotFound);
    let past = reschedule(id, NOW, "고친 글");
    assert_eq!(refusal(store.reschedule(room, minsu, past, NOW).await), Refusal::InvalidTime);
    store.reschedule(room, minsu, change, NOW).await.unwrap();
    store.send_due(id, NOW + 10, ANYTHING).await.unwrap();
    assert!(fixture.messages(room).await.is_empty(), "the former time counts no more");
    store.send_scheduled(room, minsu, id, ANYTHING).await.unwrap();
    assert_eq!(bodies(&fixture.messages(room).await), ["고친 글"]);
    assert_eq!(refusal(store.unschedule(minsu, id).await), Refusal::NotFound);
    let other = fixture.schedule(room, minsu, NOW + 10, "지울 글").await;
    store.unschedule(minsu, other).await.unwrap();
    store.send_due(other, NOW + 10, ANYTHING).await.unwrap();
    assert_eq!(fixture.messages(room).await.len(), 1);
}

pub(crate) async fn who_may_not_post_sends_nothing_and_learns_why(fixture: &Fixture) {
    let (minsu, _, direct) = fixture.pair().await;
    let store = &fixture.store;
    let disabled = fixture.schedule(direct, minsu, NOW + 10, "정지된 뒤").await;
    store.set_disabled("minsu".to_owned(), true).await.unwrap();
    assert_eq!(refusal(store.send_due(disabled, NOW + 10, ANYTHING).await), Refusal::Disabled);
    store.fail_scheduled(disabled, NOW + 10, Refusal::Disabled).await.unwrap();
    let unsent = store.unsent_scheduled(minsu).await.unwrap();
    assert_eq!((unsent.len(), unsent[0].id, unsent[0].failed), (1, disabled, Some(Refusal::Disabled)));
    store.send_due(disabled, NOW + 10, ANYTHING).await.unwrap();
    assert!(fixture.waiting().await.is_empty());
    assert!(fixture.messages(direct).await.is_empty());
    store.set_disabled("minsu".to_owned(), false).await.unwrap();
    fixture.committed().await;
    store.reschedule(direct, minsu, reschedule(disabled, NOW + 20, "다시"), NOW).await.unwrap();
    let changes = fixture.committed().await;
    let [Committed::Several(changes)] = &changes[..] else { panic!("{changes:?}") };
    assert!(
        matches!(&changes[..], [Committed::Scheduled { .. }, Committed::UnsentScheduled { messages, .. }] if messages.is_empty())
    );
    store.send_due(disabled, NOW + 20, ANYTHING).await.unwrap();
    assert_eq!(bodies(&fixture.messages(direct).await), ["다시"]);
}

pub(crate) async fn the_end_of_a_membership_fails_what_waits_at_once_and_for_good(fixture: &Fixture) {
    let (minsu, younghee, direct) = fixture.pair().await;
    let (store, sora) = (&fixture.store, fixture.person("sora").await);
    let group = store.open_group(minsu, vec![younghee, sora], None).await.unwrap();
    let left = fixture.schedule(group, younghee, NOW + 10, "나간 뒤").await;
    let removed = fixture.schedule(group, sora, NOW + 10, "내보내진 뒤").await;
    let others = [
        fixture.schedule(group, minsu, NOW + 11, "남은 사람의 글").await,
        fixture.schedule(direct, younghee, NOW + 12, "다른 대화의 글").await,
    ];
    fixture.committed().await;
    store.leave(group, younghee).await.unwrap();
    let changes = fixture.committed().await;
    let [Committed::Several(changes)] = &changes[..] else { panic!("{changes:?}") };
    let [Committed::Message { .. }, Committed::UnsentScheduled { user, messages }] = &changes[..] else {
        panic!("{changes:?}")
    };
    assert_eq!((*user, messages.len()), (younghee, 1));
    store.remove(group, minsu, sora).await.unwrap();
    for (id, author) in [(left, younghee), (removed, sora)] {
        let unsent = store.unsent_scheduled(author).await.unwrap();
        assert_eq!((unsent.len(), unsent[0].id, unsent[0].failed), (1, id, Some(Refusal::NotFound)));
    }
    store.invite(group, minsu, vec![younghee, sora], true).await.unwrap();
    assert_eq!(fixture.waiting().await, others, "an invitation sends nothing old");
    store.send_due(left, NOW + 10, ANYTHING).await.unwrap();
    assert!(fixture.messages(group).await.iter().all(|message| message.system_event.is_some()));
    store.reschedule(group, younghee, reschedule(left, NOW + 20, "다시"), NOW).await.unwrap();
    store.send_due(left, NOW + 20, ANYTHING).await.unwrap();
    assert_eq!(fixture.message(group, left).await.body, "다시", "but its author does");
    store.unschedule(sora, removed).await.unwrap();
    assert!(store.unsent_scheduled(sora).await.unwrap().is_empty());
}

pub(crate) async fn a_scheduled_message_keeps_mentions_and_reply(fixture: &Fixture) {
    let (minsu, younghee, direct) = fixture.pair().await;
    let (store, sora) = (&fixture.store, fixture.person("sora").await);
    let group = store.open_group(minsu, vec![younghee], None).await.unwrap();
    let quoted = fixture.post(group, younghee, "몇 시예요?").await;
    let mentions = Mentions { users: vec![younghee, sora], all: false };
    let schedule = Schedule { reply_to: Some(quoted), mentions, ..at(NOW + 10, "@영희 아홉 시요") };
    assert_eq!(refusal(store.schedule(direct, minsu, schedule.clone(), NOW).await), Refusal::NotFound);
    assert_eq!(refusal(store.schedule(group, sora, schedule.clone(), NOW).await), Refusal::NotFound);
    store.schedule(group, minsu, schedule.clone(), NOW).await.unwrap();
    assert_eq!(store.scheduled_in(group, minsu).await.unwrap()[0].mentions, schedule.mentions);
    store.send_due(schedule.id, NOW + 10, ANYTHING).await.unwrap();
    let sent = fixture.message(group, schedule.id).await;
    assert_eq!(sent.mentions.users, [younghee], "members of the time when it is sent");
    assert_eq!(sent.reply_to.unwrap().id, quoted);
}

pub(crate) async fn a_reply_is_to_a_message_that_its_author_sees(fixture: &Fixture) {
    let (minsu, younghee, _) = fixture.pair().await;
    let (store, sora) = (&fixture.store, fixture.person("sora").await);
    let group = store.open_group(minsu, vec![younghee], None).await.unwrap();
    let before = fixture.post(group, younghee, "들어오기 전").await;
    store.invite(group, minsu, vec![sora], false).await.unwrap();
    let after = fixture.post(group, younghee, "들어온 뒤").await;
    let reply = |quoted| Schedule { reply_to: Some(quoted), ..at(NOW + 10, "네") };
    for unseen in [before, MessageId::new()] {
        assert_eq!(refusal(store.schedule(group, sora, reply(unseen), NOW).await), Refusal::NotFound);
    }
    store.schedule(group, sora, reply(after), NOW).await.unwrap();
}

pub(crate) async fn what_could_not_be_sent_leaves_the_list_however_it_goes(fixture: &Fixture) {
    let (minsu, younghee, room) = fixture.pair().await;
    let store = &fixture.store;
    let mut failed = Vec::new();
    for body in ["다시", "지금", "지울 글"] {
        let id = fixture.schedule(room, minsu, NOW + 10, body).await;
        store.fail_scheduled(id, NOW + 10, Refusal::NotFound).await.unwrap();
        failed.push(id);
    }
    assert_eq!(store.unsent_scheduled(minsu).await.unwrap().len(), 3);
    assert!(store.unsent_scheduled(younghee).await.unwrap().is_empty(), "the author alone sees them");
    fixture.schedule(room, minsu, NOW + 10, "기다리는 글").await;
    fixture.committed().await;
    for (step, id) in failed.into_iter().enumerate() {
        match step {
            0 => store.reschedule(room, minsu, reschedule(id, NOW + 20, "다시"), NOW).await.unwrap(),
            1 => {
                store.send_scheduled(room, minsu, id, ANYTHING).await.unwrap();
            }
            _ => store.unschedule(minsu, id).await.unwrap(),
        }
        let changes = fixture.committed().await;
        let [Committed::Several(changes)] = &changes[..] else { panic!("{changes:?}") };
        let Some(Committed::UnsentScheduled { user, messages }) = changes.last() else { panic!("{changes:?}") };
        assert_eq!((*user, messages.len()), (minsu, 2 - step));
        assert_eq!(store.unsent_scheduled(minsu).await.unwrap(), *messages);
    }
}

pub(crate) async fn a_scheduled_message_asks_for_confirmation_when_it_goes(fixture: &Fixture) {
    let (minsu, _, direct) = fixture.pair().await;
    let (store, nothing) = (&fixture.store, RateLimitedParts::default());
    let notes = store.open_direct(minsu, minsu).await.unwrap();
    let schedule = || Schedule { asks_confirmation: true, ..at(NOW + 10, "확인해 주세요") };
    for (room, asks) in [(direct, true), (notes, false)] {
        let schedule = schedule();
        let id = schedule.id;
        store.schedule(room, minsu, schedule, NOW).await.unwrap();
        store.reschedule(room, minsu, reschedule(id, NOW + 20, "꼭 확인해 주세요"), NOW).await.unwrap();
        assert!(store.scheduled_in(room, minsu).await.unwrap()[0].asks_confirmation);
        assert_eq!(refusal(store.send_due(id, NOW + 20, nothing).await), Refusal::TooFast);
        let did = store.send_due(id, NOW + 20, ANYTHING).await.unwrap();
        assert_eq!(did, RateLimitedParts { asks_confirmation: true, ..nothing });
        assert_eq!(fixture.message(room, id).await.confirmations.is_some(), asks);
    }
}

pub(crate) async fn a_reply_goes_without_a_quote_that_its_author_no_longer_sees(fixture: &Fixture) {
    let (minsu, younghee, _) = fixture.pair().await;
    let store = &fixture.store;
    let group = store.open_group(minsu, vec![younghee], None).await.unwrap();
    let quoted = fixture.post(group, minsu, "몇 시예요?").await;
    let schedule = Schedule { reply_to: Some(quoted), ..at(NOW + 10, "아홉 시요") };
    let id = schedule.id;
    store.schedule(group, younghee, schedule, NOW).await.unwrap();
    store.leave(group, younghee).await.unwrap();
    store.invite(group, minsu, vec![younghee], false).await.unwrap();
    store.reschedule(group, younghee, reschedule(id, NOW + 20, "아홉 시요"), NOW).await.unwrap();
    store.send_due(id, NOW + 20, ANYTHING).await.unwrap();
    let sent = fixture.message(group, id).await;
    assert_eq!((sent.body.as_str(), sent.reply_to), ("아홉 시요", None));
}

pub(crate) async fn a_failure_leaves_what_was_changed_meanwhile(fixture: &Fixture) {
    let (minsu, _, direct) = fixture.pair().await;
    let store = &fixture.store;
    let id = fixture.schedule(direct, minsu, NOW + 10, "처음 글").await;
    store.reschedule(direct, minsu, reschedule(id, NOW + 30, "고친 글"), NOW).await.unwrap();
    store.fail_scheduled(id, NOW + 10, Refusal::Disabled).await.unwrap();
    assert_eq!(fixture.waiting().await, [id]);
    assert!(store.unsent_scheduled(minsu).await.unwrap().is_empty());
    store.fail_scheduled(id, NOW + 30, Refusal::Disabled).await.unwrap();
    store.fail_scheduled(id, NOW + 30, Refusal::NotFound).await.unwrap();
    assert_eq!(store.unsent_scheduled(minsu).await.unwrap()[0].failed, Some(Refusal::Disabled), "once");
}

pub(crate) async fn what_its_author_may_not_do_now_goes_later(fixture: &Fixture) {
    let (minsu, younghee, _) = fixture.pair().await;
    let (store, nothing) = (&fixture.store, RateLimitedParts::default());
    let group = store.open_group(minsu, vec![younghee], None).await.unwrap();
    let mentions = Mentions { users: vec![], all: true };
    let schedule = Schedule { mentions, ..at(NOW + 10, "@모두 여러분") };
    let id = schedule.id;
    store.schedule(group, minsu, schedule, NOW).await.unwrap();
    assert_eq!(refusal(store.send_due(id, NOW + 10, nothing).await), Refusal::AllTooOften);
    assert_eq!(refusal(store.send_scheduled(group, minsu, id, nothing).await), Refusal::AllTooOften);
    store.postpone(id, NOW + 9, NOW + 90).await.unwrap();
    assert_eq!(store.scheduled_in(group, minsu).await.unwrap()[0].at, NOW + 10, "its time has not come");
    store.postpone(id, NOW + 10, NOW + 20).await.unwrap();
    store.send_due(id, NOW + 19, ANYTHING).await.unwrap();
    assert_eq!(fixture.waiting().await, [id]);
    let did = RateLimitedParts { mentions_all: true, ..nothing };
    assert_eq!(store.send_due(id, NOW + 20, ANYTHING).await.unwrap(), did, "what it did is charged");
    assert!(fixture.message(group, id).await.mentions.all);
    let plain = fixture.schedule(group, minsu, NOW + 10, "보고").await;
    assert_eq!(store.send_due(plain, NOW + 10, nothing).await.unwrap(), nothing);
}

pub(crate) async fn a_person_has_a_limited_number_of_scheduled_messages(fixture: &Fixture) {
    let (minsu, younghee, room) = fixture.pair().await;
    let notes = fixture.store.open_direct(minsu, minsu).await.unwrap();
    for number in 0..SCHEDULED {
        let room = if number % 2 == 0 { room } else { notes };
        fixture.schedule(room, minsu, NOW + 10 + number as i64, "보고").await;
    }
    assert_eq!(refusal(fixture.store.schedule(room, minsu, at(NOW + 10, "하나 더"), NOW).await), Refusal::TooMany);
    for room in [room, notes] {
        assert_eq!(
            fixture.store.scheduled_in(room, minsu).await.unwrap().len(),
            SCHEDULED / 2,
            "each room has its own"
        );
    }
    fixture.schedule(room, younghee, NOW + 10, "다른 사람은 됩니다").await;
}

pub(crate) async fn a_restart_keeps_scheduled_messages(fixture: &Fixture) {
    let (minsu, _, room) = fixture.pair().await;
    let id = fixture.schedule(room, minsu, NOW + 10, "다시 켠 뒤").await;
    fixture.store.insert_message(room, minsu, new("먼저")).await.unwrap();
    let (copy, _committed) = fixture.backend.open_copy().await;
    copy.send_due(id, NOW + 1_000_000, ANYTHING).await.unwrap();
    let page = copy.page(room, 0, server::model::Anchor::Newest).await.unwrap();
    assert_eq!(bodies(&page.messages), ["먼저", "다시 켠 뒤"]);
    copy.close().await;
}
