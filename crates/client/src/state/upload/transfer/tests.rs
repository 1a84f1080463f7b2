//! Tests of a transfer: the next request, and the meaning of an answer.

use super::{Answer, CHUNK, FileTransfer, Request, SMALLEST_CHUNK, UploadFault};
use crate::state::upload::tests::{at, created, status};
use protocol::{error::Refusal, ids::FileId};

/// A cut connection, or an answer of a proxy in front of the server.
fn of_proxy(status: u16) -> Answer {
    Answer { status, ..Answer::default() }
}

fn begun(size: u64) -> (FileTransfer, FileId) {
    let (mut transfer, id) = (FileTransfer::new(size), FileId::new());
    assert_eq!(transfer.request(), Some(Request::Create));
    assert_eq!(transfer.answer(&created(id), 0.0), Ok(0));
    (transfer, id)
}

#[test]
fn a_file_is_sent_in_chunks() {
    let size = 2 * CHUNK + 3;
    let (mut transfer, id) = begun(size);
    for (from, until) in [(0, CHUNK), (CHUNK, 2 * CHUNK), (2 * CHUNK, size)] {
        assert_eq!(transfer.request(), Some(Request::Send { id, from, until }));
        assert_eq!(transfer.completed(), None);
        assert_eq!(transfer.answer(&at(until), 0.0), Ok(0));
    }
    assert_eq!((transfer.request(), transfer.completed()), (None, Some(id)));
    let (empty, id) = begun(0);
    assert_eq!(empty.completed(), Some(id));
}

#[test]
fn after_a_cut_the_server_says_where_to_go_on() {
    let (mut transfer, id) = begun(CHUNK);
    assert!(transfer.answer(&of_proxy(0), 1.0).unwrap() >= 500);
    assert_eq!(transfer.request(), Some(Request::Ask(id)));
    // Without a network, and while the server starts.
    for _ in 0..100 {
        assert!(transfer.answer(&of_proxy(0), 1.0).unwrap() <= 15_000);
    }
    transfer.answer(&status(503), 0.5).unwrap();
    transfer.answer(&at(700), 0.5).unwrap();
    assert_eq!(transfer.request(), Some(Request::Send { id, from: 700, until: CHUNK }));
    // Another offset than the server's.
    transfer.answer(&status(409), 0.5).unwrap();
    assert_eq!(transfer.request(), Some(Request::Ask(id)));
}

#[test]
fn waits_grow_and_are_random() {
    let wait = |random: f64, cuts: usize| {
        let (mut transfer, _) = begun(1);
        (0..cuts).map(|_| transfer.answer(&of_proxy(0), random).unwrap()).last().unwrap()
    };
    assert_eq!([wait(1.0, 1), wait(1.0, 2), wait(1.0, 3), wait(1.0, 9)], [500, 1_000, 2_000, 15_000]);
    assert_eq!(wait(0.0, 3), 1_000);
}

#[test]
fn a_413_halves_the_chunk_and_then_names_the_proxy() {
    let (mut transfer, id) = begun(4 * CHUNK);
    let mut chunk = CHUNK;
    while chunk > SMALLEST_CHUNK {
        assert_eq!(transfer.answer(&of_proxy(413), 0.0), Ok(0));
        transfer.answer(&at(0), 0.0).unwrap();
        chunk /= 2;
        assert_eq!(transfer.request(), Some(Request::Send { id, from: 0, until: chunk }));
    }
    assert_eq!(chunk, 512 * 1024);
    assert_eq!(transfer.answer(&of_proxy(413), 0.0), Err(UploadFault::Proxy));
    let refused = Answer { refusal: Some(Refusal::TooMany), ..status(413) };
    assert_eq!(transfer.answer(&refused, 0.0), Err(UploadFault::Refused(Refusal::TooMany)));
}

#[test]
fn an_expired_upload_begins_anew() {
    let mut transfer = FileTransfer::resumed(10, Some(FileId::new()), 4);
    assert!(matches!(transfer.request(), Some(Request::Ask(_))));
    transfer.answer(&status(404), 0.0).unwrap();
    assert_eq!((transfer.request(), transfer.offset), (Some(Request::Create), 0));
}

#[test]
fn a_file_that_cannot_be_read_is_no_lost_network() {
    let (mut transfer, _) = begun(10);
    transfer.answer(&of_proxy(0), 0.0).unwrap();
    transfer.answer(&at(0), 0.0).unwrap();
    let unreadable = Answer { is_unreadable: true, ..of_proxy(0) };
    assert_eq!(transfer.answer(&unreadable, 0.0), Err(UploadFault::Unreadable));
}

#[test]
fn cuts_without_progress_make_the_chunk_smaller() {
    for cut in [0, 408, 502, 504] {
        let (mut transfer, id) = begun(4 * CHUNK);
        let mut lengths = Vec::new();
        let fault = loop {
            let Some(Request::Send { from, until, .. }) = transfer.request() else { panic!("it sends") };
            lengths.push((until - from) >> 19);
            match transfer.answer(&of_proxy(cut), 0.0) {
                Ok(_) => transfer.answer(&at(0), 0.0).unwrap(),
                Err(fault) => break fault,
            };
        };
        assert_eq!(lengths, [16, 16, 8, 4, 2, 1, 1, 1, 1], "{cut}");
        // The file is not at fault.
        assert_eq!(fault, UploadFault::Refused(Refusal::Unavailable));
        // With progress it retries forever, in large pieces.
        let mut transfer = FileTransfer::resumed(4 * CHUNK, Some(id), 0);
        for offset in 1..100 {
            transfer.answer(&at(offset), 0.0).unwrap();
            assert_eq!(transfer.request(), Some(Request::Send { id, from: offset, until: offset + CHUNK }));
            transfer.answer(&of_proxy(cut), 0.0).unwrap();
        }
    }
}

#[test]
fn while_the_server_is_replaced_its_proxy_is_waited_for() {
    for away in [0, 502, 503, 504] {
        let mut transfer = FileTransfer::new(10);
        let wait = |transfer: &mut FileTransfer| transfer.answer(&of_proxy(away), 1.0).unwrap();
        assert!((0..100).all(|_| (500..=15_000).contains(&wait(&mut transfer))));
        let id = FileId::new();
        transfer.answer(&created(id), 0.0).unwrap();
        wait(&mut transfer);
        assert_eq!(transfer.request(), Some(Request::Ask(id)));
        assert!((0..100).all(|_| (500..=15_000).contains(&wait(&mut transfer))));
        // After failures of the server itself it gives up.
        assert!((0..20).find_map(|_| transfer.answer(&status(503), 0.0).err()).is_some());
    }
}

#[test]
fn a_server_that_fails_again_and_again_is_given_up_until_a_retry() {
    let (mut transfer, id) = begun(10);
    let fault = (0..20).find_map(|_| transfer.answer(&status(500), 0.0).err());
    assert_eq!(fault, Some(UploadFault::Refused(Refusal::Unavailable)));
    transfer.retry();
    assert_eq!(transfer.request(), Some(Request::Ask(id)));
    assert_eq!(transfer.answer(&status(401), 0.0), Err(UploadFault::Refused(Refusal::SignedOut)));
}

#[test]
fn a_page_of_a_proxy_is_no_answer_of_the_server() {
    for page in [200, 201, 204, 302, 404, 410] {
        let mut transfer = FileTransfer::new(10);
        assert!(transfer.answer(&of_proxy(page), 0.0).unwrap() > 0, "{page}");
        assert_eq!(transfer.request(), Some(Request::Create));
        let (mut transfer, id) = begun(10);
        for _ in 0..3 {
            assert!(transfer.answer(&of_proxy(page), 0.0).unwrap() > 0, "{page}");
            assert_eq!((transfer.request(), transfer.completed()), (Some(Request::Ask(id)), None), "{page}");
        }
        transfer.answer(&at(4), 0.0).unwrap();
        assert_eq!(transfer.request(), Some(Request::Send { id, from: 4, until: 10 }));
        let fault = (0..20).find_map(|_| transfer.answer(&of_proxy(page), 0.0).err());
        assert_eq!(fault, Some(UploadFault::Refused(Refusal::Unavailable)), "{page}");
    }
}

#[test]
fn a_file_that_the_server_made_smaller_is_complete() {
    let cleaned = Answer { length: Some(90), ..at(90) };
    // The answer to the last bytes was lost; the page was reloaded.
    let (mut transfer, id) = begun(100);
    transfer.answer(&of_proxy(0), 0.0).unwrap();
    transfer.answer(&cleaned, 0.0).unwrap();
    assert_eq!(transfer.completed(), Some(id));
    for offset in [0, 90, 100] {
        let mut transfer = FileTransfer::resumed(100, Some(id), offset);
        transfer.answer(&cleaned, 0.0).unwrap();
        assert_eq!((transfer.completed(), transfer.offset), (Some(id), 100));
    }
    let mut transfer = FileTransfer::resumed(100, Some(id), 100);
    transfer.answer(&Answer { length: Some(100), ..at(90) }, 0.0).unwrap();
    assert_eq!(transfer.request(), Some(Request::Send { id, from: 90, until: 100 }));
}

/// All bytes were sent and the answer was lost.
fn all_sent() -> FileTransfer {
    let (mut transfer, _) = begun(2 * CHUNK);
    transfer.answer(&at(CHUNK), 0.0).unwrap();
    transfer.answer(&of_proxy(504), 0.0).unwrap();
    assert!(matches!(transfer.request(), Some(Request::Ask(_))));
    transfer
}

#[test]
fn a_file_that_was_refused_as_a_whole_is_not_sent_again_by_itself() {
    // The server still knows the reason; or it has deleted it; no proxy was involved.
    let rejected = Answer { refusal: Some(Refusal::Rejected), ..status(422) };
    let gone = Err(UploadFault::Refused(Refusal::Unavailable));
    for (answer, outcome) in [
        (rejected.clone(), Err(UploadFault::Refused(Refusal::Rejected))),
        (Answer { status: 404, ..rejected.clone() }, Err(UploadFault::Refused(Refusal::Rejected))),
        (status(404), gone),
        (status(410), gone),
    ] {
        let mut transfer = all_sent();
        transfer.answer(&of_proxy(504), 0.0).unwrap();
        assert_eq!(transfer.answer(&answer, 0.0), outcome);
        // The user retries: as a new upload.
        transfer.retry();
        assert_eq!((transfer.request(), transfer.offset), (Some(Request::Create), 0));
    }
    let (mut transfer, _) = begun(1);
    assert_eq!(transfer.answer(&rejected, 0.0), Err(UploadFault::Refused(Refusal::Rejected)));
    transfer.retry();
    assert_eq!(transfer.request(), Some(Request::Create));
}

#[test]
fn a_server_that_has_not_all_bytes_has_refused_nothing() {
    let mut transfer = all_sent();
    transfer.answer(&at(CHUNK + 5), 0.0).unwrap();
    transfer.answer(&status(404), 0.0).unwrap();
    assert_eq!((transfer.request(), transfer.offset), (Some(Request::Create), 0));
    // Nor has a transfer whose proxy refused the rest.
    let mut transfer = all_sent();
    transfer.answer(&at(CHUNK + 5), 0.0).unwrap();
    transfer.answer(&of_proxy(413), 0.0).unwrap();
    transfer.answer(&status(404), 0.0).unwrap();
    assert_eq!(transfer.request(), Some(Request::Create));
    // Nor has a transfer that lost bytes in between.
    let (mut transfer, _) = begun(2 * CHUNK);
    transfer.answer(&of_proxy(0), 0.0).unwrap();
    transfer.answer(&status(404), 0.0).unwrap();
    assert_eq!(transfer.request(), Some(Request::Create));
}

#[test]
fn a_deletion_goes_on_until_the_server_has_nothing() {
    let id = FileId::new();
    let mut deletion = FileTransfer::deletion(id);
    for answer in [of_proxy(0), of_proxy(502), of_proxy(200), of_proxy(404), status(423), status(503)] {
        assert_eq!(deletion.request(), Some(Request::Delete(id)));
        assert!(deletion.answer(&answer, 0.0).unwrap() > 0, "{answer:?}");
    }
    for answer in [status(204), status(404)] {
        let mut deletion = deletion.clone();
        assert_eq!((deletion.answer(&answer, 0.0), deletion.request()), (Ok(0), None));
    }
    assert!(deletion.answer(&status(401), 0.0).is_err());
}
