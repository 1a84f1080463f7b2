//! Edits, recalls and reactions.

use protocol::{error::Refusal, limit::REACTIONS, message::Recalled, room_socket::Post};
use server::model::ReactionState;

use crate::fixture::{Fixture, already, is_now, new, refusal};

pub(crate) async fn an_edit_is_the_rooms_next_change(fixture: &Fixture) {
    let (minsu, _, room) = fixture.pair().await;
    let id = fixture.post(room, minsu, "처음").await;
    fixture.post(room, minsu, "다음").await;
    fixture.committed().await;
    assert!(is_now(&fixture.store.edit(room, minsu, id, "고침".into(), 0).await.unwrap()));
    let edited = fixture.message(room, id).await;
    assert_eq!((edited.body.as_str(), edited.seq, edited.version), ("고침", 1, 3));
    assert!(edited.edited_at.is_some());
    assert_eq!(fixture.committed_messages(room).await, std::slice::from_ref(&edited));
    let again = already(fixture.store.edit(room, minsu, id, "고침".into(), i64::MAX).await.unwrap());
    assert_eq!(again, edited, "the same text is a retry, and never too late");
}

pub(crate) async fn only_the_author_edits_and_recalls_and_only_in_time(fixture: &Fixture) {
    let (minsu, younghee, room) = fixture.pair().await;
    let id = fixture.post(room, minsu, "내 말").await;
    let later = fixture.message(room, id).await.sent_at + 1;
    let store = &fixture.store;
    assert_eq!(refusal(store.edit(room, younghee, id, "남의 말".into(), 0).await), Refusal::NotYours);
    assert_eq!(refusal(store.recall(room, younghee, id, 0).await), Refusal::NotYours);
    assert_eq!(refusal(store.edit(room, minsu, id, "늦은 말".into(), later).await), Refusal::TooLate);
    assert_eq!(refusal(store.recall(room, minsu, id, later).await), Refusal::TooLate);
    assert_eq!(refusal(store.edit(room, minsu, new("").id, "없는 말".into(), 0).await), Refusal::NotFound);
    assert_eq!(fixture.version(room).await, 1);
}

pub(crate) async fn a_recall_leaves_a_tombstone(fixture: &Fixture) {
    let (minsu, younghee, room) = fixture.pair().await;
    let id = fixture.post(room, minsu, "지울 말").await;
    fixture.store.react(room, younghee, id, "👍".into(), true).await.unwrap();
    assert!(is_now(&fixture.store.recall(room, minsu, id, 0).await.unwrap()));
    let tombstone = fixture.message(room, id).await;
    assert!(tombstone.body.is_empty() && tombstone.reactions.is_empty() && tombstone.edited_at.is_none());
    assert_eq!((tombstone.seq, tombstone.version), (1, 3));
    assert_eq!(refusal(fixture.store.edit(room, minsu, id, "다시".into(), 0).await), Refusal::Recalled);
    let reaction = fixture.store.react(room, younghee, id, "👍".into(), true).await;
    assert_eq!(refusal(reaction), Refusal::Recalled);
}

pub(crate) async fn a_recall_says_whether_somebody_had_read_it(fixture: &Fixture) {
    let (minsu, younghee, room) = fixture.pair().await;
    let read = fixture.post(room, minsu, "읽은 말").await;
    fixture.store.mark_read(room, younghee, 1).await.unwrap();
    let unread = fixture.post(room, minsu, "읽지 않은 말").await;
    fixture.store.mark_read(room, minsu, 2).await.unwrap();
    for (id, expected) in [(read, Recalled::AfterRead), (unread, Recalled::BeforeRead)] {
        fixture.store.recall(room, minsu, id, 0).await.unwrap();
        assert_eq!(fixture.message(room, id).await.recalled, Some(expected));
    }
}

pub(crate) async fn reactions_are_added_and_removed_once(fixture: &Fixture) {
    let (minsu, younghee, room) = fixture.pair().await;
    let id = fixture.post(room, minsu, "좋은 말").await;
    let react = async |user, on| fixture.store.react(room, user, id, "👍".into(), on).await.unwrap();
    assert!(react(younghee, true).await.is_none() && react(minsu, true).await.is_none());
    let reactions = fixture.message(room, id).await.reactions;
    assert_eq!((reactions[0].emoji.as_str(), &reactions[0].users[..]), ("👍", &[younghee, minsu][..]));
    let version = fixture.version(room).await;
    assert!(matches!(react(minsu, true).await, Some(ReactionState::Whole(_))), "a retry is answered");
    assert_eq!(fixture.version(room).await, version);
    assert!(react(minsu, false).await.is_none() && react(minsu, false).await.is_some());
    assert_eq!(fixture.message(room, id).await.reactions[0].users, [younghee]);
    assert_eq!(fixture.version(room).await, version + 1);
}

pub(crate) async fn a_message_has_a_limited_number_of_emojis(fixture: &Fixture) {
    let (minsu, younghee, room) = fixture.pair().await;
    let id = fixture.post(room, minsu, "말").await;
    let emoji = |number: usize| char::from_u32(0x1F600 + number as u32).unwrap().to_string();
    for number in 0..REACTIONS {
        fixture.store.react(room, minsu, id, emoji(number), true).await.unwrap();
    }
    assert_eq!(refusal(fixture.store.react(room, minsu, id, emoji(REACTIONS), true).await), Refusal::TooMany);
    fixture.store.react(room, younghee, id, emoji(0), true).await.unwrap();
    fixture.store.react(room, minsu, id, emoji(1), false).await.unwrap();
    fixture.store.react(room, minsu, id, emoji(REACTIONS), true).await.unwrap();
    assert_eq!(fixture.message(room, id).await.reactions.len(), REACTIONS);
}

pub(crate) async fn a_quote_follows_what_it_quotes(fixture: &Fixture) {
    let (minsu, younghee, room) = fixture.pair().await;
    let quoted = fixture.post(room, minsu, "물음").await;
    let reply = Post { reply_to: Some(quoted), ..new("답") };
    fixture.committed().await;
    fixture.store.insert_message(room, younghee, reply.clone()).await.unwrap();
    let quote = async || fixture.message(room, reply.id).await.reply_to.unwrap().body;
    assert_eq!(fixture.committed_messages(room).await[0].reply_to.as_ref().unwrap().body, "물음");
    fixture.store.edit(room, minsu, quoted, "고친 물음".into(), 0).await.unwrap();
    assert_eq!(quote().await, "고친 물음");
    fixture.store.recall(room, minsu, quoted, 0).await.unwrap();
    assert_eq!(quote().await, "");
    let unknown = Post { reply_to: Some(new("").id), ..new("답") };
    assert_eq!(refusal(fixture.store.insert_message(room, younghee, unknown).await), Refusal::NotFound);
}
