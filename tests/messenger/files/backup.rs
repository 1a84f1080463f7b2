//! `daehwa check` and `daehwa backup` with the bytes of files.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use protocol::{
    ids::{FileId, MessageId, RoomId},
    room_socket::Post,
};
use server::messenger::{Messenger, backup, check, files_of_copy};

use crate::{
    daemon::daehwa,
    stage::{Person, Stage, unlimited},
};

impl Stage {
    /// Posts a file with this content.
    async fn share_bytes(&self, person: &Person, room: RoomId, name: &str, content: &[u8]) -> (MessageId, FileId) {
        let file = person.upload(name, content).await;
        let post = Post { files: vec![file], ..Post::new(MessageId::new(), "") };
        let id = post.id;
        self.messenger.messages().post(person.actor(), room, post).await.unwrap();
        (id, file)
    }
}

async fn wrong(data: &Path, has_content: bool) -> Vec<(&'static str, Vec<String>)> {
    let findings = check(data, None, has_content).await.unwrap();
    let wrong = findings.into_iter().filter(|finding| !finding.wrong.is_empty());
    wrong.map(|finding| (finding.what, finding.wrong)).collect()
}

/// The files below a folder, except locks.
fn all_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files = entries.flat_map(|path| if path.is_dir() { all_in(&path) } else { vec![path] });
    files.filter(|path| path.extension().is_none_or(|ending| ending != "lock")).collect()
}

/// Restores a copy as an operator does: the database and the directory of files.
fn restore(copy: &Path, data: &Path) {
    fs::create_dir_all(data).unwrap();
    fs::copy(copy, data.join("daehwa.db")).unwrap();
    let from = files_of_copy(copy);
    for file in if from.is_dir() { all_in(&from) } else { Vec::new() } {
        let to = data.join("files").join(file.strip_prefix(&from).unwrap());
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(file, to).unwrap();
    }
}

async fn content(messenger: &Messenger, person: &Person, file: FileId, data: &Path) -> Vec<u8> {
    let digits = messenger.files().readable(person.actor(), file).await.unwrap().hash.to_string();
    fs::read(data.join("files").join(&digits[..2]).join(&digits[2..])).unwrap()
}

#[tokio::test]
async fn the_check_finds_bytes_that_are_missing_wrong_or_left_behind() {
    let stage = Stage::new().await;
    let (minsu, _, room) = stage.pair().await;
    let (_, file) = stage.share_bytes(&minsu, room, "예산.hwp", b"budget 2026").await;
    let data = stage.data.path();
    assert_eq!(wrong(data, true).await, []);
    stage.messenger.close().await;
    let digits = stage.sql_texts("SELECT lower(hex(hash)) FROM blobs").await.remove(0);
    let path = data.join("files").join(&digits[..2]).join(&digits[2..]);
    fs::write(&path, b"budget 2027").unwrap();
    assert_eq!(wrong(data, false).await, [], "without reading it, nothing shows");
    assert_eq!(wrong(data, true).await, [("the content of every blob has its hash", vec![digits.clone()])]);
    fs::write(&path, b"budget").unwrap();
    let short = vec![format!("{digits} has 6 bytes of 11")];
    assert_eq!(wrong(data, false).await, [("every blob is kept with all its bytes", short)]);
    fs::remove_file(&path).unwrap();
    assert_eq!(wrong(data, true).await, [("every blob is kept with all its bytes", vec![digits])]);
    fs::write(&path, b"budget 2026").unwrap();

    let stray = (data.join("files").join("ab").join("c".repeat(62)), format!("ab{}", "c".repeat(62)));
    fs::create_dir_all(stray.0.parent().unwrap()).unwrap();
    let incoming = (data.join("files/incoming").join(file.to_string()), format!("incoming/{file}"));
    for (path, _) in [&stray, &incoming] {
        fs::write(path, b"left").unwrap();
    }
    assert_eq!(wrong(data, true).await, [], "what a crash left is removed at the next start");
    let yesterday = SystemTime::now() - Duration::from_secs(24 * 60 * 60 + 60);
    for (path, _) in [&stray, &incoming] {
        File::options().write(true).open(path).unwrap().set_modified(yesterday).unwrap();
    }
    let left = vec![stray.1, incoming.1];
    assert_eq!(wrong(data, true).await, [("no bytes are kept that the database does not know", left)]);
}

#[tokio::test]
async fn a_restored_backup_has_every_file() {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = stage.pair().await;
    let (recalled, _) = stage.share_bytes(&minsu, room, "회수.hwp", b"secret").await;
    let (_, file) = stage.share_bytes(&minsu, room, "예산.hwp", b"budget 2026").await;
    stage.messenger.messages().recall(minsu.actor(), room, recalled).await.unwrap();
    let waiting = minsu.upload("보내지 않은.hwp", b"not sent").await;
    let pending = minsu.begin("올리는 중.hwp", 100).await;
    assert_eq!(minsu.append(pending, "0", "half").await.status(), 204);
    let folder = tempfile::tempdir().unwrap();
    let (copy, data) = (folder.path().join("copy.db"), folder.path().join("data"));
    backup(stage.data.path(), None, &copy, true).await.unwrap();
    assert_eq!(all_in(&files_of_copy(&copy)).len(), 2, "what files name, and nothing else");
    assert!(fs::read_dir(folder.path()).unwrap().count() == 2, "nothing is left of the work");
    restore(&copy, &data);
    assert_eq!(wrong(&data, true).await, []);
    let restored = Messenger::open(&data, unlimited()).await.unwrap();
    assert_eq!(content(&restored, &younghee, file, &data).await, b"budget 2026");
    assert_eq!(content(&restored, &minsu, waiting, &data).await, b"not sent");
    assert_eq!(restored.files().used(minsu.actor()).await, Ok(19), "what was pending is not reserved");
    assert!(restored.uploads().state(minsu.actor(), pending).await.is_err());
    restored.close().await;
    assert_eq!(wrong(&data, true).await, []);
}

#[tokio::test]
async fn a_backup_of_two_disks_copies_and_one_that_fails_leaves_nothing() {
    let stage = Stage::new().await;
    let (minsu, _, room) = stage.pair().await;
    stage.share_bytes(&minsu, room, "예산.hwp", b"budget 2026").await;
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.db");
    fs::create_dir(files_of_copy(&copy)).unwrap();
    let output = daehwa(stage.data.path()).arg("backup").arg(&copy).output().unwrap();
    assert!(!output.status.success() && String::from_utf8_lossy(&output.stderr).contains("copy.db.files"));
    fs::remove_dir(files_of_copy(&copy)).unwrap();
    stage.messenger.close().await;
    let blob = all_in(&stage.data.path().join("files")).remove(0);
    fs::rename(&blob, blob.with_extension("away")).unwrap();
    assert!(!daehwa(stage.data.path()).arg("backup").arg(&copy).output().unwrap().status.success());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    assert!(!daehwa(stage.data.path()).arg("check").output().unwrap().status.success());
    fs::rename(blob.with_extension("away"), &blob).unwrap();
    assert!(daehwa(stage.data.path()).args(["check", "--files"]).output().unwrap().status.success());
    assert!(daehwa(stage.data.path()).arg("backup").arg(&copy).output().unwrap().status.success());
}

#[tokio::test]
async fn a_backup_during_uploads_and_recalls_is_whole() {
    let stage = Stage::new().await;
    let (minsu, _, room) = stage.pair().await;
    let folder = tempfile::tempdir().unwrap();
    let mut messages = Vec::new();
    for number in 0..40_u32 {
        let (message, _) = stage.share_bytes(&minsu, room, "파일.bin", &number.to_le_bytes().repeat(4_000)).await;
        messages.push(message);
    }
    let changes = async {
        for (number, message) in messages.into_iter().enumerate() {
            stage.messenger.messages().recall(minsu.actor(), room, message).await.unwrap();
            stage.share_bytes(&minsu, room, "파일.bin", &(number + 1_000).to_le_bytes().repeat(2_000)).await;
        }
    };
    let backups = async {
        for number in 0..8 {
            backup(stage.data.path(), None, &folder.path().join(format!("{number}.db")), true).await.unwrap();
        }
    };
    tokio::join!(changes, backups);
    for number in 0..8 {
        let data = folder.path().join(number.to_string());
        restore(&folder.path().join(format!("{number}.db")), &data);
        assert_eq!(wrong(&data, true).await, [], "backup {number}");
    }
}
