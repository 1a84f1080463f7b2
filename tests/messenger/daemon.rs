//! The real program as a process, for tests that stop it, kill it or exhaust its resources.

use std::{
    io::{BufRead, BufReader, Write},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

use protocol::{
    ids::{RoomId, UserId},
    lobby_socket::{LobbyEvent, LobbySnapshot},
    message::Message,
    room_socket::{RoomCommand, RoomEvent},
};

use tempfile::TempDir;

use crate::stage::{PASSWORD, Person, snapshot as welcomed};

pub(crate) struct Server {
    pub(crate) child: Child,
    pub(crate) address: SocketAddr,
}

impl Server {
    pub(crate) fn start(data: &Path) -> Self {
        Self::start_at(data, "127.0.0.1:0")
    }

    pub(crate) fn start_at(data: &Path, addr: &str) -> Self {
        Self::start_with(data, addr, |command| command)
    }

    /// Resident memory, in KiB.
    pub(crate) fn resident(&self) -> u64 {
        self.memory("VmRSS:")
    }

    /// The most resident memory since the start, in KiB.
    pub(crate) fn peak(&self) -> u64 {
        self.memory("VmHWM:")
    }

    fn memory(&self, what: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with(what)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    /// Starts the program with the default budgets.
    pub(crate) fn start_limited(data: &Path, more: impl FnOnce(&mut Command) -> &mut Command) -> Self {
        Self::start_from(data, "127.0.0.1:0", "20", more)
    }

    /// `more` extends the command line or the environment.
    pub(crate) fn start_with(data: &Path, addr: &str, more: impl FnOnce(&mut Command) -> &mut Command) -> Self {
        Self::start_from(data, addr, "0", more)
    }

    fn start_from(data: &Path, addr: &str, messages: &str, more: impl FnOnce(&mut Command) -> &mut Command) -> Self {
        let mut command = daehwa(data);
        // The disk of a build machine is often full.
        command.env("DAEHWA_DISK_WATERMARK", "0");
        let mut child = more(command.stderr(Stdio::null()))
            .args([
                "--addr",
                addr,
                "--messages-per-second",
                messages,
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
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().rsplit("http://").next().unwrap().parse();
        Self { child, address: address.unwrap_or_else(|_| panic!("no address in {line:?}")) }
    }

    pub(crate) fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
    }

    pub(crate) fn kill(mut self) {
        self.signal("-9");
        self.child.wait().unwrap();
    }

    pub(crate) async fn sign_in(&self, login: &str) -> Person {
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

/// A server with two users who share a room.
pub(crate) struct Scene {
    pub(crate) directory: TempDir,
    pub(crate) data: PathBuf,
    pub(crate) server: Server,
    pub(crate) people: [Person; 2],
    pub(crate) room: RoomId,
}

impl Scene {
    pub(crate) async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let data = directory.path().join("data");
        add_people(&data);
        let server = Server::start(&data);
        let people = [server.sign_in("minsu").await, server.sign_in("younghee").await];
        let room = open_room(&people[0]).await;
        Self { directory, data, server, people, room }
    }
}

pub(crate) fn daehwa(data: &Path) -> Command {
    // Measurements name a release build.
    let program = std::env::var("DAEHWA_BIN").unwrap_or_else(|_| env!("CARGO_BIN_EXE_daehwa").to_owned());
    let mut command = Command::new(program);
    // In an empty directory, so that no configuration file of the developer applies.
    command.current_dir(data.parent().unwrap()).env("LC_ALL", "C").arg("--data").arg(data);
    command
}

pub(crate) fn user(data: &Path, args: &[&str], input: &str) -> Output {
    user_with(&mut daehwa(data), args, input)
}

fn user_with(command: &mut Command, args: &[&str], input: &str) -> Output {
    let command = command.arg("user").args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A refused command does not read its input.
    let _ = writeln!(child.stdin.take().unwrap(), "{input}");
    child.wait_with_output().unwrap()
}

pub(crate) fn add_people(data: &Path) {
    add_people_with(data, |command| command);
}

pub(crate) fn add_people_with(data: &Path, more: impl Fn(&mut Command) -> &mut Command) {
    for (login, name) in [("minsu", "김민수"), ("younghee", "이영희")] {
        let output = user_with(more(&mut daehwa(data)), &["add", login, name], PASSWORD);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

pub(crate) async fn snapshot(person: &Person) -> LobbySnapshot {
    person.lobby().await.lobby_event(welcomed).await
}

pub(crate) async fn open_room(person: &Person) -> RoomId {
    let snapshot = snapshot(person).await;
    open_room_with(person, snapshot.users.iter().find(|user| user.id != snapshot.me).unwrap().id).await
}

pub(crate) async fn open_room_with(person: &Person, other: UserId) -> RoomId {
    let mut lobby = person.lobby().await;
    lobby.open_direct(other).await;
    lobby.lobby_event(|event| if let LobbyEvent::Entered { room } = event { Some(room) } else { None }).await
}

/// The whole history of a room, paged as a client does.
pub(crate) async fn history(person: &Person, room: RoomId) -> Vec<Message> {
    let mut socket = person.chat(room).await;
    let (mut messages, mut has_earlier) = (Vec::<Message>::new(), true);
    while has_earlier {
        let before = messages.first().map_or(u64::MAX, |first| first.seq);
        socket.command(&RoomCommand::Earlier { before }).await;
        let earlier = |event| {
            if let RoomEvent::Earlier { messages, has_earlier } = event { Some((messages, has_earlier)) } else { None }
        };
        let (mut page, more) = socket.chat_event(earlier).await;
        page.append(&mut messages);
        (messages, has_earlier) = (page, more);
    }
    messages
}
