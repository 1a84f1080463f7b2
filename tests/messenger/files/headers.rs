//! The headers of files: nothing in a file runs, and no cache stores it.

use protocol::ids::FileId;
use reqwest::{Method, Response};

use crate::{
    files::client::header,
    stage::{Person, Stage},
};

/// Headers of every answer about a file.
const ALWAYS: [(&str, &str); 4] = [
    ("x-content-type-options", "nosniff"),
    ("content-security-policy", "sandbox; default-src 'none'"),
    ("cross-origin-resource-policy", "same-origin"),
    ("cache-control", "private, no-cache"),
];

async fn ask(person: &Person, id: FileId, method: Method, headers: &[(&'static str, &str)]) -> Response {
    let request = person.files(method, &format!("/{id}"));
    headers.iter().fold(request, |request, (name, value)| request.header(*name, *value)).send().await.unwrap()
}

impl Stage {
    /// Changes the media type of a stored file, as if the server had found it in the bytes.
    async fn retype(&self, id: FileId, media_type: &str) {
        let id = id.to_string().replace('-', "");
        self.sql(&format!("UPDATE files SET media_type = '{media_type}' WHERE id = x'{id}'")).await;
    }
}

#[tokio::test]
async fn only_kinds_that_run_nothing_are_shown_and_all_else_is_saved() {
    let stage = Stage::new().await;
    let minsu = stage.person("minsu", "김민수").await;
    let id = minsu.upload("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>").await;
    for (media_type, kind) in [
        ("image/png", "inline"),
        ("image/jpeg", "inline"),
        ("image/gif", "inline"),
        ("image/webp", "inline"),
        ("video/mp4", "inline"),
        ("video/webm", "inline"),
        ("audio/mpeg", "inline"),
        ("audio/ogg", "inline"),
        ("audio/wav", "inline"),
        ("text/plain; charset=utf-8", "inline"),
        ("image/svg+xml", "attachment"),
        ("text/html", "attachment"),
        ("application/xhtml+xml", "attachment"),
        ("application/xml", "attachment"),
        ("text/xml", "attachment"),
        ("application/pdf", "attachment"),
        ("application/javascript", "attachment"),
        ("multipart/related", "attachment"),
        ("message/rfc822", "attachment"),
        ("application/x-hwp", "attachment"),
        ("application/octet-stream", "attachment"),
        ("image/PNG", "attachment"),
        ("text/plain", "attachment"),
    ] {
        stage.retype(id, media_type).await;
        for method in [Method::GET, Method::HEAD] {
            let answer = ask(&minsu, id, method, &[]).await;
            assert_eq!(answer.status(), 200);
            assert_eq!(header(&answer, "content-type"), Some(media_type));
            let disposition = header(&answer, "content-disposition").unwrap();
            assert!(disposition.starts_with(&format!("{kind}; filename=\"a.svg\"")), "{media_type}: {disposition}");
            for (name, value) in ALWAYS {
                assert_eq!(header(&answer, name), Some(value), "{media_type}");
            }
        }
    }
    stage.retype(id, "image/png").await;
    let saved = minsu.files(Method::GET, &format!("/{id}?download")).send().await.unwrap();
    assert!(header(&saved, "content-disposition").unwrap().starts_with("attachment; "));
}

#[tokio::test]
async fn the_clients_type_and_name_decide_nothing() {
    let stage = Stage::new().await;
    let minsu = stage.person("minsu", "김민수").await;
    let html = b"<!doctype html><script>alert(1)</script>";
    let request = minsu.tus(Method::POST, "").header("upload-length", html.len());
    let request = request.header("upload-metadata", "filename YS5wbmc=,filetype aW1hZ2UvcG5n");
    let id = crate::files::client::id(&request.send().await.unwrap());
    assert_eq!(minsu.append(id, "0", html.to_vec()).await.status(), 204);
    let answer = minsu.get(id).await;
    assert_ne!(header(&answer, "content-type"), Some("image/png"));
    assert!(header(&answer, "content-disposition").unwrap().starts_with("attachment; "));
}

#[tokio::test]
async fn a_part_of_a_file_is_sent_and_an_unchanged_file_is_not_sent_again() {
    let stage = Stage::new().await;
    let minsu = stage.person("minsu", "김민수").await;
    let id = minsu.upload("a.bin", b"0123456789").await;
    let whole = minsu.get(id).await;
    let etag = header(&whole, "etag").unwrap().to_owned();
    assert!(etag.starts_with('"') && header(&whole, "accept-ranges") == Some("bytes"));
    for (range, status, content_range, body) in [
        ("bytes=2-4", 206, Some("bytes 2-4/10"), "234"),
        ("bytes=7-", 206, Some("bytes 7-9/10"), "789"),
        ("bytes=-1", 206, Some("bytes 9-9/10"), "9"),
        ("bytes=10-", 416, Some("bytes */10"), ""),
        ("bytes=0-1,3-4", 200, None, "0123456789"),
        ("lines=1-2", 200, None, "0123456789"),
    ] {
        let answer = ask(&minsu, id, Method::GET, &[("range", range)]).await;
        assert_eq!((answer.status().as_u16(), header(&answer, "content-range")), (status, content_range), "{range}");
        for (name, value) in ALWAYS {
            assert_eq!(header(&answer, name), Some(value), "{range}");
        }
        assert_eq!(answer.text().await.unwrap(), body, "{range}");
    }
    let other = ask(&minsu, id, Method::GET, &[("range", "bytes=2-4"), ("if-range", "\"other\"")]).await;
    assert_eq!((other.status().as_u16(), other.text().await.unwrap().as_str()), (200, "0123456789"));
    let same = ask(&minsu, id, Method::GET, &[("range", "bytes=2-4"), ("if-range", &etag)]).await;
    assert_eq!((same.status().as_u16(), same.text().await.unwrap().as_str()), (206, "234"));
    for method in [Method::GET, Method::HEAD] {
        let known = ask(&minsu, id, method, &[("if-none-match", &etag)]).await;
        assert_eq!((known.status().as_u16(), header(&known, "etag")), (304, Some(etag.as_str())));
        for (name, value) in ALWAYS {
            assert_eq!(header(&known, name), Some(value));
        }
    }
    let head = ask(&minsu, id, Method::HEAD, &[("range", "bytes=2-4")]).await;
    assert_eq!((head.status().as_u16(), header(&head, "content-length")), (200, Some("10")));
}

#[tokio::test]
async fn pages_show_pictures_and_play_sound_of_this_server_alone() {
    let stage = Stage::new().await;
    let minsu = stage.person("minsu", "김민수").await;
    let request = reqwest::Client::new().get(format!("http://{}/", stage.address)).bearer_auth(&minsu.token);
    let page = request.send().await.unwrap();
    let policy = header(&page, "content-security-policy").unwrap();
    for part in ["default-src 'none'", "img-src 'self' data: blob:;", "media-src 'self' blob:;", "object-src 'none'"] {
        assert!(policy.contains(part), "{policy}");
    }
}
