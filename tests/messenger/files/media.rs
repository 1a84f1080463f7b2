//! The bytes of files from their sender to their readers: the real program examines them.

use std::{os::unix::fs::PermissionsExt, path::Path};

use image::ImageFormat::{Jpeg, Png, WebP};
use protocol::{
    ids::{FileId, MessageId},
    room_socket::{Post, RoomCommand},
};
use reqwest::{Method, Response};
use server::messenger::Policy;

use crate::{
    daemon::Scene,
    files::client::{error, header},
    samples::{
        containers::{archive, hwp, hwpx, utf16},
        metadata::{exif, phone_jpeg, phone_png, phone_webp, profile},
        pictures::{encoded, pdf, quarters},
    },
    stage::{Person, Stage, unlimited},
    torture::check,
};

impl Person {
    pub(super) async fn preview(&self, id: FileId) -> Response {
        self.files(Method::GET, &format!("/{id}/preview")).send().await.unwrap()
    }

    /// The stored media type, as readers receive it, and whether it is shown in place.
    async fn kind(&self, id: FileId) -> (String, bool) {
        let answer = self.get(id).await;
        assert_eq!(answer.status(), 200);
        let is_inline = header(&answer, "content-disposition").unwrap().starts_with("inline");
        (header(&answer, "content-type").unwrap().to_owned(), is_inline)
    }
}

fn has_canary(bytes: &[u8]) -> bool {
    memchr::memmem::find(bytes, b"CANARY").is_some()
}

#[tokio::test]
async fn a_file_is_what_its_bytes_are_whatever_its_name_says() {
    let scene = Scene::start().await;
    let [minsu, _] = &scene.people;
    let picture = |format| encoded(quarters(64, 48), format);
    let jar = archive(&[("META-INF/MANIFEST.MF", b"x")]);
    let script = b"<script>alert(1)</script>";
    let unknown = "application/octet-stream";
    for (name, bytes, kind, is_inline) in [
        ("a.exe", picture(Png), "image/png", true),
        ("a.png", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>".to_vec(), "image/svg+xml", false),
        ("b.png", b"<!DOCTYPE html><script>alert(1)</script>".to_vec(), "text/html", false),
        ("c.png", b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n\r\n".to_vec(), "multipart/related", false),
        ("d.gif", [picture(Jpeg), jar].concat(), unknown, false),
        ("e.png", [&picture(Png)[..], script].concat(), unknown, false),
        ("f.txt", [b"%PDF-1.4\n", &script[..]].concat(), unknown, false),
        ("g.html", "회의록\n".into(), "text/plain; charset=utf-8", true),
        ("h.jpg", hwp(&[]), "application/x-hwp", false),
    ] {
        let id = minsu.upload(name, &bytes).await;
        assert_eq!(minsu.kind(id).await, (kind.to_owned(), is_inline), "{name}");
        assert_eq!(minsu.get(id).await.bytes().await.unwrap(), bytes, "{name}: the bytes are as they were");
    }
}

#[tokio::test]
async fn nobody_reads_where_a_picture_was_taken() {
    let scene = Scene::start().await;
    let [minsu, younghee] = &scene.people;
    let (size, profile) = ((64, 48), profile(548));
    let plain = |format| encoded(quarters(size.0, size.1), format);
    for (name, bytes) in [
        ("a.jpg", phone_jpeg(&plain(Jpeg), &exif(6, true), &profile)),
        ("a.png", phone_png(&plain(Png), &exif(6, false))),
        ("a.webp", phone_webp(&plain(WebP), size, &exif(6, true), &profile)),
    ] {
        assert!(has_canary(&bytes));
        let id = minsu.upload(name, &bytes).await;
        // A client that lost the last answer, or a page that was reloaded, is answered that all its bytes have arrived.
        assert_eq!(minsu.offset(id).await, (200, Some(bytes.len() as u64)), "{name}");
        let post = RoomCommand::Post(Post { files: vec![id], ..Post::new(MessageId::new(), "") });
        let mut socket = minsu.chat(scene.room).await;
        socket.command(&post).await;
        socket.message().await;
        let got = younghee.get(id).await.bytes().await.unwrap();
        assert!(!has_canary(&got) && got.len() < bytes.len(), "{name}");
        assert_eq!(image::load_from_memory(&got).unwrap(), image::load_from_memory(&bytes).unwrap(), "{name}");
        let preview = younghee.preview(id).await.bytes().await.unwrap();
        let preview = image::load_from_memory(&preview).unwrap();
        assert_eq!((preview.width(), preview.height()), (48, 64), "{name}: its preview is turned");
    }
    scene.server.kill();
    check(&scene.data);
}

/// A stage whose uploads this script examines.
async fn looked_into_by(folder: &Path, script: &str) -> Stage {
    let program = folder.join("program");
    std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).unwrap();
    Stage::with(Policy { examiner: Some(program), ..unlimited() }).await
}

#[tokio::test]
async fn what_cannot_be_cleaned_is_sent_as_an_original_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let picture = phone_jpeg(&encoded(quarters(64, 48), Jpeg), &exif(1, true), &profile(548));
    let failing = looked_into_by(folder.path(), "kill -9 $$").await;
    let real = Scene::start().await;
    // Cut within its segments, so that the end of its metadata is unknown.
    let cut = picture[..200].to_vec();
    assert!(has_canary(&cut));
    for (minsu, bytes) in [(&failing.person("minsu", "김민수").await, &picture), (&real.people[0], &cut)] {
        let id = minsu.begin("a.jpg", bytes.len() as u64).await;
        let refused = minsu.append(id, "0", bytes.clone()).await;
        assert_eq!((refused.status().as_u16(), error(refused).await.as_str()), (422, "not_cleaned"));
        assert_eq!(minsu.get(id).await.status(), 404);
        let id = super::client::id(&minsu.create_original("a.jpg", bytes.len() as u64).await);
        assert_eq!(minsu.append(id, "0", bytes.clone()).await.status(), 204);
        assert_eq!(&minsu.get(id).await.bytes().await.unwrap(), bytes);
    }
}

#[tokio::test]
async fn a_child_that_fails_once_is_asked_again() {
    let folder = tempfile::tempdir().unwrap();
    let again = folder.path().join("again");
    let report = r#"echo '{"media_type":"application/zip","cleaned":null}'; echo '{"preview":null}'"#;
    let script = format!("if [ -e {0} ]; then {report}; else : > {0}; kill -9 $$; fi", again.display());
    let stage = looked_into_by(folder.path(), &script).await;
    let minsu = stage.person("minsu", "김민수").await;
    let id = minsu.upload("a.zip", b"PK").await;
    assert_eq!(minsu.kind(id).await.0, "application/zip");
}

#[tokio::test]
async fn who_sends_the_original_sends_every_byte() {
    let scene = Scene::start().await;
    let [minsu, _] = &scene.people;
    let bytes = phone_jpeg(&encoded(quarters(64, 48), Jpeg), &exif(1, true), &profile(548));
    let created = minsu.create_original("a.jpg", bytes.len() as u64).await;
    let id = super::client::id(&created);
    assert_eq!(minsu.append(id, "0", bytes.clone()).await.status(), 204);
    assert_eq!(minsu.get(id).await.bytes().await.unwrap(), bytes);
    assert!(!has_canary(&minsu.preview(id).await.bytes().await.unwrap()), "a preview is made again");
}

#[tokio::test]
async fn documents_have_previews_behind_the_rights_of_their_file() {
    let scene = Scene::start().await;
    let [minsu, younghee] = &scene.people;
    let picture = encoded(quarters(180, 256), Png);
    let text = utf16("2026년 예산안");
    for (name, bytes) in [
        ("예산.hwp", hwp(&[("PrvImage", &picture), ("PrvText", &text)])),
        ("예산.hwpx", hwpx(&[("Preview/PrvImage.png", &picture)])),
        ("예산.pdf", pdf(612, 792)),
    ] {
        let id = minsu.upload(name, &bytes).await;
        let answer = minsu.preview(id).await;
        assert_eq!(answer.status(), 200, "{name}");
        assert!(header(&answer, "content-type").unwrap().starts_with("image/"), "{name}");
        assert_eq!(header(&answer, "cache-control"), Some("private, no-cache"));
        image::load_from_memory(&answer.bytes().await.unwrap()).unwrap();
        let foreign = younghee.preview(id).await;
        assert_eq!(foreign.status(), 404, "{name}: no message has it yet");
        assert_eq!(error(foreign).await, "not_found");
    }
    let id = minsu.upload("a.zip", &archive(&[("a", b"b")])).await;
    assert_eq!(minsu.preview(id).await.status(), 404, "a file without a preview");
    assert_eq!(strays(&scene.data), 0, "no copy is left behind");
}

#[tokio::test]
async fn the_beginning_of_a_hangul_document_s_text_is_in_its_message() {
    let scene = Scene::start().await;
    let [minsu, younghee] = &scene.people;
    let (mut own, mut window) = (minsu.chat(scene.room).await, younghee.chat(scene.room).await);
    let text = utf16("2026년\u{202e} 예산안\r\n<구분><금액>\0");
    for (name, bytes, expected) in [
        ("예산.hwp", hwp(&[("PrvText", &text)]), Some("2026년 예산안 구분 금액")),
        ("예산.hwpx", hwpx(&[("Preview/PrvText.txt", "인건비\n여비".as_bytes())]), Some("인건비 여비")),
        ("a.zip", archive(&[("Preview/PrvText.txt", b"text")]), None),
    ] {
        let id = minsu.upload(name, &bytes).await;
        own.command(&RoomCommand::Post(Post { files: vec![id], ..Post::new(MessageId::new(), "") })).await;
        let (message, _) = window.message().await;
        assert_eq!(message.files[0].text.as_deref(), expected, "{name}");
    }
}

fn strays(data: &Path) -> usize {
    std::fs::read_dir(data.join("files/incoming")).unwrap().count()
}
