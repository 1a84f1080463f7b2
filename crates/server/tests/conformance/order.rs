//! Order, acknowledgement and idempotent retries.

use futures::future::join_all;
use protocol::{error::Refusal, room_socket::Post};
use server::model::Anchor;

use crate::fixture::{Fixture, already, bodies, is_now, new, refusal, seqs};

pub(crate) async fn versions_of_a_room_are_gapless_and_its_own(fixture: &Fixture) {
    let (minsu, younghee, room) = fixture.pair().await;
    let group = fixture.store.open_group(minsu, vec![younghee], None).await.unwrap();
    let before = fixture.version(group).await;
    fixture.committed().await;
    let first = fixture.post(room, minsu, "하나").await;
    fixture.post(group, minsu, "다른 방").await;
    fixture.post(room, younghee, "둘").await;
    fixture.store.react(room, younghee, first, "👍".into(), true).await.unwrap();
    fixture.store.edit(room, minsu, first, "하나!".into(), 0).await.unwrap();
    let changes = fixture.committed_messages(room).await;
    assert_eq!(changes.iter().map(|message| message.version).collect::<Vec<_>>(), [1, 2, 3, 4]);
    assert_eq!(seqs(&changes), [1, 2, 1, 1], "a message keeps its position");
    assert_eq!(fixture.version(room).await, 4);
    assert_eq!(fixture.version(group).await, before + 1);
}

pub(crate) async fn concurrent_posts_are_broadcast_in_the_order_of_their_versions(fixture: &Fixture) {
    let (minsu, younghee, room) = fixture.pair().await;
    let group = fixture.store.open_group(minsu, vec![younghee], None).await.unwrap();
    let from = fixture.version(group).await;
    fixture.committed().await;
    let posts = (0..300).map(|number| {
        let room = if number % 3 == 0 { group } else { room };
        let author = if number % 2 == 0 { minsu } else { younghee };
        fixture.store.insert_message(room, author, new(&number.to_string()))
    });
    assert!(join_all(posts).await.into_iter().all(|changed| is_now(&changed.unwrap())));
    let changes = fixture.committed().await;
    for (of, first, count) in [(room, 1, 200), (group, from + 1, 100)] {
        let versions = changes.iter().filter_map(|change| match change {
            server::model::Committed::Message { room, message } if *room == of => Some(message.version),
            _ => None,
        });
        assert_eq!(versions.collect::<Vec<_>>(), (first..first + count).collect::<Vec<_>>());
    }
}

pub(crate) async fn an_acknowledged_post_can_be_read_and_survives_a_restart(fixture: &Fixture) {
    let (minsu, _, room) = fixture.pair().await;
    for number in 0..5 {
        let id = fixture.post(room, minsu, &number.to_string()).await;
        assert_eq!(fixture.messages(room).await.last().unwrap().id, id, "read right after its acknowledgement");
    }
    fixture.store.close().await;
    assert_eq!(refusal(fixture.store.insert_message(room, minsu, new("늦음")).await), Refusal::Unavailable);
    let (reopened, _committed) = fixture.backend.open().await;
    let messages = reopened.page(room, 0, Anchor::Newest).await.unwrap().messages;
    assert_eq!(bodies(&messages), ["0", "1", "2", "3", "4"]);
    reopened.close().await;
}

pub(crate) async fn a_retry_is_answered_and_not_stored_again(fixture: &Fixture) {
    let (minsu, _, room) = fixture.pair().await;
    let first = fixture.post(room, minsu, "먼저").await;
    let message = Post { reply_to: Some(first), ..new("한 번") };
    let tries = (0..8).map(|_| fixture.store.insert_message(room, minsu, message.clone()));
    let outcomes = join_all(tries).await.into_iter().map(Result::unwrap).collect::<Vec<_>>();
    assert_eq!(outcomes.iter().filter(|changed| is_now(changed)).count(), 1);
    fixture.committed().await;
    let again = already(fixture.store.insert_message(room, minsu, message.clone()).await.unwrap());
    assert_eq!(again, fixture.message(room, message.id).await);
    assert_eq!(again.reply_to.map(|quote| quote.id), Some(first));
    assert!(fixture.committed().await.is_empty(), "a retry is not broadcast");
    assert_eq!(fixture.version(room).await, 2);
}

pub(crate) async fn a_retry_is_known_after_an_edit_and_a_recall(fixture: &Fixture) {
    let (minsu, _, room) = fixture.pair().await;
    let message = new("처음");
    fixture.store.insert_message(room, minsu, message.clone()).await.unwrap();
    fixture.store.edit(room, minsu, message.id, "나중".into(), 0).await.unwrap();
    let again = already(fixture.store.insert_message(room, minsu, message.clone()).await.unwrap());
    assert_eq!(again.body, "나중");
    fixture.store.recall(room, minsu, message.id, 0).await.unwrap();
    let again = already(fixture.store.insert_message(room, minsu, message).await.unwrap());
    assert!(again.recalled.is_some() && again.body.is_empty());
    let recalled = fixture.store.recall(room, minsu, again.id, 0).await.unwrap();
    assert_eq!(already(recalled), again, "a recall is retried, too");
}

pub(crate) async fn an_id_belongs_to_one_message(fixture: &Fixture) {
    let (minsu, younghee, room) = fixture.pair().await;
    let group = fixture.store.open_group(minsu, vec![younghee], None).await.unwrap();
    let message = new("한 번");
    fixture.store.insert_message(room, minsu, message.clone()).await.unwrap();
    let other = Post { body: "다른 말".into(), ..message.clone() };
    for (room, author, message) in [(room, minsu, &other), (group, minsu, &message), (room, younghee, &message)] {
        let refused = refusal(fixture.store.insert_message(room, author, message.clone()).await);
        assert_eq!(refused, Refusal::IdConflict);
    }
}
