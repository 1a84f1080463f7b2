//! The limits of files: of one file, of one user, of all users, of the disk.

use std::path::{Path, PathBuf};

use reqwest::{Body, Response};
use tempfile::TempDir;
use tokio::{sync::mpsc, time::timeout};

use crate::{
    daemon::{Server, add_people, open_room},
    files::client::error,
    samples::metadata::phone_film,
    stage::{Person, Stage, TEST_TIMEOUT, unlimited},
    torture::{SmallDisk, small_disk},
};
use server::{files::DiskSpace, messenger::Policy};

async fn refusal(answer: Response) -> (u16, String) {
    (answer.status().as_u16(), error(answer).await)
}

#[tokio::test]
async fn a_file_above_the_limit_is_refused_before_its_bytes() {
    let stage = Stage::with(Policy { file_bytes: 1_000, ..unlimited() }).await;
    let minsu = stage.person("minsu", "김민수").await;
    assert_eq!(refusal(minsu.create("a", 1_001).await).await, (413, "file_too_large".to_owned()));
    assert_eq!(refusal(minsu.create("a", u64::MAX).await).await, (413, "file_too_large".to_owned()));
    assert_eq!(minsu.create("a", 1_000).await.status(), 201);
}

#[tokio::test]
async fn parallel_uploads_never_pass_a_quota() {
    for policy in [Policy { bytes_per_person: 1_000, ..unlimited() }, Policy { all_file_bytes: 1_000, ..unlimited() }] {
        let stage = Stage::with(policy).await;
        let minsu = stage.person("minsu", "김민수").await;
        let created = futures::future::join_all((0..50).map(|_| minsu.create("a", 100))).await;
        let statuses: Vec<u16> = created.iter().map(|answer| answer.status().as_u16()).collect();
        assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 10, "{statuses:?}");
        for answer in created.into_iter().filter(|answer| answer.status() != 201) {
            assert_eq!(refusal(answer).await, (422, "quota_exceeded".to_owned()));
        }
    }
}

#[tokio::test]
async fn a_full_disk_refuses_files_in_words_and_messages_go_on() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    add_people(&data);
    let server = Server::start(&data);
    let minsu = server.sign_in("minsu").await;
    let begun = minsu.begin("a", 5).await;
    server.kill();
    // Every disk is fuller than this watermark.
    let server = Server::start_with(&data, "127.0.0.1:0", |command| command.args(["--disk-watermark", "1"]));
    let minsu = server.sign_in("minsu").await;
    assert_eq!(refusal(minsu.create("a", 1).await).await, (507, "disk_full".to_owned()));
    assert_eq!(refusal(minsu.append(begun, "0", "12345").await).await, (507, "disk_full".to_owned()));
    assert_eq!(minsu.offset(begun).await, (200, Some(0)));
    let mut socket = minsu.chat(open_room(&minsu).await).await;
    socket.post("파일은 안 돼도 글은 됩니다").await;
    assert_eq!(socket.message().await.0.body, "파일은 안 돼도 글은 됩니다");
}

/// A disk of 64 MiB with a data directory and its users, and the directory where it is mounted. `None`: mounting is not
/// allowed here.
fn disk_with_people() -> Option<(TempDir, SmallDisk, PathBuf)> {
    let directory = tempfile::tempdir().unwrap();
    let disk = small_disk(directory.path(), "64m")?;
    let data = disk.path().join("data");
    add_people(&data);
    Some((directory, disk, data))
}

/// The used share of a disk, in percent of its usable size.
fn fill(directory: &Path) -> u64 {
    let DiskSpace { used, available } = DiskSpace::of(directory).unwrap().unwrap();
    used * 100 / (used + available)
}

#[tokio::test]
async fn parallel_uploads_do_not_pass_the_watermark_together_and_messages_go_on() {
    const BYTES: usize = 4 * 1024 * 1024;
    let Some((_directory, _disk, data)) = disk_with_people() else { return };
    let server = Server::start_with(&data, "127.0.0.1:0", |command| command.args(["--disk-watermark", "60"]));
    let minsu = server.sign_in("minsu").await;
    let room = open_room(&minsu).await;
    let uploads = futures::future::join_all((0..20).map(|_| minsu.begin("a.bin", BYTES as u64))).await;
    let sending = uploads.iter().enumerate().map(|(number, id)| {
        let bytes = vec![number as u8 + 128; BYTES];
        async { minsu.append(*id, "0", bytes).await.status().as_u16() }
    });
    let mut statuses = futures::future::join_all(sending).await;
    statuses.sort_unstable();
    assert!(fill(&data) <= 60, "the disk is at {} percent", fill(&data));
    assert_eq!((statuses.first(), statuses.last()), (Some(&204), Some(&507)), "{statuses:?}");
    let taken = statuses.iter().filter(|status| **status == 204).count();
    assert!(taken >= 5, "the room below the watermark is used: {statuses:?}");
    let mut socket = minsu.chat(room).await;
    socket.post("파일은 안 돼도 글은 됩니다").await;
    assert_eq!(socket.message().await.0.body, "파일은 안 돼도 글은 됩니다");
}

#[tokio::test]
async fn a_transfer_ends_when_others_fill_the_disk() {
    const MIB: usize = 1024 * 1024;
    let Some((_directory, disk, data)) = disk_with_people() else { return };
    let server = Server::start_with(&data, "127.0.0.1:0", |command| command.args(["--disk-watermark", "60"]));
    let minsu = server.sign_in("minsu").await;
    let id = minsu.begin("a.bin", 20 * MIB as u64).await;
    let (pieces, body) = mpsc::channel::<Result<Vec<u8>, std::io::Error>>(1);
    let body = futures::stream::unfold(body, async |mut body| body.recv().await.map(|piece| (piece, body)));
    let sending = {
        let minsu = minsu.clone();
        tokio::spawn(async move { refusal(minsu.append(id, "0", Body::wrap_stream(body)).await).await })
    };
    // All of it is admitted when the first bytes are written.
    pieces.send(Ok(vec![1; MIB])).await.unwrap();
    let incoming = data.join("files/incoming").join(id.to_string());
    let begun = async {
        while !incoming.exists() {
            tokio::task::yield_now().await;
        }
    };
    timeout(TEST_TIMEOUT, begun).await.expect("the transfer begins");
    std::fs::write(disk.path().join("others"), vec![0; 30 * MIB]).unwrap();
    for _ in 0..12 {
        pieces.send(Ok(vec![1; MIB])).await.unwrap();
    }
    drop(pieces);
    assert_eq!(sending.await.unwrap(), (507, "disk_full".to_owned()));
    let taken = std::fs::metadata(incoming).unwrap().len() as usize;
    assert!(taken < 10 * MIB, "{taken} bytes");
}

#[tokio::test]
async fn a_film_without_its_locations_does_not_pass_the_watermark() {
    const BYTES: u32 = 20 * 1024 * 1024;
    let Some((_directory, _disk, data)) = disk_with_people() else { return };
    let start = |percent: &'static str| {
        Server::start_with(&data, "127.0.0.1:0", move |command| command.args(["--disk-watermark", percent]))
    };
    let server = start("60");
    let minsu = server.sign_in("minsu").await;
    // The film fits, and so does its copy, and both together do not.
    let film = [&phone_film(b"mp42")[..], &BYTES.to_be_bytes(), b"mdat", &vec![0; BYTES as usize - 8]].concat();
    let (id, length) = (minsu.begin("a.mp4", film.len() as u64).await, film.len() as u64);
    assert_eq!(refusal(minsu.append(id, "0", film).await).await, (507, "disk_full".to_owned()));
    assert!(fill(&data) <= 60, "the disk is at {} percent", fill(&data));
    assert_eq!((minsu.offset(id).await, minsu.get(id).await.status().as_u16()), ((507, None), 404));
    server.kill();
    let server = start("90");
    let minsu = Person { address: server.address, ..minsu };
    assert_eq!(minsu.offset(id).await, (200, Some(length)), "once there is room it becomes a file");
    assert_eq!(minsu.get(id).await.status(), 200);
}
