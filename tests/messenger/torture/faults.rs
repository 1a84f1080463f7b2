//! A full disk, a failing disk, a locked database: only stored messages are acknowledged, and the server recovers
//! without a restart.

use std::{collections::HashSet, path::Path, process::Command, time::Duration};

use protocol::{error::Refusal, ids::MessageId, room::RoomSnapshot};
use sqlx::Connection;

use crate::{
    daemon::{Server, add_people, history, open_room},
    stage::{Person, Socket},
    torture::{check, long_or, row, shim},
};

/// errno(3), on Linux.
const EIO: i32 = 5;
const ENOSPC: i32 = 28;

/// Posts and waits for the acknowledgement or the refusal.
async fn post(socket: &mut Socket) -> (MessageId, Result<(), Refusal>) {
    let id = socket.post(&"말".repeat(200)).await;
    let outcome = socket
        .chat_event(|event| match event {
            protocol::room_socket::RoomEvent::Message { message, .. } if message.id == id => Some(Ok(())),
            protocol::room_socket::RoomEvent::Refused { error, id: Some(about) } if about == id => Some(Err(error)),
            _ => None,
        })
        .await;
    (id, outcome)
}

struct FaultyRoom {
    data: std::path::PathBuf,
    person: Person,
    socket: Socket,
    acknowledged: HashSet<MessageId>,
    refused: usize,
}

impl FaultyRoom {
    async fn begin(data: &Path, server: &Server) -> Self {
        let person = server.sign_in("minsu").await;
        let room = open_room(&person).await;
        let mut socket = person.chat(room).await;
        let _: RoomSnapshot = socket.welcome().await;
        Self { data: data.to_owned(), person, socket, acknowledged: HashSet::new(), refused: 0 }
    }

    async fn post(&mut self, count: usize) -> Vec<Result<(), Refusal>> {
        let mut outcomes = Vec::new();
        for _ in 0..count {
            let (id, outcome) = post(&mut self.socket).await;
            match outcome {
                Ok(()) => drop(self.acknowledged.insert(id)),
                Err(_) => self.refused += 1,
            }
            outcomes.push(outcome);
        }
        outcomes
    }

    /// Counts stored and refused posts after the server is killed.
    async fn settle(self, server: Server) -> (usize, usize) {
        server.kill();
        let server = Server::start(&self.data);
        let person = server.sign_in("minsu").await;
        let stored = history(&person, open_room(&person).await).await;
        let ids: HashSet<MessageId> = stored.iter().map(|message| message.id).collect();
        assert_eq!(ids.len(), stored.len(), "nothing stored twice");
        assert!(self.acknowledged.is_subset(&ids), "acknowledged and not stored");
        check(&self.data);
        (self.acknowledged.len(), self.refused)
    }
}

#[tokio::test]
async fn posts_are_refused_while_the_disk_is_full_or_fails_and_stored_again_after() {
    for (errno, what) in [(ENOSPC, "disk full"), (EIO, "I/O error")] {
        let directory = tempfile::tempdir().unwrap();
        let (data, fault) = (directory.path().join("data"), directory.path().join("fault"));
        add_people(&data);
        let server = Server::start_with(&data, "127.0.0.1:0", |command| {
            command.env("LD_PRELOAD", shim::library()).env("DAEHWA_DISK_FAULT", &fault)
        });
        let mut faulty = FaultyRoom::begin(&data, &server).await;
        for _ in 0..long_or(20, 3) {
            assert!(faulty.post(5).await.iter().all(Result::is_ok), "it works (again)");
            std::fs::write(&fault, errno.to_string()).unwrap();
            assert!(faulty.post(5).await.iter().all(|outcome| *outcome == Err(Refusal::Unavailable)), "{what}");
            // Stored messages can be read during the fault.
            let _ = faulty.person.chat(open_room_of(&faulty).await).await.welcome().await;
            std::fs::remove_file(&fault).unwrap();
        }
        assert!(faulty.post(5).await.iter().all(Result::is_ok));
        let (acknowledged, refused) = faulty.settle(server).await;
        row(
            what,
            "only stored messages acknowledged; recovers without a restart",
            &format!("{acknowledged} acknowledged and stored, {refused} refused, recovered"),
        );
    }
}

async fn open_room_of(faulty: &FaultyRoom) -> protocol::ids::RoomId {
    crate::daemon::snapshot(&faulty.person).await.rooms[0].id
}

#[tokio::test]
async fn a_locked_database_is_waited_for_and_then_refused() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    add_people(&data);
    let server = Server::start(&data);
    let mut faulty = FaultyRoom::begin(&data, &server).await;
    let url = format!("sqlite://{}", data.join("daehwa.db").display());
    let mut holder = sqlx::SqliteConnection::connect(&url).await.unwrap();
    sqlx::query("BEGIN IMMEDIATE").execute(&mut holder).await.unwrap();
    let outcome = faulty.post(1).await;
    assert_eq!(outcome, [Err(Refusal::Unavailable)]);
    sqlx::query("ROLLBACK").execute(&mut holder).await.unwrap();
    assert!(faulty.post(5).await.iter().all(Result::is_ok));
    sqlx::query("BEGIN IMMEDIATE").execute(&mut holder).await.unwrap();
    let releasing = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(1)).await;
        sqlx::query("ROLLBACK").execute(&mut holder).await.unwrap();
    });
    assert_eq!(faulty.post(1).await, [Ok(())], "a short wait is only a wait");
    releasing.await.unwrap();
    let (acknowledged, refused) = faulty.settle(server).await;
    row(
        "database locked by another process",
        "only stored messages acknowledged; recovers without a restart",
        &format!("{acknowledged} acknowledged and stored, {refused} refused, recovered"),
    );
}

/// A really full file system, if the test may mount one.
#[tokio::test]
async fn a_full_file_system_recovers_when_space_is_freed() {
    let directory = tempfile::tempdir().unwrap();
    let Some(disk) = small_disk(directory.path(), "8m") else { return };
    let mount = disk.path();
    let data = mount.join("data");
    add_people(&data);
    let server = Server::start(&data);
    let mut faulty = FaultyRoom::begin(&data, &server).await;
    std::fs::write(mount.join("ballast"), vec![0; 3 * 1024 * 1024]).unwrap();
    while faulty.refused == 0 {
        faulty.post(20).await;
    }
    std::fs::remove_file(mount.join("ballast")).unwrap();
    assert!(faulty.post(20).await.iter().all(Result::is_ok), "there is room again");
    let (acknowledged, refused) = faulty.settle(server).await;
    drop(disk);
    row(
        "a file system of 8 MiB fills up",
        "only stored messages acknowledged; recovers without a restart",
        &format!("{acknowledged} acknowledged and stored, {refused} refused, recovered"),
    );
}

/// A small file system, unmounted when this is dropped.
pub(crate) struct SmallDisk(std::path::PathBuf);

impl SmallDisk {
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

/// Mounts a file system of this size; `None` if the test may not.
pub(crate) fn small_disk(directory: &Path, size: &str) -> Option<SmallDisk> {
    let mount = directory.join("small");
    std::fs::create_dir(&mount).unwrap();
    let mounting =
        Command::new("mount").args(["-t", "tmpfs", "-o", &format!("size={size}"), "daehwa-test"]).arg(&mount).output();
    if mounting.is_ok_and(|output| output.status.success()) {
        return Some(SmallDisk(mount));
    }
    println!("not allowed to mount a file system here: this row is left to the others");
    None
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}
