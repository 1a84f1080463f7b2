//! The real program, killed in the middle of uploads: acknowledged bytes are on disk, and every upload continues.

use std::{path::Path, time::Duration};

use protocol::ids::FileId;
use reqwest::{Body, Method};

use crate::{
    daemon::{Server, add_people},
    files::client::{PART, header},
    stage::Person,
    torture::{check, long_or, row},
};

/// Bytes of one upload, and of one part of it.
const LENGTH: usize = 3_000_000;
const PART_BYTES: usize = 400_000;

fn content(seed: usize) -> Vec<u8> {
    (0..LENGTH).map(|n| ((n * 31 + n / 997 + seed) % 251) as u8).collect()
}

/// A body that sends a piece every few milliseconds, so that a kill hits it anywhere.
fn slowly(bytes: Vec<u8>) -> Body {
    let pieces: Vec<Vec<u8>> = bytes.chunks(40_000).map(<[u8]>::to_vec).collect();
    let slow = futures::stream::unfold(pieces.into_iter(), async |mut pieces| {
        tokio::time::sleep(Duration::from_millis(3)).await;
        pieces.next().map(|piece| (Ok::<_, std::io::Error>(piece), pieces))
    });
    Body::wrap_stream(slow)
}

/// Sends part after part until the upload is complete or the server is gone. `acknowledged`: the offset of the last
/// answer. Returns the last offset.
async fn send(person: Person, id: FileId, content: Vec<u8>, mut acknowledged: usize) -> usize {
    loop {
        let Ok(answer) = person.tus(Method::HEAD, &format!("/{id}")).send().await else { return acknowledged };
        // The completion of its last transfer takes a while on a busy machine.
        if answer.status() == 423 {
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        }
        let Some(offset) = header(&answer, "upload-offset").map(|offset| offset.parse::<usize>().unwrap()) else {
            panic!("{}", answer.status())
        };
        assert!(offset >= acknowledged, "{acknowledged} acknowledged, and then {offset}");
        acknowledged = offset;
        if acknowledged == content.len() {
            return acknowledged;
        }
        let part = content[acknowledged..content.len().min(acknowledged + PART_BYTES)].to_vec();
        let request = person.tus(Method::PATCH, &format!("/{id}")).header("content-type", PART);
        match request.header("upload-offset", acknowledged).body(slowly(part)).send().await {
            Ok(answer) if answer.status() == 204 => {
                acknowledged = header(&answer, "upload-offset").unwrap().parse().unwrap()
            }
            Ok(answer) => panic!("{}", answer.status()),
            Err(_) => return acknowledged,
        }
    }
}

fn strays(data: &Path) -> usize {
    std::fs::read_dir(data.join("files/incoming")).unwrap().count()
}

#[tokio::test]
async fn a_server_killed_during_uploads_keeps_every_byte_that_it_acknowledged() {
    let (rounds, uploads) = (long_or(50, 4), 4);
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    add_people(&data);
    let mut completed = 0;
    for round in 0..rounds {
        let contents: Vec<_> = (0..uploads).map(|number| content(round * uploads + number)).collect();
        let mut server = Server::start(&data);
        let mut minsu = server.sign_in("minsu").await;
        let mut ids = Vec::new();
        for number in 0..uploads {
            ids.push(minsu.begin(&format!("{round}-{number}.bin"), LENGTH as u64).await);
        }
        let mut acknowledged = vec![0; uploads];
        for kill in 0.. {
            assert!(kill < 60, "the uploads end");
            let sending = ids.iter().zip(&contents).zip(&acknowledged).map(|((id, content), acknowledged)| {
                tokio::spawn(send(minsu.clone(), *id, content.clone(), *acknowledged))
            });
            let sending: Vec<_> = sending.collect();
            tokio::time::sleep(Duration::from_millis(60 + 97 * (round as u64 + 3 * kill) % 400)).await;
            server.kill();
            for (sending, acknowledged) in sending.into_iter().zip(&mut acknowledged) {
                *acknowledged = sending.await.unwrap();
            }
            server = Server::start(&data);
            minsu = Person { address: server.address, ..minsu };
            if acknowledged.iter().all(|acknowledged| *acknowledged == LENGTH) {
                break;
            }
        }
        for (id, content) in ids.iter().zip(&contents) {
            assert!(minsu.get(*id).await.bytes().await.unwrap() == content, "every byte, once, in order");
            completed += 1;
        }
        server.kill();
        check(&data);
    }
    let server = Server::start(&data);
    let begun = std::time::Instant::now();
    while strays(&data) > 0 && begun.elapsed() < Duration::from_secs(10) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(strays(&data), 0);
    drop(server);
    row(
        &format!("kill -9 during uploads, {rounds} rounds of {uploads}"),
        "every acknowledged byte is on disk, every upload continues and completes, 0 strays",
        &format!("{completed} uploads of {} MB complete; strays 0", LENGTH / 1_000_000),
    );
}
