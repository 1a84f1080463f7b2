//! Deltas of a client that resumes with a cursor.

use protocol::limit::PAGE_MESSAGES;

use crate::fixture::{Fixture, bodies};

pub(crate) async fn a_cursor_gets_exactly_what_changed(fixture: &Fixture) {
    let (minsu, younghee, room) = fixture.pair().await;
    let old = fixture.post(room, minsu, "옛말").await;
    fixture.post(room, minsu, "그대로").await;
    let cursor = fixture.version(room).await;
    fixture.post(room, younghee, "새말").await;
    fixture.store.edit(room, minsu, old, "고친 옛말".into(), 0).await.unwrap();
    let recalled = fixture.post(room, younghee, "지울 말").await;
    fixture.store.recall(room, younghee, recalled, 0).await.unwrap();
    let (changes, version) = fixture.store.changes_since(room, 0, cursor).await.unwrap().unwrap();
    assert_eq!(bodies(&changes), ["새말", "고친 옛말", ""]);
    assert_eq!(version, fixture.version(room).await);
    let versions: Vec<u64> = changes.iter().map(|message| message.version).collect();
    assert!(versions.is_sorted() && versions.iter().all(|at| *at > cursor && *at <= version));
    let (changes, _) = fixture.store.changes_since(room, 2, cursor).await.unwrap().unwrap();
    assert_eq!(bodies(&changes), ["새말", ""], "nothing below the member's bound");
    let (changes, _) = fixture.store.changes_since(room, 0, version).await.unwrap().unwrap();
    assert!(changes.is_empty());
}

pub(crate) async fn a_cursor_ahead_or_far_behind_gets_nothing(fixture: &Fixture) {
    let (minsu, _, room) = fixture.pair().await;
    fixture.post_many(room, minsu, PAGE_MESSAGES + 1).await;
    let version = fixture.version(room).await;
    assert!(fixture.store.changes_since(room, 0, version + 1).await.unwrap().is_none());
    assert!(fixture.store.changes_since(room, 0, 0).await.unwrap().is_none());
    let (changes, _) = fixture.store.changes_since(room, 0, 1).await.unwrap().unwrap();
    assert_eq!(changes.len(), PAGE_MESSAGES);
}

pub(crate) async fn an_epoch_outlives_a_restart_and_a_copy_begins_another(fixture: &Fixture) {
    let (minsu, _, room) = fixture.pair().await;
    fixture.post(room, minsu, "말").await;
    let (copy, _committed) = fixture.backend.open_copy().await;
    assert_ne!(copy.epoch(), fixture.store.epoch());
    let page = copy.page(room, 0, server::model::Anchor::Newest).await.unwrap();
    assert_eq!(page.messages, fixture.messages(room).await);
    copy.close().await;
    fixture.store.close().await;
    let (reopened, _committed) = fixture.backend.open().await;
    assert_eq!(reopened.epoch(), fixture.store.epoch());
    reopened.close().await;
}
