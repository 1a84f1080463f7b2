//! Tests of the upload queue.

use super::{Answer, NewFile, Outgoing, Phase, Request, UploadQueue, UploadSteps, transfer::CHUNK};
use protocol::{
    ids::{FileId, MessageId, RoomId},
    limit::FILES,
};

/// An answer of the server.
pub(super) fn status(status: u16) -> Answer {
    Answer { status, is_of_server: true, ..Answer::default() }
}

pub(super) fn at(offset: u64) -> Answer {
    Answer { offset: Some(offset), ..status(204) }
}

pub(super) fn created(id: FileId) -> Answer {
    Answer { id: Some(id), ..status(201) }
}

fn file(name: &str, size: u64) -> NewFile {
    NewFile { name: name.into(), size, modified: 5, media_type: "image/png".into() }
}

/// Answers the requests of a running upload until it is done.
fn finish(uploads: &mut UploadQueue, key: u32) -> FileId {
    let id = FileId::new();
    while let Some(request) = uploads.request(key) {
        let answer = match request {
            Request::Create => created(id),
            Request::Ask(_) => at(0),
            Request::Send { until, .. } => at(until),
            Request::Delete(_) => panic!("a file of the queue is wanted"),
        };
        uploads.answer(key, &answer, 0.0);
    }
    id
}

fn outgoing(body: &str) -> Outgoing {
    Outgoing {
        id: MessageId::new(),
        body: body.into(),
        reply_to: None,
        mentions: Default::default(),
        asks_confirmation: false,
        sent_at: 1,
    }
}

#[test]
fn three_files_are_sent_at_a_time() {
    let (mut uploads, room) = (UploadQueue::default(), RoomId::new());
    let keys: Vec<u32> = (0..5).filter_map(|index| uploads.add(room, file(&index.to_string(), 1), false)).collect();
    assert_eq!(uploads.start(), keys[..3]);
    assert!(uploads.start().is_empty() && uploads.request(keys[3]).is_none());
    finish(&mut uploads, keys[1]);
    assert_eq!(uploads.start(), [keys[3]]);
    uploads.remove(keys[0]);
    assert_eq!(uploads.start(), [keys[4]]);
    assert!(uploads.is_busy());
}

#[test]
fn a_tray_has_twenty_files_in_each_room() {
    let (mut uploads, room) = (UploadQueue::default(), RoomId::new());
    let added = (0..30).filter(|index| uploads.add(room, file(&index.to_string(), 1), false).is_some()).count();
    assert_eq!((added, uploads.free(room)), (FILES, 0));
    assert!(uploads.add(RoomId::new(), file("x", 1), false).is_some());
}

#[test]
fn a_message_waits_for_its_files_and_the_next_one_does_not() {
    let (mut uploads, room) = (UploadQueue::default(), RoomId::new());
    let first = uploads.add(room, file("a", 1), false).unwrap();
    let second = uploads.add(room, file("b", 1), false).unwrap();
    uploads.start();
    let message = outgoing("둘 다");
    uploads.send(room, message.clone());
    assert_eq!((uploads.of(room, None).count(), uploads.of(room, Some(message.id)).count()), (0, 2));
    let third = uploads.add(room, file("c", 1), false).unwrap();
    uploads.start();
    let second_id = finish(&mut uploads, second);
    finish(&mut uploads, third);
    assert!(uploads.take_ready().is_empty());
    let first_id = finish(&mut uploads, first);
    let ready = uploads.take_ready();
    assert_eq!(ready.len(), 1);
    let (of, unsent) = &ready[0];
    assert_eq!((*of, &*unsent.body, unsent.id), (room, "둘 다", message.id));
    assert_eq!(unsent.files.iter().map(|file| file.id).collect::<Vec<_>>(), [first_id, second_id]);
    assert_eq!(uploads.outgoing(room).count(), 0);
    assert_eq!(uploads.of(room, None).map(|upload| upload.key).collect::<Vec<_>>(), [third]);
}

#[test]
fn a_waiting_message_is_taken_back_with_its_files_and_its_text() {
    let (mut uploads, room) = (UploadQueue::default(), RoomId::new());
    let key = uploads.add(room, file("a", 1), false).unwrap();
    let message = outgoing("설명");
    uploads.send(room, message.clone());
    assert_eq!(uploads.take_back(message.id), Some(message.clone()));
    assert_eq!(uploads.of(room, None).count(), 1);
    // Without its last file a message does not wait any more.
    uploads.send(room, message.clone());
    assert!(uploads.take_emptied(room).is_empty());
    uploads.remove(key);
    assert!(uploads.take_ready().is_empty());
    assert_eq!(uploads.take_emptied(room), [message]);
}

#[test]
fn a_failed_file_holds_its_message_until_it_is_sent_again_or_removed() {
    let (mut uploads, room) = (UploadQueue::default(), RoomId::new());
    let key = uploads.add(room, file("a", 1), false).unwrap();
    uploads.start();
    uploads.send(room, outgoing(""));
    uploads.answer(key, &status(400), 0.0);
    assert!(matches!(uploads.find(key).unwrap().phase, Phase::Failed(_)));
    assert!(uploads.take_ready().is_empty() && uploads.start().is_empty());
    uploads.retry(key);
    assert_eq!(uploads.start(), [key]);
    finish(&mut uploads, key);
    assert_eq!(uploads.take_ready().len(), 1);
}

#[test]
fn after_a_reload_the_same_file_goes_on_and_another_one_does_not() {
    let (mut before, room) = (UploadQueue::default(), RoomId::new());
    let key = before.add(room, file("a.png", 3 * CHUNK), true).unwrap();
    let done = before.add(room, file("b.png", 1), false).unwrap();
    before.start();
    let id = FileId::new();
    before.answer(key, &created(id), 0.0);
    before.answer(key, &at(CHUNK), 0.0);
    finish(&mut before, done);
    before.send(room, outgoing("둘"));

    let mut after = UploadQueue::default();
    after.restore(room, before.kept(room));
    assert_eq!(after.outgoing(room).count(), 1);
    let phases: Vec<Phase> = after
        .outgoing(room)
        .next()
        .map(|message| message.id)
        .into_iter()
        .flat_map(|message| after.of(room, Some(message)).map(|upload| upload.phase).collect::<Vec<_>>())
        .collect();
    assert!(matches!(phases[..], [Phase::Missing, Phase::Waiting]), "{phases:?}");
    // A complete upload may have expired.
    let started = after.start();
    assert_eq!(started.len(), 1);
    assert!(matches!(after.request(started[0]), Some(Request::Ask(_))));
    after.answer(started[0], &at(1), 0.0);
    assert!(after.take_ready().is_empty());
    // Another file with the same name, and the same file in another room, are new files.
    let other = after.add(room, NewFile { modified: 6, ..file("a.png", 3 * CHUNK) }, false).unwrap();
    let elsewhere = after.add(RoomId::new(), file("a.png", 3 * CHUNK), false).unwrap();
    let same = after.add(room, file("a.png", 3 * CHUNK), false).unwrap();
    assert!(same < other && other < elsewhere);
    assert!(after.find(same).unwrap().is_original);
    after.start();
    assert_eq!(after.request(same), Some(Request::Ask(id)));
    assert_eq!(after.request(other), Some(Request::Create));
    finish(&mut after, same);
    assert_eq!(after.take_ready().len(), 1);
}

#[test]
fn screen_readers_hear_quarters_faults_and_the_end() {
    let (mut uploads, room, mut steps) = (UploadQueue::default(), RoomId::new(), UploadSteps::default());
    let long = uploads.add(room, file("긴 것", 4 * CHUNK), false).unwrap();
    let other = uploads.add(room, file("다른 것", 0), false).unwrap();
    uploads.start();
    uploads.answer(long, &created(FileId::new()), 0.0);
    let mut announced = Vec::new();
    for sent in (0..4 * CHUNK).step_by(1 << 20) {
        uploads.progress(long, sent);
        announced.extend(steps.next(&uploads, room));
    }
    assert_eq!(announced, [(None, 25), (None, 50), (None, 75)]);
    uploads.answer(other, &status(400), 0.0);
    assert_eq!(steps.next(&uploads, room), Some((Some("다른 것".into()), 0)));
    assert_eq!(steps.next(&uploads, room), None);
    finish(&mut uploads, long);
    assert_eq!(steps.next(&uploads, room), None, "one of them failed");
    uploads.retry(other);
    uploads.start();
    steps.next(&uploads, room);
    finish(&mut uploads, other);
    assert_eq!(steps.next(&uploads, room), Some((None, 100)));
    assert_eq!(steps.next(&uploads, room), None);
}

#[test]
fn another_choice_about_metadata_sends_pictures_anew() {
    let (mut uploads, room) = (UploadQueue::default(), RoomId::new());
    let picture = uploads.add(room, file("a.png", 1), false).unwrap();
    let document = uploads.add(room, NewFile { media_type: "text/plain".into(), ..file("b.txt", 1) }, false).unwrap();
    uploads.start();
    let id = finish(&mut uploads, picture);
    let changed = uploads.set_original(room, true, |_| true);
    assert_eq!(changed.len(), 1);
    let (old, new, deleted) = changed[0];
    assert_eq!((old, deleted), (picture, Some(id)));
    assert!(uploads.find(picture).is_none() && uploads.find(new).unwrap().is_original);
    assert!(uploads.find(document).is_some());
    assert_eq!(uploads.start(), [new]);
    assert_eq!(uploads.request(new), Some(Request::Create));
}

#[test]
fn what_is_removed_while_it_is_created_is_deleted_when_the_server_names_it() {
    let (mut uploads, room, answer) = (UploadQueue::default(), RoomId::new(), created(FileId::new()));
    let cancelled = uploads.add(room, file("a.png", 1), false).unwrap();
    let changed = uploads.add(room, file("b.png", 1), false).unwrap();
    let wanted = uploads.add(room, NewFile { media_type: String::new(), ..file("c", 1) }, false).unwrap();
    uploads.start();
    assert_eq!(uploads.remove(cancelled), None);
    assert_eq!(uploads.set_original(room, true, |_| true)[0].2, None);
    for key in [cancelled, changed] {
        assert_eq!(uploads.orphan(key, &answer), answer.id);
        assert_eq!(uploads.orphan(key, &status(0)), None);
        uploads.answer(key, &answer, 0.0);
    }
    assert_eq!(uploads.orphan(wanted, &answer), None);
    assert!(uploads.all_of(room).all(|upload| upload.transfer.id.is_none()));
}

#[test]
fn the_choice_about_metadata_deletes_no_picture_that_cannot_be_sent_again() {
    let (mut before, room) = (UploadQueue::default(), RoomId::new());
    let key = before.add(room, file("a.png", 1), false).unwrap();
    before.start();
    finish(&mut before, key);
    let mut uploads = UploadQueue::default();
    uploads.restore(room, before.kept(room));
    let key = uploads.start()[0];
    uploads.answer(key, &at(1), 0.0);
    assert!(!uploads.is_original(room));
    assert!(uploads.set_original(room, true, |_| false).is_empty());
    assert!(matches!(uploads.find(key).unwrap().phase, Phase::Done(_)));
    // A file that the browser still has is sent again at the same time.
    let held = uploads.add(room, file("b.png", 1), false).unwrap();
    assert_eq!(uploads.set_original(room, true, |key| key == held)[0].0, held);
    assert!(uploads.is_original(room) && uploads.find(key).is_some());
}

#[test]
fn metadata_that_shall_not_be_sent_is_not_sent_after_a_reload_either() {
    for is_done in [true, false] {
        let (mut before, room) = (UploadQueue::default(), RoomId::new());
        let key = before.add(room, file("a.png", 2), true).unwrap();
        before.start();
        let id = FileId::new();
        before.answer(key, &created(id), 0.0);
        before.answer(key, &at(if is_done { 2 } else { 1 }), 0.0);
        let mut uploads = UploadQueue::default();
        uploads.restore(room, before.kept(room));
        assert!(uploads.is_original(room));
        let changed = uploads.set_original(room, false, |_| false);
        let (_, new, deleted) = changed[0];
        assert_eq!(deleted, Some(id));
        assert_eq!(uploads.find(new).unwrap().phase, Phase::Missing);
        assert_eq!(uploads.add(room, file("a.png", 2), true), Some(new));
        assert!(!uploads.find(new).unwrap().is_original);
        uploads.start();
        assert_eq!(uploads.request(new), Some(Request::Create));
    }
}
