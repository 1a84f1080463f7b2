//! A node that cannot reach the database, while the others go on: no byte passes, without a sign.

use std::time::Duration;

use protocol::room_socket::{RoomCommand, RoomEvent};

use crate::{
    cluster::{
        gate::Gate,
        harness::Cluster,
        is_asked,
        ledger::PostTally,
        own_postgres::OwnPostgres,
        posting_client::{PostingClient, Stop},
        rounds,
    },
    stage::Socket,
    torture::row,
};

const SILENCE: Duration = Duration::from_secs(30);
const POSTED: Duration = Duration::from_secs(3);
/// The node waits five seconds, closes its windows over five, and lets each try to come back wait for five: no balancer
/// leads them away.
const MOVED: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_without_its_database_hands_its_windows_over_and_the_others_go_on() {
    if !is_asked() {
        return;
    }
    let rounds = rounds(1);
    let postgres = OwnPostgres::start();
    let gate = Gate::start(postgres.folder());
    let cluster = Cluster::start(postgres.url(), vec![gate.url(), postgres.url(), postgres.url()]).await;
    let (mut slowest, mut moved, mut all) = (Duration::ZERO, Duration::ZERO, Vec::new());
    for _ in 0..rounds {
        let [cut_off, others @ ..] = round(&cluster, &gate).await;
        moved = cut_off.slowest_post().max(moved);
        assert!(moved < MOVED, "a post at the node without its database waited {moved:?}");
        slowest = others.iter().map(PostingClient::slowest_post).max().unwrap().max(slowest);
        assert!(slowest < POSTED, "a post at the others waited {slowest:?}");
        all.push(cut_off);
        all.extend(others);
    }
    let tally = PostTally::of(&cluster, &mut all).await;
    cluster.command(&["check"]);
    row(
        &format!("a node cut off from PostgreSQL for {} s, {rounds} rounds", SILENCE.as_secs()),
        "its windows post elsewhere within 20 s, the others within 3 s; one order; who left meanwhile receives nothing later",
        &format!(
            "{tally}; its windows' slowest post {:.1} s, that of the others {:.2} s",
            moved.as_secs_f64(),
            slowest.as_secs_f64()
        ),
    );
}

async fn round(cluster: &Cluster, gate: &Gate) -> [PostingClient; 3] {
    let group = cluster.open_group().await;
    let mut leaver = cluster.person(1, 0).chat(group).await;
    leaver.welcome().await;
    let (stop, rest) = (Stop::default(), Duration::from_millis(50));
    let posting = [(0, 0), (0, 1), (1, 2)].map(|(who, node)| {
        let poster = cluster.posting_client(who, node);
        tokio::spawn(poster.post_until_stopped(rest, stop.clone()))
    });
    tokio::time::sleep(Duration::from_secs(1)).await;
    gate.set_silent(true);
    let mut elsewhere = cluster.person(1, 1).chat(group).await;
    elsewhere.command(&RoomCommand::Leave).await;
    elsewhere.close_code().await;
    let mut others = cluster.person(0, 2).chat(group).await;
    others.post("비밀").await;
    tokio::time::sleep(SILENCE).await;
    gate.set_silent(false);
    hears_nothing_after_leaving(&mut leaver).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    stop.now();
    let [one, two, three] = posting;
    [one.await.unwrap(), two.await.unwrap(), three.await.unwrap()]
}

async fn hears_nothing_after_leaving(window: &mut Socket) {
    while let Some(text) = window.text_or_close().await {
        let event: RoomEvent = serde_json::from_str(&text).unwrap();
        if let RoomEvent::Message { message, .. } = event {
            assert_ne!(message.body, "비밀", "received after leaving");
        }
    }
}
