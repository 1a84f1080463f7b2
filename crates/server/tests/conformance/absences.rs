//! Absences: which messages are answered automatically, how often, and where.

use protocol::{
    error::Refusal,
    ids::{RoomId, UserId},
    message::SystemEvent,
    user::Absence,
};
use server::model::Committed;

use crate::fixture::{Fixture, refusal};

/// The midnight that begins the absence of the tests, UTC milliseconds.
const FROM: i64 = 1_795_000_000_000;
const DAY: i64 = 86_400_000;

fn absence(text: &str) -> Option<Absence> {
    Some(Absence { from: FROM, until: FROM + 5 * DAY, text: Some(text.to_owned()), is_now: false })
}

/// The automatic answers in a room: their authors and texts.
async fn answers(fixture: &Fixture, room: RoomId) -> Vec<(UserId, Option<String>)> {
    let texts = fixture.messages(room).await.into_iter().filter_map(|message| match message.system_event {
        Some(SystemEvent::Absent { text, until }) => {
            assert_eq!(until, FROM + 5 * DAY);
            Some((message.author, text))
        }
        _ => None,
    });
    texts.collect()
}

pub(crate) async fn an_absent_person_answers_once_a_day_for_each_person(fixture: &Fixture) {
    let (minsu, younghee, room) = fixture.pair().await;
    let (store, sora) = (&fixture.store, fixture.person("sora").await);
    let hers = store.open_direct(sora, younghee).await.unwrap();
    store.set_absence(younghee, absence("휴가입니다"), FROM).await.unwrap();
    fixture.committed().await;
    store.answer_for_absent(room, minsu, FROM - 1).await.unwrap();
    assert!(answers(fixture, room).await.is_empty(), "it has not begun");
    for minute in 0..3 {
        store.answer_for_absent(room, minsu, FROM + minute * 60_000).await.unwrap();
    }
    assert_eq!(answers(fixture, room).await, [(younghee, Some("휴가입니다".to_owned()))]);
    assert!(matches!(fixture.committed().await[..], [Committed::Message { .. }]));
    store.answer_for_absent(hers, sora, FROM + DAY - 1).await.unwrap();
    assert_eq!(answers(fixture, hers).await.len(), 1, "another person");
    store.answer_for_absent(room, minsu, FROM + DAY).await.unwrap();
    assert_eq!(answers(fixture, room).await.len(), 2, "another day");
    store.answer_for_absent(room, minsu, FROM + 1).await.unwrap();
    assert_eq!(answers(fixture, room).await.len(), 2, "a clock that goes back");
    store.answer_for_absent(room, minsu, FROM + 5 * DAY).await.unwrap();
    assert_eq!(answers(fixture, room).await.len(), 2, "it has ended");
    store.set_absence(younghee, None, FROM).await.unwrap();
    store.answer_for_absent(room, minsu, FROM + 3 * DAY).await.unwrap();
    assert_eq!(answers(fixture, room).await.len(), 2, "it was ended");
}

pub(crate) async fn messages_at_one_moment_are_answered_once(fixture: &Fixture) {
    let (minsu, younghee, room) = fixture.pair().await;
    let store = &fixture.store;
    store.set_absence(younghee, absence("휴가입니다"), FROM).await.unwrap();
    let answering = (0..8).map(|_| store.answer_for_absent(room, minsu, FROM + 1));
    futures::future::try_join_all(answering).await.unwrap();
    assert_eq!(answers(fixture, room).await.len(), 1);
}

pub(crate) async fn each_absent_person_answers_for_themselves(fixture: &Fixture) {
    let (minsu, younghee, room) = fixture.pair().await;
    let (store, sora) = (&fixture.store, fixture.person("sora").await);
    let hers = store.open_direct(minsu, sora).await.unwrap();
    for (absent, room) in [(younghee, room), (sora, hers)] {
        store.set_absence(absent, absence("휴가입니다"), FROM).await.unwrap();
        store.answer_for_absent(room, minsu, FROM + 1).await.unwrap();
        assert_eq!(answers(fixture, room).await, [(absent, Some("휴가입니다".to_owned()))]);
    }
}

pub(crate) async fn automatic_answers_are_given_in_direct_rooms_and_to_others_only(fixture: &Fixture) {
    let (minsu, younghee, room) = fixture.pair().await;
    let store = &fixture.store;
    let group = store.open_group(minsu, vec![younghee], None).await.unwrap();
    let notes = store.open_direct(younghee, younghee).await.unwrap();
    store.set_absence(younghee, absence("휴가입니다"), FROM).await.unwrap();
    for (room, author) in [(group, minsu), (notes, younghee), (room, younghee)] {
        store.answer_for_absent(room, author, FROM + 1).await.unwrap();
        assert!(answers(fixture, room).await.is_empty());
    }
    store.set_disabled("younghee".to_owned(), true).await.unwrap();
    store.answer_for_absent(room, minsu, FROM + 1).await.unwrap();
    assert!(answers(fixture, room).await.is_empty(), "a disabled account is silent");
}

pub(crate) async fn an_automatic_answer_is_not_unread(fixture: &Fixture) {
    let (minsu, younghee, room) = fixture.pair().await;
    let store = &fixture.store;
    fixture.post(room, minsu, "계세요?").await;
    store.set_absence(younghee, absence("휴가입니다"), FROM).await.unwrap();
    store.answer_for_absent(room, minsu, FROM + 1).await.unwrap();
    let row = store.rooms_of(minsu).await.unwrap().remove(0);
    assert_eq!((row.unread, row.last.unwrap().body.as_str()), (0, "계세요?"));
}

pub(crate) async fn an_absence_that_is_over_is_removed_and_no_other(fixture: &Fixture) {
    let (minsu, younghee, _) = fixture.pair().await;
    let store = &fixture.store;
    store.set_absence(minsu, absence("휴가입니다"), FROM).await.unwrap();
    let longer = Absence { from: FROM, until: FROM + 6 * DAY, text: None, is_now: false };
    store.set_absence(younghee, Some(longer.clone()), FROM).await.unwrap();
    let version = store.changed_accounts(-1).await.unwrap().1;
    store.end_absences(FROM + 5 * DAY - 1).await.unwrap();
    assert_eq!(store.changed_accounts(version).await.unwrap().1, version, "before its time nothing changes");
    store.end_absences(FROM + 5 * DAY).await.unwrap();
    let changed = store.changed_accounts(version).await.unwrap().0;
    assert_eq!(
        changed.iter().map(|account| (account.id, account.absence.clone())).collect::<Vec<_>>(),
        [(minsu, None)]
    );
    let accounts = store.accounts().await.unwrap();
    assert!(accounts.iter().any(|account| account.absence.as_ref() == Some(&longer)));
}

pub(crate) async fn an_absence_has_a_beginning_and_a_later_end(fixture: &Fixture) {
    let minsu = fixture.person("minsu").await;
    let store = &fixture.store;
    let between = |from, until| Some(Absence { from, until, text: None, is_now: false });
    let invalid = [
        (FROM + DAY, FROM + DAY),
        (FROM + 2 * DAY, FROM + DAY),
        (FROM - DAY, FROM),
        (FROM - 1_000 * DAY, FROM + DAY),
        (FROM + 730 * DAY, FROM + 740 * DAY),
    ];
    for (from, until) in invalid {
        assert_eq!(refusal(store.set_absence(minsu, between(from, until), FROM).await), Refusal::InvalidTime);
    }
    store.set_absence(minsu, between(FROM - DAY, FROM + DAY), FROM).await.unwrap();
    let (accounts, _) = store.changed_accounts(-1).await.unwrap();
    assert_eq!(accounts[0].absence, between(FROM - DAY, FROM + DAY));
    store.set_absence(minsu, None, FROM).await.unwrap();
    assert_eq!(store.accounts().await.unwrap()[0].absence, None);
}
