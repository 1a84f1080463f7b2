//! PostgreSQL fails for good and a standby takes over. Behind a synchronous one nothing acknowledged is lost. Behind a
//! lagging one the newest messages are gone, and every window shows what is left.

use std::time::{Duration, Instant};

use uuid::Uuid;

use crate::{
    cluster::{
        gate::Gate,
        harness::Cluster,
        is_asked,
        ledger::{PostTally, agree, received},
        own_postgres::OwnPostgres,
        posting_client::{PostingClient, Stop},
        rounds,
    },
    torture::row,
};

const NODES: usize = 2;
const TRAFFIC: Duration = Duration::from_millis(1_200);

/// A primary, and nodes that reach it through an address that moves to its successor.
struct Failover {
    primary: OwnPostgres,
    gate: Gate,
    cluster: Cluster,
}

impl Failover {
    async fn start() -> Self {
        let primary = OwnPostgres::start();
        let gate = Gate::start(primary.folder());
        let cluster = Cluster::start(gate.url(), vec![gate.url(); NODES]).await;
        Self { primary, gate, cluster }
    }

    /// Posts, loses the primary and goes on with the standby. `before`: what happens to the standby under way.
    async fn round(&mut self, standby: OwnPostgres, before: impl AsyncFnOnce(&OwnPostgres)) -> Vec<PostingClient> {
        let (stop, rest) = (Stop::default(), Duration::from_millis(20));
        let window =
            |node| tokio::spawn(self.cluster.posting_client(node % 2, node).post_until_stopped(rest, stop.clone()));
        let posting: Vec<_> = (0..NODES).map(window).collect();
        tokio::time::sleep(TRAFFIC).await;
        before(&standby).await;
        self.primary.kill();
        standby.promote();
        self.primary = standby;
        self.gate.lead_to(self.primary.folder());
        self.restart_ended().await;
        tokio::time::sleep(TRAFFIC).await;
        stop.now();
        let mut posters = Vec::new();
        for task in posting {
            posters.push(task.await.unwrap());
        }
        posters
    }

    /// A node ends when the incarnation of its database changed; its supervisor starts it again.
    async fn restart_ended(&mut self) {
        let begun = Instant::now();
        for node in 0..NODES {
            while !self.cluster.has_ended(node) {
                assert!(begun.elapsed() < Duration::from_secs(20), "node {node} goes on with another incarnation");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            self.cluster.restart(node);
        }
    }

    async fn epoch(&self) -> Uuid {
        let mut window = self.cluster.posting_client(0, 0);
        window.reconnect().await;
        window.client.conversation.cursor().epoch
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failover_to_a_synchronous_standby_loses_nothing_acknowledged() {
    if !is_asked() {
        return;
    }
    let rounds = rounds(3);
    let mut scene = Failover::start().await;
    let mut all = Vec::new();
    for _ in 0..rounds {
        let standby = scene.primary.standby("successor");
        let wait = ["ALTER SYSTEM SET synchronous_standby_names = 'successor'", "SELECT pg_reload_conf()"];
        scene.primary.execute(&wait).await;
        let epoch = scene.epoch().await;
        all.extend(scene.round(standby, async |_| {}).await);
        assert_ne!(scene.epoch().await, epoch, "a new incarnation has a new epoch");
    }
    let tally = PostTally::of(&scene.cluster, &mut all).await;
    scene.cluster.command(&["check"]);
    row(
        &format!("failover to a synchronous standby under posts, {rounds} times"),
        "acknowledged and lost 0, stored twice 0, holes 0; a new epoch",
        &tally.to_string(),
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_failover_to_a_lagging_standby_every_window_shows_what_is_left() {
    if !is_asked() {
        return;
    }
    let rounds = rounds(3);
    let mut scene = Failover::start().await;
    let (mut lost, mut windows) = (0, 0);
    for _ in 0..rounds {
        let standby = scene.primary.standby("successor");
        let epoch = scene.epoch().await;
        let lag = async |standby: &OwnPostgres| {
            standby.execute(&["ALTER SYSTEM SET primary_conninfo = ''", "SELECT pg_reload_conf()"]).await;
            tokio::time::sleep(TRAFFIC).await;
        };
        let mut posters = scene.round(standby, lag).await;
        let (stored, version) = scene.cluster.stored().await;
        assert_eq!(stored.len() as u64, version, "no holes, nothing twice");
        for poster in &mut posters {
            poster.reconnect().await;
            poster.client.catch_up(version).await;
            agree(&mut poster.client).await;
            assert_ne!(poster.client.conversation.cursor().epoch, epoch, "a new incarnation has a new epoch");
            let is_gone = |id| !stored.iter().any(|post| post.id == id);
            let gone: std::collections::HashSet<_> = received(&poster.client).map(|message| message.id).collect();
            lost += gone.into_iter().filter(|id| is_gone(*id)).count();
            windows += 1;
        }
    }
    assert!(lost > 0, "the standby lagged");
    scene.cluster.command(&["check"]);
    row(
        &format!("failover to a lagging standby under posts, {rounds} times"),
        "every window equals a fresh snapshot; a new epoch",
        &format!("{windows} windows equal; they had received {lost} messages that the standby did not have"),
    );
}
