//! Searching messages.

use protocol::{ids::UserId, limit::PAGE_HITS};

use crate::fixture::Fixture;

/// The texts of all hits, newest first.
async fn found(fixture: &Fixture, user: UserId, query: &str) -> Vec<String> {
    fixture.store.catch_up_index().await;
    let hits = fixture.store.search(user, query, None).await.unwrap().hits;
    hits.into_iter().map(|hit| hit.message.body).collect()
}

pub(crate) async fn any_part_of_a_word_is_found_newest_first(fixture: &Fixture) {
    let (minsu, _, room) = fixture.pair().await;
    for body in ["오늘 회의를 합니다", "정기회의 자료 Agenda.pdf", "의회 방문"] {
        fixture.post(room, minsu, body).await;
    }
    assert_eq!(found(fixture, minsu, "회의").await, ["정기회의 자료 Agenda.pdf", "오늘 회의를 합니다"]);
    assert_eq!(found(fixture, minsu, "회의 오늘").await, ["오늘 회의를 합니다"]);
    assert_eq!(found(fixture, minsu, "genda").await.len(), 1);
    assert_eq!(found(fixture, minsu, "회").await.len(), 3);
    assert!(found(fixture, minsu, "의를합").await.is_empty(), "words are not joined");
    assert!(found(fixture, minsu, " ").await.is_empty());
}

pub(crate) async fn an_index_follows_edits_and_forgets_recalls(fixture: &Fixture) {
    let (minsu, _, room) = fixture.pair().await;
    for is_indexed in [true, false] {
        let edited = fixture.post(room, minsu, "첫째 회의").await;
        let recalled = fixture.post(room, minsu, "둘째 회의").await;
        if is_indexed {
            assert_eq!(found(fixture, minsu, "회의").await.len(), 2);
        }
        fixture.store.edit(room, minsu, edited, "셋째 모임".into(), 0).await.unwrap();
        fixture.store.recall(room, minsu, recalled, 0).await.unwrap();
        assert!(found(fixture, minsu, "회의").await.is_empty());
        assert_eq!(found(fixture, minsu, "모임").await, ["셋째 모임"]);
        fixture.store.recall(room, minsu, edited, 0).await.unwrap();
        assert!(found(fixture, minsu, "모임").await.is_empty());
    }
}

pub(crate) async fn members_search_their_own_rooms(fixture: &Fixture) {
    let (minsu, younghee, room) = fixture.pair().await;
    let sora = fixture.person("sora").await;
    let group = fixture.store.open_group(minsu, vec![sora], None).await.unwrap();
    fixture.post(room, minsu, "둘의 회의").await;
    fixture.post(group, minsu, "모두의 회의").await;
    assert_eq!(found(fixture, younghee, "회의").await, ["둘의 회의"]);
    assert_eq!(found(fixture, sora, "회의").await, ["모두의 회의"]);
    fixture.store.leave(group, sora).await.unwrap();
    assert!(found(fixture, sora, "회의").await.is_empty());
}

pub(crate) async fn hits_come_page_by_page(fixture: &Fixture) {
    let (minsu, _, room) = fixture.pair().await;
    let count = 2 * PAGE_HITS + 5;
    fixture.post_many(room, minsu, count).await;
    fixture.store.catch_up_index().await;
    let (mut hits, mut before) = (Vec::new(), None);
    loop {
        let page = fixture.store.search(minsu, "보고", before).await.unwrap();
        assert!(page.hits.len() <= PAGE_HITS);
        hits.extend(page.hits.into_iter().map(|hit| hit.message.seq));
        before = page.before;
        if before.is_none() {
            break;
        }
    }
    assert_eq!(hits, (1..=count as u64).rev().collect::<Vec<_>>());
}

pub(crate) async fn one_room_is_searched_alone_and_above_the_bound(fixture: &Fixture) {
    let (minsu, younghee, room) = fixture.pair().await;
    let sora = fixture.person("sora").await;
    let store = &fixture.store;
    let group = store.open_group(minsu, vec![younghee], None).await.unwrap();
    fixture.post(group, minsu, "숨은 회의").await;
    store.invite(group, minsu, vec![sora], false).await.unwrap();
    fixture.post(room, minsu, "둘의 회의").await;
    fixture.post_many(group, younghee, PAGE_HITS).await;
    fixture.post(group, minsu, "모두의 회의").await;
    store.catch_up_index().await;
    let found = async |room, user, query, before| {
        let page = store.search_room(room, user, query, before).await.unwrap();
        (page.hits.into_iter().map(|hit| hit.message.body).collect::<Vec<_>>(), page.before)
    };
    assert_eq!(found(group, minsu, "회의", None).await.0, ["모두의 회의", "숨은 회의"]);
    assert_eq!(found(room, minsu, "회의", None).await.0, ["둘의 회의"]);
    assert_eq!(found(group, sora, "회의", None).await.0, ["모두의 회의"], "not from before she joined");
    assert!(found(room, sora, "회의", None).await.0.is_empty(), "she is no member");
    let (hits, before) = found(group, minsu, "의", None).await;
    assert_eq!((hits.len(), before), (2, None));
    fixture.post(group, minsu, "보고").await;
    store.catch_up_index().await;
    let (hits, before) = found(group, minsu, "보고", None).await;
    assert_eq!(hits.len(), PAGE_HITS);
    assert_eq!(found(group, minsu, "보고", before).await, (vec!["보고 0".to_owned()], None));
}

/// Texts and queries of few characters, so that most pairs of characters are in most texts.
pub(crate) async fn a_text_is_found_if_it_contains_every_word(fixture: &Fixture) {
    let (minsu, _, room) = fixture.pair().await;
    let mut seed = 7_u64;
    let mut any = |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    let mut text = |most: u64| {
        let chars: Vec<char> = "회의자가 aB".chars().collect();
        let length = 1 + any(most);
        (0..length).map(|_| chars[any(chars.len() as u64) as usize]).collect::<String>()
    };
    let bodies: Vec<String> = (0..PAGE_HITS).map(|_| text(12)).filter(|body| !body.trim().is_empty()).collect();
    for body in &bodies {
        fixture.post(room, minsu, body).await;
    }
    for query in (0..40).map(|_| text(4)) {
        let words: Vec<String> = query.to_lowercase().split_whitespace().map(str::to_owned).collect();
        let contains = |body: &&String| words.iter().all(|word| body.to_lowercase().contains(word));
        let mut expected: Vec<String> = bodies.iter().filter(contains).cloned().collect();
        expected.reverse();
        if !words.is_empty() {
            assert_eq!(found(fixture, minsu, &query).await, expected, "{query:?}");
        }
    }
}
