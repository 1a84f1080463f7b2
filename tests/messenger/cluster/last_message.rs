//! A node dies right after COMMIT, before it broadcast anything: the message is the last one of its room, so no later one
//! shows the gap.

use std::time::{Duration, Instant};

use crate::{
    cluster::{
        gate::{Gate, Loss},
        harness::Cluster,
        is_asked,
        ledger::{PostTally, received_live},
        own_postgres::OwnPostgres,
        posting_client::PostingClient,
        rounds,
    },
    torture::row,
};

const RECEIVED_WITHIN: Duration = Duration::from_secs(2);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_message_of_a_killed_node_reaches_all_other_nodes() {
    if !is_asked() {
        return;
    }
    let rounds = rounds(30);
    let postgres = OwnPostgres::start();
    let gate = Gate::start(postgres.folder());
    let mut cluster = Cluster::start(postgres.url(), vec![gate.url(), postgres.url(), postgres.url()]).await;
    let mut windows = [cluster.posting_client(1, 1).at_one_node(), cluster.posting_client(0, 2).at_one_node()];
    let mut sender = cluster.posting_client(0, 0).at_one_node();
    for window in &mut windows {
        window.reconnect().await;
    }
    let (mut slowest, mut unacknowledged) = (Duration::ZERO, 0);
    for round in 0..rounds {
        sender.reconnect().await;
        sender.finish().await;
        for _ in 0..3 {
            sender.post().await;
        }
        sender.finish().await;
        post_and_kill(&mut cluster, &gate, &mut sender, round).await;
        slowest = slowest.max(time_until_received(&cluster, &mut windows).await);
        // What the node had broadcast before it died.
        sender.apply_events(Duration::from_millis(50)).await;
        sender.client.cut();
        let (stored, _) = cluster.stored().await;
        unacknowledged += usize::from(stored.len() > sender.waits.len());
        cluster.restart(0);
    }
    sender.reconnect().await;
    sender.finish().await;
    let [one, other] = windows;
    let tally = PostTally::of(&cluster, &mut [sender, one, other]).await;
    assert!(unacknowledged >= rounds / 3, "the node died before its broadcast: {unacknowledged}");
    row(
        &format!("kill -9 of a node right after COMMIT of its room's last message, {rounds} rounds"),
        "on the windows of every other node within 2 s, without a reconnect",
        &format!(
            "{tally}; {unacknowledged} of them never broadcast by their node; received after {:.2} s at most",
            slowest.as_secs_f64()
        ),
    );
}

/// In every second round the answer of the database is lost, so that the node cannot have broadcast it.
async fn post_and_kill(cluster: &mut Cluster, gate: &Gate, sender: &mut PostingClient, round: usize) {
    let cuts = gate.cuts();
    if round.is_multiple_of(2) {
        gate.cut_at("말 ", Loss::Answer);
    }
    sender.post().await;
    if round.is_multiple_of(2) {
        while gate.cuts() == cuts {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
    tokio::time::sleep(Duration::from_micros(700 * (round as u64 % 8))).await;
    cluster.kill(0);
}

/// How long it takes until these windows have everything that is stored.
async fn time_until_received(cluster: &Cluster, windows: &mut [PostingClient; 2]) -> Duration {
    let begun = Instant::now();
    loop {
        for window in windows.iter_mut() {
            window.apply_events(Duration::from_millis(20)).await;
        }
        let (stored, version) = cluster.stored().await;
        let has_all = |window: &PostingClient| window.client.conversation.cursor().version == version;
        let elapsed = begun.elapsed();
        // A statement that was under way may be carried out after the kill.
        if windows.iter().all(has_all) && elapsed > Duration::from_millis(300) {
            for window in windows.iter() {
                assert_eq!((window.client.connections, window.client.gaps), (1, 0));
                assert_eq!(received_live(&window.client).len(), stored.len(), "every message came by itself");
            }
            return elapsed;
        }
        assert!(elapsed < RECEIVED_WITHIN, "a message of {version} was not received");
    }
}
