//! Floods by strangers: sign-ins that are abandoned as soon as the hash begins, and silent connections. Measures memory
//! and the latency of others' posts.

use std::time::{Duration, Instant};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::sleep,
};

use crate::{
    daemon::{Server, add_people, open_room},
    stage::{Person, Socket},
    torture::{check, long_or, percentile, row, slow::latencies},
};

const POSTS: usize = 100;

struct FloodedRoom {
    author: Socket,
    receiver: Socket,
}

impl FloodedRoom {
    async fn begin(server: &Server) -> (Self, [Person; 2]) {
        let people = [server.sign_in("minsu").await, server.sign_in("younghee").await];
        let room = open_room(&people[0]).await;
        let (mut author, mut receiver) = (people[0].chat(room).await, people[1].chat(room).await);
        author.welcome().await;
        receiver.welcome().await;
        let mut flooded = Self { author, receiver };
        flooded.p99().await;
        (flooded, people)
    }

    /// The latency of posts from one user to the other.
    async fn p99(&mut self) -> Duration {
        percentile(&latencies(&mut self.author, &mut self.receiver, POSTS).await, 99.0)
    }
}

/// Starts sign-ins, each with its own login, and hangs up when the hash begins.
async fn flood(server: std::net::SocketAddr, caller: usize, until: Instant) -> usize {
    let mut tries = 0;
    while Instant::now() < until {
        let body = format!("login=nobody{caller}.{tries}&password=wrongwrong");
        let head =
            format!("POST /api/sign_in HTTP/1.1\r\nHost: {server}\r\nX-Forwarded-For: 198.51.100.{}", tries % 250);
        let kind = "Content-Type: application/x-www-form-urlencoded";
        let request = format!("{head}\r\n{kind}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        if let Ok(mut stream) = TcpStream::connect(server).await {
            let _ = stream.write_all(request.as_bytes()).await;
            sleep(Duration::from_millis(4)).await;
        }
        tries += 1;
    }
    tries
}

#[tokio::test]
async fn a_flood_of_sign_ins_that_hang_up_costs_bounded_memory_and_others_little() {
    let seconds = long_or(15, 2);
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    add_people(&data);
    let server = Server::start(&data);
    let (mut flooded, _) = FloodedRoom::begin(&server).await;
    let (alone, before) = (flooded.p99().await, server.resident());

    let until = Instant::now() + Duration::from_secs(seconds);
    let callers: Vec<_> = (0..3).map(|caller| tokio::spawn(flood(server.address, caller, until))).collect();
    let (mut peak, mut during) = (before, Duration::ZERO);
    while Instant::now() < until {
        during = during.max(flooded.p99().await);
        peak = peak.max(server.resident());
    }
    let begun = Instant::now();
    server.sign_in("minsu").await;
    let signed_in = begun.elapsed();
    let mut tries = 0;
    for caller in callers {
        tries += caller.await.unwrap();
    }
    let grown = peak.saturating_sub(before) / 1024;
    assert!(grown < 100, "{grown} MiB more");
    assert!(during < 20 * alone.max(Duration::from_millis(10)), "{during:?} during the flood, {alone:?} before");
    assert!(signed_in < Duration::from_secs(5), "{signed_in:?}");
    check(&data);
    row(
        &format!("{tries} sign-ins in {seconds} s that hang up"),
        "memory bounded by the hashes at once, p99 of posts under twenty times its baseline, sign-ins succeed",
        &format!(
            "{grown} MiB more; p99 {:.1} ms during the flood, {:.1} ms before; a sign-in after {:.2} s",
            during.as_secs_f64() * 1e3,
            alone.as_secs_f64() * 1e3,
            signed_in.as_secs_f64()
        ),
    );
}

#[tokio::test]
async fn silent_connections_are_closed_and_keep_nobody_out() {
    let count = long_or(800, 200);
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    add_people(&data);
    let server = Server::start(&data);
    let (mut flooded, people) = FloodedRoom::begin(&server).await;
    let (alone, before) = (flooded.p99().await, server.resident());

    let begun = Instant::now();
    let mut silent = Vec::new();
    for n in 0..count {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        // Nothing, the preface of HTTP/2, half a request head.
        let sent: [&[u8]; 3] = [b"", b"PRI * HTTP/2.0\r\n\r\nSM", b"GET / HTTP/1.1\r\nHost: x\r\n"];
        stream.write_all(sent[n % 3]).await.unwrap();
        silent.push(stream);
    }
    let during = flooded.p99().await;
    let grown = server.resident().saturating_sub(before);
    people[0].lobby().await;
    for mut stream in silent {
        let _ = stream.read_to_end(&mut Vec::new()).await;
    }
    let gone = begun.elapsed();
    assert!(gone < Duration::from_secs(20), "{gone:?}");
    assert!(during < 20 * alone.max(Duration::from_millis(10)), "{during:?} during the flood, {alone:?} before");
    check(&data);
    row(
        &format!("{count} connections without a complete request"),
        "all closed within 20 s, others can connect",
        &format!(
            "all closed after {:.1} s; {grown} KiB more; p99 of posts {:.1} ms during that, {:.1} ms before",
            gone.as_secs_f64(),
            during.as_secs_f64() * 1e3,
            alone.as_secs_f64() * 1e3
        ),
    );
}
