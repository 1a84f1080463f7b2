//! One user sends as many commands as the limits allow, over several sockets: others' posts are not delayed, and memory
//! stays bounded.

use std::{
    fmt::Write,
    future::pending,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use futures::{StreamExt, future::join_all};
use protocol::{
    ids::{MessageId, RoomId, UserId},
    lobby_socket::{LobbyCommand, LobbyEvent},
    message::Mentions,
    room_socket::{Post, RoomCommand, RoomEvent},
    schedule::{Reschedule, Schedule},
    user::Absence,
};
use serde::Serialize;
use server::store::now_ms;
use tempfile::TempDir;
use tokio::time::{interval, timeout};

use crate::{
    daemon::{Server, add_people, open_room_with, snapshot, user},
    stage::{PASSWORD, Person, Socket},
    torture::{check, long_or, percentile, row},
};

const SOCKETS: usize = 4;
/// Bytes of a frame, above which the limit of bytes may close a socket at this pace.
const LARGE: usize = 16 * 1024;
/// The pause between two frames of a socket: slightly below the frame limit that closes it.
const PACE: Duration = Duration::from_millis(6);

/// Users besides those who post and flood: more than a window lists by default.
const CROWD: u32 = 900;

/// The time from each post to its acknowledgement, sorted.
async fn posts(writer: &mut Socket) -> Vec<Duration> {
    let (mut took, mut pace) = (Vec::new(), interval(Duration::from_millis(66)));
    for _ in 0..long_or(150, 20) {
        pace.tick().await;
        let (id, begun) = (MessageId::new(), Instant::now());
        writer.command(&RoomCommand::Post(Post::new(id, "잘 들리나요"))).await;
        writer.change_of(id).await;
        took.push(begun.elapsed());
    }
    took.sort_unstable();
    took
}

/// Sends frames without end and reads the answers.
async fn flood(mut socket: Socket, frames: Vec<String>) {
    for frame in frames.iter().cycle() {
        socket.send_text(frame).await;
        let begun = Instant::now();
        while let Some(left) = PACE.checked_sub(begun.elapsed()) {
            if let Ok(end @ (None | Some(Err(_)))) = timeout(left, socket.wire.next()).await {
                // Too many bytes a second: the server ends the connection, and with it the flood.
                assert!(frame.len() > LARGE, "the socket was closed: {end:?}");
                pending::<()>().await;
            }
        }
    }
}

fn text(command: &impl Serialize) -> String {
    serde_json::to_string(command).unwrap()
}

/// Two users who post, one who floods, and many others.
fn add_crowd(data: &Path) {
    add_people(data);
    assert!(user(data, &["add", "eve", "이브"], PASSWORD).status.success());
    let mut table = "login,name,department\n".to_owned();
    (0..long_or(CROWD, 100))
        .for_each(|number| writeln!(table, "crowd{number},사람{number},국/과{}", number % 30).unwrap());
    let file = data.join("people.csv");
    std::fs::write(&file, table).unwrap();
    assert!(user(data, &["import", file.to_str().unwrap()], "").status.success());
}

struct Eve {
    person: Person,
    crowd: Vec<UserId>,
    room: RoomId,
    message: MessageId,
}

impl Eve {
    async fn new(person: Person) -> Self {
        let seen = snapshot(&person).await;
        let crowd: Vec<UserId> = seen.users.iter().map(|user| user.id).filter(|user| *user != seen.me).collect();
        let mut list = person.lobby().await;
        list.command(&LobbyCommand::OpenGroup { users: crowd.clone(), title: None }).await;
        let entered = |event| if let LobbyEvent::Entered { room } = event { Some(room) } else { None };
        let room = list.lobby_event(entered).await;
        let mut chat = person.chat(room).await;
        let message = chat.post("여러분 안녕하세요").await;
        chat.chat_event(|event| {
            matches!(event, RoomEvent::Message { message: received, .. } if received.id == message).then_some(())
        })
        .await;
        Self { person, crowd, room, message }
    }

    /// The frames that the flooding user sends in her lobby, or in her group.
    fn floods(&self) -> [(&'static str, bool, Vec<String>); 10] {
        let status = |line: &str| text(&LobbyCommand::Status { busy: false, text: Some(line.to_owned()), until: None });
        let react = |on| text(&RoomCommand::React { id: self.message, emoji: "👍".into(), on });
        let pin = |on| text(&RoomCommand::PinMessage { id: self.message, on });
        let absence = |absence| text(&LobbyCommand::Absence { absence });
        let now = now_ms();
        let away = Absence { from: now - 1_000, until: now + 3_600_000, text: None, is_now: false };
        let (id, at, body) = (MessageId::new(), now + 3_600_000, "나중에".to_owned());
        let change = Reschedule { id, at: at + 1, body: body.clone(), mentions: Mentions::default() };
        let schedule = RoomCommand::Schedule(Schedule::new(id, at, body));
        let letters = "a b c d e f g h i j k l m n o p q r s t u v w x y z 여 러 분 안 녕".to_owned();
        [
            ("status lines", true, vec![status("하나"), status("둘")]),
            ("reactions in a group of everybody", false, vec![react(true), react(false)]),
            (
                "groups of everybody",
                true,
                vec![text(&LobbyCommand::OpenGroup { users: self.crowd.clone(), title: None })],
            ),
            (
                "jumps to dates and lists of everybody",
                false,
                vec![text(&RoomCommand::AroundTime { at: 1 }), text(&RoomCommand::People)],
            ),
            ("pins in a group of everybody", false, vec![pin(true), pin(false)]),
            ("absences", true, vec![absence(Some(away)), absence(None)]),
            ("scheduled messages", false, vec![text(&schedule), text(&RoomCommand::Reschedule(change))]),
            ("mutes, favourites and bookmarks", true, self.own_marks()),
            ("hidings and read marks", false, vec![text(&RoomCommand::Hide), text(&RoomCommand::Read { seq: 1 })]),
            ("searches of many letters", true, vec![text(&LobbyCommand::Search { query: letters, before: None })]),
        ]
    }

    /// Changes of what only the flooding user sees.
    fn own_marks(&self) -> Vec<String> {
        let (room, id, user) = (self.room, self.message, self.crowd[0]);
        let marks = |on| {
            [
                LobbyCommand::Mute { room, on, mentions_only: false },
                LobbyCommand::Favour { user, on },
                LobbyCommand::Bookmark { room, id, on },
            ]
        };
        [marks(true), marks(false)].iter().flatten().map(text).collect()
    }

    async fn sockets(&self, is_list: bool) -> Vec<Socket> {
        let mut sockets = Vec::new();
        for _ in 0..SOCKETS {
            sockets.push(if is_list { self.person.lobby().await } else { self.person.chat(self.room).await });
        }
        sockets
    }
}

/// What a window of a large organisation may ask, about the users whom a search found.
fn floods_on_demand(found: &[UserId]) -> [(&'static str, Vec<String>); 4] {
    let watch =
        |users: &[UserId], departments: Vec<String>| text(&LobbyCommand::Watch { users: users.to_vec(), departments });
    let department = |path: &str| text(&LobbyCommand::Department { path: path.to_owned(), after: None });
    let find = |query: &str| text(&LobbyCommand::FindPeople { query: query.to_owned(), outside: None, after: None });
    let half = found.len() / 2;
    [
        (
            "watches of others",
            vec![watch(&found[..half], vec!["국".into()]), watch(&found[half..], vec!["국/과1".into()])],
        ),
        ("departments", vec![department("국"), department("국/과2")]),
        ("searches of people", vec![find("ㅅㄹ"), find("사람 1")]),
        ("users by id", vec![text(&LobbyCommand::People { users: found.to_vec() })]),
    ]
}

/// A user who posts to another one, and the 99th percentile of the posts while nobody floods.
struct FloodedWriter {
    server: Server,
    writer: Socket,
    alone: Duration,
}

impl FloodedWriter {
    async fn new(server: Server, other: UserId) -> Self {
        let minsu = server.sign_in("minsu").await;
        let mut writer = minsu.chat(open_room_with(&minsu, other).await).await;
        let alone = percentile(&posts(&mut writer).await, 99.0);
        Self { server, writer, alone }
    }

    /// Posts while these sockets send these frames.
    async fn beside(&mut self, what: &str, sockets: Vec<Socket>, frames: &[String]) {
        let (before, alone) = (self.server.resident(), self.alone);
        let attacks = sockets.into_iter().map(|socket| flood(socket, frames.to_vec()));
        let during = tokio::select! {
            took = posts(&mut self.writer) => percentile(&took, 99.0),
            _ = join_all(attacks) => unreachable!("a flood has no end"),
        };
        let grown = self.server.resident().saturating_sub(before);
        assert!(
            during < long_or(Duration::from_millis(100).max(8 * alone), Duration::from_secs(3)),
            "{what}: {during:?}"
        );
        assert!(grown < 32 * 1024, "{what}: {grown} KiB more");
        row(
            &format!("{what}, 600 frames a second of one user over {SOCKETS} sockets"),
            "others' posts are not delayed, memory bounded",
            &format!(
                "p99 of posts {:.1} ms, {:.1} ms before; {grown} KiB more",
                during.as_secs_f64() * 1e3,
                alone.as_secs_f64() * 1e3
            ),
        );
    }
}

#[tokio::test]
async fn a_user_who_floods_commands_slows_nobody() {
    let (_directory, data) = crowded();
    // Every window lists everybody: a change of one costs all.
    let server = Server::start_limited(&data, |command| command.args(["--list-everybody", "1000"]));
    let eve = Eve::new(server.sign_in("eve").await).await;
    let mut posting = FloodedWriter::new(server, eve.crowd[0]).await;
    for (what, is_list, frames) in eve.floods() {
        let sockets = eve.sockets(is_list).await;
        posting.beside(what, sockets, &frames).await;
    }
    drop(posting);
    check(&data);
}

#[tokio::test]
async fn a_user_who_floods_a_large_organisation_with_questions_slows_nobody() {
    let (_directory, data) = crowded();
    let server = Server::start_limited(&data, |command| command.args(["--list-everybody", "50"]));
    let eve = server.sign_in("eve").await;
    let mut list = eve.lobby().await;
    list.command(&LobbyCommand::FindPeople { query: "사람".into(), outside: None, after: None }).await;
    let found = |event| if let LobbyEvent::PeopleFound { users, .. } = event { Some(users) } else { None };
    let found: Vec<UserId> = list.lobby_event(found).await.iter().map(|user| user.id).collect();
    assert!(!found.is_empty());
    let mut posting = FloodedWriter::new(server, found[0]).await;
    for (what, frames) in floods_on_demand(&found) {
        let mut sockets = Vec::new();
        for _ in 0..SOCKETS {
            sockets.push(eve.lobby().await);
        }
        posting.beside(what, sockets, &frames).await;
    }
    drop(posting);
    check(&data);
}

/// A data directory with everybody.
fn crowded() -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    std::fs::create_dir_all(&data).unwrap();
    add_crowd(&data);
    (directory, data)
}
