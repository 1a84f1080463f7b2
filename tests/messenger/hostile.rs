//! Input that none of our clients sends: it is refused, and other sockets are not affected.

use std::time::Duration;

use futures::SinkExt;
use protocol::{limit::FRAME_BYTES, room_socket::RoomEvent};
use serde_json::Value;
use server::messenger::Policy;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::timeout,
};
use tokio_tungstenite::tungstenite::Message as Frame;

use crate::stage::{Stage, unlimited};

const MALFORMED: [&str; 12] = [
    "",
    "{",
    "[]",
    "null",
    "\"post\"",
    "{}",
    r#"{"type":"unknown"}"#,
    r#"{"type":"post"}"#,
    r#"{"type":"post","id":"x","body":"y"}"#,
    r#"{"type":"post","id":"0190a5c0-0000-7000-8000-000000000000","body":1}"#,
    r#"{"type":"read","seq":-1}"#,
    r#"{"type":"earlier","before":1e99}"#,
];

#[tokio::test]
async fn malformed_frames_are_refused_and_the_socket_stays_open() {
    let stage = Stage::new().await;
    let (minsu, _, room) = stage.pair().await;
    for mut socket in [minsu.lobby().await, minsu.chat(room).await] {
        socket.text().await;
        for text in MALFORMED {
            socket.send_text(text).await;
            let answer: Value = serde_json::from_str(&refusal(&mut socket).await).unwrap();
            assert_eq!(answer["error"], "malformed", "{text}");
        }
        socket.wire.send(Frame::binary(vec![0xff, 0, 1])).await.unwrap();
        assert!(refusal(&mut socket).await.contains("malformed"));
        socket.settle().await;
    }
}

async fn refusal(socket: &mut crate::stage::Socket) -> String {
    loop {
        let text = socket.text().await.expect("the socket stays open");
        if text.contains(r#""type":"refused""#) {
            return text;
        }
    }
}

/// Shorter than the server waits for a silent peer.
const SOON: Duration = Duration::from_millis(1500);

#[tokio::test]
async fn a_protocol_violation_is_closed_at_once_with_its_reason() {
    let stage = Stage::new().await;
    let (minsu, _, room) = stage.pair().await;
    let mut socket = minsu.chat(room).await;
    socket.welcome().await;
    let tcp = socket.wire.get_mut();
    // A continuation without a message, unmasked.
    tcp.write_all(&[0x80, 0x01, b'x']).await.unwrap();
    let mut received = Vec::new();
    timeout(SOON, tcp.read_to_end(&mut received)).await.expect("the server closes first").unwrap();
    let close = [&[0x88, 15][..], &1002_u16.to_be_bytes(), b"not WebSocket"].concat();
    assert!(received.ends_with(&close), "{received:x?}");
}

#[tokio::test]
async fn an_oversized_frame_closes_its_own_connection_only() {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = stage.pair().await;
    let (mut minsus, mut younghees) = (minsu.chat(room).await, younghee.chat(room).await);
    younghees.chat_event(|event| matches!(event, RoomEvent::Welcome(_)).then_some(())).await;
    minsus.wire.send(Frame::text("x".repeat(FRAME_BYTES + 1))).await.unwrap();
    assert_eq!(minsus.close_code().await, 1009);
    younghees.post("저는 그대로예요").await;
    younghees.message().await;
}

#[tokio::test]
async fn a_flood_closes_its_own_connection_only() {
    let stage = Stage::with(Policy { messages_per_second: 20, ..unlimited() }).await;
    let (minsu, younghee, room) = stage.pair().await;
    let (mut minsus, mut younghees) = (minsu.chat(room).await, younghee.chat(room).await);
    for _ in 0..2000 {
        if minsus.wire.send(Frame::text(r#"{"type":"ping"}"#)).await.is_err() {
            break;
        }
    }
    assert_eq!(minsus.close_code().await, 1008);
    younghees.post("저는 그대로예요").await;
    younghees.message().await;
}

#[tokio::test]
async fn small_parts_and_pongs_count_as_a_flood_too() {
    let stage = Stage::with(Policy { messages_per_second: 20, ..unlimited() }).await;
    let (minsu, _, room) = stage.pair().await;
    let (part, pong) = ([0, 0x80, 0, 0, 0, 0], [0x8a, 0x80, 0, 0, 0, 0]);
    let small_parts = [&[0x01, 0x80, 0, 0, 0, 0][..], &part.repeat(400)].concat();
    for flood in [small_parts, pong.repeat(400)] {
        let mut socket = minsu.chat(room).await;
        socket.welcome().await;
        socket.wire.get_mut().write_all(&flood).await.unwrap();
        assert_eq!(socket.close_code().await, 1008);
    }
    // The server stops reading: only the buffers of the two systems can still take bytes.
    let mut socket = minsu.chat(room).await;
    let (tcp, parts) = (socket.wire.get_mut(), part.repeat(100_000));
    tcp.write_all(&[0x01, 0x80, 0, 0, 0, 0]).await.unwrap();
    let mut written = 0;
    while tcp.write_all(&parts).await.is_ok() {
        written += parts.len();
        assert!(written < 30_000_000, "an end");
    }
}

#[tokio::test]
async fn a_client_that_never_reads_delays_nobody_and_misses_nothing_after_a_resume() {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = stage.pair().await;
    let stuck = younghee.chat(room).await;
    let mut minsus = minsu.chat(room).await;
    let body = "가".repeat(3_000);
    for _ in 0..1_000 {
        minsus.post(&body).await;
        minsus.message().await;
    }
    drop(stuck);
    let seen = stage.messenger.rooms().snapshot(younghee.actor(), room).await.unwrap();
    assert_eq!(seen.details.cursor.version, 1_000);
}
