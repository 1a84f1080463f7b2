//! Handshakes: who may open a socket, from which page, and how many.

use protocol::ids::RoomId;
use server::messenger::Policy;

use crate::stage::{Person, Socket, Stage, refused, unlimited};

async fn paths(stage: &Stage) -> (Person, Person, [String; 2]) {
    let (minsu, younghee, room) = stage.pair().await;
    (minsu, younghee, ["/usersServerEndpoint".to_owned(), format!("/chat/{room}")])
}

#[tokio::test]
async fn every_foreign_page_is_refused() {
    let stage = Stage::new().await;
    let (minsu, _, paths) = paths(&stage).await;
    let port = stage.address.port();
    for path in &paths {
        for origin in [
            "null".to_owned(),
            "http://evil.test".to_owned(),
            format!("http://127.0.0.1:{}", port.wrapping_add(1)),
            "http://127.0.0.1".to_owned(),
            format!("https://127.0.0.1:{port}"),
            format!("http://127.0.0.1:{port}.evil.test"),
            format!("http://evil127.0.0.1:{port}"),
            format!("http://127.0.0.1:{port}@evil.test"),
            format!("http://127.0.0.1:{port}/"),
            String::new(),
        ] {
            for mut request in [minsu.request(path), minsu.own_request(path)] {
                request.headers_mut().insert("origin", origin.parse().unwrap());
                assert_eq!(refused(request).await, 403, "{origin} on {path}");
            }
        }
        assert_eq!(refused(minsu.request(path)).await, 101, "our own page on {path}");
    }
}

#[tokio::test]
async fn without_an_origin_only_a_token_opens_a_socket() {
    let stage = Stage::new().await;
    let (minsu, _, paths) = paths(&stage).await;
    for path in &paths {
        let mut by_cookie = minsu.own_request(path);
        by_cookie.headers_mut().remove("origin");
        assert_eq!(refused(by_cookie).await, 403);

        let mut by_token = minsu.own_request(path);
        by_token.headers_mut().remove("origin");
        by_token.headers_mut().remove("cookie");
        by_token.headers_mut().insert("authorization", format!("Bearer {}", minsu.token).parse().unwrap());
        assert_eq!(refused(by_token).await, 101);
    }
}

#[tokio::test]
async fn without_a_session_there_is_no_socket() {
    let stage = Stage::new().await;
    let (minsu, _, paths) = paths(&stage).await;
    for path in &paths {
        for cookie in ["", "daehwa=", "daehwa=0000", "other=1"] {
            let mut request = minsu.own_request(path);
            request.headers_mut().insert("cookie", cookie.parse().unwrap());
            assert_eq!(refused(request).await, 401, "{cookie} on {path}");
        }
    }
}

#[tokio::test]
async fn an_unknown_room_and_a_room_of_others_get_the_same_answer() {
    let stage = Stage::new().await;
    let (_, _, room) = stage.pair().await;
    let stranger = stage.person("jiwoo", "최지우").await;
    for room in [room.to_string(), RoomId::new().to_string(), "abcdefgh".into(), "%00".into()] {
        let path = format!("/chat/{room}");
        assert_eq!(refused(stranger.request(&path)).await, 404, "the original's language, {room}");
        assert_eq!(refused(stranger.own_request(&path)).await, 404, "our own, {room}");
        let resumed = format!("{path}?since=0190a5c0000070008000000000000000.1");
        assert_eq!(refused(stranger.own_request(&resumed)).await, 404, "resuming, {room}");
    }
}

#[tokio::test]
async fn an_unknown_subprotocol_is_refused() {
    let stage = Stage::new().await;
    let (minsu, _, paths) = paths(&stage).await;
    let mut request = minsu.request(&paths[0]);
    request.headers_mut().insert("sec-websocket-protocol", "graphql-ws".parse().unwrap());
    assert_eq!(refused(request).await, 400);
}

#[tokio::test]
async fn sockets_of_a_user_are_capped_and_freed_again() {
    let stage = Stage::with(Policy { max_sockets_per_user: 2, ..unlimited() }).await;
    let (minsu, younghee, paths) = paths(&stage).await;
    let mut first = Socket::open(minsu.own_request(&paths[0])).await;
    let _second = Socket::open(minsu.own_request(&paths[1])).await;
    assert_eq!(refused(minsu.own_request(&paths[0])).await, 429);
    assert_eq!(refused(younghee.own_request(&paths[0])).await, 101, "another person is not concerned");
    first.wire.close(None).await.unwrap();
    while stage.messenger.sockets() > 1 {
        tokio::task::yield_now().await;
    }
    assert_eq!(refused(minsu.own_request(&paths[0])).await, 101);
}

#[tokio::test]
async fn sockets_from_an_address_are_capped() {
    let stage = Stage::with(Policy { max_sockets_per_address: 1, ..unlimited() }).await;
    let (minsu, younghee, paths) = paths(&stage).await;
    let _first = Socket::open(minsu.own_request(&paths[0])).await;
    assert_eq!(refused(younghee.own_request(&paths[0])).await, 429);
    let mut from_elsewhere = younghee.own_request(&paths[0]);
    from_elsewhere.headers_mut().insert("x-forwarded-for", "203.0.113.9".parse().unwrap());
    assert_eq!(refused(from_elsewhere).await, 101, "a proxy on this machine names the real address");
}

#[tokio::test]
async fn connecting_too_often_is_refused() {
    let stage = Stage::with(Policy { connections_per_minute: 3, ..unlimited() }).await;
    let (minsu, younghee, paths) = paths(&stage).await;
    for _ in 0..3 {
        assert_eq!(refused(minsu.own_request(&paths[0])).await, 101);
    }
    assert_eq!(refused(minsu.own_request(&paths[0])).await, 429);
    assert_eq!(refused(younghee.own_request(&paths[0])).await, 101);
}
