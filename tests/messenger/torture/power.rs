//! Power cuts: unsynced writes are lost. Replays a log of the program's writes and syncs up to many moments, each with
//! three outcomes for the unsynced writes.

use std::{collections::HashSet, path::Path, process::Command, time::Duration};

use futures::{SinkExt, StreamExt};
use protocol::{
    ids::MessageId,
    room_socket::{Post, RoomCommand, RoomEvent},
};
use server::messenger::Messenger;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Message as Frame;

use crate::{
    daemon::{Server, add_people_with, open_room},
    stage::unlimited,
    torture::{
        check,
        disk_log::{Moment, Recording, cut_power},
        long_or, row, shim,
    },
};

#[tokio::test]
async fn a_power_cut_loses_nothing_acknowledged_with_synchronous_full() {
    let moments = long_or(150, 12);
    let full = record("full", moments).await;
    let (lost, cuts) = replay(&full).await;
    assert_eq!(lost, 0, "acknowledged and lost to a power cut");
    let normal = record("normal", moments).await;
    let (lost_without, _) = replay(&normal).await;
    assert!(lost_without > 0, "the replay must notice what is not synced");
    row(
        &format!("power cut at {moments} moments, {cuts} replays"),
        "0 lost with synchronous=FULL; the same test shows loss with NORMAL",
        &format!("{} acknowledged; FULL: lost 0; NORMAL: lost {lost_without}", full.acknowledged.len()),
    );
}

fn logged<'c>(command: &'c mut Command, log: &Path, durability: &str) -> &'c mut Command {
    command.env("LD_PRELOAD", shim::library()).env("DAEHWA_DISK_LOG", log).env("DAEHWA_DURABILITY", durability)
}

/// Posts on a logged disk and records moments.
async fn record(durability: &str, moments: usize) -> Recording<MessageId> {
    let directory = tempfile::tempdir().unwrap();
    let (data, log) = (directory.path().join("data"), directory.path().join("disk.log"));
    // The log must contain the files from their creation on.
    add_people_with(&data, |command| logged(command, &log, durability));
    let server = Server::start_with(&data, "127.0.0.1:0", |command| logged(command, &log, durability));
    let minsu = server.sign_in("minsu").await;
    let room = open_room(&minsu).await;
    let (mut sink, mut stream) = minsu.chat(room).await.wire.split();
    let writing = tokio::spawn(async move {
        for number in 0.. {
            let post = RoomCommand::Post(Post::new(MessageId::new(), format!("{number} {}", "말".repeat(50))));
            if sink.send(Frame::text(serde_json::to_string(&post).unwrap())).await.is_err() {
                break;
            }
            tokio::time::sleep(Duration::from_micros(1500)).await;
        }
    });
    let mut recorded = Recording { log: Vec::new(), acknowledged: Vec::new(), moments: Vec::new() };
    let mut due = Instant::now() + Duration::from_millis(40);
    while recorded.moments.len() < moments {
        let Some(Ok(frame)) = stream.next().await else { panic!("the server goes on") };
        let Frame::Text(text) = frame else { continue };
        if let Ok(RoomEvent::Message { message, .. }) = serde_json::from_str(&text) {
            recorded.acknowledged.push(message.id);
        }
        if Instant::now() >= due {
            due = Instant::now() + Duration::from_millis(23);
            let length = std::fs::metadata(&log).unwrap().len() as usize;
            recorded.moments.push(Moment { log: length, acknowledged: recorded.acknowledged.len() });
        }
    }
    server.kill();
    writing.abort();
    recorded.log = std::fs::read(&log).unwrap();
    recorded
}

/// How many acknowledged messages are lost, and how many cuts were replayed.
async fn replay(recorded: &Recording<MessageId>) -> (usize, usize) {
    let (mut lost, mut cuts) = (0, 0);
    for moment in &recorded.moments {
        // None, all, or every other one of the unsynced writes reached the disk.
        for outcome in 0..3 {
            let directory = tempfile::tempdir().unwrap();
            let mut turn = false;
            cut_power(&recorded.log, moment.log, directory.path(), || {
                turn = !turn;
                outcome == 1 || (outcome == 2 && turn)
            });
            let stored = stored(directory.path()).await;
            lost += recorded.acknowledged[..moment.acknowledged].iter().filter(|id| !stored.contains(id)).count();
            cuts += 1;
            check(directory.path());
        }
    }
    (lost, cuts)
}

/// The messages that the program finds after the cut.
async fn stored(directory: &Path) -> HashSet<MessageId> {
    if !directory.join("daehwa.db").is_file() {
        return HashSet::new();
    }
    // Opened as the program does, which creates missing files.
    let messenger = Messenger::open(directory, unlimited()).await.expect("what a power cut leaves can be opened");
    messenger.close().await;
    let url = format!("sqlite://{}", directory.join("daehwa.db").display());
    let mut connection = <sqlx::SqliteConnection as sqlx::Connection>::connect(&url).await.unwrap();
    let ids: Vec<uuid::Uuid> = sqlx::query_scalar("SELECT id FROM messages").fetch_all(&mut connection).await.unwrap();
    ids.into_iter().map(MessageId::from).collect()
}
