//! A server whose files are in a bucket: the real program with a server that speaks S3.

use std::{
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use protocol::{
    ids::{FileId, MessageId, RoomId},
    room_socket::{Post, RoomCommand},
};
use reqwest::Method;
use server::files::hold_back_removal;
use tempfile::TempDir;

use crate::{
    daemon::{Server, add_people, daehwa, open_room},
    files::{
        client::{PART, error},
        s3_server::{S3Server, Silence},
    },
    stage::{Person, QUIET, TEST_TIMEOUT},
    torture::row,
};

const URL: &str = "s3://chat/office";
/// The object that says whose the bucket is.
const OWNER: &str = "office/daehwa-owner";
/// How often a request is tried before it is given up.
const TRIES: usize = 3;
/// A recall removes the bytes from the bucket within this time.
const SOON: Duration = Duration::from_secs(5);

/// A server with a data directory and a bucket, with two users who share a room.
pub(super) struct BucketScene {
    pub(super) s3: S3Server,
    _directory: TempDir,
    pub(super) data: PathBuf,
    pub(super) server: Server,
    pub(super) minsu: Person,
    room: RoomId,
}

pub(crate) fn in_bucket<'c>(s3: &S3Server, command: &'c mut Command) -> &'c mut Command {
    command.envs(s3.environment()).args(["--files", URL])
}

pub(super) fn started(s3: &S3Server, data: &Path) -> Server {
    Server::start_with(data, "127.0.0.1:0", |command| in_bucket(s3, command))
}

impl BucketScene {
    pub(super) async fn start() -> Self {
        let (s3, directory) = (S3Server::start(), tempfile::tempdir().unwrap());
        let data = directory.path().join("data");
        add_people(&data);
        let server = started(&s3, &data);
        let minsu = server.sign_in("minsu").await;
        let room = open_room(&minsu).await;
        Self { s3, _directory: directory, data, server, minsu, room }
    }

    /// Another server on the same data directory.
    fn restarted(self) -> Self {
        self.server.kill();
        let server = started(&self.s3, &self.data);
        let minsu = Person { address: server.address, ..self.minsu };
        Self { server, minsu, ..self }
    }

    pub(super) async fn share(&self, name: &str, content: &[u8]) -> (MessageId, FileId) {
        let (id, file) = (MessageId::new(), self.minsu.upload(name, content).await);
        self.command(RoomCommand::Post(Post { files: vec![file], ..Post::new(id, "") })).await;
        (id, file)
    }

    /// Sends a command and waits for the resulting message.
    async fn command(&self, command: RoomCommand) {
        let mut socket = self.minsu.chat(self.room).await;
        socket.command(&command).await;
        socket.message().await;
    }

    async fn recall(&self, id: MessageId) {
        self.command(RoomCommand::Recall { id }).await;
    }

    async fn is_gone_soon(&self, bytes: &[u8]) -> bool {
        let begun = Instant::now();
        while self.s3.holds(bytes) && begun.elapsed() < SOON {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        !self.s3.holds(bytes)
    }

    /// The output of a command, and whether it succeeded.
    fn run(&self, args: &[&str]) -> (bool, String) {
        let output = in_bucket(&self.s3, &mut daehwa(&self.data)).args(args).output().unwrap();
        let printed = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(printed).unwrap())
    }
}

/// The blobs on the disk of a data directory.
fn on_disk(data: &Path) -> usize {
    let folders = std::fs::read_dir(data.join("files")).unwrap().map(|entry| entry.unwrap());
    folders.filter(|entry| entry.file_name().len() == 2).count()
}

/// The output of a server that does not start.
pub(crate) fn refused(command: &mut Command) -> String {
    let command = command.args(["--addr", "127.0.0.1:0"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    child.kill().unwrap();
    assert!(line.is_empty(), "it started: {line}");
    child.stderr.take().unwrap().read_to_string(&mut line).unwrap();
    assert!(!child.wait().unwrap().success());
    line
}

#[tokio::test]
async fn a_file_is_in_the_bucket_when_it_is_acknowledged_and_leaves_it_after_a_recall() {
    let scene = BucketScene::start().await;
    let content: Vec<u8> = (0..600_000_u32).flat_map(u32::to_le_bytes).collect();
    let id = scene.minsu.begin("a.bin", content.len() as u64).await;
    assert_eq!(scene.minsu.append(id, "0", content.clone()).await.status(), 204);
    assert!(scene.s3.holds(&content), "before the last byte is acknowledged");
    assert_eq!(on_disk(&scene.data), 0);
    let (message, file) = scene.share("canary.txt", b"canary-s3").await;
    assert_eq!(scene.minsu.get(file).await.text().await.unwrap(), "canary-s3");
    let range = scene.minsu.files(Method::GET, &format!("/{id}")).header("range", "bytes=1000-1999");
    let part = range.send().await.unwrap();
    assert_eq!((part.status().as_u16(), &part.bytes().await.unwrap()[..]), (206, &content[1000..2000]));
    scene.recall(message).await;
    assert!(scene.is_gone_soon(b"canary-s3").await);
    assert_eq!(scene.minsu.get(file).await.status(), 404);
    assert!(scene.s3.holds(&content), "another file stays");
}

#[tokio::test]
async fn a_store_that_is_down_refuses_files_and_loses_none() {
    let scene = BucketScene::start().await;
    let (recalled, _) = scene.share("a.txt", b"canary-recalled").await;
    let (_, kept) = scene.share("b.txt", b"kept").await;
    let begun = scene.minsu.begin("c.txt", 5).await;
    scene.s3.objects().is_down = true;
    let answer = scene.minsu.append(begun, "0", "12345").await;
    assert_eq!((answer.status().as_u16(), error(answer).await.as_str()), (503, "unavailable"));
    let read = scene.minsu.get(kept).await;
    assert_eq!((read.status().as_u16(), error(read).await.as_str()), (503, "unavailable"));
    scene.command(RoomCommand::Post(Post::new(MessageId::new(), "글은 됩니다"))).await;
    scene.s3.objects().asked.clear();
    scene.recall(recalled).await;
    // Until the removal has given up: it does not know whose the bucket is.
    let tries = || scene.s3.objects().asked.iter().filter(|asked| asked.contains(OWNER)).count();
    let waiting = Instant::now();
    while tries() < TRIES && waiting.elapsed() < 6 * SOON {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(tries() >= TRIES && scene.s3.holds(b"canary-recalled"));
    scene.s3.objects().is_down = false;
    assert_eq!(scene.minsu.offset(begun).await, (200, Some(5)), "all bytes are here, and now it completes");
    assert_eq!(scene.minsu.get(begun).await.text().await.unwrap(), "12345");
    assert_eq!(scene.minsu.get(kept).await.text().await.unwrap(), "kept");
    // The next removal also removes what the last one left.
    let other = scene.minsu.begin("d", 1).await;
    assert_eq!(scene.minsu.tus(Method::DELETE, &format!("/{other}")).send().await.unwrap().status(), 204);
    assert!(scene.is_gone_soon(b"canary-recalled").await);
    assert!(scene.run(&["check", "--files"]).0);
}

#[tokio::test]
async fn a_server_killed_while_it_sends_to_the_bucket_goes_on_after_its_start() {
    let mut scene = BucketScene::start().await;
    for (seed, at, is_carried_out) in [(1, "PUT", false), (2, "PUT", true), (3, "POST", false), (4, "POST", true)] {
        let content: Vec<u8> = (seed..1_500_000_u32 + seed).flat_map(u32::to_le_bytes).collect();
        let id = scene.minsu.begin("a.bin", content.len() as u64).await;
        scene.s3.objects().silence = Some(Silence { at, is_carried_out });
        let sending = tokio::spawn({
            let (minsu, content) = (scene.minsu.clone(), content.clone());
            async move {
                let request = minsu.tus(Method::PATCH, &format!("/{id}")).header("content-type", PART);
                request.header("upload-offset", 0).body(content).send().await
            }
        });
        while !scene.s3.objects().is_silent {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        scene.server.signal("-9");
        assert!(sending.await.unwrap().is_err(), "nothing is acknowledged");
        scene.s3.objects().silence = None;
        scene.s3.objects().is_silent = false;
        scene = scene.restarted();
        assert_eq!(scene.minsu.offset(id).await, (200, Some(content.len() as u64)), "{at}");
        assert!(scene.minsu.get(id).await.bytes().await.unwrap() == content, "{at}");
        let (is_well, printed) = scene.run(&["check", "--files"]);
        assert!(is_well, "{printed}");
    }
    assert_eq!(scene.s3.objects().blobs().len(), 4);
}

#[tokio::test]
async fn what_a_crash_left_in_the_bucket_is_removed_at_the_next_start_and_nothing_else() {
    let scene = BucketScene::start().await;
    let (_, kept) = scene.share("kept.txt", b"kept").await;
    let stray = format!("office/ab/{}", "c".repeat(62));
    let others = ["office/notes.txt", "elsewhere/ab/cd"];
    for key in others.into_iter().chain([stray.as_str()]) {
        scene.s3.objects().kept.insert(key.to_owned(), key.as_bytes().to_vec());
    }
    scene.s3.objects().modified = Some("2020-01-01");
    let scene = scene.restarted();
    assert!(scene.is_gone_soon(stray.as_bytes()).await);
    assert_eq!(scene.minsu.get(kept).await.text().await.unwrap(), "kept");
    assert!(others.iter().all(|key| scene.s3.objects().kept.contains_key(*key)));
}

#[tokio::test]
async fn nothing_is_removed_from_a_bucket_that_another_server_has_taken_over() {
    let scene = BucketScene::start().await;
    let (recalled, _) = scene.share("a.txt", b"recalled").await;
    scene.share("b.txt", b"kept").await;
    scene.s3.objects().kept.insert(format!("office/ab/{}", "c".repeat(62)), b"stray".to_vec());
    scene.s3.objects().modified = Some("2020-01-01");
    let held_back = hold_back_removal(&scene.data.join("files")).unwrap();
    let scene = scene.restarted();
    scene.recall(recalled).await;
    let own = scene.s3.objects().kept.insert(OWNER.to_owned(), b"another".to_vec()).unwrap();
    scene.s3.objects().asked.clear();
    drop(held_back);
    let has_asked = || scene.s3.objects().asked.iter().filter(|request| request.contains(OWNER)).count() >= 2;
    let begun = Instant::now();
    while !has_asked() && begun.elapsed() < TEST_TIMEOUT {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(has_asked(), "whose it is, before what was recalled and what is a stray are removed");
    tokio::time::sleep(QUIET).await;
    assert!(scene.s3.holds(b"recalled") && scene.s3.holds(b"stray"));
    scene.s3.objects().kept.insert(OWNER.to_owned(), own);
    let cancelled = scene.minsu.begin("c.txt", 1).await;
    scene.minsu.tus(Method::DELETE, &format!("/{cancelled}")).send().await.unwrap();
    assert!(scene.is_gone_soon(b"recalled").await, "it is this server's again");
}

#[tokio::test]
async fn the_check_compares_the_bucket_with_the_database() {
    let scene = BucketScene::start().await;
    scene.share("a.txt", b"budget 2026").await;
    let (is_well, printed) = scene.run(&["check", "--files"]);
    assert!(is_well, "{printed}");
    let digits = scene.s3.objects().blobs().remove(0);
    let key = format!("office/{}/{}", &digits[..2], &digits[2..]);
    let set = |bytes: Option<&[u8]>| {
        let mut objects = scene.s3.objects();
        match bytes {
            Some(bytes) => objects.kept.insert(key.clone(), bytes.to_vec()),
            None => objects.kept.remove(&key),
        };
    };
    set(Some(b"budget 2027"));
    assert!(scene.run(&["check"]).0, "without reading it, nothing shows");
    let (is_well, printed) = scene.run(&["check", "--files"]);
    assert!(!is_well && printed.contains(&format!("FAIL the content of every blob has its hash (1)\n       {digits}")));
    for (bytes, wrong) in [(Some(&b"budget"[..]), format!("{digits} has 6 bytes of 11")), (None, digits.clone())] {
        set(bytes);
        let (is_well, printed) = scene.run(&["check"]);
        let expected = format!("FAIL every blob is kept with all its bytes (1)\n       {wrong}");
        assert!(!is_well && printed.contains(&expected), "{printed}");
    }
    set(Some(b"budget 2026"));
    let stray = format!("ab{}", "c".repeat(62));
    scene.s3.objects().kept.insert(format!("office/ab/{}", "c".repeat(62)), b"x".to_vec());
    assert!(scene.run(&["check"]).0, "it may be on its way");
    scene.s3.objects().modified = Some("2020-01-01");
    let (is_well, printed) = scene.run(&["check"]);
    assert!(!is_well && printed.contains(&format!("does not know (1)\n       {stray}")), "{printed}");
}

#[tokio::test]
async fn a_backup_copies_the_bucket_and_restores_into_another() {
    let scene = BucketScene::start().await;
    let content: Vec<u8> = (0..3_000_000_u32).flat_map(u32::to_le_bytes).collect();
    let (_, file) = scene.share("a.bin", &content).await;
    let (recalled, _) = scene.share("b.txt", b"recalled").await;
    scene.recall(recalled).await;
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.db");
    let (is_made, printed) = scene.run(&["backup", copy.to_str().unwrap()]);
    assert!(is_made, "{printed}");

    // As in the README: the database to its place, the files into the bucket.
    let (data, other) = (folder.path().join("data"), S3Server::start());
    std::fs::create_dir(&data).unwrap();
    std::fs::copy(&copy, data.join("daehwa.db")).unwrap();
    let started_early = refused(in_bucket(&other, &mut daehwa(&data)));
    assert!(started_early.contains("1 files are not in this bucket yet"), "{started_early}");
    let files = folder.path().join("copy.db.files");
    for folder in std::fs::read_dir(&files).unwrap().map(|entry| entry.unwrap().path()) {
        for file in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            let key = format!("office/{}", file.strip_prefix(&files).unwrap().display());
            other.objects().kept.insert(key, std::fs::read(file).unwrap());
        }
    }
    let server = started(&other, &data);
    let minsu = Person { address: server.address, ..scene.minsu.clone() };
    assert!(minsu.get(file).await.bytes().await.unwrap() == content);
    let checked = in_bucket(&other, &mut daehwa(&data)).args(["check", "--files"]).output().unwrap();
    assert!(checked.status.success());

    let bare = folder.path().join("bare.db");
    let (is_made, printed) = scene.run(&["backup", "--without-files", bare.to_str().unwrap()]);
    assert!(is_made && printed.contains("they are still in s3://chat/office"), "{printed}");
    assert!(bare.exists() && !folder.path().join("bare.db.files").exists());
}

#[tokio::test]
async fn a_backup_of_wrong_bytes_fails_and_leaves_nothing() {
    let scene = BucketScene::start().await;
    scene.share("a.txt", b"budget 2026").await;
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.db");
    for wrong in [Some(&b"budget 2027"[..]), None] {
        let key = {
            let mut objects = scene.s3.objects();
            let key = objects.kept.keys().find(|key| key.len() > 64).unwrap().clone();
            objects.kept.insert(key.clone(), wrong.unwrap_or_default().to_vec());
            key
        };
        let (is_made, printed) = scene.run(&["backup", copy.to_str().unwrap()]);
        assert!(!is_made, "{key}: {printed}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}

#[tokio::test]
async fn a_large_file_takes_little_memory_on_its_way_to_the_bucket() {
    /// KiB.
    const GROWTH: u64 = 48 * 1024;
    let scene = BucketScene::start().await;
    scene.minsu.upload("a.bin", &[1; 100]).await;
    let before = scene.server.resident();
    let mut most = before;
    let content: Vec<u8> = (0..24_000_000_u32).flat_map(u32::to_le_bytes).collect();
    let id = scene.minsu.begin("b.bin", content.len() as u64).await;
    let sending = tokio::spawn({
        let (minsu, content) = (scene.minsu.clone(), content.clone());
        async move { minsu.append(id, "0", content).await.status() }
    });
    while !sending.is_finished() {
        most = most.max(scene.server.resident());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(sending.await.unwrap(), 204);
    assert!(scene.minsu.get(id).await.bytes().await.unwrap() == content);
    most = most.max(scene.server.resident());
    let growth = most - before;
    assert!(growth <= GROWTH, "the server grew by {growth} KiB");
    row("96 MB to a bucket and back", "the server grows by 48 MiB at most", &format!("{growth} KiB"));
}
