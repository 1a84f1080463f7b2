//! PostgreSQL fails under posts: it is killed, or a connection is lost during a COMMIT.

use std::time::{Duration, Instant};

use futures::future::join_all;

use crate::{
    cluster::{
        gate::{Gate, Loss},
        harness::Cluster,
        is_asked,
        ledger::{PostTally, received},
        own_postgres::OwnPostgres,
        posting_client::{PostingClient, Stop},
        rounds,
    },
    torture::row,
};

const WORKS: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_postgresql_loses_nothing_and_the_nodes_work_again() {
    if !is_asked() {
        return;
    }
    let rounds = rounds(20);
    let mut postgres = OwnPostgres::start();
    let cluster = Cluster::of(postgres.url(), 3).await;
    let mut probes: Vec<PostingClient> = (0..3).map(|node| cluster.posting_client(0, node).at_one_node()).collect();
    let (stop, rest) = (Stop::default(), Duration::from_millis(15));
    let posting: Vec<_> = (0..3)
        .map(|node| tokio::spawn(cluster.posting_client(1, node).at_one_node().post_until_stopped(rest, stop.clone())))
        .collect();
    let mut slowest = Duration::ZERO;
    for round in 0..rounds {
        tokio::time::sleep(Duration::from_millis(500 + 41 * (round as u64 % 9))).await;
        postgres.kill();
        tokio::time::sleep(Duration::from_millis(137 * (round as u64 % 9))).await;
        postgres.start_again();
        let begun = Instant::now();
        join_all(probes.iter_mut().map(probe)).await;
        slowest = slowest.max(begun.elapsed());
    }
    stop.now();
    for task in posting {
        probes.push(task.await.unwrap());
    }
    let refused: usize = probes.iter().map(|poster| poster.refused.len()).sum();
    let tally = PostTally::of(&cluster, &mut probes).await;
    assert!(slowest < WORKS, "working again after {slowest:?}");
    cluster.command(&["check"]);
    row(
        &format!("PostgreSQL killed under posts at three nodes, {rounds} times"),
        "acknowledged and lost 0, stored twice 0, broadcast and not stored 0; working again within 5 s, without a restart",
        &format!("{tally}; {refused} refusals; working again after {:.2} s at most", slowest.as_secs_f64()),
    );
}

/// Posts, and waits for the acknowledgement.
async fn probe(poster: &mut PostingClient) {
    poster.reconnect().await;
    poster.post().await;
    poster.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_lost_during_a_commit_leaves_no_message_unreceived() {
    if !is_asked() {
        return;
    }
    let rounds = rounds(60);
    let postgres = OwnPostgres::start();
    let gate = Gate::start(postgres.folder());
    let cluster = Cluster::start(postgres.url(), vec![gate.url(), postgres.url()]).await;
    let mut windows: Vec<PostingClient> =
        [(0, 0), (1, 0), (1, 1)].map(|(who, node)| cluster.posting_client(who, node).at_one_node()).into();
    probe(&mut windows[0]).await;
    let (mut slowest, mut stored_before) = (Duration::ZERO, 0);
    for round in 0..rounds {
        let loss = if round % 3 == 0 { Loss::Statement } else { Loss::Answer };
        gate.cut_at(if round % 2 == 0 { "말 " } else { "; COMMIT" }, loss);
        let begun = Instant::now();
        if round % 2 == 0 {
            windows[0].post().await
        } else {
            windows[0].answer().await
        }
        everybody_has_everything(&cluster, &mut windows, stored_before + 2).await;
        slowest = slowest.max(begun.elapsed());
        stored_before += 1;
    }
    assert!(gate.cuts() >= rounds, "{} of {rounds} were cut", gate.cuts());
    for window in &windows {
        let seqs: std::collections::BTreeSet<u64> = received(&window.client).map(|message| message.seq).collect();
        assert_eq!(seqs.len(), stored_before + 1, "stored and never broadcast");
    }
    let tally = PostTally::of(&cluster, &mut windows).await;
    row(
        &format!("connections cut during COMMIT, {} cuts", gate.cuts()),
        "stored twice 0, broadcast and not stored 0, stored and never broadcast 0; all received within 5 s",
        &format!("{tally}; all received after {:.2} s at most", slowest.as_secs_f64()),
    );
}

/// Waits until this many messages are stored and every window has them, and the sender knows.
async fn everybody_has_everything(cluster: &Cluster, windows: &mut [PostingClient], count: usize) {
    let begun = Instant::now();
    loop {
        for window in windows.iter_mut() {
            window.reconnect().await;
            window.apply_events(Duration::from_millis(20)).await;
        }
        let (stored, version) = cluster.stored().await;
        let has_all = |window: &PostingClient| {
            window.client.conversation.cursor().version == version
                && window.client.conversation.unacknowledged().is_empty()
        };
        if stored.len() == count && windows.iter().all(has_all) {
            return;
        }
        let versions: Vec<u64> = windows.iter().map(|window| window.client.conversation.cursor().version).collect();
        assert!(begun.elapsed() < WORKS, "{version} stored, {count} expected; windows have {versions:?}");
    }
}
