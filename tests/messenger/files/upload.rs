//! Uploads from their creation to the file, as an unmodified client of tus makes them.

use std::time::{Duration, Instant};

use reqwest::{Body, Client, Method};

use crate::{
    files::client::{error, header, id},
    stage::{QUIET, Stage, TEST_TIMEOUT, unlimited},
};
use server::messenger::Policy;

#[tokio::test]
async fn the_server_says_what_it_offers_and_every_answer_names_the_version() {
    let stage = Stage::with(Policy { file_bytes: 1_000, ..unlimited() }).await;
    let minsu = stage.person("minsu", "김민수").await;
    let offered =
        Client::new().request(Method::OPTIONS, format!("http://{}/files", stage.address)).send().await.unwrap();
    assert_eq!(offered.status(), 204);
    for (name, value) in [
        ("tus-resumable", "1.0.0"),
        ("tus-version", "1.0.0"),
        ("tus-extension", "creation,termination,expiration"),
        ("tus-max-size", "1000"),
    ] {
        assert_eq!(header(&offered, name), Some(value), "{name}");
    }
    let created = minsu.create("예산.hwp", 6).await;
    assert_eq!(created.status(), 201);
    assert_eq!(
        (header(&created, "cache-control"), header(&created, "tus-resumable")),
        (Some("no-store"), Some("1.0.0"))
    );
    assert!(header(&created, "upload-expires").unwrap().ends_with(" GMT"));
    for answer in [
        minsu.create("a", 1_001).await,
        minsu.append(id(&created), "5", "x").await,
        minsu.tus(Method::HEAD, &format!("/{}", id(&created))).send().await.unwrap(),
        minsu.tus(Method::DELETE, "/0190a5c0-0000-7000-8000-000000000000").send().await.unwrap(),
        minsu.tus(Method::DELETE, "/no-id").send().await.unwrap(),
    ] {
        assert_eq!(
            (header(&answer, "cache-control"), header(&answer, "tus-resumable")),
            (Some("no-store"), Some("1.0.0"))
        );
    }
}

#[tokio::test]
async fn a_file_arrives_in_pieces_and_is_whole() {
    let stage = Stage::new().await;
    let minsu = stage.person("minsu", "김민수").await;
    let content: Vec<u8> = (0..700_000_u64).map(|n| (n * n % 253) as u8).collect();
    let id = minsu.begin("자료.bin", content.len() as u64).await;
    assert_eq!(minsu.offset(id).await, (200, Some(0)));
    for (from, until) in [(0, 1), (1, 300_000), (300_000, 699_999), (699_999, 700_000)] {
        assert_eq!(minsu.offset(id).await, (200, Some(from)));
        let answer = minsu.append(id, &from.to_string(), content[from as usize..until].to_vec()).await;
        assert_eq!(
            (answer.status().as_u16(), header(&answer, "upload-offset")),
            (204, Some(until.to_string().as_str()))
        );
    }
    assert_eq!(minsu.offset(id).await, (200, Some(700_000)));
    let answer = minsu.get(id).await;
    assert_eq!(header(&answer, "content-length"), Some("700000"));
    assert!(answer.bytes().await.unwrap() == content);
}

#[tokio::test]
async fn an_empty_file_is_complete_at_once() {
    let stage = Stage::new().await;
    let minsu = stage.person("minsu", "김민수").await;
    let created = minsu.create("빈 파일.txt", 0).await;
    assert_eq!(created.status(), 201);
    let answer = minsu.get(id(&created)).await;
    assert_eq!((answer.status().as_u16(), answer.bytes().await.unwrap().len()), (200, 0));
}

#[tokio::test]
async fn no_byte_is_read_by_anybody_before_the_file_is_complete() {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = stage.pair().await;
    let id = minsu.begin("secret.txt", 6).await;
    assert_eq!(minsu.append(id, "0", "secre").await.status(), 204);
    for person in [&minsu, &younghee] {
        for path in [format!("/{id}"), format!("/{id}/preview")] {
            for method in [Method::GET, Method::HEAD] {
                let answer = person.files(method, &path).header("range", "bytes=0-1").send().await.unwrap();
                assert_eq!(answer.status(), 404, "{path}");
            }
        }
    }
    assert_eq!(minsu.append(id, "5", "t").await.status(), 204);
    assert_eq!(minsu.get(id).await.status(), 200);
    assert_eq!(younghee.get(id).await.status(), 404, "it is nobody else's before it is attached");
    stage.attach(&minsu, room, &[id]).await;
    assert_eq!(younghee.get(id).await.bytes().await.unwrap(), "secret");
}

#[tokio::test]
async fn a_cancelled_upload_is_gone_with_its_bytes() {
    let stage = Stage::with(Policy { bytes_per_person: 10, ..unlimited() }).await;
    let minsu = stage.person("minsu", "김민수").await;
    for bytes in ["12345", "1234567890"] {
        let id = minsu.begin("a", 10).await;
        assert_eq!(minsu.append(id, "0", bytes).await.status(), 204);
        let cancel = async || minsu.tus(Method::DELETE, &format!("/{id}")).send().await.unwrap().status().as_u16();
        assert_eq!((cancel().await, cancel().await), (204, 404));
        assert_eq!((minsu.offset(id).await.0, minsu.get(id).await.status().as_u16()), (404, 404));
        assert!(!stage.data.path().join(format!("files/incoming/{id}")).exists());
    }
}

#[tokio::test]
async fn requests_that_are_not_tus_1_0_0_are_refused() {
    let stage = Stage::new().await;
    let minsu = stage.person("minsu", "김민수").await;
    let upload = minsu.begin("a", 10).await;
    let path = format!("/{upload}");
    let plain = minsu.files(Method::POST, "").header("upload-length", 1).send().await.unwrap();
    assert_eq!((plain.status().as_u16(), header(&plain, "tus-version")), (412, Some("1.0.0")));
    let old = minsu.files(Method::HEAD, &path).header("tus-resumable", "0.2.2").send().await.unwrap();
    assert_eq!((old.status().as_u16(), header(&old, "tus-version")), (412, Some("1.0.0")));
    for length in [None, Some("-1"), Some("+1"), Some("1e3"), Some("0x10"), Some(""), Some("18446744073709551616")] {
        let request = minsu.tus(Method::POST, "");
        let request = length.into_iter().fold(request, |request, length| request.header("upload-length", length));
        assert_eq!(request.header("upload-defer-length", "1").send().await.unwrap().status(), 422, "{length:?}");
    }
    for metadata in ["filename !", "filename /w==", "filename YQ"] {
        let request = minsu.tus(Method::POST, "").header("upload-length", 1).header("upload-metadata", metadata);
        assert_eq!(request.send().await.unwrap().status(), 422, "{metadata}");
    }
    let typed = minsu.tus(Method::PATCH, &path).header("content-type", "application/octet-stream");
    assert_eq!(typed.header("upload-offset", 0).body("x").send().await.unwrap().status(), 415);
    // A form of a foreign page could send this, but not a PATCH.
    let disguised = minsu.tus(Method::POST, &path).header("x-http-method-override", "PATCH");
    assert_eq!(disguised.send().await.unwrap().status(), 405);
    let signed_out = Client::new().post(format!("http://{}/files", stage.address)).header("tus-resumable", "1.0.0");
    let signed_out = signed_out.header("upload-length", 1).send().await.unwrap();
    assert_eq!((signed_out.status().as_u16(), error(signed_out).await.as_str()), (401, "signed_out"));
    assert_eq!(minsu.offset(upload).await, (200, Some(0)));
}

#[tokio::test]
async fn a_foreign_page_cannot_upload_and_a_page_of_another_account_neither() {
    let stage = Stage::new().await;
    let minsu = stage.person("minsu", "김민수").await;
    let younghee = stage.person("younghee", "이영희").await;
    let request = || minsu.tus(Method::POST, "").header("upload-length", 1);
    assert_eq!(request().header("origin", "https://evil.test").send().await.unwrap().status(), 403);
    let of = |id: protocol::ids::UserId| minsu.tus(Method::POST, &format!("?as={id}")).header("upload-length", 1);
    assert_eq!(of(younghee.id).send().await.unwrap().status(), 409);
    assert_eq!(of(minsu.id).send().await.unwrap().status(), 201);
}

#[tokio::test]
async fn an_upload_whose_connection_is_cut_goes_on_where_it_was() {
    use tokio::{io::AsyncWriteExt, net::TcpStream};
    let stage = Stage::new().await;
    let minsu = stage.person("minsu", "김민수").await;
    let id = minsu.begin("a", 400_000).await;
    let mut tcp = TcpStream::connect(stage.address).await.unwrap();
    let head = format!(
        "PATCH /files/{id} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ntus-resumable: 1.0.0\r\n\
         content-type: application/offset+octet-stream\r\nupload-offset: 0\r\ncontent-length: 400000\r\n\r\n",
        minsu.token
    );
    tcp.write_all(head.as_bytes()).await.unwrap();
    tcp.write_all(&[b'x'; 200_000]).await.unwrap();
    // Neither FIN nor RST: the server notices only when the client asks for the offset.
    tokio::time::sleep(QUIET).await;
    let begun = Instant::now();
    let (status, offset) = minsu.offset(id).await;
    assert_eq!(status, 200);
    assert!(
        begun.elapsed() < TEST_TIMEOUT / 4,
        "it does not wait until the lost transfer is too slow: {:?}",
        begun.elapsed()
    );
    let offset = offset.unwrap();
    assert!(offset > 0 && offset <= 200_000, "{offset}");
    let rest = vec![b'x'; 400_000 - offset as usize];
    assert_eq!(minsu.append(id, &offset.to_string(), rest).await.status(), 204);
    assert_eq!(minsu.get(id).await.bytes().await.unwrap(), vec![b'x'; 400_000]);
    drop(tcp);
}

#[tokio::test]
async fn a_cancel_whose_connection_closes_at_once_is_carried_out() {
    use tokio::{io::AsyncWriteExt, net::TcpStream};
    let stage = Stage::new().await;
    let minsu = stage.person("minsu", "김민수").await;
    for _ in 0..40 {
        let id = minsu.begin("a", 10).await;
        assert_eq!(minsu.append(id, "0", "12345").await.status(), 204);
        let mut tcp = TcpStream::connect(stage.address).await.unwrap();
        let head = format!(
            "DELETE /files/{id} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ntus-resumable: 1.0.0\r\n\r\n",
            minsu.token
        );
        tcp.write_all(head.as_bytes()).await.unwrap();
        drop(tcp);
    }
    let pending = async || {
        let rows = stage.sql_texts("SELECT lower(hex(id)) FROM uploads").await.len();
        (rows, std::fs::read_dir(stage.data.path().join("files/incoming")).unwrap().count())
    };
    // A request may be lost with its connection; then its upload is complete, and its owner cancels it again.
    let settled = async {
        loop {
            let (rows, bytes) = pending().await;
            if rows == bytes {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(TEST_TIMEOUT, settled).await.expect("no bytes without their upload");
    tokio::time::sleep(QUIET).await;
    let (rows, bytes) = pending().await;
    assert_eq!(rows, bytes, "no bytes without their upload");
    assert!(rows < 40, "most of them are carried out");
}

#[tokio::test]
async fn a_transfer_that_drips_ends_and_what_came_of_it_is_kept() {
    let stage = Stage::new().await;
    let minsu = stage.person("minsu", "김민수").await;
    let id = minsu.begin("a", 10_000).await;
    let drops = futures::stream::unfold((), async |()| {
        tokio::time::sleep(Duration::from_millis(500)).await;
        Some((Ok::<_, std::io::Error>("x"), ()))
    });
    let sending = minsu.append(id, "0", Body::wrap_stream(drops));
    let answer = tokio::time::timeout(2 * TEST_TIMEOUT, sending).await.expect("it holds neither connection nor upload");
    assert_eq!((answer.status().as_u16(), error(answer).await.as_str()), (503, "unavailable"));
    let (status, offset) = minsu.offset(id).await;
    assert!(status == 200 && offset.is_some_and(|offset| (1..100).contains(&offset)), "{offset:?}");
}
