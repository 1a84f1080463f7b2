//! A store with messages of years: a change costs as much as in a small store.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use protocol::{
    ids::MessageId,
    lobby_socket::LobbyCommand,
    room_socket::{RoomCommand, RoomEvent},
};
use sqlx::{AssertSqlSafe, Connection, SqliteConnection};
use uuid::Uuid;

use crate::{
    daemon::{Server, add_people, open_room},
    stage::Socket,
    torture::{check, long_or, percentile, row},
};

/// Medians of an edit, a recall, a reaction, a jump to a date, a search.
type Costs = [Duration; 5];

async fn database(data: &Path) -> SqliteConnection {
    SqliteConnection::connect(&format!("sqlite://{}", data.join("daehwa.db").display())).await.unwrap()
}

/// Inserts `total` messages of the first user; the n-th has the id n.
async fn fill(data: &Path, total: u64, first_at: i64) {
    let sql = format!(
        "CREATE TEMP TABLE n AS WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {total}) SELECT n FROM n;
         BEGIN;
         INSERT INTO indexed (number, room, seq) SELECT n, (SELECT id FROM rooms), n FROM n;
         INSERT INTO messages (room, seq, version, id, author, body, sent_at, number)
         SELECT (SELECT id FROM rooms), n, n, unhex(printf('%032x', n)), (SELECT id FROM users WHERE login = 'minsu'),
                'word' || n % 997 || ' 회의 ' || n, {first_at} + n, n FROM n;
         UPDATE rooms SET version = {total};
         COMMIT"
    );
    let mut connection = database(data).await;
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

/// Waits until all texts are indexed, so that the indexer does not affect the measurement.
async fn indexed(data: &Path, total: u64) {
    let mut connection = database(data).await;
    let sql = "SELECT CAST(CAST(value AS TEXT) AS INTEGER) FROM meta WHERE key = 'indexed_up_to'";
    while sqlx::query_scalar::<_, i64>(sql).fetch_one(&mut connection).await.unwrap() < total as i64 {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn changed(chat: &mut Socket, id: MessageId, command: RoomCommand) -> Duration {
    let begun = Instant::now();
    chat.command(&command).await;
    chat.change_of(id).await;
    begun.elapsed()
}

async fn costs(total: u64) -> Costs {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    add_people(&data);
    let server = Server::start(&data);
    let room = open_room(&server.sign_in("minsu").await).await;
    server.signal("-TERM");
    drop(server);
    // A millisecond apart, all within the time limit for edits.
    let first_at =
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis() as i64 - total as i64;
    fill(&data, total, first_at).await;
    let server = Server::start(&data);
    indexed(&data, total).await;
    let minsu = server.sign_in("minsu").await;
    let (mut chat, mut list) = (minsu.chat(room).await, minsu.lobby().await);
    chat.welcome().await;
    let mut took: [Vec<Duration>; 5] = Default::default();
    for n in 1..=long_or(100u64, 20) {
        let seq = total * n / 101;
        let id = MessageId::from(Uuid::from_u128(seq.into()));
        took[0].push(changed(&mut chat, id, RoomCommand::Edit { id, body: format!("고침 {n}"), mentions: None }).await);
        took[2].push(changed(&mut chat, id, RoomCommand::React { id, emoji: "👍".into(), on: true }).await);
        took[1].push(changed(&mut chat, id, RoomCommand::Recall { id }).await);
        let begun = Instant::now();
        chat.command(&RoomCommand::AroundTime { at: first_at + seq as i64 }).await;
        chat.chat_event(|event| matches!(event, RoomEvent::Around { .. }).then_some(())).await;
        took[3].push(begun.elapsed());
        let begun = Instant::now();
        list.command(&LobbyCommand::Search { query: format!("word{}", n % 997), before: None }).await;
        while !list.text().await.unwrap().contains(r#""found""#) {}
        took[4].push(begun.elapsed());
    }
    drop(server);
    check(&data);
    took.map(|mut took| {
        took.sort_unstable();
        percentile(&took, 50.0)
    })
}

#[tokio::test]
async fn a_change_costs_the_same_in_a_store_of_any_size() {
    let sizes = long_or([25_000u64, 400_000], [500, 8_000]);
    let [small, large] = [costs(sizes[0]).await, costs(sizes[1]).await];
    for (small, large) in small.iter().zip(&large).take(4) {
        // With sixteen times the messages, a scan takes sixteen times as long.
        assert!(*large < 4 * *small + Duration::from_millis(long_or(5, 50)), "{small:?} {large:?}");
    }
    let shown = |costs: Costs| costs.map(|cost| format!("{:.1}", cost.as_secs_f64() * 1e3)).join(", ");
    row(
        &format!(
            "an edit, a recall, a reaction, a jump to a date, a search in {} and in {} messages",
            sizes[0], sizes[1]
        ),
        "the first four are as fast in the large store",
        &format!("medians {} and {} ms", shown(small), shown(large)),
    );
}
