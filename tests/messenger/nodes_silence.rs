//! Nodes that others took for ended, nodes that ended, and connections to the database that fell silent.

use std::time::{Duration, Instant};

use protocol::{
    ids::{MessageId, UserId},
    room_socket::Post,
    user::Presence,
};
use serde_json::{Value, json};
use server::model::DatabaseUrl;
use uuid::Uuid;

use crate::{
    cut_off::DatabaseGate,
    nodes::{Two, becomes},
    stage::{Stage, TEST_TIMEOUT, snapshot, unlimited},
    test_server::TestServer,
};

/// Longer than a node goes without its beat.
const BEAT: Duration = Duration::from_millis(1_200);
/// An answer that does not come is given up after twelve seconds.
const GIVEN_UP: Duration = Duration::from_secs(17);

impl Two {
    /// Adds a node that does not run, silent for so long, in milliseconds; and what it wrote last.
    async fn add_node(&self, silent_ms: i64, change: Value) {
        let (id, row) = (Uuid::now_v7(), json!({ "changes": [change] }));
        let now = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint";
        self.change(format!("INSERT INTO nodes (id, beat_at, first, top) VALUES ('{id}', {now} - {silent_ms}, 0, 0)"))
            .await;
        // The others know the node before its row arrives.
        tokio::time::sleep(Duration::from_millis(500)).await;
        let row = format!("convert_to('{row}', 'UTF8')");
        self.change(format!("INSERT INTO feed (writer, seq, changes) VALUES ('{id}', 1, {row})")).await;
    }

    async fn change(&self, sql: String) {
        TestServer::get().execute(self.database.secret(), &sql);
    }

    /// Posts from the second node, and waits for the first: it has read everything of before.
    async fn exchange(&self) {
        let mut window = self.minsu.chat(self.room).await;
        window.welcome().await;
        for _ in 0..2 {
            self.nodes[1].post(&self.younghee, self.room, "그다음").await;
            window.message().await;
        }
    }

    /// How the first node shows a user.
    async fn presence_of(&self, user: UserId) -> Presence {
        let welcome = self.minsu.lobby().await.lobby_event(snapshot).await;
        welcome.users.iter().find(|other| other.id == user).unwrap().presence
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn users_of_a_node_that_was_taken_for_ended_without_its_knowledge_are_online_again() {
    let two = Two::with(unlimited()).await;
    let mut list = two.minsu.lobby().await;
    let _there = two.younghee.lobby().await;
    list.lobby_event(becomes(&two.younghee, Presence::Online)).await;
    // Its machine slept, or the clock of the database was set: its own clock shows no pause.
    let begun = Instant::now();
    while begun.elapsed() < BEAT {
        // Not for so long that its row is deleted.
        let silent = "UPDATE nodes SET beat_at = (extract(epoch FROM clock_timestamp()) * 1000)::bigint - 20000 \
                      WHERE id = (SELECT id FROM nodes ORDER BY id DESC LIMIT 1)";
        two.sql(silent).await;
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    list.lobby_event(becomes(&two.younghee, Presence::Offline)).await;
    list.lobby_event(becomes(&two.younghee, Presence::Online)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_whose_row_was_deleted_is_heard_again_from_its_last_beat_on() {
    let two = Two::with(unlimited()).await;
    let mut list = two.minsu.lobby().await;
    let _there = two.younghee.lobby().await;
    list.lobby_event(becomes(&two.younghee, Presence::Online)).await;
    let mut window = two.minsu.chat(two.room).await;
    window.welcome().await;
    for round in 0..3 {
        two.sql("DELETE FROM nodes WHERE id = (SELECT id FROM nodes ORDER BY id DESC LIMIT 1)").await;
        // The other node forgets up to where it has read, in most rounds before the next beat.
        tokio::time::sleep(Duration::from_millis(250)).await;
        two.nodes[1].post(&two.younghee, two.room, &format!("말 {round}")).await;
        assert_eq!(window.message().await.0.body, format!("말 {round}"));
        tokio::time::sleep(BEAT).await;
    }
    let begun = Instant::now();
    while two.presence_of(two.younghee.id).await != Presence::Online {
        assert!(begun.elapsed() < TEST_TIMEOUT, "offline");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_node_said_before_its_end_and_is_read_later_puts_nobody_online() {
    let two = Two::with(unlimited()).await;
    let signal = json!({ "of": "presence", "users": [[two.younghee.id, false]] });
    two.add_node(60_000, json!({ "kind": "signal", "signal": signal })).await;
    two.exchange().await;
    assert_eq!(two.presence_of(two.younghee.id).await, Presence::Offline);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_of_one_user_that_cannot_be_read_closes_sockets_of_nobody_else() {
    let two = Two::with(unlimited()).await;
    let here = two.nodes[0].moved(&two.younghee);
    let (mut of_minsu, mut of_other) = (two.minsu.lobby().await, here.lobby().await);
    let (mut window, mut other_window) = (two.minsu.chat(two.room).await, here.chat(two.room).await);
    two.sql("ALTER TABLE favourites RENAME TO favourites_away").await;
    two.add_node(0, json!({ "kind": "favourites", "user": two.minsu.id })).await;
    assert_eq!((of_minsu.close_code().await, window.close_code().await), (1013, 1013));
    two.exchange().await;
    other_window.settle().await;
    of_other.settle().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_whose_connections_the_network_forgot_hears_and_is_heard_again() {
    let (gate, server) = (DatabaseGate::start(), TestServer::get());
    let behind = server.new_database_behind(gate.folder.path());
    let [there, here] = [gate.folder.path(), &server.folder].map(|path| path.display().to_string().replace('/', "%2F"));
    let direct: DatabaseUrl = behind.secret().replace(&there, &here).parse().unwrap();
    let first = Stage::node(&direct).await;
    let second = Stage::node_at(&behind, unlimited(), first.data.clone()).await;
    let two = Two::on(direct, [first, second]).await;
    let mut here = two.minsu.chat(two.room).await;
    let mut there = two.younghee.chat(two.room).await;
    here.welcome().await;
    there.welcome().await;
    // A connection that was used a moment ago is not tested: a read on it fails after twelve seconds, and windows resume.
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    gate.forget();
    two.nodes[0].post(&two.minsu, two.room, "들리나요").await;
    let begun = Instant::now();
    loop {
        match there.text_or_close().await {
            Some(frame) if frame.contains("들리나요") => break,
            Some(_) => {}
            None => there = two.younghee.chat(two.room).await,
        }
    }
    assert!(begun.elapsed() < GIVEN_UP, "{:?}", begun.elapsed());
    let begun = Instant::now();
    let answer = Post::new(MessageId::new(), "네");
    while two.nodes[1].messenger.messages().post(two.younghee.actor(), two.room, answer.clone()).await.is_err() {
        assert!(begun.elapsed() < GIVEN_UP, "{:?}", begun.elapsed());
    }
    while here.message().await.0.body != "네" {}
}
