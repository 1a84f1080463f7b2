//! F5: previews, each kind by the real program. A preview is as private as its file and is removed with it; a malformed
//! file has no preview.

use std::time::{Duration, Instant};

use image::ImageFormat::{Bmp, Gif, Jpeg, Png, WebP};
use protocol::ids::{FileId, MessageId, RoomId};
use reqwest::Method;
use server::messenger::Policy;

use crate::{
    daemon::{Scene, daehwa},
    files::client::error,
    samples::{
        containers::{archive, hwp, hwpx, office},
        metadata::{exif, phone_jpeg, profile},
        pictures::{encoded, pdf, quarters, with_hole},
    },
    stage::{Person, Stage, unlimited},
    torture::{check, row},
};

/// A recall removes the bytes from the disk within this time.
const SOON: Duration = Duration::from_secs(5);

fn open_document(entries: &[(&str, &[u8])]) -> Vec<u8> {
    archive(&[&[("mimetype", &b"application/vnd.oasis.opendocument.text"[..])], entries].concat())
}

/// A file of each kind that has a preview: name and bytes.
fn shown() -> Vec<(String, Vec<u8>)> {
    // Different widths, because equal previews are one blob.
    let mut width = 180;
    let mut picture = |format| {
        width += 2;
        encoded(quarters(width, 256), format)
    };
    let plain = encoded(quarters(64, 48), Jpeg);
    let mut files = vec![
        ("a.png".to_owned(), encoded(with_hole(64, 48), Png)),
        ("a.jpg".to_owned(), phone_jpeg(&plain, &exif(6, true), &profile(548))),
        ("a.gif".to_owned(), picture(Gif)),
        ("a.webp".to_owned(), picture(WebP)),
        ("a.pdf".to_owned(), pdf(612, 792)),
        ("a.odt".to_owned(), open_document(&[("Thumbnails/thumbnail.png", &picture(Png))])),
        ("a.docx".to_owned(), office("word", &[("docProps/thumbnail.jpeg", &picture(Jpeg))])),
    ];
    for (format, ending) in [(Png, "png"), (Bmp, "bmp"), (Gif, "gif"), (Jpeg, "jpg")] {
        files.push((format!("{ending}.hwp"), hwp(&[("PrvImage", &picture(format))])));
        let entry = format!("Preview/PrvImage.{ending}");
        files.push((format!("{ending}.hwpx"), hwpx(&[(&entry, &picture(format))])));
    }
    files
}

/// Malformed variants of a file: cut, overwritten, with flipped bits or wrong sizes, followed by a script, doubled.
fn malformed(bytes: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let (length, middle) = (bytes.len(), bytes.len() / 2);
    let changed = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = bytes.to_vec();
        change(&mut bytes);
        bytes
    };
    let every = |step: usize, value: u8| {
        changed(&|bytes| bytes.iter_mut().skip(64).step_by(step).for_each(|byte| *byte ^= value))
    };
    vec![
        ("its first bytes", bytes[..16.min(length)].to_vec()),
        ("its first half", bytes[..middle].to_vec()),
        ("all but its end", bytes[..length - 7].to_vec()),
        ("a hole in the middle", changed(&|bytes| bytes[middle..(middle + 64).min(length)].fill(0))),
        ("all ones behind the head", changed(&|bytes| bytes[32.min(length)..].fill(0xff))),
        ("a turned byte in 97", every(97, 0xff)),
        ("a turned bit in 13", every(13, 1)),
        ("numbers as large as can be", changed(&|bytes| bytes[16..24.min(length)].fill(0xff))),
        ("numbers of nothing", changed(&|bytes| bytes[16..24.min(length)].fill(0))),
        ("twice", [bytes, bytes].concat()),
        ("behind it a script", [bytes, b"<script>alert(1)</script>"].concat()),
        ("its halves in the wrong order", [&bytes[..16.min(length)], &bytes[middle..], &bytes[..middle]].concat()),
    ]
}

/// Valid documents that contain something else than a picture.
fn hollow() -> Vec<(&'static str, Vec<u8>)> {
    let picture = encoded(quarters(180, 256), Png);
    let vast = encoded(quarters(1400, 1400), Bmp);
    let mut sized = picture.clone();
    sized[16..24].copy_from_slice(&[0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff]);
    let crc = crc32fast::hash(&sized[12..29]).to_be_bytes();
    sized[29..33].copy_from_slice(&crc);
    let half = picture[..picture.len() / 2].to_vec();
    let contents: [(&str, &[u8]); 7] = [
        ("nothing", b""),
        ("a text", b"not a picture"),
        ("a drawing", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("a metafile", b"\x01\0\0\0\x6c\0\0\0"),
        ("a picture too long", &vast),
        ("a picture of 65,535 pixels a side", &sized),
        ("half a picture", &half),
    ];
    let documents = contents.into_iter().flat_map(|(what, content)| {
        [
            (what, hwp(&[("PrvImage", content)])),
            (what, hwpx(&[("Preview/PrvImage.png", content)])),
            (what, open_document(&[("Thumbnails/thumbnail.png", content)])),
            (what, office("word", &[("docProps/thumbnail.jpeg", content)])),
        ]
    });
    documents.collect()
}

async fn preview(person: &Person, id: FileId, method: Method) -> (u16, Vec<u8>) {
    let answer = person.files(method, &format!("/{id}/preview")).send().await.unwrap();
    (answer.status().as_u16(), answer.bytes().await.unwrap().to_vec())
}

/// The second to fourth byte.
async fn part_of_preview(person: &Person, id: FileId) -> (u16, Vec<u8>) {
    let request = person.files(Method::GET, &format!("/{id}/preview")).header("range", "bytes=1-3");
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.bytes().await.unwrap().to_vec())
}

#[tokio::test]
async fn a_malformed_file_of_every_kind_is_a_file_and_harms_nobody() {
    let scene = Scene::start().await;
    let [minsu, _] = &scene.people;
    let (mut files, mut originals, mut previews) = (0, 0, 0);
    let mut looked_at = async |what: String, bytes: Vec<u8>| {
        let mut id = minsu.begin("a", bytes.len() as u64).await;
        let taken = minsu.append(id, "0", bytes.clone()).await;
        if taken.status() == 422 {
            assert_eq!(error(taken).await, "not_cleaned", "{what}");
            id = crate::files::client::id(&minsu.create_original("a", bytes.len() as u64).await);
            assert_eq!(minsu.append(id, "0", bytes.clone()).await.status(), 204, "{what}");
            originals += 1;
        } else {
            assert_eq!(taken.status(), 204, "{what}");
        }
        let whole = minsu.get(id).await;
        assert_eq!(whole.status(), 200, "{what}");
        files += 1;
        match preview(minsu, id, Method::GET).await {
            (200, made) => {
                let picture = image::load_from_memory(&made).unwrap();
                assert!(picture.width() <= 1280 && picture.height() <= 1280, "{what}");
                previews += 1;
            }
            (status, _) => assert_eq!(status, 404, "{what}"),
        }
        // The number of unattached files is limited.
        assert_eq!(minsu.tus(Method::DELETE, &format!("/{id}")).send().await.unwrap().status(), 204);
    };
    for (name, bytes) in shown() {
        for (how, bytes) in malformed(&bytes) {
            looked_at(format!("{name}: {how}"), bytes).await;
        }
    }
    for (what, bytes) in hollow() {
        looked_at(what.to_owned(), bytes).await;
    }
    assert_eq!(std::fs::read_dir(scene.data.join("files/incoming")).unwrap().count(), 0, "no copy is left behind");
    let mut socket = minsu.chat(scene.room).await;
    socket.post("서버는 그대로입니다").await;
    assert_eq!(socket.message().await.0.body, "서버는 그대로입니다");
    scene.server.kill();
    check(&scene.data);
    row(
        "malformed files of every kind with a preview",
        "each becomes a file, with a valid preview or without one, or is refused unless it is sent as an original file; the server continues",
        &format!("{files} files, {previews} with a preview, {originals} only as originals"),
    );
}

#[tokio::test]
async fn documents_that_hold_no_picture_have_no_preview() {
    let scene = Scene::start().await;
    let [minsu, _] = &scene.people;
    for (what, bytes) in hollow() {
        let id = minsu.upload("a", &bytes).await;
        assert_eq!(preview(minsu, id, Method::GET).await.0, 404, "{what}");
        assert_eq!(minsu.tus(Method::DELETE, &format!("/{id}")).send().await.unwrap().status(), 204);
    }
}

/// A stage whose uploads the real program examines.
async fn looking() -> Stage {
    let program = std::path::PathBuf::from(daehwa(std::path::Path::new("/nowhere/data")).get_program());
    Stage::with(Policy { examiner: Some(program), ..unlimited() }).await
}

async fn share(stage: &Stage, person: &Person, room: RoomId) -> (MessageId, Vec<FileId>) {
    let mut files = Vec::new();
    for (name, bytes) in shown().into_iter().take(10) {
        files.push(person.upload(&name, &bytes).await);
    }
    (stage.attach(person, room, &files).await, files)
}

#[tokio::test]
async fn a_preview_is_for_those_who_read_its_file_and_goes_with_it() {
    let stage = looking().await;
    let [author, member, late, leaver, removed, stranger, disabled] = [
        ("author", "김민수"),
        ("member", "이영희"),
        ("late", "박서준"),
        ("leaver", "최지우"),
        ("removed", "오세훈"),
        ("stranger", "정해인"),
        ("disabled", "한소희"),
    ]
    .map(|(login, name)| stage.person(login, name));
    let [author, member, late] = [author.await, member.await, late.await];
    let [leaver, removed, stranger, disabled] = [leaver.await, removed.await, stranger.await, disabled.await];
    let rooms = stage.messenger.rooms();
    let others = vec![member.id, leaver.id, removed.id, disabled.id];
    let room = rooms.open_group(author.actor(), others, None).await.unwrap();
    let (message, files) = share(&stage, &author, room).await;
    rooms.invite(author.actor(), room, vec![late.id], false, None).await.unwrap();
    for id in &files {
        for person in [&author, &member, &leaver, &removed, &disabled] {
            assert_eq!(preview(person, *id, Method::HEAD).await.0, 200);
            let (status, made) = preview(person, *id, Method::GET).await;
            assert!(status == 200 && image::load_from_memory(&made).is_ok());
            assert_eq!(part_of_preview(person, *id).await, (206, made[1..4].to_vec()));
        }
    }
    rooms.leave(leaver.actor(), room).await.unwrap();
    rooms.remove(author.actor(), room, removed.id).await.unwrap();
    stage.messenger.accounts().set_disabled("disabled", true).await.unwrap();
    let signed_out = Person { token: "0".repeat(64), ..stranger.clone() };
    for id in &files {
        let unknown = part_of_preview(&stranger, FileId::new()).await;
        assert_eq!(unknown.0, 404);
        for person in [&late, &leaver, &removed, &stranger, &disabled, &signed_out] {
            assert_eq!(part_of_preview(person, *id).await, unknown);
        }
        for method in [Method::GET, Method::HEAD] {
            let unknown = preview(&stranger, FileId::new(), method.clone()).await;
            assert_eq!(unknown.0, 404);
            for person in [&late, &leaver, &removed, &stranger, &disabled, &signed_out] {
                assert_eq!(preview(person, *id, method.clone()).await, unknown);
            }
        }
    }
    assert_eq!(blobs(&stage), 2 * files.len());
    stage.messenger.messages().recall(author.actor(), room, message).await.unwrap();
    for id in &files {
        assert_eq!(preview(&author, *id, Method::GET).await.0, 404);
    }
    let begun = Instant::now();
    while blobs(&stage) > 0 && begun.elapsed() < SOON {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(blobs(&stage), 0, "files and previews are off the disk");
}

/// The number of blobs on the disk.
fn blobs(stage: &Stage) -> usize {
    let folders = std::fs::read_dir(stage.data.path().join("files")).unwrap().map(|entry| entry.unwrap());
    let folders = folders.filter(|entry| entry.file_name().len() == 2);
    folders.map(|folder| std::fs::read_dir(folder.path()).unwrap().count()).sum()
}
