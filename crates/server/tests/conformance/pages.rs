//! Pages of a room.

use protocol::limit::PAGE_MESSAGES;
use server::model::Anchor;

use crate::fixture::{Fixture, seqs};

pub(crate) async fn pages_meet_at_either_end(fixture: &Fixture) {
    let (minsu, _, room) = fixture.pair().await;
    let count = 2 * PAGE_MESSAGES + 5;
    fixture.post_many(room, minsu, count).await;
    let all: Vec<u64> = (1..=count as u64).collect();
    let newest = fixture.store.page(room, 0, Anchor::Newest).await.unwrap();
    assert!(newest.has_earlier && !newest.has_later && newest.messages.len() == PAGE_MESSAGES);
    assert_eq!(newest.version, count as u64);
    let mut up = newest.messages;
    loop {
        let page = fixture.store.page(room, 0, Anchor::Before(up[0].seq)).await.unwrap();
        up.splice(0..0, page.messages);
        if !page.has_earlier {
            break;
        }
    }
    assert_eq!(seqs(&up), all);
    let (mut down, mut after) = (Vec::new(), 0);
    loop {
        let page = fixture.store.page(room, 0, Anchor::After(after)).await.unwrap();
        down.extend(page.messages);
        after = down.last().map_or(0, |message| message.seq);
        if !page.has_later {
            break;
        }
    }
    assert_eq!(seqs(&down), all);
    let bounded = fixture.store.page(room, 100, Anchor::Newest).await.unwrap();
    assert_eq!((seqs(&bounded.messages), bounded.has_earlier), ((101..=count as u64).collect(), false));
}

pub(crate) async fn a_page_around_a_message_holds_both_sides(fixture: &Fixture) {
    let (minsu, _, room) = fixture.pair().await;
    fixture.post_many(room, minsu, 2 * PAGE_MESSAGES).await;
    let half = PAGE_MESSAGES as u64 / 2;
    let page = fixture.store.page(room, 0, Anchor::Around(60)).await.unwrap();
    assert_eq!(seqs(&page.messages), (60 - half..60 + half).collect::<Vec<_>>());
    assert!(page.has_earlier && page.has_later);
    for (seq, first, has_earlier, has_later) in [(0, 1, false, true), (u64::MAX, 2 * half + 1 + half, true, false)] {
        let page = fixture.store.page(room, 0, Anchor::Around(seq)).await.unwrap();
        assert_eq!((page.messages[0].seq, page.has_earlier, page.has_later), (first, has_earlier, has_later));
    }
}

pub(crate) async fn a_page_around_a_time_holds_the_first_message_from_then_on(fixture: &Fixture) {
    let (minsu, _, room) = fixture.pair().await;
    fixture.post_many(room, minsu, 10).await;
    let messages = fixture.messages(room).await;
    let (begin, end) = (messages[0].sent_at, messages[9].sent_at);
    for (at, expected) in [(begin - 1, Some(1)), (begin, Some(1)), (end + 1, None)] {
        let page = fixture.store.page(room, 0, Anchor::AroundTime(at)).await.unwrap();
        assert_eq!(page.messages.len(), 10);
        let first = page.messages.iter().find(|message| message.sent_at >= at);
        assert_eq!(first.map(|message| message.seq), expected);
    }
}

pub(crate) async fn a_room_opens_at_the_first_unread_message(fixture: &Fixture) {
    let (minsu, younghee, room) = fixture.pair().await;
    fixture.post_many(room, minsu, 2 * PAGE_MESSAGES).await;
    let open = async |last_read| {
        let anchor = Anchor::Unread { reader: younghee, last_read };
        seqs(&fixture.store.page(room, 0, anchor).await.unwrap().messages)
    };
    let (count, half) = (2 * PAGE_MESSAGES as u64, PAGE_MESSAGES as u64 / 2);
    assert_eq!(open(40).await, (41 - half..=count).collect::<Vec<_>>(), "half a page before it, all from it on");
    assert_eq!(open(count).await, (count - 2 * half + 1..=count).collect::<Vec<_>>(), "everything is read");
    let unread = fixture.store.unread(room, 0, 40).await.unwrap();
    assert_eq!(seqs(&unread), (41..=40 + 2 * half).collect::<Vec<_>>());
}
