//! The announcement, pinned messages and bookmarks.

use protocol::{
    error::Refusal,
    ids::{MessageId, RoomId, UserId},
    limit::PINS,
    lobby_socket::Collection,
    message::SystemEvent,
};
use server::model::Committed;

use crate::fixture::{Fixture, refusal};

async fn group(fixture: &Fixture) -> (RoomId, [UserId; 3]) {
    let (minsu, younghee, _) = fixture.pair().await;
    let sora = fixture.person("sora").await;
    (fixture.store.open_group(minsu, vec![younghee, sora], None).await.unwrap(), [minsu, younghee, sora])
}

/// The pinned messages, and whether each is the announcement.
async fn pins(fixture: &Fixture, room: RoomId, visible_after: u64) -> Vec<(MessageId, bool)> {
    let pins = fixture.store.pins(room, visible_after).await.unwrap();
    pins.iter().map(|pin| (pin.id, pin.is_announcement)).collect()
}

async fn bookmarks(fixture: &Fixture, user: UserId) -> Vec<MessageId> {
    let page = fixture.store.collection(user, Collection::Bookmarks, None).await.unwrap();
    page.hits.into_iter().map(|hit| hit.message.id).collect()
}

pub(crate) async fn a_room_has_one_announcement_and_tells_who_set_it(fixture: &Fixture) {
    let (room, [minsu, younghee, _]) = group(fixture).await;
    let (first, second) = (fixture.post(room, minsu, "첫 공지").await, fixture.post(room, minsu, "다음 공지").await);
    let store = &fixture.store;
    store.announce(room, younghee, Some(first)).await.unwrap();
    fixture.committed().await;
    store.announce(room, minsu, Some(second)).await.unwrap();
    let change = fixture.committed().await.pop().unwrap();
    let Committed::Pins { event: Some(event), pins: sent, .. } = change else { panic!("{change:?}") };
    assert_eq!((event.author, event.system_event), (minsu, Some(SystemEvent::Announced)));
    assert_eq!((event.seq, sent.len(), sent[0].by), (fixture.version(room).await, 2, minsu));
    assert_eq!(pins(fixture, room, 0).await, [(second, true), (first, false)], "the one before stays pinned");
    store.announce(room, minsu, Some(second)).await.unwrap();
    assert!(fixture.committed().await.is_empty(), "it is the announcement already");
    store.announce(room, younghee, None).await.unwrap();
    assert_eq!(pins(fixture, room, 0).await, [(first, false)]);
    let event = fixture.committed_messages(room).await.pop().unwrap();
    assert_eq!((event.author, event.system_event), (younghee, Some(SystemEvent::Unannounced)));
}

pub(crate) async fn messages_are_pinned_up_to_a_number_and_unpinned(fixture: &Fixture) {
    let (room, [minsu, younghee, _]) = group(fixture).await;
    let store = &fixture.store;
    let mut ids = Vec::new();
    for _ in 0..=PINS {
        ids.push(fixture.post(room, minsu, "안내").await);
    }
    for id in &ids[..PINS] {
        store.pin_message(room, younghee, *id, true).await.unwrap();
    }
    store.pin_message(room, minsu, ids[0], true).await.unwrap();
    assert_eq!(refusal(store.pin_message(room, minsu, ids[PINS], true).await), Refusal::TooMany);
    assert_eq!(refusal(store.announce(room, minsu, Some(ids[PINS])).await), Refusal::TooMany);
    store.pin_message(room, minsu, ids[0], false).await.unwrap();
    store.announce(room, minsu, Some(ids[PINS])).await.unwrap();
    store.pin_message(room, minsu, ids[PINS], false).await.unwrap();
    assert_eq!(pins(fixture, room, 0).await.len(), PINS - 1);
    let stranger = fixture.person("jiwoo").await;
    assert_eq!(refusal(store.pin_message(room, stranger, ids[0], true).await), Refusal::NotFound);
    let elsewhere = store.open_direct(minsu, younghee).await.unwrap();
    assert_eq!(refusal(store.pin_message(elsewhere, minsu, ids[0], true).await), Refusal::NotFound);
}

pub(crate) async fn the_maker_may_keep_pins_to_themselves(fixture: &Fixture) {
    let (room, [minsu, younghee, _]) = group(fixture).await;
    let id = fixture.post(room, minsu, "안내").await;
    let store = &fixture.store;
    assert_eq!(refusal(store.limit_pins(room, younghee, true).await), Refusal::NotMaker);
    store.limit_pins(room, minsu, true).await.unwrap();
    assert!(store.membership(room, younghee).await.unwrap().unwrap().pins_by_maker);
    for refused in [
        refusal(store.pin_message(room, younghee, id, true).await),
        refusal(store.announce(room, younghee, Some(id)).await),
    ] {
        assert_eq!(refused, Refusal::NotMaker);
    }
    store.announce(room, minsu, Some(id)).await.unwrap();
    store.limit_pins(room, minsu, false).await.unwrap();
    store.pin_message(room, younghee, id, false).await.unwrap();
    let direct = store.open_direct(minsu, younghee).await.unwrap();
    assert_eq!(refusal(store.limit_pins(direct, minsu, true).await), Refusal::NotAGroup);
}

pub(crate) async fn a_recalled_or_hidden_message_is_neither_pinned_nor_bookmarked(fixture: &Fixture) {
    let (room, [minsu, younghee, _]) = group(fixture).await;
    let (first, second) = (fixture.post(room, minsu, "옛 공지").await, fixture.post(room, minsu, "안내").await);
    let store = &fixture.store;
    store.announce(room, minsu, Some(first)).await.unwrap();
    store.pin_message(room, minsu, second, true).await.unwrap();
    for id in [first, second] {
        store.set_bookmark(room, younghee, id, true).await.unwrap();
    }
    store.recall(room, minsu, second, 0).await.unwrap();
    assert_eq!(pins(fixture, room, 0).await, [(first, true)]);
    assert_eq!(bookmarks(fixture, younghee).await, [first]);
    assert_eq!(refusal(store.pin_message(room, minsu, second, true).await), Refusal::Recalled);
    assert_eq!(refusal(store.set_bookmark(room, younghee, second, true).await), Refusal::Recalled);
    let version = fixture.version(room).await;
    assert!(pins(fixture, room, version).await.is_empty(), "who came later does not see it");
    store.leave(room, younghee).await.unwrap();
    assert!(bookmarks(fixture, younghee).await.is_empty());
    store.invite(room, minsu, vec![younghee], false).await.unwrap();
    assert!(bookmarks(fixture, younghee).await.is_empty(), "from before they joined again");
    let bound = store.membership(room, younghee).await.unwrap().unwrap().visible_after;
    assert!(store.bookmarks_in(room, younghee, bound).await.unwrap().is_empty());
    assert_eq!(refusal(store.pin_message(room, younghee, first, true).await), Refusal::NotFound);
}

pub(crate) async fn bookmarks_are_a_persons_own_and_the_newest_first(fixture: &Fixture) {
    let (room, [minsu, younghee, _]) = group(fixture).await;
    let direct = fixture.store.open_direct(minsu, younghee).await.unwrap();
    let (one, two) = (fixture.post(room, minsu, "하나").await, fixture.post(direct, younghee, "둘").await);
    fixture.committed().await;
    let store = &fixture.store;
    store.set_bookmark(direct, minsu, two, true).await.unwrap();
    store.set_bookmark(room, minsu, one, true).await.unwrap();
    store.set_bookmark(room, minsu, one, true).await.unwrap();
    assert_eq!(fixture.committed().await.len(), 2, "a repeated one changes nothing");
    assert_eq!(bookmarks(fixture, minsu).await, [one, two]);
    assert!(bookmarks(fixture, younghee).await.is_empty());
    assert_eq!(store.bookmarks_in(room, minsu, 0).await.unwrap(), [one]);
    store.set_bookmark(room, minsu, one, false).await.unwrap();
    assert_eq!(bookmarks(fixture, minsu).await, [two]);
    assert_eq!(refusal(store.set_bookmark(room, fixture.person("jiwoo").await, one, true).await), Refusal::NotFound);
    let mut many = Vec::new();
    for _ in 0..35 {
        many.insert(0, fixture.post(room, minsu, "많이").await);
        store.set_bookmark(room, minsu, many[0], true).await.unwrap();
    }
    let first = store.collection(minsu, Collection::Bookmarks, None).await.unwrap();
    let rest = store.collection(minsu, Collection::Bookmarks, first.before).await.unwrap();
    assert_eq!((first.hits.len(), rest.hits.len(), rest.before), (30, 6, None));
}
