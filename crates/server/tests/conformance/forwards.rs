//! Forwarding: who may copy a message into which room, and what the copy shows of its origin.

use protocol::{
    error::Refusal,
    ids::{MessageId, RoomId, UserId},
    message::{Forwarded, Message},
};

use server::{
    model::{NewCopy, Quotas},
    store::{Store, StoreResult},
};

use crate::{
    files::{completed, pictured},
    fixture::{Fixture, refusal},
};

const FREE: Quotas = Quotas { per_user: None, total: None };

fn new_copy(original: MessageId) -> NewCopy {
    NewCopy { original, id: MessageId::new() }
}

async fn forward(store: &Store, (from, original): (RoomId, MessageId), to: RoomId, by: UserId) -> StoreResult<()> {
    store.forward(from, new_copy(original), to, by, FREE).await
}

async fn checked(store: &Store, (from, original): (RoomId, MessageId), by: UserId) -> StoreResult<()> {
    store.check_forward(from, by, &[new_copy(original)], FREE).await.map(drop)
}

async fn newest(fixture: &Fixture, room: RoomId) -> Message {
    fixture.messages(room).await.pop().unwrap()
}

/// A direct room with a message of the second user, and a group of the first and a third user.
async fn scene(fixture: &Fixture) -> (RoomId, MessageId, RoomId, [UserId; 3]) {
    let (minsu, younghee, direct) = fixture.pair().await;
    let sora = fixture.person("sora").await;
    let group = fixture.store.open_group(minsu, vec![sora], None).await.unwrap();
    (direct, fixture.post(direct, younghee, "회의는 세 시").await, group, [minsu, younghee, sora])
}

pub(crate) async fn a_copy_is_a_post_of_who_forwards(fixture: &Fixture) {
    let (direct, id, group, [minsu, ..]) = scene(fixture).await;
    forward(&fixture.store, (direct, id), group, minsu).await.unwrap();
    let copy = newest(fixture, group).await;
    assert_eq!((copy.author, copy.body.as_str()), (minsu, "회의는 세 시"));
    assert_ne!(copy.id, id);
    assert_eq!(copy.forwarded, Some(Forwarded { author: None }), "its author is nobody whom the group knows");
    assert_eq!(fixture.committed_messages(group).await.pop().unwrap(), copy, "the broadcast has the mark");
    fixture.store.recall(direct, fixture.message(direct, id).await.author, id, 0).await.unwrap();
    assert_eq!(newest(fixture, group).await.body, "회의는 세 시", "a copy is a message of its own");
    fixture.store.recall(group, minsu, copy.id, 0).await.unwrap();
    assert_eq!(newest(fixture, group).await.forwarded, None);
}

pub(crate) async fn a_copy_names_its_author_where_they_are_known(fixture: &Fixture) {
    let (direct, id, group, [minsu, younghee, sora]) = scene(fixture).await;
    let store = &fixture.store;
    let known = store.open_group(minsu, vec![younghee, sora], None).await.unwrap();
    forward(store, (direct, id), known, minsu).await.unwrap();
    let copy = newest(fixture, known).await;
    assert_eq!(copy.forwarded, Some(Forwarded { author: Some(younghee) }));
    store.leave(known, younghee).await.unwrap();
    forward(store, (known, copy.id), known, sora).await.unwrap();
    assert_eq!(
        newest(fixture, known).await.forwarded.unwrap().author,
        Some(younghee),
        "the first author, who has left"
    );
    forward(store, (known, copy.id), group, sora).await.unwrap();
    assert_eq!(newest(fixture, group).await.forwarded, Some(Forwarded { author: None }));
}

pub(crate) async fn one_reads_there_and_posts_here(fixture: &Fixture) {
    let (direct, id, group, [minsu, younghee, sora]) = scene(fixture).await;
    let store = &fixture.store;
    let elsewhere = fixture.post(group, sora, "그룹의 말").await;
    for (from, to, who) in [
        ((direct, id), group, sora),
        ((direct, id), group, younghee),
        ((group, id), group, minsu),
        ((direct, elsewhere), group, minsu),
        ((direct, id), RoomId::new(), minsu),
        ((direct, MessageId::new()), group, minsu),
    ] {
        let version = fixture.version(group).await;
        assert_eq!(refusal(forward(store, from, to, who).await), Refusal::NotFound);
        assert_eq!(fixture.version(group).await, version);
    }
    store.invite(group, minsu, vec![younghee], false).await.unwrap();
    assert_eq!(refusal(forward(store, (group, elsewhere), direct, younghee).await), Refusal::NotFound);
    assert_eq!(
        refusal(checked(store, (group, elsewhere), younghee).await),
        Refusal::NotFound,
        "from before they joined"
    );
    store.recall(direct, younghee, id, 0).await.unwrap();
    assert_eq!(refusal(forward(store, (direct, id), group, minsu).await), Refusal::Recalled);
    let made = fixture.messages(group).await[0].id;
    assert_eq!(
        refusal(checked(store, (group, made), minsu).await),
        Refusal::NotFound,
        "a system event is nobody's text"
    );
}

pub(crate) async fn a_copy_has_files_of_its_own_over_the_same_bytes(fixture: &Fixture) {
    let (_, _, group, [minsu, younghee, sora]) = scene(fixture).await;
    let store = &fixture.store;
    let direct = store.open_direct(minsu, younghee).await.unwrap();
    let (shared, ids) = fixture.share(direct, younghee, "", &[pictured(1, 10, 2), completed(3, 20)]).await;
    assert!(!fixture.reads(sora, ids[0]).await);
    forward(store, (direct, shared), group, minsu).await.unwrap();
    let copied = newest(fixture, group).await;
    assert_eq!(fixture.committed_messages(group).await.pop().unwrap(), copied, "the broadcast has the files");
    assert!(copied.body.is_empty() && copied.files.len() == 2);
    assert!(copied.files.iter().all(|file| !ids.contains(&file.id)));
    for (file, id) in copied.files.iter().zip(&ids) {
        let (original, copy) = (store.readable_file(younghee, *id).await, store.readable_file(sora, file.id).await);
        let (original, copy) = (original.unwrap(), copy.unwrap());
        assert_eq!((&copy.hash, &copy.preview, &copy.name), (&original.hash, &original.preview, &original.name));
        assert_eq!(copy.owner, minsu);
        assert!(!fixture.reads(younghee, file.id).await, "a copy is read in its own room");
    }
    assert_eq!(fixture.found(sora, "예산").await, 1, "a search finds it by the names of its files");
    store.recall(direct, younghee, shared, 0).await.unwrap();
    assert!(fixture.reads(sora, copied.files[0].id).await, "a recall of the original leaves the copy");
    assert_eq!(store.unreferenced_blobs().await.unwrap(), []);
    assert_eq!(fixture.used(younghee).await, (0, 30));
    store.recall(group, minsu, copied.id, 0).await.unwrap();
    assert_eq!(store.unreferenced_blobs().await.unwrap().len(), 3, "and the last one frees the bytes");
    assert_eq!(fixture.used(minsu).await, (0, 0));
}

pub(crate) async fn a_copy_counts_against_the_quota_of_who_forwards(fixture: &Fixture) {
    let (_, _, group, [minsu, younghee, _]) = scene(fixture).await;
    let store = &fixture.store;
    let direct = store.open_direct(minsu, younghee).await.unwrap();
    let (shared, _) = fixture.share(direct, younghee, "", &[completed(1, 10), completed(2, 10)]).await;
    let quotas = Quotas { per_user: Some(39), total: None };
    let copies = [new_copy(shared), new_copy(shared)];
    let refused = store.check_forward(direct, minsu, &copies, quotas).await;
    assert_eq!(refusal(refused), Refusal::QuotaExceeded, "both together");
    store.check_forward(direct, minsu, &copies[..1], quotas).await.unwrap();
    store.forward(direct, copies[0], group, minsu, quotas).await.unwrap();
    assert_eq!(fixture.used(minsu).await, (20, 40));
    let version = fixture.version(group).await;
    let refused = store.forward(direct, copies[1], group, minsu, quotas).await;
    assert_eq!(refusal(refused), Refusal::QuotaExceeded, "the second file does not fit: neither is stored");
    assert_eq!((fixture.used(minsu).await, fixture.version(group).await), ((20, 40), version));
    let total = Quotas { per_user: None, total: Some(59) };
    assert_eq!(refusal(store.forward(direct, copies[1], group, minsu, total).await), Refusal::QuotaExceeded);
}

pub(crate) async fn a_copy_is_stored_once(fixture: &Fixture) {
    let (_, _, group, [minsu, younghee, sora]) = scene(fixture).await;
    let store = &fixture.store;
    let direct = store.open_direct(minsu, younghee).await.unwrap();
    let (shared, _) = fixture.share(direct, younghee, "예산", &[completed(1, 10)]).await;
    let one = new_copy(shared);
    let quotas = Quotas { per_user: Some(10), total: None };
    for _ in 0..2 {
        store.check_forward(direct, minsu, &[one], quotas).await.unwrap();
        store.forward(direct, one, group, minsu, quotas).await.unwrap();
    }
    assert_eq!(fixture.committed_messages(group).await.iter().filter(|message| message.id == one.id).count(), 1);
    assert_eq!(fixture.used(minsu).await, (10, 20));
    store.recall(direct, younghee, shared, 0).await.unwrap();
    store.check_forward(direct, minsu, &[one], quotas).await.unwrap();
    store.forward(direct, one, group, minsu, quotas).await.unwrap();
    store.recall(group, minsu, one.id, 0).await.unwrap();
    store.forward(direct, one, group, minsu, quotas).await.unwrap();
    assert!(newest(fixture, group).await.recalled.is_some(), "a retry brings nothing back");
    for (to, who) in [(direct, minsu), (group, sora)] {
        assert_eq!(refusal(store.forward(direct, one, to, who, FREE).await), Refusal::IdConflict);
    }
}

pub(crate) async fn a_copy_goes_to_notes(fixture: &Fixture) {
    let (direct, id, _, [minsu, ..]) = scene(fixture).await;
    let notes = fixture.store.open_direct(minsu, minsu).await.unwrap();
    forward(&fixture.store, (direct, id), notes, minsu).await.unwrap();
    let copy = newest(fixture, notes).await;
    assert_eq!((copy.author, copy.forwarded), (minsu, Some(Forwarded { author: None })));
}
