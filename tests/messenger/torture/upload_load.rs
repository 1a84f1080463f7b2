//! Twenty concurrent uploads during posts: the delay of the posts, the memory, and the speed compared with a plain
//! copy.

use std::{
    io::Write,
    path::Path,
    time::{Duration, Instant},
};

use bytes::Bytes;
use futures::future::join_all;
use protocol::room_socket::RoomEvent;

use crate::{
    daemon::{Scene, Server},
    stage::{Person, Socket},
    torture::{check, long_or, percentile, row},
};

const UPLOADS: usize = 20;
/// Bytes of one request, as the browser sends them.
const PART: usize = 8 << 20;
/// The pause between two posts during the uploads.
const PAUSE: Duration = Duration::from_millis(5);

/// The parts of a file. The first one is unique, so that no other file has the same bytes.
fn parts(number: usize, count: usize, part: &Bytes) -> Vec<Bytes> {
    let mut first = part.to_vec();
    first[..8].copy_from_slice(&number.to_be_bytes());
    std::iter::once(Bytes::from(first)).chain(std::iter::repeat_n(part.clone(), count - 1)).collect()
}

fn random(length: usize) -> Bytes {
    let mut state = 0x9e37_79b9_u32;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as u8
    };
    (0..length).map(|_| next()).collect()
}

async fn upload(person: &Person, number: usize, parts: Vec<Bytes>) {
    let length = parts.iter().map(Bytes::len).sum::<usize>();
    let (id, mut offset) = (person.begin(&format!("{number}.bin"), length as u64).await, 0);
    for part in parts {
        let end = offset + part.len();
        let answer = person.append(id, &offset.to_string(), part).await;
        assert_eq!(answer.status(), 204);
        offset = end;
    }
}

/// Writes the same bytes into files and syncs each part, as the server promises.
fn copy(folder: &Path, files: &[Vec<Bytes>]) -> Duration {
    let begun = Instant::now();
    for (number, parts) in files.iter().enumerate() {
        let mut file = std::fs::File::create(folder.join(number.to_string())).unwrap();
        for part in parts {
            file.write_all(part).unwrap();
            file.sync_all().unwrap();
        }
    }
    begun.elapsed()
}

/// Posts one after the other, with pauses. Returns the sorted times of the acknowledgements, and the server's largest
/// resident memory.
async fn posts(writer: &mut Socket, server: &Server, count: usize) -> (Vec<Duration>, u64) {
    let (mut took, mut resident) = (Vec::new(), 0);
    for _ in 0..count {
        let begun = Instant::now();
        let id = writer.post("파일을 올리는 동안").await;
        let is_it = |event| matches!(event, RoomEvent::Message { message, .. } if message.id == id).then_some(());
        writer.chat_event(is_it).await;
        took.push(begun.elapsed());
        resident = resident.max(server.resident());
        tokio::time::sleep(PAUSE).await;
    }
    took.sort_unstable();
    (took, resident)
}

fn megabytes_per_second(bytes: usize, took: Duration) -> f64 {
    bytes as f64 / 1e6 / took.as_secs_f64()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_uploads_delay_no_posts() {
    let (count, length) = long_or((6, PART), (2, 100_000));
    let Scene { directory, data, server, people, room } = Scene::start().await;
    let part = random(length);
    let files: Vec<_> = (0..UPLOADS).map(|number| parts(number, count, &part)).collect();
    let bytes = UPLOADS * count * length;
    let copied = copy(directory.path(), &files);
    let mut writer = people[0].chat(room).await;
    posts(&mut writer, &server, long_or(500, 20)).await;
    let (alone, before) = posts(&mut writer, &server, long_or(1_000, 50)).await;

    let begun = Instant::now();
    let sending = files.into_iter().enumerate().map(|(number, parts)| {
        let person = people[1].clone();
        tokio::spawn(async move { upload(&person, number, parts).await })
    });
    let sending = tokio::spawn(join_all(sending.collect::<Vec<_>>()));
    let (mut during, mut resident) = (Vec::new(), 0);
    while !sending.is_finished() {
        let (took, seen) = posts(&mut writer, &server, 1).await;
        during.extend(took);
        resident = resident.max(seen);
    }
    let uploaded = begun.elapsed();
    sending.await.unwrap().into_iter().for_each(|sent| sent.unwrap());
    during.sort_unstable();
    let (p99, base) = (percentile(&during, 99.0), percentile(&alone, 99.0));
    let grown = resident.saturating_sub(before);
    assert!(grown < long_or(32, 64) * 1024, "{grown} KiB more");
    drop(server);
    check(&data);
    row(
        &format!("{UPLOADS} uploads of {} MB at a time beside posts", count * length / 1_000_000),
        "others' p99 at most twice as long, memory at most 32 MiB more",
        &format!(
            "p99 of {} posts {:.1} ms, {:.1} ms before (p50 {:.1} and {:.1}); {grown} KiB more; {:.0} MB/s, a plain copy {:.0} MB/s",
            during.len(),
            p99.as_secs_f64() * 1e3,
            base.as_secs_f64() * 1e3,
            percentile(&during, 50.0).as_secs_f64() * 1e3,
            percentile(&alone, 50.0).as_secs_f64() * 1e3,
            megabytes_per_second(bytes, uploaded),
            megabytes_per_second(bytes, copied),
        ),
    );
}
