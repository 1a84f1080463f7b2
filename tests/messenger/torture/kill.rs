//! kill -9 under traffic: every acknowledged message is stored once, in one order.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use futures::{SinkExt, StreamExt};
use protocol::{
    ids::{MessageId, RoomId},
    message::Message,
    room_socket::{Post, RoomCommand, RoomEvent},
};
use tokio_tungstenite::tungstenite::Message as Frame;

use crate::{
    daemon::{Server, add_people, history, open_room},
    stage::Person,
    torture::{check, long_or, row},
};

#[tokio::test]
async fn a_server_killed_under_traffic_loses_nothing_acknowledged() {
    let rounds = long_or(100, 5);
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    add_people(&data);
    let mut acknowledged: HashMap<MessageId, Message> = HashMap::new();
    let (mut sent, mut slowest) = (0, Duration::ZERO);
    for round in 0..rounds {
        let begun = Instant::now();
        let server = Server::start(&data);
        slowest = slowest.max(begun.elapsed());
        let minsu = server.sign_in("minsu").await;
        let room = open_room(&minsu).await;
        sent += post_until_killed(server, &minsu, room, round, &mut acknowledged).await;
    }
    let server = Server::start(&data);
    let minsu = server.sign_in("minsu").await;
    let stored = history(&minsu, open_room(&minsu).await).await;
    let by_id: HashMap<MessageId, &Message> = stored.iter().map(|message| (message.id, message)).collect();
    assert_eq!(by_id.len(), stored.len(), "nothing stored twice");
    for message in acknowledged.values() {
        assert_eq!(by_id.get(&message.id), Some(&message), "acknowledged and lost");
    }
    let versions: Vec<u64> = stored.iter().map(|message| message.version).collect();
    assert_eq!(versions, (1..=stored.len() as u64).collect::<Vec<_>>(), "no holes");
    assert!(acknowledged.len() > rounds * 50, "there was traffic: {}", acknowledged.len());
    assert!(slowest < long_or(Duration::from_secs(3), Duration::from_secs(10)), "back in {slowest:?}");
    check(&data);
    row(
        &format!("kill -9 under traffic, {rounds} rounds"),
        "acknowledged and lost 0, stored twice 0, gaps 0; restarted within 3 s",
        &format!(
            "{sent} sent, {} acknowledged, {} stored; lost 0, twice 0, gaps 0; slowest start {:.2} s",
            acknowledged.len(),
            stored.len(),
            slowest.as_secs_f64()
        ),
    );
}

/// Posts up to 200 messages a second and kills the server under this load.
async fn post_until_killed(
    server: Server,
    person: &Person,
    room: RoomId,
    round: usize,
    acknowledged: &mut HashMap<MessageId, Message>,
) -> usize {
    let (mut sink, mut stream) = person.chat(room).await.wire.split();
    let reading = tokio::spawn(async move {
        let mut received = Vec::new();
        while let Some(Ok(frame)) = stream.next().await {
            if let Frame::Text(text) = frame
                && let Ok(RoomEvent::Message { message, .. }) = serde_json::from_str(&text)
            {
                received.push(message);
            }
        }
        received
    });
    let end = Instant::now() + Duration::from_millis(700 + 37 * (round as u64 % 7));
    let mut sent = 0;
    while Instant::now() < end {
        tokio::time::sleep(Duration::from_millis(4)).await;
        let body = format!("{round}-{sent}");
        let post = RoomCommand::Post(Post::new(MessageId::new(), body));
        if sink.send(Frame::text(serde_json::to_string(&post).unwrap())).await.is_err() {
            break;
        }
        sent += 1;
    }
    server.kill();
    acknowledged.extend(reading.await.unwrap().into_iter().map(|message| (message.id, message)));
    sent
}
