//! A room with messages of years: an old page costs no more than the newest one.

use std::time::{Duration, Instant};

use protocol::{limit::PAGE_MESSAGES, message::Message, room_socket::RoomCommand, room_socket::RoomEvent};

use crate::{
    stage::{Socket, Stage},
    torture::{long_or, percentile, row},
};

async fn page(socket: &mut Socket, command: RoomCommand) -> (Vec<Message>, Duration) {
    let begun = Instant::now();
    socket.command(&command).await;
    let page = |event| match event {
        RoomEvent::Earlier { messages, .. }
        | RoomEvent::Later { messages, .. }
        | RoomEvent::Around { messages, .. } => Some(messages),
        _ => None,
    };
    (socket.chat_event(page).await, begun.elapsed())
}

#[tokio::test]
async fn every_page_of_a_hundred_thousand_messages_is_read_at_once() {
    let total = long_or(100_000u64, 20_000);
    let stage = Stage::new().await;
    let (minsu, _, room) = stage.pair().await;
    let fill = format!(
        "INSERT INTO messages (room, seq, version, id, author, body, sent_at)
         WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {total})
         SELECT (SELECT id FROM rooms), n, n, randomblob(16), (SELECT min(id) FROM users), 'message ' || n, n * 1000 FROM n;
         UPDATE rooms SET version = {total}"
    );
    stage.sql(&fill).await;
    let mut chat = minsu.chat(room).await;
    let mut oldest = chat.welcome().await.messages[0].seq;
    let mut back = Vec::new();
    while oldest > 1 {
        let (messages, took) = page(&mut chat, RoomCommand::Earlier { before: oldest }).await;
        assert!(
            messages.iter().map(|message| message.seq).eq(oldest.saturating_sub(PAGE_MESSAGES as u64).max(1)..oldest)
        );
        oldest = messages[0].seq;
        back.push(took);
    }
    let mut jumps = Vec::new();
    for percent in 1..100 {
        let seq = total * percent / 100;
        let (messages, took) = page(&mut chat, RoomCommand::Around { seq }).await;
        assert!(messages.iter().any(|message| message.seq == seq));
        jumps.push(took);
        let (messages, took) = page(&mut chat, RoomCommand::AroundTime { at: seq as i64 * 1000 }).await;
        assert!(messages.iter().any(|message| message.seq == seq));
        jumps.push(took);
    }
    back.sort_unstable();
    jumps.sort_unstable();
    let (back, jumps) = (percentile(&back, 99.0), percentile(&jumps, 99.0));
    assert!(back < Duration::from_secs(1) && jumps < Duration::from_secs(2), "{back:?} {jumps:?}");
    row(
        &format!("a room of {total} messages, read to its beginning, with jumps"),
        "every page without gaps, none noticeably slow",
        &format!("p99 of a page {:.1} ms, of a jump {:.1} ms", back.as_secs_f64() * 1e3, jumps.as_secs_f64() * 1e3),
    );
}
