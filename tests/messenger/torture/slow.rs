//! A receiver that never reads: it costs bounded memory, the others nothing, and misses nothing on return.

use std::time::{Duration, Instant};

use daehwa::protocol::{
    chat::{ChatCommand, ChatEvent},
    ids::{MessageId, RoomId},
};

use crate::{
    server::{Server, add_people, history, open_room},
    stage::{Person, Socket},
    survivor::Survivor,
    torture::{check, long_or, percentile, row},
};

/// How long each message took from its posting to the other's ear, sorted.
pub(super) async fn latencies(writer: &mut Socket, reader: &mut Socket, count: usize) -> Vec<Duration> {
    let mut latencies = Vec::with_capacity(count);
    for _ in 0..count {
        let (id, begun) = (MessageId::new(), Instant::now());
        // Large on the wire, and next to nothing to index.
        let body = format!("글{}끝", "\u{3000}".repeat(2_000));
        writer.command(&ChatCommand::Post { id, body, reply_to: None }).await;
        let heard = |event| matches!(event, ChatEvent::Message { message, .. } if message.id == id).then_some(());
        reader.chat_event(heard).await;
        latencies.push(begun.elapsed());
        writer.chat_event(heard).await;
    }
    latencies.sort_unstable();
    latencies
}

async fn pair(people: &[Person; 2], room: RoomId) -> (Socket, Socket) {
    let (mut writer, mut reader) = (people[0].chat(room).await, people[1].chat(room).await);
    writer.welcome().await;
    reader.welcome().await;
    (writer, reader)
}

#[tokio::test]
async fn a_reader_that_never_reads_costs_little_and_misses_nothing() {
    let count = long_or(10_000, 300);
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    add_people(&data);
    let server = Server::start(&data);
    let people = [server.sign_in("minsu").await, server.sign_in("younghee").await];
    let room = open_room(&people[0]).await;
    let (mut writer, mut reader) = pair(&people, room).await;
    latencies(&mut writer, &mut reader, count / 10).await;
    let baseline = latencies(&mut writer, &mut reader, count).await;
    let before = server.resident();

    let mut stuck = Survivor::new(&people[1], room);
    stuck.connect().await;
    let beside = latencies(&mut writer, &mut reader, count).await;
    let grown = server.resident().saturating_sub(before);

    let stored = history(&people[0], room).await;
    stuck.catch_up(stored.last().unwrap().version).await;
    let newest = stored.last().map(|message| message.seq);
    assert_eq!(stuck.shown().last().map(|(seq, _)| *seq), newest, "nothing is missing after it returns");
    assert_eq!(stored.len(), count / 10 + 2 * count);
    let (p99, base) = (percentile(&beside, 99.0), percentile(&baseline, 99.0));
    // Megabytes of messages went by; what may wait for one reader is one.
    assert!(grown < long_or(6, 16) * 1024, "{grown} KiB more");
    assert!(p99 < long_or(2, 20) * base.max(Duration::from_millis(2)), "{p99:?} beside {base:?}");
    check(&data);
    row(
        &format!("a receiver that never reads, {count} messages"),
        "memory bounded, others' p99 under twice their baseline, nothing missing after it returns",
        &format!(
            "{grown} KiB more; p99 {:.2} ms beside it, {:.2} ms without; missing 0",
            p99.as_secs_f64() * 1e3,
            base.as_secs_f64() * 1e3
        ),
    );
}
