//! Power cuts while files are uploaded, posted and recalled: a message is never without its file, and no
//! acknowledged byte of an upload is lost. Replayed as in `power`.

use std::{
    fs,
    path::Path,
    process::Command,
    sync::{Arc, Mutex},
    time::Duration,
};

use protocol::{
    ids::{FileId, MessageId, RoomId},
    room_socket::{Post, RoomCommand},
};
use sha2::{Digest, Sha256};
use sqlx::{Connection, SqliteConnection};

use crate::{
    daemon::{Server, add_people_with, daehwa, open_room},
    files::client::{PART, header},
    stage::Person,
    torture::{
        disk_log::{Ignored, Moment, Recording, cut_power_without},
        long_or, row, shim,
    },
};

/// Bytes of an upload, which arrive in two parts.
const LENGTH: usize = 30_000;

/// The server's acknowledgements.
#[derive(Clone)]
enum Acknowledged {
    /// This many bytes of an upload.
    Offset(FileId, Vec<u8>),
    Message(MessageId, Vec<u8>),
    Recall(MessageId),
}

fn logged<'c>(command: &'c mut Command, log: &Path) -> &'c mut Command {
    command.env("LD_PRELOAD", shim::library()).env("DAEHWA_DISK_LOG", log)
}

/// Uploads, posts and sometimes recalls files, one after the other, until the server is gone.
async fn use_files(person: Person, room: RoomId, worker: usize, acknowledged: Arc<Mutex<Vec<Acknowledged>>>) {
    let note = |done| acknowledged.lock().unwrap().push(done);
    let mut socket = person.chat(room).await;
    for number in 0.. {
        let bytes = format!("{worker}-{number}.").repeat(LENGTH).into_bytes()[..LENGTH].to_vec();
        let file = person.begin(&format!("{worker}-{number}.bin"), LENGTH as u64).await;
        for end in [LENGTH / 2, LENGTH] {
            let start = end - LENGTH / 2;
            let request = person.tus(reqwest::Method::PATCH, &format!("/{file}")).header("content-type", PART);
            let sent = request.header("upload-offset", start).body(bytes[start..end].to_vec()).send().await;
            let Ok(answer) = sent else { return };
            assert_eq!(header(&answer, "upload-offset").unwrap(), end.to_string());
            note(Acknowledged::Offset(file, bytes[..end].to_vec()));
        }
        let id = MessageId::new();
        socket.command(&RoomCommand::Post(Post { files: vec![file], ..Post::new(id, "") })).await;
        while socket.message().await.0.id != id {}
        note(Acknowledged::Message(id, bytes));
        if number % 3 == 2 {
            socket.command(&RoomCommand::Recall { id }).await;
            while socket.message().await.0.recalled.is_none() {}
            note(Acknowledged::Recall(id));
        }
    }
}

/// Uses files on a logged disk and records moments.
async fn record(moments: usize) -> Recording<Acknowledged> {
    let directory = tempfile::tempdir().unwrap();
    let (data, log) = (directory.path().join("data"), directory.path().join("disk.log"));
    // The log must contain the files from their creation on.
    add_people_with(&data, |command| logged(command, &log));
    let server = Server::start_with(&data, "127.0.0.1:0", |command| logged(command, &log));
    let minsu = server.sign_in("minsu").await;
    let room = open_room(&minsu).await;
    let acknowledged = Arc::new(Mutex::new(Vec::new()));
    let working: Vec<_> =
        (0..3).map(|worker| tokio::spawn(use_files(minsu.clone(), room, worker, acknowledged.clone()))).collect();
    let mut recorded = Recording { log: Vec::new(), acknowledged: Vec::new(), moments: Vec::new() };
    while recorded.moments.len() < moments {
        // A different time during an upload at each moment.
        tokio::time::sleep(Duration::from_millis(20 + recorded.moments.len() as u64 * 7 % 31)).await;
        let acknowledged = acknowledged.lock().unwrap().len();
        let log = fs::metadata(&log).unwrap().len() as usize;
        recorded.moments.push(Moment { log, acknowledged });
    }
    working.iter().for_each(tokio::task::JoinHandle::abort);
    server.kill();
    recorded.acknowledged = std::mem::take(&mut *acknowledged.lock().unwrap());
    recorded.log = fs::read(&log).unwrap();
    recorded
}

/// How many acknowledgements are lost after a power cut; one more if a row lacks its bytes.
async fn lost(data: &Path, acknowledged: &[Acknowledged]) -> usize {
    let checked = daehwa(data).args(["check", "--files"]).output().unwrap();
    let mut lost = usize::from(!checked.status.success());
    let url = format!("sqlite://{}", data.join("daehwa.db").display());
    let mut db = SqliteConnection::connect(&url).await.unwrap();
    for done in acknowledged {
        let is_kept = match done {
            Acknowledged::Offset(file, bytes) => is_going_on(&mut db, data, *file, bytes).await,
            Acknowledged::Message(id, bytes) => match is_recalled(&mut db, *id).await {
                Some(false) => is_blob(data, bytes),
                stored => stored.is_some(),
            },
            Acknowledged::Recall(id) => is_recalled(&mut db, *id).await == Some(true),
        };
        lost += usize::from(!is_kept);
    }
    lost
}

/// `None`: the message is not stored.
async fn is_recalled(db: &mut SqliteConnection, id: MessageId) -> Option<bool> {
    let query = sqlx::query_scalar("SELECT recalled IS NOT NULL FROM messages WHERE id = $1");
    query.bind(id.uuid()).fetch_optional(db).await.unwrap()
}

/// Whether an upload has these bytes, or is complete: then `daehwa check --files` has read them.
async fn is_going_on(db: &mut SqliteConnection, data: &Path, id: FileId, bytes: &[u8]) -> bool {
    let query = sqlx::query_scalar("SELECT count(*) FROM uploads WHERE id = $1").bind(id.uuid());
    let uploads: i64 = query.fetch_one(db).await.unwrap();
    let kept = || fs::read(data.join("files/incoming").join(id.to_string())).unwrap_or_default();
    uploads == 0 || kept().starts_with(bytes)
}

fn is_blob(data: &Path, bytes: &[u8]) -> bool {
    let digits = data_encoding::HEXLOWER.encode(&Sha256::digest(bytes));
    let (folder, name) = digits.split_at(2);
    fs::read(data.join("files").join(folder).join(name)).is_ok_and(|kept| kept == bytes)
}

/// How many acknowledgements are lost over all cuts, and how many cuts were replayed.
async fn replay(recorded: &Recording<Acknowledged>, ignored: Ignored, moments: usize) -> (usize, usize) {
    let (mut all, mut cuts) = (0, 0);
    for moment in recorded.moments.iter().take(moments).filter(|moment| moment.acknowledged > 0) {
        // None, all, or every other one of the unsynced operations reached the disk.
        for outcome in 0..3 {
            let directory = tempfile::tempdir().unwrap();
            let mut turn = false;
            let keeps = || {
                turn = !turn;
                outcome == 1 || (outcome == 2 && turn)
            };
            cut_power_without(&recorded.log, moment.log, directory.path(), keeps, ignored);
            all += lost(directory.path(), &recorded.acknowledged[..moment.acknowledged]).await;
            cuts += 1;
        }
    }
    (all, cuts)
}

#[tokio::test]
async fn a_power_cut_leaves_no_message_without_its_file() {
    let moments = long_or(100, 8);
    let recorded = record(moments).await;
    let (lost, cuts) = replay(&recorded, Ignored::Nothing, moments).await;
    assert_eq!(lost, 0, "acknowledged and lost to a power cut");
    let few = long_or(20, 8);
    let (without_contents, _) = replay(&recorded, Ignored::FileSyncs, few).await;
    let (without_names, _) = replay(&recorded, Ignored::DirectorySyncs, few).await;
    assert!(without_contents > 0 && without_names > 0, "the replay must notice what is not synced");
    row(
        &format!("power cut during uploads, posts and recalls with files, {cuts} replays"),
        "0 lost, no row without its bytes; the same replay shows loss without the syncs of files or of directories",
        &format!(
            "{} acknowledged; lost 0; without syncs of files {without_contents}, of directories {without_names}",
            recorded.acknowledged.len()
        ),
    );
}
