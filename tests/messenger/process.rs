//! The real program as a process: stopped, killed, restarted, and managed from the command line.

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Write},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use daehwa::protocol::{
    chat::{ChatCommand, ChatEvent},
    ids::{MessageId, RoomId},
    lobby::{LobbyEvent, LobbySnapshot},
    message::Message,
};
use futures::{SinkExt, StreamExt};
use tokio_tungstenite::tungstenite::Message as Frame;

use crate::stage::{PASSWORD, Person, Socket, refused};

/// Rounds of kill -9; more by DAEHWA_KILL_ROUNDS.
const KILL_ROUNDS: usize = 5;

struct Server {
    child: Child,
    address: SocketAddr,
}

impl Server {
    fn start(data: &Path) -> Self {
        Self::start_at(data, "127.0.0.1:0")
    }

    /// Resident memory, in KiB.
    fn resident(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    fn start_at(data: &Path, addr: &str) -> Self {
        let mut child = daehwa(data)
            .args([
                "--addr",
                addr,
                "--messages-per-second",
                "0",
                "--connections-per-minute",
                "0",
                "--sign-ins-per-minute",
                "0",
                "--max-sockets-per-user",
                "0",
                "--max-sockets-per-address",
                "0",
            ])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().rsplit("http://").next().unwrap().parse();
        Self { child, address: address.unwrap_or_else(|_| panic!("no address in {line:?}")) }
    }

    fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
    }

    fn kill(mut self) {
        self.signal("-9");
        self.child.wait().unwrap();
    }

    async fn sign_in(&self, login: &str) -> Person {
        let request = reqwest::Client::new().post(format!("http://{}/api/sign_in", self.address));
        let response = request.form(&[("login", login), ("password", PASSWORD)]).send().await.unwrap();
        let token = response.json::<serde_json::Value>().await.unwrap()["token"].as_str().unwrap().to_owned();
        let mut person = Person { id: uuid::Uuid::nil().into(), token, address: self.address };
        person.id = snapshot(&person).await.me;
        person
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn daehwa(data: &Path) -> Command {
    // A release build can be named, where figures matter.
    let program = std::env::var("DAEHWA_BIN").unwrap_or_else(|_| env!("CARGO_BIN_EXE_daehwa").to_owned());
    let mut command = Command::new(program);
    // An empty directory, so that no file of the developer's says otherwise.
    command.current_dir(data.parent().unwrap()).arg("--data").arg(data);
    command
}

fn user(data: &Path, args: &[&str], input: &str) -> Output {
    let mut command = daehwa(data);
    let command = command.arg("user").args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    writeln!(child.stdin.take().unwrap(), "{input}").unwrap();
    child.wait_with_output().unwrap()
}

fn add_people(data: &Path) {
    for (login, name) in [("minsu", "김민수"), ("younghee", "이영희")] {
        let output = user(data, &["add", login, name], PASSWORD);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

async fn snapshot(person: &Person) -> LobbySnapshot {
    let welcome = |event| if let LobbyEvent::Welcome(snapshot) = event { Some(snapshot) } else { None };
    person.lobby().await.lobby_event(welcome).await
}

async fn open_room(person: &Person) -> RoomId {
    let snapshot = snapshot(person).await;
    let other = snapshot.users.iter().find(|user| user.id != snapshot.me).unwrap().id;
    let mut lobby = person.lobby().await;
    lobby.open_direct(other).await;
    lobby.lobby_event(|event| if let LobbyEvent::Entered { room } = event { Some(room) } else { None }).await
}

/// The whole history of a room, read as a client reads it.
async fn history(person: &Person, room: RoomId) -> Vec<Message> {
    let mut socket = person.chat(room).await;
    let welcome = |event| if let ChatEvent::Welcome(snapshot) = event { Some(snapshot) } else { None };
    let snapshot = socket.chat_event(welcome).await;
    let (mut messages, mut has_earlier) = (snapshot.messages, snapshot.has_earlier);
    while has_earlier {
        socket.command(&ChatCommand::Earlier { before: messages[0].seq }).await;
        let earlier = |event| {
            if let ChatEvent::Earlier { messages, has_earlier } = event { Some((messages, has_earlier)) } else { None }
        };
        let (mut page, more) = socket.chat_event(earlier).await;
        page.append(&mut messages);
        (messages, has_earlier) = (page, more);
    }
    messages
}

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
    assert_eq!(socket.close_code().await, 1001, "sockets hear that the server goes away");
    let mut server = server;
    assert!(server.child.wait().unwrap().success());
    assert!(begun.elapsed() < Duration::from_secs(10));

    let server = Server::start_at(&data, &minsu.address.to_string());
    assert_eq!(server.address, minsu.address);
    let mut socket = minsu.chat_since(room, cursor).await;
    let resumed = |event| match event {
        ChatEvent::Resumed { messages, .. } => Some(messages),
        ChatEvent::Welcome(_) => panic!("the cursor outlives a restart"),
        _ => None,
    };
    assert!(socket.chat_event(resumed).await.is_empty());
    assert_eq!(history(&minsu, room).await, [message]);
}

#[tokio::test]
async fn killed_under_traffic_it_loses_nothing_it_acknowledged() {
    let rounds = std::env::var("DAEHWA_KILL_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(KILL_ROUNDS);
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    add_people(&data);
    let mut acknowledged: HashMap<MessageId, Message> = HashMap::new();
    let mut sent = 0;
    for round in 0..rounds {
        let begun = Instant::now();
        let server = Server::start(&data);
        let minsu = server.sign_in("minsu").await;
        assert!(begun.elapsed() < Duration::from_secs(10), "back in time, on a busy machine too");
        let room = open_room(&minsu).await;
        sent += talk_until_killed(server, &minsu, room, round, &mut acknowledged).await;
    }
    let server = Server::start(&data);
    let minsu = server.sign_in("minsu").await;
    let stored = history(&minsu, open_room(&minsu).await).await;
    let by_id: HashMap<MessageId, &Message> = stored.iter().map(|message| (message.id, message)).collect();
    assert_eq!(by_id.len(), stored.len(), "nothing stored twice");
    for message in acknowledged.values() {
        assert_eq!(by_id.get(&message.id), Some(&message), "acknowledged and lost");
    }
    let versions: Vec<u64> = stored.iter().map(|message| message.version).collect();
    assert_eq!(versions, (1..=stored.len() as u64).collect::<Vec<_>>(), "no holes");
    println!(
        "killed {rounds} times: {sent} sent, {} acknowledged, {} stored, 0 lost",
        acknowledged.len(),
        stored.len()
    );
    assert!(acknowledged.len() > rounds * 50, "there was traffic: {}", acknowledged.len());
}

/// Posts about 1,000 messages a second and kills the server in the midst of them.
async fn talk_until_killed(
    server: Server,
    person: &Person,
    room: RoomId,
    round: usize,
    acknowledged: &mut HashMap<MessageId, Message>,
) -> usize {
    let (mut sink, mut stream) = person.chat(room).await.wire.split();
    let reading = tokio::spawn(async move {
        let mut heard = Vec::new();
        while let Some(Ok(frame)) = stream.next().await {
            if let Frame::Text(text) = frame
                && let Ok(ChatEvent::Message { message, .. }) = serde_json::from_str(&text)
            {
                heard.push(message);
            }
        }
        heard
    });
    let end = Instant::now() + Duration::from_millis(700 + 37 * (round as u64 % 7));
    let mut sent = 0;
    while Instant::now() < end {
        // Under the frame limit of one connection.
        tokio::time::sleep(Duration::from_millis(6)).await;
        let post = ChatCommand::Post { id: MessageId::new(), body: format!("{round}-{sent}") };
        if sink.send(Frame::text(serde_json::to_string(&post).unwrap())).await.is_err() {
            break;
        }
        sent += 1;
    }
    server.kill();
    acknowledged.extend(reading.await.unwrap().into_iter().map(|message| (message.id, message)));
    sent
}

#[tokio::test]
async fn what_an_operator_does_a_running_server_notices() {
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
fn bad_words_on_the_command_line_are_explained() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    for (args, input, explanation) in [
        (&["add", "김민수", "김민수"][..], PASSWORD, "a login is"),
        (&["add", "minsu", "\u{200b}"], PASSWORD, "a name is"),
        (&["add", "minsu", "김민수"], "short", "a password is"),
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
