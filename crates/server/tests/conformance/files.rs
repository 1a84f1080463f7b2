//! Uploads, blobs and quotas.

use protocol::{
    error::Refusal,
    file::PreviewSize,
    ids::{FileId, UserId},
    limit::WAITING_FILES,
};
use server::{
    model::{BlobHash, CompletedFile, NewUpload, Quotas, StoredPreview},
    store::now_ms,
};

use crate::fixture::{Fixture, refusal};

const FREE: Quotas = Quotas { per_user: None, total: None };
const DAY: i64 = 86_400_000;

fn new_upload(length: u64) -> NewUpload {
    NewUpload { name: "예산.hwp".into(), length, is_original: false }
}

/// A file without a preview, whose content is this number.
pub(crate) fn completed(content: u8, size: u64) -> CompletedFile {
    CompletedFile {
        hash: BlobHash([content; 32]),
        size,
        media_type: "application/x-hwp".into(),
        name: "예산.hwp".into(),
        preview: None,
        text: None,
    }
}

pub(crate) fn pictured(content: u8, size: u64, preview: u8) -> CompletedFile {
    let preview = StoredPreview {
        hash: BlobHash([preview; 32]),
        size: 5,
        media_type: "image/webp".into(),
        pixels: PreviewSize { width: 640, height: 905 },
    };
    CompletedFile { preview: Some(preview), text: Some("2026년 예산안".into()), ..completed(content, size) }
}

impl Fixture {
    pub(crate) async fn upload(&self, owner: UserId, completed: CompletedFile) -> FileId {
        let expires_at = now_ms() + DAY;
        let id = self.store.insert_upload(owner, new_upload(completed.size), FREE, expires_at).await.unwrap();
        self.store.complete_upload(owner, id, completed, FREE).await.unwrap();
        id
    }

    pub(crate) async fn used(&self, owner: UserId) -> (u64, u64) {
        (self.store.used(owner).await.unwrap(), self.store.used_total().await.unwrap())
    }
}

pub(crate) async fn an_upload_becomes_a_file_of_its_owner(fixture: &Fixture) {
    let (minsu, younghee) = (fixture.person("minsu").await, fixture.person("younghee").await);
    let store = &fixture.store;
    let expires_at = now_ms() + DAY;
    let id = store.insert_upload(minsu, new_upload(100), FREE, expires_at).await.unwrap();
    let upload = store.upload(minsu, id).await.unwrap().unwrap();
    assert_eq!((upload.name.as_str(), upload.length, upload.expires_at), ("예산.hwp", 100, expires_at));
    assert!(store.upload(younghee, id).await.unwrap().is_none() && store.has_upload(id).await.unwrap());
    assert_eq!(refusal(store.readable_file(minsu, id).await), Refusal::NotFound, "nobody reads half a file");
    assert_eq!(refusal(store.complete_upload(younghee, id, completed(1, 100), FREE).await), Refusal::NotFound);
    let file = store.complete_upload(minsu, id, pictured(1, 90, 2), FREE).await.unwrap();
    assert!(store.upload(minsu, id).await.unwrap().is_none() && !store.has_upload(id).await.unwrap());
    assert_eq!(store.readable_file(minsu, id).await.unwrap(), file);
    assert_eq!(file.preview, pictured(1, 90, 2).preview);
    assert_eq!(file.text, pictured(1, 90, 2).text);
    assert_eq!((file.size, file.upload_length), (90, 100), "what was removed of it was uploaded, too");
    assert_eq!(refusal(store.readable_file(younghee, id).await), Refusal::NotFound);
    assert_eq!(store.complete_upload(minsu, id, pictured(1, 90, 2), FREE).await.unwrap(), file, "a retry");
    assert_eq!(refusal(store.complete_upload(minsu, id, completed(3, 90), FREE).await), Refusal::NotFound);
    assert_eq!(fixture.used(minsu).await, (90, 90), "the length goes, the size comes");
}

pub(crate) async fn parallel_uploads_never_pass_a_quota_by_a_byte(fixture: &Fixture) {
    let (minsu, younghee) = (fixture.person("minsu").await, fixture.person("younghee").await);
    let store = &fixture.store;
    let quotas = Quotas { per_user: Some(1_000), total: Some(1_500) };
    let uploads = async |owner| {
        let each = (0..50).map(|_| store.insert_upload(owner, new_upload(30), quotas, now_ms() + DAY));
        futures::future::join_all(each).await.into_iter().filter_map(Result::ok).collect::<Vec<_>>()
    };
    let of_minsu = uploads(minsu).await;
    assert_eq!((of_minsu.len(), fixture.used(minsu).await), (33, (990, 990)));
    assert_eq!(refusal(store.insert_upload(minsu, new_upload(11), quotas, 0).await), Refusal::QuotaExceeded);
    store.insert_upload(minsu, new_upload(10), quotas, now_ms() + DAY).await.unwrap();
    assert_eq!((uploads(younghee).await.len(), fixture.used(younghee).await), (16, (480, 1_480)));
    // A file that became larger at completion, and a file after the quota was lowered.
    let larger = store.complete_upload(minsu, of_minsu[0], completed(1, 31), quotas).await;
    assert_eq!(refusal(larger), Refusal::QuotaExceeded);
    let lowered = Quotas { per_user: Some(999), total: None };
    let later = store.complete_upload(minsu, of_minsu[0], completed(1, 30), lowered).await;
    assert_eq!(refusal(later), Refusal::QuotaExceeded);
    assert_eq!(fixture.used(minsu).await, (1_000, 1_480), "a refused upload stays pending");
    store.complete_upload(minsu, of_minsu[0], completed(1, 30), quotas).await.unwrap();
    let huge = store.insert_upload(younghee, new_upload(u64::MAX), quotas, now_ms() + DAY).await;
    assert_eq!(refusal(huge), Refusal::QuotaExceeded);
}

pub(crate) async fn one_content_counts_for_each_file_and_is_one_blob(fixture: &Fixture) {
    let (minsu, younghee) = (fixture.person("minsu").await, fixture.person("younghee").await);
    let store = &fixture.store;
    let first = fixture.upload(minsu, pictured(1, 70, 9)).await;
    let second = fixture.upload(younghee, pictured(1, 70, 9)).await;
    assert_eq!((fixture.used(minsu).await, fixture.used(younghee).await), ((70, 140), (70, 140)));
    store.delete_upload(minsu, first).await.unwrap();
    assert!(store.unreferenced_blobs().await.unwrap().is_empty());
    assert!(!store.forget_blob(BlobHash([1; 32])).await.unwrap(), "a file names it");
    store.delete_upload(younghee, second).await.unwrap();
    let hashes = [1, 9].map(|content| BlobHash([content; 32]));
    assert_eq!(store.unreferenced_blobs().await.unwrap(), hashes);
    assert!(store.is_unreferenced(hashes[0]).await.unwrap() && store.has_blob(hashes[0]).await.unwrap());
    assert_eq!(fixture.used(minsu).await, (0, 0));
    // The same content is uploaded again before its blob is forgotten.
    fixture.upload(minsu, completed(1, 70)).await;
    assert!(!store.is_unreferenced(hashes[0]).await.unwrap());
    assert!(!store.forget_blob(hashes[0]).await.unwrap() && store.has_blob(hashes[0]).await.unwrap());
    assert!(store.forget_blob(hashes[1]).await.unwrap() && !store.has_blob(hashes[1]).await.unwrap());
    assert!(!store.forget_blob(hashes[1]).await.unwrap(), "once");
    assert!(store.unreferenced_blobs().await.unwrap().is_empty());
}

pub(crate) async fn only_the_owner_cancels_an_upload(fixture: &Fixture) {
    let (minsu, younghee) = (fixture.person("minsu").await, fixture.person("younghee").await);
    let store = &fixture.store;
    let pending = store.insert_upload(minsu, new_upload(100), FREE, now_ms() + DAY).await.unwrap();
    let file = fixture.upload(minsu, completed(1, 10)).await;
    for id in [pending, file, FileId::new()] {
        assert_eq!(refusal(store.delete_upload(younghee, id).await), Refusal::NotFound);
    }
    assert_eq!(fixture.used(minsu).await, (110, 110));
    for id in [pending, file] {
        store.delete_upload(minsu, id).await.unwrap();
        assert_eq!(refusal(store.delete_upload(minsu, id).await), Refusal::NotFound);
    }
    assert_eq!(fixture.used(minsu).await, (0, 0));
}

pub(crate) async fn what_is_never_attached_expires(fixture: &Fixture) {
    let minsu = fixture.person("minsu").await;
    let store = &fixture.store;
    let now = now_ms();
    let old = store.insert_upload(minsu, new_upload(100), FREE, now).await.unwrap();
    let young = store.insert_upload(minsu, new_upload(100), FREE, now + DAY).await.unwrap();
    assert_eq!(store.expired_uploads(now).await.unwrap(), [old]);
    assert!(!store.expire_upload(young, now).await.unwrap(), "not yet");
    assert!(store.expire_upload(old, now).await.unwrap() && !store.expire_upload(old, now).await.unwrap());
    assert_eq!(fixture.used(minsu).await, (100, 100));
    let file = store.complete_upload(minsu, young, completed(1, 100), FREE).await.unwrap();
    assert_eq!(store.delete_unattached_files(file.created_at).await.unwrap(), 0);
    assert_eq!(store.delete_unattached_files(file.created_at + 1).await.unwrap(), 1);
    assert_eq!((store.unreferenced_blobs().await.unwrap().len(), fixture.used(minsu).await), (1, (0, 0)));
}

pub(crate) async fn a_refused_upload_gives_its_space_back_and_says_why_to_its_owner(fixture: &Fixture) {
    let (minsu, younghee) = (fixture.person("minsu").await, fixture.person("younghee").await);
    let store = &fixture.store;
    let id = store.insert_upload(minsu, new_upload(100), FREE, now_ms() + DAY).await.unwrap();
    assert_eq!(refusal(store.refuse_upload(younghee, id, Refusal::Rejected).await), Refusal::NotFound);
    assert_eq!(store.refusal_of_upload(minsu, id).await.unwrap(), None);
    store.refuse_upload(minsu, id, Refusal::Rejected).await.unwrap();
    assert_eq!(store.refusal_of_upload(minsu, id).await.unwrap(), Some(Refusal::Rejected));
    assert_eq!(store.refusal_of_upload(younghee, id).await.unwrap(), None);
    assert!(!store.has_upload(id).await.unwrap());
    assert_eq!(fixture.used(minsu).await, (0, 0));
    assert_eq!(refusal(store.refuse_upload(minsu, id, Refusal::Rejected).await), Refusal::NotFound, "once");
}

pub(crate) async fn an_upload_lives_longer_and_never_shorter(fixture: &Fixture) {
    let minsu = fixture.person("minsu").await;
    let store = &fixture.store;
    let now = now_ms();
    let id = store.insert_upload(minsu, new_upload(100), FREE, now).await.unwrap();
    store.extend_upload(id, now + DAY).await.unwrap();
    store.extend_upload(id, now).await.unwrap();
    assert_eq!(store.upload(minsu, id).await.unwrap().unwrap().expires_at, now + DAY);
}

pub(crate) async fn a_person_has_a_limited_number_of_waiting_files(fixture: &Fixture) {
    let (minsu, younghee) = (fixture.person("minsu").await, fixture.person("younghee").await);
    let store = &fixture.store;
    let first = fixture.upload(minsu, completed(1, 0)).await;
    for _ in 1..WAITING_FILES {
        store.insert_upload(minsu, new_upload(0), FREE, now_ms() + DAY).await.unwrap();
    }
    let one_more = async |owner| store.insert_upload(owner, new_upload(0), FREE, now_ms() + DAY).await;
    assert_eq!(refusal(one_more(minsu).await), Refusal::TooMany);
    one_more(younghee).await.unwrap();
    store.delete_upload(minsu, first).await.unwrap();
    one_more(minsu).await.unwrap();
}

pub(crate) async fn a_disabled_account_has_no_files(fixture: &Fixture) {
    let minsu = fixture.person("minsu").await;
    let store = &fixture.store;
    let file = fixture.upload(minsu, completed(1, 10)).await;
    let pending = store.insert_upload(minsu, new_upload(10), FREE, now_ms() + DAY).await.unwrap();
    store.set_disabled("minsu".into(), true).await.unwrap();
    assert_eq!(refusal(store.readable_file(minsu, file).await), Refusal::NotFound);
    assert_eq!(refusal(store.complete_upload(minsu, pending, completed(2, 10), FREE).await), Refusal::SignedOut);
    assert_eq!(refusal(store.insert_upload(minsu, new_upload(1), FREE, 0).await), Refusal::SignedOut);
}
