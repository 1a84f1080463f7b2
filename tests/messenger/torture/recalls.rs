//! The real program, killed while messages with files are posted and recalled: an acknowledged message has its bytes,
//! an acknowledged recall has removed them, and there is no state in between.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use futures::{SinkExt, StreamExt, future::join_all};
use protocol::{
    ids::{FileId, MessageId, RoomId},
    room_socket::{Post, RoomCommand, RoomEvent},
};
use reqwest::Method;
use tokio_tungstenite::tungstenite::Message as Frame;

use crate::{
    daemon::{Server, add_people, history, open_room},
    files::{client::header, removal::is_on_disk},
    stage::{Person, Socket},
    torture::{check, long_or, row},
};

const FILES: usize = 12;
/// A recall removes the bytes from the disk within this time, a restart included.
const SOON: Duration = Duration::from_secs(5);

/// A file, and the acknowledgements of its message before the kill.
struct Trial {
    file: FileId,
    message: MessageId,
    bytes: Vec<u8>,
    is_posted: bool,
    is_recall_sent: bool,
    is_recalled: bool,
}

async fn trial(person: &Person, round: usize, number: usize) -> Trial {
    let bytes = format!("canary-{round}-{number}.").repeat(40).into_bytes();
    let file = person.upload(&format!("{round}-{number}.txt"), &bytes).await;
    Trial { file, message: MessageId::new(), bytes, is_posted: false, is_recall_sent: false, is_recalled: false }
}

/// Posts every file in a separate message and recalls every second message as soon as it is acknowledged, until the
/// server is gone.
async fn post_and_recall(socket: Socket, mut trials: Vec<Trial>) -> Vec<Trial> {
    let (mut sink, mut stream) = socket.wire.split();
    let frame = |command: &RoomCommand| Frame::text(serde_json::to_string(command).unwrap());
    for trial in &trials {
        let post = RoomCommand::Post(Post { files: vec![trial.file], ..Post::new(trial.message, "") });
        if sink.send(frame(&post)).await.is_err() {
            return trials;
        }
    }
    while let Some(Ok(received)) = stream.next().await {
        let Frame::Text(text) = received else { continue };
        let Ok(RoomEvent::Message { message, .. }) = serde_json::from_str(&text) else { continue };
        let Some(index) = trials.iter().position(|trial| trial.message == message.id) else { continue };
        let trial = &mut trials[index];
        (trial.is_posted, trial.is_recalled) = (true, message.recalled.is_some());
        if index % 2 == 0 && !trial.is_recall_sent {
            trial.is_recall_sent = true;
            if sink.send(frame(&RoomCommand::Recall { id: trial.message })).await.is_err() {
                break;
            }
        }
    }
    trials
}

/// Whether the bytes of a recalled message leave the disk in time.
async fn is_gone_soon(data: &Path, bytes: &[u8], since: Instant) -> bool {
    while since.elapsed() < SOON {
        if !is_on_disk(&data.join("files"), bytes) {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    false
}

/// Checks the restarted server's state of a trial: a whole message, a recalled one, or an unattached upload. Returns
/// whether it was recalled.
async fn verify(data: &Path, person: &Person, room: RoomId, trial: &Trial, restarted: Instant) -> bool {
    let stored = history(person, room).await.into_iter().find(|message| message.id == trial.message);
    let is_recalled = stored.as_ref().is_some_and(|message| message.recalled.is_some());
    assert!(stored.is_some() || !trial.is_posted, "an acknowledged message is stored");
    assert!(is_recalled || !trial.is_recalled, "an acknowledged recall is stored");
    assert!(trial.is_recall_sent || !is_recalled, "nothing is recalled by itself");
    let answer = person.get(trial.file).await;
    if is_recalled {
        assert_eq!((answer.status().as_u16(), stored.map(|message| message.files.len())), (404, Some(0)));
        assert!(is_gone_soon(data, &trial.bytes, restarted).await, "the bytes left the disk");
    } else {
        assert_eq!(answer.status(), 200, "its uploader reads it, attached or not");
        assert!(header(&answer, "etag").is_some() && answer.bytes().await.unwrap() == trial.bytes, "every byte");
        if stored.is_none() {
            // The number of unattached files is limited.
            let deleted = person.tus(Method::DELETE, &format!("/{}", trial.file)).send().await.unwrap();
            assert_eq!(deleted.status(), 204);
        }
    }
    is_recalled
}

#[tokio::test]
async fn a_server_killed_during_recalls_leaves_whole_files_or_none() {
    let rounds = long_or(100, 6);
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    add_people(&data);
    let (mut posted, mut recalled, mut unacknowledged) = (0, 0, 0);
    for round in 0.. {
        // On a busy machine the first kills may come before every recall.
        if round >= rounds && recalled > 0 || round >= 5 * rounds {
            break;
        }
        let server = Server::start(&data);
        let minsu = server.sign_in("minsu").await;
        let room = open_room(&minsu).await;
        let trials = join_all((0..FILES).map(|number| trial(&minsu, round, number))).await;
        let socket = minsu.chat(room).await;
        let running = tokio::spawn(post_and_recall(socket, trials));
        // A prime step, so that the kills hit every stage of a post, of a recall and of the removal after it.
        let later = 100 * (round / rounds) as u64;
        tokio::time::sleep(Duration::from_millis(2 + 17 * round as u64 % 101 + later)).await;
        server.kill();
        let trials = running.await.unwrap();
        let restarted = Instant::now();
        let server = Server::start(&data);
        let minsu = Person { address: server.address, ..minsu };
        for trial in &trials {
            let is_recalled = verify(&data, &minsu, room, trial, restarted).await;
            posted += usize::from(trial.is_posted);
            recalled += usize::from(is_recalled);
            unacknowledged += usize::from(is_recalled && !trial.is_recalled);
        }
        drop(server);
        check(&data);
    }
    assert!(posted > 0 && recalled > 0, "{posted} posted, {recalled} recalled");
    row(
        &format!("kill -9 during posts and recalls with files, {rounds} rounds of {FILES}"),
        "acknowledged messages have their bytes, acknowledged recalls removed them within 5 s, no state between",
        &format!("{posted} posted, {recalled} recalled, {unacknowledged} of them unacknowledged; lost 0, left over 0"),
    );
}
