//! A receiver that never reads: its memory is bounded, it delays nobody, and after a resume it misses nothing.

use std::time::{Duration, Instant};

use protocol::{
    ids::{MessageId, RoomId},
    room_socket::{Post, RoomCommand, RoomEvent},
};

use crate::{
    daemon::{Scene, history},
    resuming_client::ResumingClient,
    stage::{Person, Socket},
    torture::{check, long_or, percentile, row},
};

/// The time from each post to the other user's receipt, sorted.
pub(super) async fn latencies(author: &mut Socket, receiver: &mut Socket, count: usize) -> Vec<Duration> {
    let mut latencies = Vec::with_capacity(count);
    for _ in 0..count {
        let (id, begun) = (MessageId::new(), Instant::now());
        // Large on the wire, and cheap to index.
        let body = format!("글{}끝", "\u{3000}".repeat(2_000));
        author.command(&RoomCommand::Post(Post::new(id, body))).await;
        let is_received = |event| matches!(event, RoomEvent::Message { message, .. } if message.id == id).then_some(());
        receiver.chat_event(is_received).await;
        latencies.push(begun.elapsed());
        author.chat_event(is_received).await;
    }
    latencies.sort_unstable();
    latencies
}

async fn pair(people: &[Person; 2], room: RoomId) -> (Socket, Socket) {
    let (mut author, mut receiver) = (people[0].chat(room).await, people[1].chat(room).await);
    author.welcome().await;
    receiver.welcome().await;
    (author, receiver)
}

#[tokio::test]
async fn a_client_that_never_reads_costs_bounded_memory_and_misses_nothing() {
    let count = long_or(10_000, 300);
    let Scene { directory: _directory, data, server, people, room } = Scene::start().await;
    let (mut author, mut receiver) = pair(&people, room).await;
    latencies(&mut author, &mut receiver, count / 10).await;
    let baseline = latencies(&mut author, &mut receiver, count).await;
    // The first page of a reader who has read is small.
    let stored = history(&people[0], room).await;
    receiver.command(&RoomCommand::Read { seq: stored.last().unwrap().seq }).await;
    receiver.chat_event(|event| matches!(event, RoomEvent::Read { .. }).then_some(())).await;
    let before = server.resident();

    let mut stuck = ResumingClient::new(&people[1], room);
    stuck.connect().await;
    let during = latencies(&mut author, &mut receiver, count).await;
    let grown = server.resident().saturating_sub(before);

    let stored = history(&people[0], room).await;
    stuck.catch_up(stored.last().unwrap().version).await;
    let newest = stored.last().map(|message| message.seq);
    assert_eq!(stuck.shown().last().map(|(seq, _)| *seq), newest, "nothing is missing after it returns");
    assert_eq!(stored.len(), count / 10 + 2 * count);
    let (p99, base) = (percentile(&during, 99.0), percentile(&baseline, 99.0));
    // Megabytes of messages were sent; an outbox holds at most one.
    assert!(grown < long_or(6, 16) * 1024, "{grown} KiB more");
    assert!(p99 < long_or(2, 20) * base.max(Duration::from_millis(2)), "{p99:?} with it, {base:?} before");
    check(&data);
    row(
        &format!("a receiver that never reads, {count} messages"),
        "memory bounded, others' p99 under twice their baseline, nothing missing after its resume",
        &format!(
            "{grown} KiB more; p99 {:.2} ms with it, {:.2} ms before; missing 0",
            p99.as_secs_f64() * 1e3,
            base.as_secs_f64() * 1e3
        ),
    );
}
