//! Changes of many rooms, read in one statement by the nodes of a shared database.

use protocol::{ids::RoomId, room_socket::Post};

use crate::fixture::{Fixture, Postgres, new};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_read_together_is_what_each_room_says_alone() {
    let fixture = Fixture::empty::<Postgres>().await;
    let store = &fixture.store;
    let (minsu, younghee, plain) = fixture.pair().await;
    let group = async || store.open_group(minsu, vec![younghee], None).await.unwrap();
    let (changed, reacted, asked, busy) = (group().await, group().await, group().await, group().await);

    let first = fixture.post(plain, minsu, "처음").await;
    let reply = Post { reply_to: Some(first), ..new("답글") };
    store.insert_message(plain, younghee, reply).await.unwrap();

    let [edited, recalled] = [fixture.post(changed, minsu, "하나").await, fixture.post(changed, minsu, "둘").await];
    store.edit(changed, minsu, edited, "고침".into(), 0).await.unwrap();
    store.recall(changed, minsu, recalled, 0).await.unwrap();
    fixture.post(changed, younghee, "셋").await;

    let liked = fixture.post(reacted, minsu, "좋은 말").await;
    store.react(reacted, younghee, liked, "👍".into(), true).await.unwrap();
    let ask = Post { asks_confirmation: true, ..new("확인해 주세요") };
    store.insert_message(asked, minsu, ask).await.unwrap();
    fixture.post_many(busy, minsu, 20).await;

    for behind in 0..=5 {
        let mut wanted: Vec<(RoomId, u64)> = Vec::new();
        for room in [plain, changed, reacted, asked, busy] {
            wanted.push((room, fixture.version(room).await.saturating_sub(behind)));
        }
        let together = store.plain_changes(&wanted).await.unwrap();
        for (room, after) in wanted {
            let (messages, latest) = store.changes_since(room, 0, after).await.unwrap().unwrap();
            let is_plain =
                messages.iter().all(|message| message.reactions.is_empty() && message.confirmations.is_none());
            let read = together.get(&room);
            assert_eq!(read.is_some(), is_plain && !messages.is_empty(), "{after} of {latest}");
            if let Some(read) = read {
                assert_eq!((&read.messages, read.after, read.latest), (&messages, after, latest));
            }
        }
    }
    assert!(store.plain_changes(&[(busy, 1)]).await.unwrap().is_empty(), "much is read page by page");
}
