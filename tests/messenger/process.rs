//! The real program as a process: stopped, killed, restarted, and managed from the command line.

use std::time::{Duration, Instant};

use protocol::{room::RoomDelta, room_socket::RoomEvent};

use crate::{
    daemon::{Server, add_people, daehwa, history, open_room, user},
    stage::{PASSWORD, Socket, refused},
};

#[tokio::test]
async fn a_restart_keeps_history_and_sessions() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    add_people(&data);
    let server = Server::start(&data);
    let minsu = server.sign_in("minsu").await;
    let room = open_room(&minsu).await;
    let mut socket = minsu.chat(room).await;
    socket.post("재시작 전").await;
    let (message, cursor) = socket.message().await;

    let begun = Instant::now();
    server.signal("-TERM");
    assert_eq!(socket.close_code().await, 1001, "sockets are closed as going away");
    let mut server = server;
    assert!(server.child.wait().unwrap().success());
    assert!(begun.elapsed() < Duration::from_secs(10));

    let server = Server::start_at(&data, &minsu.address.to_string());
    assert_eq!(server.address, minsu.address);
    let mut socket = minsu.chat_since(room, cursor).await;
    let resumed = |event| match event {
        RoomEvent::Resumed(RoomDelta { messages, .. }) => Some(messages),
        RoomEvent::Welcome(_) => panic!("the cursor outlives a restart"),
        _ => None,
    };
    assert!(socket.chat_event(resumed).await.is_empty());
    assert_eq!(history(&minsu, room).await, [message]);
}

#[tokio::test]
async fn a_running_server_follows_the_operators_commands() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let server = Server::start(&data);
    add_people(&data);
    let minsu = server.sign_in("minsu").await;
    let listed = String::from_utf8(user(&data, &["list"], "").stdout).unwrap();
    assert!(listed.contains("minsu") && listed.contains("이영희"), "{listed}");

    let mut lobby = minsu.lobby().await;
    lobby.settle().await;
    assert!(user(&data, &["disable", "minsu"], "").status.success());
    let begun = Instant::now();
    assert_eq!(lobby.close_code().await, 4001);
    assert!(begun.elapsed() < Duration::from_secs(4));
    assert_eq!(refused(minsu.own_request("/usersServerEndpoint")).await, 401);
    assert!(user(&data, &["enable", "minsu"], "").status.success());
    assert!(user(&data, &["passwd", "minsu"], "another password").status.success());
    drop(Socket::open(server.sign_in("younghee").await.own_request("/usersServerEndpoint")).await);
}

#[test]
fn invalid_arguments_are_explained() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    for (args, input, explanation) in [
        (&["add", "김민수", "김민수"][..], PASSWORD, "a login has"),
        (&["add", "minsu", "\u{200b}"], PASSWORD, "a name has"),
        (&["add", "minsu", "김민수"], "short", "a password has"),
        (&["passwd", "nobody"], PASSWORD, "no account"),
        (&["disable", "nobody"], "", "no account"),
    ] {
        let output = user(&data, args, input);
        assert_eq!(output.status.code(), Some(1));
        assert!(String::from_utf8_lossy(&output.stderr).contains(explanation), "{args:?}");
    }
    let output = daehwa(&data).args(["--registration", "maybe"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(words.contains("maybe") && words.contains("closed, open"), "{words}");
    let output = daehwa(&data).env("DAEHWA_ADDR", "nowhere").output().unwrap();
    assert!(String::from_utf8_lossy(&output.stderr).contains("nowhere"));
}

/// `make idle` runs it against the release build.
#[tokio::test]
#[ignore = "a measurement: needs the release build and 10,000 open files"]
async fn an_idle_lobby_connection_costs_at_most_ten_kib() {
    const CONNECTIONS: u64 = 5_000;
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    add_people(&data);
    let server = Server::start(&data);
    let people = [server.sign_in("minsu").await, server.sign_in("younghee").await];
    let before = server.resident();
    let mut sockets = Vec::new();
    for number in 0..CONNECTIONS {
        let mut socket = people[(number % 2) as usize].lobby().await;
        socket.settle().await;
        sockets.push(socket);
    }
    tokio::time::sleep(Duration::from_secs(5)).await;
    let after = server.resident();
    let each = (after - before) as f64 / CONNECTIONS as f64;
    println!(
        "resident: {before} KiB before, {after} KiB with {CONNECTIONS} idle lobby connections: {each:.2} KiB each"
    );
    assert!(each <= 10.0);
}
