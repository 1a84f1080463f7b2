//! The bus fails under posts: nobody waits for it, and what it loses is read from the feed.

use std::time::{Duration, Instant};

use crate::{
    cluster::{
        harness::Cluster,
        is_asked,
        ledger::PostTally,
        posting_client::{PostingClient, Stop},
        rounds,
    },
    nats_server::NatsServer,
    test_server::TestServer,
    torture::row,
};

/// How long a post may take to a window of another node without the bus.
const RECEIVED: Duration = Duration::from_millis(500);
/// Posts whose way is measured, in each state of the bus.
const MEASURED: usize = 10;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bus_that_fails_again_and_again_costs_a_poll_and_loses_nothing() {
    if !is_asked() {
        return;
    }
    let (rounds, mut bus, database) = (rounds(15), NatsServer::start(""), TestServer::get().new_database());
    let settings = vec![("DAEHWA_BUS", bus.url())];
    let cluster = Cluster::start_with(database.clone(), vec![database; 3], settings).await;
    let mut pair: Vec<PostingClient> =
        [(0, 0), (1, 1)].map(|(who, node)| cluster.posting_client(who, node).at_one_node()).into();
    for poster in &mut pair {
        poster.reconnect().await;
    }
    let (stop, rest) = (Stop::default(), Duration::from_millis(20));
    let posting = tokio::spawn(cluster.posting_client(1, 2).at_one_node().post_until_stopped(rest, stop.clone()));
    let mut slowest = [Duration::ZERO; 2];
    for _ in 0..rounds {
        slowest[0] = slowest[0].max(slowest_way(&cluster, &mut pair).await);
        bus.kill();
        slowest[1] = slowest[1].max(slowest_way(&cluster, &mut pair).await);
        bus.restart();
    }
    stop.now();
    pair.push(posting.await.unwrap());
    assert!(pair.iter().all(|poster| poster.client.connections == 1), "no window lost its connection");
    assert!(slowest[1] < RECEIVED, "without the bus after {:?}", slowest[1]);
    let refused: usize = pair.iter().map(|poster| poster.refused.len()).sum();
    let tally = PostTally::of(&cluster, &mut pair).await;
    row(
        &format!("NATS killed and started again under posts at three nodes, {rounds} times"),
        "all posts acknowledged; other nodes receive them within 0.5 s without the bus; no window reconnects",
        &format!(
            "{tally}; {refused} refusals; slowest way to another node {:.3} s with the bus, {:.3} s without",
            slowest[0].as_secs_f64(),
            slowest[1].as_secs_f64()
        ),
    );
}

/// The slowest of some posts from the first window to the second, which is at another node.
async fn slowest_way(cluster: &Cluster, pair: &mut [PostingClient]) -> Duration {
    let mut slowest = Duration::ZERO;
    for _ in 0..MEASURED {
        let begun = Instant::now();
        pair[0].post().await;
        pair[0].finish().await;
        let (_, version) = cluster.stored().await;
        while pair[1].client.conversation.cursor().version < version {
            pair[1].apply_events(Duration::from_millis(5)).await;
            assert!(begun.elapsed() < 20 * RECEIVED, "the other node does not receive it");
        }
        slowest = slowest.max(begun.elapsed());
    }
    slowest
}
