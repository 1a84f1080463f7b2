//! Mentions: whom a message mentions, whose list shows it, and what counts as unread.

use protocol::{
    ids::{MessageId, RoomId, UserId},
    lobby_socket::Collection,
    message::Mentions,
    room::RoomSummary,
    room_socket::Post,
};
use server::model::Revision;

use crate::fixture::{Fixture, new};

fn of(users: &[UserId]) -> Mentions {
    Mentions { users: users.to_vec(), all: false }
}

const ALL: Mentions = Mentions { users: Vec::new(), all: true };

async fn mention(fixture: &Fixture, room: RoomId, author: UserId, mentions: Mentions) -> MessageId {
    let message = Post { mentions, ..new("@확인 부탁드립니다") };
    let id = message.id;
    fixture.store.insert_message(room, author, message).await.unwrap();
    id
}

async fn list(fixture: &Fixture, user: UserId) -> Vec<MessageId> {
    let page = fixture.store.collection(user, Collection::Mentions, None).await.unwrap();
    page.hits.into_iter().map(|hit| hit.message.id).collect()
}

async fn summary(fixture: &Fixture, room: RoomId, user: UserId) -> RoomSummary {
    fixture.store.summaries(&[(room, user)]).await.unwrap().remove(0).1
}

/// A group of three, and a user who is not in it.
async fn group(fixture: &Fixture) -> (RoomId, [UserId; 4]) {
    let (minsu, younghee, _) = fixture.pair().await;
    let (sora, stranger) = (fixture.person("sora").await, fixture.person("jiwoo").await);
    let room = fixture.store.open_group(minsu, vec![younghee, sora], None).await.unwrap();
    (room, [minsu, younghee, sora, stranger])
}

pub(crate) async fn only_members_other_than_the_author_are_mentioned(fixture: &Fixture) {
    let (room, [minsu, younghee, sora, stranger]) = group(fixture).await;
    let id = mention(fixture, room, minsu, of(&[stranger, minsu, younghee, younghee])).await;
    assert_eq!(fixture.message(room, id).await.mentions, of(&[younghee]));
    assert_eq!(
        fixture.committed_messages(room).await.pop().unwrap().mentions,
        of(&[younghee]),
        "also in the broadcast"
    );
    assert_eq!(list(fixture, younghee).await, [id]);
    for other in [minsu, sora, stranger] {
        assert!(list(fixture, other).await.is_empty());
    }
    let (_, direct) = (minsu, fixture.store.open_direct(minsu, younghee).await.unwrap());
    let id = mention(fixture, direct, minsu, ALL).await;
    assert!(fixture.message(direct, id).await.mentions.is_empty(), "two people have no everybody");
}

pub(crate) async fn a_mention_is_listed_and_unread_until_it_is_read(fixture: &Fixture) {
    let (room, [minsu, younghee, sora, _]) = group(fixture).await;
    let named = mention(fixture, room, minsu, of(&[younghee])).await;
    fixture.post(room, minsu, "그냥 말").await;
    let all = mention(fixture, room, minsu, ALL).await;
    assert_eq!(list(fixture, younghee).await, [all, named], "newest first");
    assert_eq!(list(fixture, sora).await, [all]);
    let seq = fixture.message(room, all).await.seq;
    assert_eq!(summary(fixture, room, younghee).await.mentioned, Some(seq));
    assert_eq!(summary(fixture, room, minsu).await.mentioned, None, "not the author");
    assert!(summary(fixture, room, sora).await.last.unwrap().mentions.all);
    fixture.store.mark_read(room, younghee, seq).await.unwrap();
    assert_eq!(summary(fixture, room, younghee).await.mentioned, None);
    assert_eq!(list(fixture, younghee).await, [all, named], "the list keeps what is read");
}

pub(crate) async fn an_edit_keeps_or_replaces_mentions_and_a_recall_drops_them(fixture: &Fixture) {
    let (room, [minsu, younghee, sora, _]) = group(fixture).await;
    let first = mention(fixture, room, minsu, of(&[younghee])).await;
    let second = mention(fixture, room, minsu, of(&[younghee])).await;
    let store = &fixture.store;
    store.edit(room, minsu, first, "고침".into(), 0).await.unwrap();
    assert_eq!(fixture.message(room, first).await.mentions, of(&[younghee]), "an edit that says nothing keeps them");
    let both = Revision { body: "다시 고침".into(), mentions: Some(of(&[younghee, sora])) };
    store.edit(room, minsu, first, both, 0).await.unwrap();
    assert_eq!(list(fixture, younghee).await, [second, first], "who stays mentioned keeps the position in the list");
    assert_eq!(list(fixture, sora).await, [first]);
    let one = Revision { body: "또 고침".into(), mentions: Some(of(&[sora])) };
    store.edit(room, minsu, first, one, 0).await.unwrap();
    assert_eq!(list(fixture, younghee).await, [second]);
    store.recall(room, minsu, second, 0).await.unwrap();
    assert!(list(fixture, younghee).await.is_empty());
    assert!(fixture.message(room, second).await.mentions.is_empty());
    assert_eq!(summary(fixture, room, younghee).await.mentioned, None);
}

pub(crate) async fn mentions_stay_with_those_who_see_the_message(fixture: &Fixture) {
    let (room, [minsu, younghee, sora, _]) = group(fixture).await;
    let id = mention(fixture, room, minsu, ALL).await;
    let store = &fixture.store;
    store.leave(room, younghee).await.unwrap();
    assert!(list(fixture, younghee).await.is_empty());
    store.invite(room, minsu, vec![younghee], false).await.unwrap();
    assert!(list(fixture, younghee).await.is_empty(), "it is from before they joined again");
    assert_eq!(list(fixture, sora).await, [id]);
    assert_eq!(summary(fixture, room, younghee).await.mentioned, None);
}

pub(crate) async fn mentions_come_page_by_page(fixture: &Fixture) {
    let (room, [minsu, younghee, ..]) = group(fixture).await;
    let mut expected = Vec::new();
    for _ in 0..35 {
        expected.insert(0, mention(fixture, room, minsu, of(&[younghee])).await);
    }
    let store = &fixture.store;
    let first = store.collection(younghee, Collection::Mentions, None).await.unwrap();
    let second = store.collection(younghee, Collection::Mentions, first.before).await.unwrap();
    assert_eq!((first.hits.len(), second.hits.len(), second.before), (30, 5, None));
    let listed: Vec<MessageId> = first.hits.iter().chain(&second.hits).map(|hit| hit.message.id).collect();
    assert_eq!(listed, expected);
}

pub(crate) async fn a_room_is_muted_wholly_or_except_for_mentions(fixture: &Fixture) {
    let (room, [minsu, ..]) = group(fixture).await;
    for (set, expected) in
        [((true, true), (true, true)), ((true, false), (true, false)), ((false, true), (false, false))]
    {
        fixture.store.set_muted(room, minsu, set.0, set.1).await.unwrap();
        let membership = fixture.store.membership(room, minsu).await.unwrap().unwrap();
        let summary = summary(fixture, room, minsu).await;
        assert_eq!((membership.is_muted, membership.mentions_only), expected);
        assert_eq!((summary.is_muted, summary.mentions_only), expected);
    }
}
