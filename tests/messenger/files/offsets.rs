//! Hostile offsets: each is refused, and the upload stays unchanged.

use protocol::ids::FileId;
use reqwest::{Body, Method};
use tokio::{sync::mpsc, task::JoinHandle, time::timeout};

use crate::{
    files::client::error,
    stage::{Person, Stage, TEST_TIMEOUT},
};

/// The body of a transfer, piece by piece.
type Pieces = mpsc::Sender<Result<String, std::io::Error>>;

async fn refused(person: &Person, id: FileId, offset: &str, bytes: impl Into<Body>) -> (u16, String) {
    let answer = person.append(id, offset, bytes).await;
    (answer.status().as_u16(), error(answer).await)
}

#[tokio::test]
async fn bytes_begin_where_the_upload_ends_and_end_with_its_length() {
    let stage = Stage::new().await;
    let minsu = stage.person("minsu", "김민수").await;
    let id = minsu.begin("a", 10).await;
    assert_eq!(minsu.append(id, "0", "01234").await.status(), 204);
    for (offset, bytes, status, word) in [
        ("-1", "x", 422, "malformed"),
        ("", "x", 422, "malformed"),
        ("5.0", "x", 422, "malformed"),
        ("0", "x", 409, "wrong_offset"),
        ("4", "x", 409, "wrong_offset"),
        ("6", "x", 409, "wrong_offset"),
        ("10", "", 409, "wrong_offset"),
        ("18446744073709551615", "x", 409, "wrong_offset"),
        ("18446744073709551616", "x", 422, "malformed"),
        ("5", "567890", 413, "file_too_large"),
    ] {
        assert_eq!(refused(&minsu, id, offset, bytes).await, (status, word.to_owned()), "{offset}: {bytes}");
        assert_eq!(minsu.offset(id).await, (200, Some(5)), "{offset}: {bytes}");
    }
    assert_eq!(minsu.append(id, "5", "56789").await.status(), 204);
    // A complete file.
    for (offset, bytes) in [("10", "x"), ("0", "x"), ("10", "")] {
        assert_eq!(refused(&minsu, id, offset, bytes).await, (409, "wrong_offset".to_owned()), "{offset}");
    }
    assert_eq!(minsu.get(id).await.text().await.unwrap(), "0123456789");
}

#[tokio::test]
async fn a_body_of_unknown_length_does_not_go_beyond_the_uploads() {
    let stage = Stage::new().await;
    let minsu = stage.person("minsu", "김민수").await;
    let id = minsu.begin("a", 10).await;
    let pieces = ["0123456789", "x"].map(|piece| Ok::<_, std::io::Error>(piece.to_owned()));
    let body = Body::wrap_stream(futures::stream::iter(pieces));
    assert_eq!(refused(&minsu, id, "0", body).await, (413, "file_too_large".to_owned()));
    assert_eq!(minsu.offset(id).await, (200, Some(10)));
    assert_eq!(minsu.get(id).await.text().await.unwrap(), "0123456789");
}

#[tokio::test]
async fn nothing_is_taken_of_a_body_that_says_that_it_is_too_long() {
    let stage = Stage::new().await;
    let minsu = stage.person("minsu", "김민수").await;
    let id = minsu.begin("a", 2_000_000).await;
    // It comes in many pieces, of which the last one alone is too much.
    assert_eq!(refused(&minsu, id, "0", vec![b'x'; 2_000_001]).await, (413, "file_too_large".to_owned()));
    assert_eq!(minsu.offset(id).await, (200, Some(0)));
}

#[tokio::test]
async fn of_two_transfers_at_once_one_is_refused_and_harms_nothing() {
    let stage = Stage::new().await;
    let minsu = stage.person("minsu", "김민수").await;
    let id = minsu.begin("a", 10).await;
    let (pieces, first) = transfer(&stage, &minsu, id).await;
    let busy = minsu.append(id, "7", "x").await;
    assert_eq!((busy.status().as_u16(), error(busy).await), (423, "busy".to_owned()));
    pieces.send(Ok("56789".to_owned())).await.unwrap();
    drop(pieces);
    assert_eq!(first.await.unwrap(), 204);
    assert_eq!(minsu.get(id).await.text().await.unwrap(), "0123456789");
}

/// A transfer of an upload of ten bytes, of which half have come: what follows, and its status.
async fn transfer(stage: &Stage, minsu: &Person, id: FileId) -> (Pieces, JoinHandle<u16>) {
    let (pieces, body) = mpsc::channel(1);
    let body = futures::stream::unfold(body, async |mut body| body.recv().await.map(|piece| (piece, body)));
    let sending = tokio::spawn({
        let minsu = minsu.clone();
        async move { minsu.append(id, "0", Body::wrap_stream(body)).await.status().as_u16() }
    });
    pieces.send(Ok("01234".to_owned())).await.unwrap();
    // The first byte creates the file, under the lock of the transfer.
    let incoming = stage.data.path().join("files/incoming").join(id.to_string());
    let begun = async {
        while !incoming.exists() {
            tokio::task::yield_now().await;
        }
    };
    timeout(TEST_TIMEOUT, begun).await.expect("the transfer begins");
    (pieces, sending)
}

#[tokio::test]
async fn a_cancelled_or_expired_upload_ends_its_transfer_at_once_and_leaves_no_bytes() {
    let stage = Stage::new().await;
    let minsu = stage.person("minsu", "김민수").await;
    for is_cancelled in [true, false] {
        let id = minsu.begin("a", 10).await;
        let (pieces, sending) = transfer(&stage, &minsu, id).await;
        let cancelled = if is_cancelled { id } else { minsu.begin("b", 1).await };
        if !is_cancelled {
            stage.sql("UPDATE uploads SET expires_at = 1 WHERE length = 10").await;
        }
        // Any cancel wakes the removal.
        let cancel = minsu.tus(Method::DELETE, &format!("/{cancelled}")).send().await.unwrap();
        assert_eq!(cancel.status(), 204);
        let status = timeout(TEST_TIMEOUT / 4, sending).await.expect("not only when it is too slow").unwrap();
        assert_eq!(status, 503, "{is_cancelled}");
        drop(pieces);
        assert_eq!(minsu.offset(id).await, (404, None));
        if is_cancelled {
            assert!(!stage.data.path().join("files/incoming").join(id.to_string()).exists());
        }
    }
}

#[tokio::test]
async fn an_upload_is_its_owners_alone() {
    let stage = Stage::new().await;
    let (minsu, younghee, _) = stage.pair().await;
    let id = minsu.begin("a", 10).await;
    assert_eq!(minsu.append(id, "0", "01234").await.status(), 204);
    let unknown = FileId::new();
    for other in [id, unknown] {
        assert_eq!(younghee.offset(other).await, (404, None));
        assert_eq!(refused(&younghee, other, "5", "56789").await, (404, "not_found".to_owned()));
        let cancel = younghee.tus(Method::DELETE, &format!("/{other}")).send().await.unwrap();
        assert_eq!((cancel.status().as_u16(), error(cancel).await), (404, "not_found".to_owned()));
    }
    assert_eq!(minsu.offset(id).await, (200, Some(5)));
}
