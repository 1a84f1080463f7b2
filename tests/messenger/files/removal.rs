//! Bytes that are not needed leave the disk: of recalled messages, unattached files, abandoned uploads and crashes.

use std::{
    fs::File,
    path::{Path, PathBuf},
    time::{Duration, Instant, SystemTime},
};

use protocol::ids::FileId;
use reqwest::Method;
use server::{
    files::hold_back_removal,
    messenger::{Messenger, Policy},
};

use crate::{
    files::held_scanner::Held,
    stage::{Person, QUIET, Stage, unlimited},
};

/// A recall removes the bytes from the disk within this time.
const SOON: Duration = Duration::from_secs(5);

/// Whether a file below the folder holds these bytes.
pub(crate) fn is_on_disk(folder: &Path, bytes: &[u8]) -> bool {
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).any(|path| {
        if path.is_dir() {
            is_on_disk(&path, bytes)
        } else {
            // A file may be removed between listing and reading.
            std::fs::read(&path).unwrap_or_default().windows(bytes.len()).any(|window| window == bytes)
        }
    })
}

async fn is_gone_soon(stage: &Stage, bytes: &[u8]) -> bool {
    let begun = Instant::now();
    while begun.elapsed() < SOON {
        if !is_on_disk(&stage.data.path().join("files"), bytes) {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    false
}

/// Cancels an upload, which wakes the removal.
async fn wake(person: &Person) {
    let id = person.begin("a", 1).await;
    assert_eq!(person.tus(Method::DELETE, &format!("/{id}")).send().await.unwrap().status(), 204);
}

fn literal(id: FileId) -> String {
    format!("x'{}'", id.to_string().replace('-', ""))
}

#[tokio::test]
async fn a_recall_takes_the_bytes_off_the_disk_within_five_seconds() {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = stage.pair().await;
    let id = minsu.upload("canary.txt", b"canary-1").await;
    let message = stage.attach(&minsu, room, &[id]).await;
    assert!(is_on_disk(&stage.data.path().join("files"), b"canary-1"));
    stage.messenger.messages().recall(minsu.actor(), room, message).await.unwrap();
    assert!(is_gone_soon(&stage, b"canary-1").await);
    for person in [&minsu, &younghee] {
        assert_eq!(person.get(id).await.status(), 404);
    }
}

#[tokio::test]
async fn bytes_that_another_message_has_stay() {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = stage.pair().await;
    let (one, two) = (minsu.upload("one.txt", b"canary-2").await, younghee.upload("two.txt", b"canary-2").await);
    let message = stage.attach(&minsu, room, &[one]).await;
    stage.attach(&younghee, room, &[two]).await;
    stage.messenger.messages().recall(minsu.actor(), room, message).await.unwrap();
    wake(&minsu).await;
    tokio::time::sleep(QUIET).await;
    assert_eq!(minsu.get(one).await.status(), 404);
    assert_eq!(minsu.get(two).await.text().await.unwrap(), "canary-2");
}

#[tokio::test]
async fn a_backup_holds_the_removal_back_and_then_it_goes_on() {
    let stage = Stage::new().await;
    let minsu = stage.person("minsu", "김민수").await;
    let id = minsu.upload("canary.txt", b"canary-3").await;
    let backup = hold_back_removal(&stage.data.path().join("files")).unwrap();
    assert_eq!(minsu.tus(Method::DELETE, &format!("/{id}")).send().await.unwrap().status(), 204);
    tokio::time::sleep(QUIET).await;
    assert!(is_on_disk(&stage.data.path().join("files"), b"canary-3"), "the backup may still copy it");
    drop(backup);
    assert!(is_gone_soon(&stage, b"canary-3").await);
}

#[tokio::test]
async fn abandoned_uploads_and_files_without_a_message_expire() {
    let stage = Stage::new().await;
    let minsu = stage.person("minsu", "김민수").await;
    let file = minsu.upload("file.txt", b"canary-4").await;
    let upload = minsu.begin("upload.txt", 100).await;
    assert_eq!(minsu.append(upload, "0", "canary-5").await.status(), 204);
    stage.sql(&format!("UPDATE files SET created_at = created_at - 86400001 WHERE id = {}", literal(file))).await;
    stage.sql(&format!("UPDATE uploads SET expires_at = expires_at - 86400001 WHERE id = {}", literal(upload))).await;
    wake(&minsu).await;
    assert!(is_gone_soon(&stage, b"canary-4").await);
    assert!(is_gone_soon(&stage, b"canary-5").await);
    assert_eq!((minsu.get(file).await.status().as_u16(), minsu.offset(upload).await.0), (404, 404));
}

#[tokio::test]
async fn what_a_crash_left_is_removed_at_the_next_start() {
    let stage = Stage::new().await;
    let minsu = stage.person("minsu", "김민수").await;
    let (kept, begun) = (minsu.upload("kept.txt", b"kept").await, minsu.begin("begun.txt", 10).await);
    assert_eq!(minsu.append(begun, "0", "begun").await.status(), 204);
    let files = stage.data.path().join("files");
    std::fs::create_dir_all(files.join("ab")).unwrap();
    let (old, young) = (files.join("ab").join("c".repeat(62)), files.join("ab").join("d".repeat(62)));
    std::fs::write(&old, "canary-6").unwrap();
    std::fs::write(young, "canary-9").unwrap();
    age(&old);
    std::fs::write(files.join("incoming").join(FileId::new().to_string()), "canary-7").unwrap();
    std::fs::write(files.join("incoming").join(format!("{}.preview", FileId::new())), "canary-8").unwrap();
    stage.messenger.close().await;
    let messenger = Messenger::open(stage.data.path(), unlimited()).await.unwrap();
    for canary in ["canary-6", "canary-7", "canary-8"] {
        assert!(is_gone_soon(&stage, canary.as_bytes()).await, "{canary}");
    }
    assert!(is_on_disk(&files, b"canary-9"), "it may belong to a database that is put back");
    assert!(messenger.files().readable(minsu.actor(), kept).await.is_ok());
    assert_eq!(messenger.uploads().state(minsu.actor(), begun).await.unwrap().offset, 5);
    assert!(is_on_disk(&files, b"kept"));
    messenger.close().await;
}

/// Makes a file look two days old.
fn age(file: &Path) {
    let before = SystemTime::now() - Duration::from_secs(2 * 24 * 60 * 60);
    File::options().write(true).open(file).unwrap().set_modified(before).unwrap();
}

/// The files of all blobs.
fn blobs(data: &Path) -> Vec<PathBuf> {
    let folders = std::fs::read_dir(data.join("files")).unwrap().map(|entry| entry.unwrap().path());
    let folders = folders.filter(|folder| folder.file_name().is_some_and(|name| name.len() == 2));
    folders.flat_map(|folder| std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path())).collect()
}

#[tokio::test]
async fn a_new_or_older_database_takes_no_file_off_the_disk() {
    let stage = Stage::new().await;
    let (minsu, _, room) = stage.pair().await;
    let share = async |number: u8| {
        let id = minsu.upload("a.txt", &[number; 100]).await;
        stage.attach(&minsu, room, &[id]).await;
    };
    share(0).await;
    let (data, folder) = (stage.data.path(), tempfile::tempdir().unwrap());
    let older = folder.path().join("older.db");
    server::messenger::backup(data, None, &older, false).await.unwrap();
    for number in 1..9 {
        share(number).await;
    }
    let begun = minsu.begin("begun.txt", 10).await;
    assert_eq!(minsu.append(begun, "0", "canary").await.status(), 204);
    stage.messenger.close().await;
    let kept = blobs(data);
    assert_eq!(kept.len(), 9);
    kept.iter().for_each(|blob| age(blob));
    for database in [None, Some(&older)] {
        for ending in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(data.join(format!("daehwa.db{ending}")));
        }
        if let Some(database) = database {
            std::fs::copy(database, data.join("daehwa.db")).unwrap();
        }
        let messenger = Messenger::open(data, unlimited()).await.unwrap();
        tokio::time::sleep(QUIET).await;
        messenger.close().await;
        assert_eq!(blobs(data).len(), 9, "{database:?}");
        assert!(is_on_disk(&data.join("files"), b"canary"), "{database:?}");
    }
}

#[tokio::test]
async fn nothing_is_kept_of_a_file_whose_completion_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let scanner = Held::new(directory.path());
    let stage = Stage::with(Policy { scanner: Some(scanner.setting()), ..unlimited() }).await;
    let minsu = stage.person("minsu", "김민수").await;
    let id = minsu.begin("canary.txt", 9).await;
    let sending = tokio::spawn({
        let minsu = minsu.clone();
        async move { minsu.append(id, "0", "canary-10").await.status().as_u16() }
    });
    scanner.is_asked().await;
    stage.messenger.accounts().set_disabled("minsu", true).await.unwrap();
    scanner.release();
    assert_eq!(sending.await.unwrap(), 401);
    assert!(is_gone_soon(&stage, b"canary-10").await);
}

#[tokio::test]
async fn a_recall_does_not_wait_for_a_scanner_that_hangs() {
    let directory = tempfile::tempdir().unwrap();
    let scanner = Held::for_files(directory.path(), "held*");
    let stage = Stage::with(Policy { scanner: Some(scanner.setting()), ..unlimited() }).await;
    let (minsu, _, room) = stage.pair().await;
    let id = minsu.upload("canary.txt", b"canary-11").await;
    let message = stage.attach(&minsu, room, &[id]).await;
    let held = minsu.begin("a.txt", 4).await;
    let sending = tokio::spawn({
        let minsu = minsu.clone();
        async move { minsu.append(held, "0", "held").await.status().as_u16() }
    });
    scanner.is_asked().await;
    // The upload expires while the scanner scans it.
    stage.sql("UPDATE uploads SET expires_at = 1").await;
    wake(&minsu).await;
    tokio::time::sleep(QUIET).await;
    stage.messenger.messages().recall(minsu.actor(), room, message).await.unwrap();
    assert!(is_gone_soon(&stage, b"canary-11").await);
    scanner.release();
    assert_eq!(sending.await.unwrap(), 204, "what was whole in time becomes a file");
}

#[tokio::test]
async fn an_expired_upload_takes_no_bytes_before_it_is_removed() {
    let stage = Stage::new().await;
    let minsu = stage.person("minsu", "김민수").await;
    let id = minsu.begin("a.txt", 10).await;
    assert_eq!(minsu.append(id, "0", "12345").await.status(), 204);
    stage.sql("UPDATE uploads SET expires_at = 1").await;
    assert_eq!(minsu.append(id, "5", "67890").await.status(), 404);
    assert_eq!(minsu.offset(id).await.0, 404);
}

#[tokio::test]
async fn an_upload_without_a_byte_expires_after_an_hour_and_gives_its_space_back() {
    let stage = Stage::new().await;
    let minsu = stage.person("minsu", "김민수").await;
    let lives = async || {
        let sql = "SELECT CAST(expires_at - created_at AS TEXT) FROM uploads";
        stage
            .sql_texts(sql)
            .await
            .into_iter()
            .map(|text| (text.parse::<i64>().unwrap() + 30_000) / 60_000)
            .collect::<Vec<_>>()
    };
    // Its client never received the id.
    minsu.begin("forgotten.txt", 1_000).await;
    assert_eq!(lives().await, [60]);
    stage.sql("UPDATE uploads SET created_at = created_at - 3600001, expires_at = expires_at - 3600001").await;
    let begun = minsu.begin("a.txt", 10).await;
    assert_eq!(minsu.append(begun, "0", "12345").await.status(), 204);
    wake(&minsu).await;
    let begun_at = Instant::now();
    while stage.messenger.files().used(minsu.actor()).await != Ok(10) && begun_at.elapsed() < SOON {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(stage.messenger.files().used(minsu.actor()).await, Ok(10));
    assert_eq!(lives().await, [24 * 60], "one with bytes has a day");
    assert_eq!(minsu.offset(begun).await, (200, Some(5)));
}
