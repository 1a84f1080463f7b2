//! Files of messages: who may attach and read them, and what a recall deletes.

use protocol::{
    error::Refusal,
    file::Attachment,
    ids::{FileId, MessageId, RoomId, UserId},
    limit::{FILES, PAGE_FILES},
    message::Message,
    room_socket::Post,
};
use server::model::{Anchor, BlobHash, CompletedFile, FilePage, NewCopy, NewUpload, Quotas};

use crate::{
    files::completed,
    fixture::{Fixture, already, new, refusal},
};

fn with_files(body: &str, files: impl Into<Vec<FileId>>) -> Post {
    Post { files: files.into(), ..new(body) }
}

fn named(content: u8, name: &str) -> CompletedFile {
    CompletedFile { name: name.into(), ..completed(content, 10) }
}

fn names(message: &Message) -> Vec<&str> {
    message.files.iter().map(|file| file.name.as_str()).collect()
}

impl Fixture {
    /// Posts a message with these files.
    pub(crate) async fn share(
        &self,
        room: RoomId,
        author: UserId,
        body: &str,
        files: &[CompletedFile],
    ) -> (MessageId, Vec<FileId>) {
        let mut ids = Vec::new();
        for file in files {
            ids.push(self.upload(author, file.clone()).await);
        }
        let post = with_files(body, ids.clone());
        let id = post.id;
        self.store.insert_message(room, author, post).await.unwrap();
        (id, ids)
    }

    pub(crate) async fn reads(&self, user: UserId, file: FileId) -> bool {
        match self.store.readable_file(user, file).await {
            Ok(_) => true,
            unread => {
                assert_eq!(refusal(unread), Refusal::NotFound, "one answer for whatever is not theirs");
                false
            }
        }
    }

    pub(crate) async fn found(&self, user: UserId, query: &str) -> usize {
        self.store.catch_up_index().await;
        self.store.search(user, query, None).await.unwrap().hits.len()
    }
}

pub(crate) async fn a_message_has_its_files_wherever_it_is_read(fixture: &Fixture) {
    let (minsu, younghee, room) = fixture.pair().await;
    let ids = [fixture.upload(minsu, named(1, "하나.png")).await, fixture.upload(minsu, named(2, "둘.hwp")).await];
    let version = fixture.version(room).await;
    fixture.committed().await;
    let post = with_files("", [ids[1], ids[0]]);
    fixture.store.insert_message(room, minsu, post.clone()).await.unwrap();
    let message = fixture.message(room, post.id).await;
    assert_eq!(names(&message), ["둘.hwp", "하나.png"], "in the author's order");
    let expected = fixture.store.readable_file(younghee, ids[1]).await.unwrap();
    assert_eq!((&message.files[0], expected.attached_to), (&expected.attachment(), Some((room, message.seq))));
    assert_eq!(fixture.committed_messages(room).await, std::slice::from_ref(&message));
    let (delta, _) = fixture.store.changes_since(room, 0, version).await.unwrap().unwrap();
    assert_eq!(delta, std::slice::from_ref(&message));
    for user in [minsu, younghee] {
        let last = fixture.store.rooms_of(user).await.unwrap().remove(0).last.unwrap();
        assert_eq!(last.files, message.files);
    }
    let again = already(fixture.store.insert_message(room, minsu, post.clone()).await.unwrap());
    assert_eq!(again, message, "a retry is answered with its files");
    let other = Post { files: vec![ids[0]], ..post };
    assert_eq!(refusal(fixture.store.insert_message(room, minsu, other).await), Refusal::IdConflict);
}

pub(crate) async fn a_file_is_attached_once_by_its_uploader_where_they_may_post(fixture: &Fixture) {
    let (minsu, younghee, room) = fixture.pair().await;
    let sora = fixture.person("sora").await;
    let store = &fixture.store;
    let group = store.open_group(younghee, vec![minsu, sora], None).await.unwrap();
    let file = fixture.upload(minsu, completed(1, 10)).await;
    let pending = store
        .insert_upload(
            minsu,
            NewUpload { name: "a".into(), length: 1, is_original: false },
            Quotas::default(),
            i64::MAX,
        )
        .await
        .unwrap();
    let version = fixture.version(room).await;
    let post = async |room, author, files: &[FileId]| {
        refusal(store.insert_message(room, author, with_files("말", files)).await)
    };
    assert_eq!(post(room, younghee, &[file]).await, Refusal::NotFound, "another's");
    assert_eq!(post(room, minsu, &[file, file]).await, Refusal::NotFound, "twice in one message");
    assert_eq!(post(room, minsu, &[FileId::new()]).await, Refusal::NotFound);
    assert_eq!(post(room, minsu, &[file, pending]).await, Refusal::NotReady);
    assert_eq!(post(room, younghee, &[pending]).await, Refusal::NotFound);
    assert_eq!(post(room, minsu, &vec![file; FILES + 1]).await, Refusal::TooMany);
    store.leave(group, minsu).await.unwrap();
    assert_eq!(post(group, minsu, &[file]).await, Refusal::NotFound, "after they left");
    assert_eq!(fixture.version(room).await, version, "what is refused leaves nothing");
    assert!(fixture.reads(minsu, file).await && !fixture.reads(younghee, file).await);
    store.insert_message(room, minsu, with_files("", [file])).await.unwrap();
    for room in [room, store.open_direct(minsu, sora).await.unwrap()] {
        assert_eq!(post(room, minsu, &[file]).await, Refusal::NotFound, "a second time");
    }
    assert_eq!(refusal(store.delete_upload(minsu, file).await), Refusal::NotFound, "only a recall takes it back");
}

pub(crate) async fn those_read_a_file_who_see_its_message(fixture: &Fixture) {
    let (minsu, younghee) = (fixture.person("minsu").await, fixture.person("younghee").await);
    let [since, left, stranger] =
        [fixture.person("since").await, fixture.person("left").await, fixture.person("sora").await];
    let store = &fixture.store;
    let group = store.open_group(minsu, vec![younghee, left], None).await.unwrap();
    let (_, ids) = fixture.share(group, minsu, "", &[completed(1, 10)]).await;
    assert!(fixture.reads(left, ids[0]).await);
    store.leave(group, left).await.unwrap();
    store.invite(group, younghee, vec![since], false).await.unwrap();
    let readers = async |id| {
        let mut readers = Vec::new();
        for user in [minsu, younghee, since, left, stranger] {
            if fixture.reads(user, id).await {
                readers.push(user);
            }
        }
        readers
    };
    assert_eq!(readers(ids[0]).await, [minsu, younghee]);
    let (_, later) = fixture.share(group, younghee, "", &[completed(1, 10)]).await;
    assert_eq!(readers(later[0]).await, [minsu, younghee, since]);
    store.set_disabled("younghee".into(), true).await.unwrap();
    assert_eq!(readers(later[0]).await, [minsu, since], "the author, too, only while enabled");
    store.leave(group, minsu).await.unwrap();
    assert_eq!(readers(ids[0]).await, [], "the uploader left");
    store.invite(group, since, vec![minsu], true).await.unwrap();
    assert_eq!(readers(ids[0]).await, [], "history is the inviter's");
}

pub(crate) async fn a_recall_takes_files_and_their_bytes(fixture: &Fixture) {
    let (minsu, younghee, room) = fixture.pair().await;
    let store = &fixture.store;
    let (message, ids) = fixture.share(room, minsu, "첨부", &[named(1, "비밀.hwp"), named(2, "둘.png")]).await;
    fixture.share(room, younghee, "", &[named(2, "셋.png")]).await;
    assert_eq!(fixture.found(younghee, "비밀").await, 1);
    store.recall(room, minsu, message, 0).await.unwrap();
    assert_eq!(fixture.message(room, message).await.files, []);
    assert!(!fixture.reads(minsu, ids[0]).await && !fixture.reads(younghee, ids[0]).await);
    assert_eq!(fixture.found(younghee, "비밀").await, 0);
    assert_eq!(store.unreferenced_blobs().await.unwrap(), [BlobHash([1; 32])], "another message has the second");
    assert_eq!((store.used(minsu).await.unwrap(), store.used_total().await.unwrap()), (0, 10));
    let post = Post { id: message, ..with_files("첨부", ids) };
    assert!(already(store.insert_message(room, minsu, post).await.unwrap()).recalled.is_some());
}

pub(crate) async fn an_edit_keeps_files_and_may_take_the_text(fixture: &Fixture) {
    let (minsu, _, room) = fixture.pair().await;
    let store = &fixture.store;
    let (message, ids) = fixture.share(room, minsu, "설명", &[named(1, "도면.pdf")]).await;
    store.edit(room, minsu, message, String::new().into(), 0).await.unwrap();
    let edited = fixture.message(room, message).await;
    assert_eq!((edited.body.as_str(), names(&edited)), ("", vec!["도면.pdf"]));
    assert_eq!((fixture.found(minsu, "설명").await, fixture.found(minsu, "도면").await), (0, 1));
    store.edit(room, minsu, message, "다시".into(), 0).await.unwrap();
    assert_eq!((fixture.found(minsu, "다시").await, fixture.found(minsu, "면.pd").await), (1, 1));
    let text = fixture.post(room, minsu, "글").await;
    assert_eq!(refusal(store.edit(room, minsu, text, String::new().into(), 0).await), Refusal::EmptyBody);
    let retry = Post { id: message, ..with_files("설명", ids) };
    assert_eq!(already(store.insert_message(room, minsu, retry).await.unwrap()).body, "다시");
}

pub(crate) async fn a_quote_of_a_file_is_its_name(fixture: &Fixture) {
    let (minsu, younghee, room) = fixture.pair().await;
    let (quoted, _) = fixture.share(room, minsu, "", &[named(1, "첫째.png"), named(2, "둘째.png")]).await;
    let reply = Post { reply_to: Some(quoted), ..new("좋네요") };
    fixture.store.insert_message(room, younghee, reply.clone()).await.unwrap();
    let quote = async || fixture.message(room, reply.id).await.reply_to.unwrap().body;
    assert_eq!(quote().await, "첫째.png");
    fixture.store.recall(room, minsu, quoted, 0).await.unwrap();
    assert_eq!(quote().await, "");
}

pub(crate) async fn a_room_lists_its_files_for_a_member(fixture: &Fixture) {
    let (minsu, younghee) = (fixture.person("minsu").await, fixture.person("younghee").await);
    let store = &fixture.store;
    let group = store.open_group(minsu, vec![fixture.person("sora").await], None).await.unwrap();
    fixture.share(group, minsu, "", &[named(1, "예산.HWP"), named(2, "100%.png")]).await;
    store.invite(group, minsu, vec![younghee], false).await.unwrap();
    fixture.share(group, minsu, "", &[named(3, "결산_2.hwp")]).await;
    let (recalled, _) = fixture.share(group, minsu, "", &[named(4, "회수.hwp")]).await;
    store.recall(group, minsu, recalled, 0).await.unwrap();
    let list = async |user, part: &str| {
        let page = store.files_of_room(group, user, part, None).await.unwrap();
        page.files.into_iter().map(|file| file.file.name).collect::<Vec<_>>()
    };
    assert_eq!(list(minsu, "").await, ["결산_2.hwp", "100%.png", "예산.HWP"]);
    assert_eq!(list(younghee, "").await, ["결산_2.hwp"], "from when they joined");
    assert_eq!(list(minsu, ".hwp").await, ["결산_2.hwp", "예산.HWP"]);
    assert_eq!(list(minsu, "산").await.len(), 2);
    assert_eq!(list(minsu, "%").await, ["100%.png"]);
    assert_eq!(list(minsu, "_").await, ["결산_2.hwp"]);
    store.leave(group, younghee).await.unwrap();
    assert_eq!(refusal(store.files_of_room(group, younghee, "", None).await), Refusal::NotFound);
}

pub(crate) async fn files_of_a_room_come_page_by_page(fixture: &Fixture) {
    let (minsu, _, room) = fixture.pair().await;
    let store = &fixture.store;
    for message in 0..7 {
        let files: Vec<_> = (0..FILES).map(|nth| named(1, &format!("{message}-{nth}"))).collect();
        fixture.share(room, minsu, "", &files).await;
    }
    let (mut listed, mut before) = (Vec::<(u64, Attachment)>::new(), None);
    loop {
        let FilePage { files, before: next } = store.files_of_room(room, minsu, "", before).await.unwrap();
        assert!(!files.is_empty() && files.len() <= PAGE_FILES);
        listed.extend(files.into_iter().map(|file| (file.seq, file.file)));
        before = next;
        if before.is_none() {
            break;
        }
    }
    let all = store.page(room, 0, Anchor::Newest).await.unwrap().messages;
    let mut expected: Vec<_> = all.iter().flat_map(|of| of.files.iter().map(|file| (of.seq, file.clone()))).collect();
    expected.reverse();
    assert_eq!(listed, expected);
}

/// Numbers that look random, the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }
}

/// The check at the end of each guarantee compares refs and used bytes with the rows.
pub(crate) async fn random_changes_keep_every_count(fixture: &Fixture) {
    let (minsu, younghee, room) = fixture.pair().await;
    let (store, people) = (&fixture.store, [minsu, younghee]);
    let quotas = Quotas { per_user: Some(150), total: Some(220) };
    let (mut dice, mut uploads, mut files, mut messages) = (Dice(15), Vec::new(), Vec::new(), Vec::new());
    let (mut refused, mut expired) = (0, 0);
    for turn in 0..600 {
        let user = people[dice.roll(2)];
        match dice.roll(8) {
            0 | 1 => {
                let length = dice.roll(30) as u64;
                match store
                    .insert_upload(user, NewUpload { name: "a".into(), length, is_original: false }, quotas, turn)
                    .await
                {
                    Ok(id) => uploads.push((user, id)),
                    Err(_) => refused += 1,
                }
            }
            2 | 3 if !uploads.is_empty() => {
                let (owner, id) = uploads[dice.roll(uploads.len())];
                let content = dice.roll(6) as u8;
                let file = CompletedFile { size: u64::from(content) * 7, ..completed(content, 0) };
                if store.complete_upload(owner, id, file, quotas).await.is_ok() {
                    files.push((owner, id));
                }
            }
            4 if !files.is_empty() => {
                let (owner, id) = files[dice.roll(files.len())];
                let post = with_files("", [id]);
                if store.insert_message(room, owner, post.clone()).await.is_ok() {
                    messages.push((owner, post.id));
                }
            }
            5 if !messages.is_empty() => {
                let (author, id) = messages[dice.roll(messages.len())];
                store.recall(room, author, id, 0).await.unwrap();
            }
            6 if !messages.is_empty() => {
                let (_, original) = messages[dice.roll(messages.len())];
                let copy = NewCopy { original, id: MessageId::new() };
                if store.forward(room, copy, room, user, quotas).await.is_ok() {
                    messages.push((user, copy.id));
                }
            }
            _ => {
                if let Some(old) = store.expired_uploads(turn - 40).await.unwrap().first() {
                    expired += usize::from(store.expire_upload(*old, turn - 40).await.unwrap());
                }
                for hash in store.unreferenced_blobs().await.unwrap() {
                    store.forget_blob(hash).await.unwrap();
                }
            }
        }
    }
    assert!(refused > 5 && expired > 5 && messages.len() > 20, "{refused} {expired} {}", messages.len());
}
