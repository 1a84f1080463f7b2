//! All nodes are replaced under posts, one after the other, as an upgrade does it.

use std::time::{Duration, Instant};

use crate::{
    cluster::{
        harness::Cluster,
        is_asked,
        ledger::PostTally,
        posting_client::{PostingClient, Stop},
        rounds,
    },
    test_server::TestServer,
    torture::row,
};

const NODES: usize = 3;
/// Five seconds of notice, one of drain, and the shutdown.
const ENDS: Duration = Duration::from_secs(20);
/// Windows at each node.
const WINDOWS: usize = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replacing_all_nodes_loses_nothing_and_each_window_moves_once_a_node() {
    if !is_asked() {
        return;
    }
    let (rounds, database) = (rounds(3), TestServer::get().new_database());
    let settings = vec![("DAEHWA_DRAIN_SECONDS", "1".to_owned())];
    let mut cluster = Cluster::start_with(database.clone(), vec![database; NODES], settings).await;
    let (stop, rest) = (Stop::default(), Duration::from_millis(150));
    let posting: Vec<_> = (0..NODES * WINDOWS)
        .map(|number| {
            tokio::spawn(cluster.posting_client(number % 2, number % NODES).post_until_stopped(rest, stop.clone()))
        })
        .collect();
    for round in 0..rounds * NODES {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let node = round % NODES;
        cluster.server(node).signal("-TERM");
        let begun = Instant::now();
        while !cluster.has_ended(node) {
            assert!(begun.elapsed() < ENDS, "a node ends in order");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        cluster.restart(node);
    }
    stop.now();
    let mut posters: Vec<PostingClient> = Vec::new();
    for task in posting {
        posters.push(task.await.unwrap());
    }
    let most = posters.iter().map(|poster| poster.client.connections).max().unwrap();
    assert!(most <= 1 + rounds * NODES, "each window moves when its node ends: {most} connections");
    let slowest = posters.iter().map(|poster| poster.slowest_return).max().unwrap();
    let tally = PostTally::of(&cluster, &mut posters).await;
    cluster.command(&["check"]);
    row(
        &format!("three nodes replaced one after the other under posts of {} windows, {rounds} rounds", posters.len()),
        "acknowledged and lost 0, stored twice 0, holes 0; at most one reconnect a window for each node that ends",
        &format!("{tally}; at most {most} connections a window; back after {:.2} s at most", slowest.as_secs_f64()),
    );
}
