//! Confirmations: who may give them, and their effects.

use protocol::{
    error::Refusal,
    ids::{MessageId, RoomId, UserId},
    limit::PAGE_MESSAGES,
    room_socket::Post,
};
use server::model::Committed;

use crate::fixture::{Fixture, new, refusal};

async fn ask(fixture: &Fixture, room: RoomId, author: UserId) -> MessageId {
    let post = Post { asks_confirmation: true, ..new("금요일까지 확인해 주세요") };
    let id = post.id;
    fixture.store.insert_message(room, author, post).await.unwrap();
    id
}

async fn confirmations(fixture: &Fixture, room: RoomId, id: MessageId) -> Option<Vec<UserId>> {
    fixture.message(room, id).await.confirmations
}

pub(crate) async fn a_member_confirms_once_and_for_good(fixture: &Fixture) {
    let (minsu, younghee, room) = fixture.pair().await;
    let store = &fixture.store;
    let id = ask(fixture, room, minsu).await;
    assert_eq!(fixture.committed_messages(room).await.pop().unwrap().confirmations, Some(vec![]));
    let version = fixture.version(room).await;
    assert!(store.confirm(room, younghee, id).await.unwrap().is_none());
    let [Committed::Confirmed { room: of, confirmed }] = &fixture.committed().await[..] else {
        panic!("one change is committed")
    };
    assert_eq!((*of, confirmed.id, confirmed.author, confirmed.user), (room, id, minsu, younghee));
    assert_eq!((confirmed.version, fixture.message(room, id).await.version), (version + 1, version + 1));
    let again = store.confirm(room, younghee, id).await.unwrap().unwrap();
    assert_eq!((again.version, again.user), (version + 1, younghee), "a retry is answered");
    assert!(fixture.committed().await.is_empty() && fixture.version(room).await == version + 1);
    assert_eq!(confirmations(fixture, room, id).await, Some(vec![younghee]));
    let changed = store.changes_since(room, 0, version).await.unwrap().unwrap().0;
    assert_eq!(changed[0].confirmations, Some(vec![younghee]), "a resume brings it");
}

pub(crate) async fn those_owe_a_confirmation_to_whom_it_was_posted(fixture: &Fixture) {
    let (minsu, younghee) = (fixture.person("minsu").await, fixture.person("younghee").await);
    let [since, left, stranger] =
        [fixture.person("since").await, fixture.person("left").await, fixture.person("sora").await];
    let store = &fixture.store;
    let group = store.open_group(minsu, vec![younghee, left], None).await.unwrap();
    let id = ask(fixture, group, minsu).await;
    let plain = fixture.post(group, minsu, "그냥 글").await;
    store.invite(group, minsu, vec![since], true).await.unwrap();
    store.leave(group, left).await.unwrap();
    let version = fixture.version(group).await;
    for (who, id, expected) in [
        (minsu, id, Refusal::Oneself),
        (since, id, Refusal::NotFound),
        (left, id, Refusal::NotFound),
        (stranger, id, Refusal::NotFound),
        (younghee, plain, Refusal::NotFound),
        (younghee, MessageId::new(), Refusal::NotFound),
    ] {
        assert_eq!(refusal(store.confirm(group, who, id).await), expected);
    }
    let elsewhere = store.open_direct(minsu, younghee).await.unwrap();
    assert_eq!(refusal(store.confirm(elsewhere, younghee, id).await), Refusal::NotFound);
    assert_eq!(fixture.version(group).await, version);
    store.invite(group, minsu, vec![left], true).await.unwrap();
    assert_eq!(
        refusal(store.confirm(group, left, id).await),
        Refusal::NotFound,
        "a former member who returns has a new join"
    );
}

pub(crate) async fn an_edit_keeps_confirmations_and_a_recall_drops_them(fixture: &Fixture) {
    let (minsu, younghee, room) = fixture.pair().await;
    let store = &fixture.store;
    let id = ask(fixture, room, minsu).await;
    store.confirm(room, younghee, id).await.unwrap();
    store.edit(room, minsu, id, "목요일까지".into(), 0).await.unwrap();
    let edited = fixture.committed_messages(room).await.pop().unwrap();
    assert_eq!((edited.body.as_str(), edited.confirmations), ("목요일까지", Some(vec![younghee])));
    store.recall(room, minsu, id, 0).await.unwrap();
    assert_eq!(confirmations(fixture, room, id).await, None);
    assert_eq!(refusal(store.confirm(room, younghee, id).await), Refusal::Recalled);
}

pub(crate) async fn a_message_to_nobody_asks_for_nothing(fixture: &Fixture) {
    let (minsu, younghee) = (fixture.person("minsu").await, fixture.person("younghee").await);
    let store = &fixture.store;
    let notes = store.open_direct(minsu, minsu).await.unwrap();
    let id = ask(fixture, notes, minsu).await;
    assert_eq!(confirmations(fixture, notes, id).await, None);
    let group = store.open_group(minsu, vec![younghee], None).await.unwrap();
    store.leave(group, younghee).await.unwrap();
    let id = ask(fixture, group, minsu).await;
    assert_eq!(confirmations(fixture, group, id).await, None);
}

pub(crate) async fn confirmations_stay_with_their_message(fixture: &Fixture) {
    let (minsu, younghee, room) = fixture.pair().await;
    let store = &fixture.store;
    let (one, two) = (ask(fixture, room, minsu).await, ask(fixture, room, younghee).await);
    fixture.post_many(room, minsu, PAGE_MESSAGES - 3).await;
    store.confirm(room, younghee, one).await.unwrap();
    store.confirm(room, minsu, two).await.unwrap();
    let messages = fixture.messages(room).await;
    let asking: Vec<_> = messages.into_iter().filter_map(|message| message.confirmations).collect();
    assert_eq!(asking, [vec![younghee], vec![minsu]]);
}
