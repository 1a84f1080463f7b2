//! Thousands of malformed frames: each is refused, and other sockets are not affected.

use futures::SinkExt;
use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::{Config, RngSeed, TestRunner},
};
use protocol::room_socket::RoomEvent;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use tokio_tungstenite::tungstenite::Message as Frame;

use crate::{
    daemon::{Scene, Server},
    stage::{Person, Socket, TEST_TIMEOUT},
    torture::{check, long_or, row},
};

/// Valid frames of both dialects to start from.
const SEEDS: [&str; 22] = [
    r#"{"type":"post","id":"01931d5c-8a00-7000-8000-0000000000f2","body":"안녕하세요","reply_to":null}"#,
    r#"{"type":"edit","id":"01931d5c-8a00-7000-8000-0000000000f2","body":"안녕"}"#,
    r#"{"type":"recall","id":"01931d5c-8a00-7000-8000-0000000000f2"}"#,
    r#"{"type":"react","id":"01931d5c-8a00-7000-8000-0000000000f2","emoji":"👍","on":true}"#,
    r#"{"type":"read","seq":7}"#,
    r#"{"type":"typing"}"#,
    r#"{"type":"earlier","before":7}"#,
    r#"{"type":"later","after":7}"#,
    r#"{"type":"around","seq":7}"#,
    r#"{"type":"around_time","at":-1}"#,
    r#"{"type":"people"}"#,
    r#"{"type":"invite","users":["01931d5c-8a00-7000-8000-0000000000f2"],"history":true}"#,
    r#"{"type":"rename","title":"x"}"#,
    r#"{"type":"mute","on":true}"#,
    r#"{"type":"hide"}"#,
    r#"{"type":"ping"}"#,
    r#"{"type":"open_direct","user":"01931d5c-8a00-7000-8000-0000000000f2"}"#,
    r#"{"type":"open_group","users":[],"title":null}"#,
    r#"{"type":"search","query":"\"*","before":0}"#,
    r#"{"type":"deliver","room":"01931d5c-8a00-7000-8000-0000000000f2","command":{"type":"ping"}}"#,
    r#"{"connectionType":"chatConnection","connectingUser":"x"}"#,
    r#"{"message":"x","room":"y"}"#,
];

/// A valid frame with a few bytes replaced, removed, doubled or cut off; or random bytes.
fn frame() -> impl Strategy<Value = Vec<u8>> {
    let mutation = (0usize..200, 0u8..5, proptest::prelude::any::<u8>());
    let mutated = (0..SEEDS.len(), proptest::collection::vec(mutation, 0..6)).prop_map(|(seed, mutations)| {
        let mut bytes = SEEDS[seed].as_bytes().to_vec();
        for (index, kind, byte) in mutations {
            let index = index % bytes.len().max(1);
            match kind {
                0 if index < bytes.len() => bytes[index] = byte,
                1 if index < bytes.len() => drop(bytes.remove(index)),
                2 => bytes.insert(index, byte),
                3 => bytes.truncate(index),
                _ => bytes.extend_from_within(index..),
            }
        }
        bytes
    });
    proptest::prop_oneof![4 => mutated, 1 => proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300)]
}

/// Sends all frames, and reconnects whenever the server closes the socket.
async fn throw(person: &Person, path: &str, is_native: bool, frames: &[Vec<u8>]) {
    let request = || if is_native { person.own_request(path) } else { person.request(path) };
    let mut socket = Socket::open(request()).await;
    for (number, bytes) in frames.iter().enumerate() {
        let frame = match String::from_utf8(bytes.clone()) {
            Ok(text) => Frame::text(text),
            Err(_) => Frame::binary(bytes.clone()),
        };
        if socket.wire.send(frame).await.is_err() {
            socket = Socket::open(request()).await;
        }
        // Unread answers would make the server close the socket.
        if number % 50 == 49 && is_native {
            socket.settle().await;
        } else if number % 100 == 99 {
            socket = Socket::open(request()).await;
        }
    }
}

#[tokio::test]
async fn thousands_of_malformed_frames_harm_nobody() {
    let count = long_or(10_000, 600);
    let Scene { directory: _directory, data, server, people: [minsu, younghee], room } = Scene::start().await;
    let mut others = younghee.chat(room).await;
    others.welcome().await;
    let seed = long_or(2026, 11);
    let mut runner = TestRunner::new(Config { rng_seed: RngSeed::Fixed(seed), ..Config::default() });
    let frames: Vec<Vec<u8>> = (0..count).map(|_| frame().new_tree(&mut runner).unwrap().current()).collect();
    let chat = format!("/chat/{room}");
    for (path, is_native) in
        [("/usersServerEndpoint", true), (&*chat, true), ("/usersServerEndpoint", false), (&*chat, false)]
    {
        throw(&minsu, path, is_native, &frames).await;
    }
    let broken = throw_bytes(&server, &minsu, &chat, long_or(500, 40)).await;
    let id = others.post("저는 그대로예요").await;
    let is_received = |event| matches!(event, RoomEvent::Message { message, .. } if message.id == id).then_some(());
    others.chat_event(is_received).await;
    let health = reqwest::get(format!("http://{}/healthz", server.address)).await.unwrap();
    assert!(health.status().is_success());
    drop(server);
    check(&data);
    row(
        &format!("{count} malformed frames for each endpoint and dialect"),
        "no panic; only the sender is affected",
        &format!("{} frames, {broken} broken WebSocket streams; the other socket works", 4 * count),
    );
}

/// Random bytes after a valid handshake.
async fn throw_bytes(server: &Server, person: &Person, path: &str, streams: usize) -> usize {
    let mut runner = TestRunner::new(Config { rng_seed: RngSeed::Fixed(7), ..Config::default() });
    for _ in 0..streams {
        let bytes = frame().new_tree(&mut runner).unwrap().current();
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        let head = format!(
            "GET {path} HTTP/1.1\r\nHost: {0}\r\nOrigin: http://{0}\r\nCookie: daehwa={1}\r\nUpgrade: websocket\r\n\
             Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
            server.address, person.token
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = [0; 1024];
        let read = timeout(TEST_TIMEOUT, stream.read(&mut answer)).await.unwrap().unwrap();
        assert!(answer[..read].starts_with(b"HTTP/1.1 101"));
        let _ = stream.write_all(&bytes).await;
        let _ = stream.shutdown().await;
    }
    streams
}
