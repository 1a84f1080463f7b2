//! Attempts, which the nodes of a shared database count together.

use std::time::Duration;

use server::{
    model::{AttemptBucket, AttemptKey, DatabaseUrl, OpenMode, SignInBuckets, SignInCharge, SignInTaken},
    store::Store,
    supervisor::Supervisor,
};
use tempfile::TempDir;

use crate::{
    fixture::{Fixture, Sqlite},
    test_server::TestServer,
};

const LONGEST: Duration = Duration::from_secs(8);
const DAY: Duration = Duration::from_secs(86_400);

/// A database with two nodes.
struct NodePair {
    url: DatabaseUrl,
    nodes: [Store; 2],
    _directory: TempDir,
}

impl NodePair {
    async fn new() -> Self {
        let (url, directory) = (TestServer::get().new_database(), tempfile::tempdir().unwrap());
        let open =
            async || Store::open_shared(directory.path(), &url, OpenMode::Add, &Supervisor::default()).await.unwrap().0;
        let nodes = [open().await, open().await];
        Self { url, nodes, _directory: directory }
    }

    /// How many of `count` attempts are free at once, by turns at both nodes.
    async fn free(&self, count: usize, of: impl Fn(usize) -> SignInBuckets) -> usize {
        let mut free = 0;
        for number in 0..count {
            let taken = self.nodes[number % 2].take_sign_in(of(number), Duration::ZERO).await.unwrap();
            free += usize::from(taken.wait == Some(Duration::ZERO));
        }
        free
    }

    async fn take(&self, of: SignInBuckets) -> SignInTaken {
        self.nodes[1].take_sign_in(of, LONGEST).await.unwrap()
    }

    fn sql(&self, sql: &str) {
        TestServer::get().execute(self.url.secret(), sql);
    }

    async fn close(self) {
        for node in self.nodes {
            node.close().await;
        }
    }
}

fn bucket(name: &str, per_minute: u32) -> AttemptBucket {
    let mut key = [0; 16];
    key[..name.len()].copy_from_slice(name.as_bytes());
    AttemptBucket { key: AttemptKey(key), per_minute }
}

/// Ten a minute of a login from a network.
fn of(login: &str, network: &str) -> SignInBuckets {
    SignInBuckets {
        pair: bucket(&format!("{login} {network}"), 10),
        network: bucket(network, 40),
        login: Some(bucket(login, 50)),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_count_a_login_from_a_network_together_and_let_one_attempt_wait() {
    let pair = NodePair::new().await;
    assert_eq!(pair.free(30, |_| of("minsu", "net")).await, 10);
    let wait = pair.take(of("minsu", "net")).await.wait.expect("it may wait");
    assert!(wait > Duration::ZERO && wait <= Duration::from_secs(6), "{wait:?}");
    assert_eq!(pair.take(of("minsu", "net")).await.wait, None, "the next would wait too long");
    assert_eq!(pair.free(1, |_| of("minsu", "elsewhere")).await, 1);
    pair.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_count_a_network_and_a_login_together() {
    let pair = NodePair::new().await;
    assert_eq!(pair.free(100, |number| of(&format!("u{number}"), "net")).await, 40);
    let taken = pair.take(of("jiwoo", "net")).await;
    assert_eq!(taken, SignInTaken { is_known: false, network_may: false, wait: None });
    assert_eq!(pair.free(100, |number| of("minsu", &format!("n{number}"))).await, 50);
    let taken = pair.take(of("minsu", "another")).await;
    assert_eq!(taken, SignInTaken { is_known: false, network_may: true, wait: None });
    pair.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attempts_that_an_empty_bucket_refuses_cost_nothing() {
    let pair = NodePair::new().await;
    // The network is empty, the logins are not charged.
    assert_eq!(pair.free(100, |number| of(&format!("u{}", number % 50), "net")).await, 40);
    assert_eq!(pair.free(10, |_| of("u45", "other")).await, 10);
    let single = bucket("registration", 3);
    let mut free = 0;
    for number in 0..10 {
        free += usize::from(pair.nodes[number % 2].take_attempt(single).await.unwrap());
    }
    assert_eq!(free, 3);
    pair.nodes[0].refund_attempt(single).await.unwrap();
    assert!(pair.nodes[1].take_attempt(single).await.unwrap(), "at once");
    assert!(!pair.nodes[1].take_attempt(single).await.unwrap());
    pair.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_right_password_is_free_and_makes_the_network_known_at_every_node() {
    let pair = NodePair::new().await;
    let own = of("own", "net");
    for number in 0..100 {
        let [one, other] = [0, 1].map(|node| &pair.nodes[(number + node) % 2]);
        let taken = one.take_sign_in(own, Duration::ZERO).await.unwrap();
        assert_eq!(taken.wait, Some(Duration::ZERO), "{number}");
        let charged = if taken.is_known { SignInCharge::Pair } else { SignInCharge::All };
        other.refund_sign_in(own, charged, DAY).await.unwrap();
    }
    assert_eq!(pair.free(100, |number| of(&format!("u{number}"), "net")).await, 40, "it bought no attempts");
    assert!(pair.take(own).await.is_known, "others' attempts there do not concern it");
    pair.nodes[0].refund_sign_in(of("minsu", "net"), SignInCharge::None, DAY).await.unwrap();
    assert_eq!(pair.free(20, |_| of("minsu", "net")).await, 10, "a sign-in on a known device refunds nothing");
    pair.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attempts_at_one_moment_are_counted_one_by_one() {
    let pair = NodePair::new().await;
    let taking = (0..60).map(|number| pair.nodes[number % 2].take_sign_in(of("minsu", "net"), Duration::ZERO));
    let taken = futures::future::try_join_all(taking).await.unwrap();
    assert_eq!(taken.iter().filter(|taken| taken.wait.is_some()).count(), 10);
    pair.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_end_with_their_minute_and_a_clock_that_was_set_back_locks_nobody_out() {
    let pair = NodePair::new().await;
    pair.free(20, |_| of("minsu", "net")).await;
    pair.nodes[0].refund_sign_in(of("known", "net"), SignInCharge::None, DAY).await.unwrap();
    // An hour earlier than before.
    pair.sql("UPDATE attempts SET full_at = full_at + 3600000000");
    assert_eq!(pair.free(20, |_| of("minsu", "net")).await, 10);
    pair.sql("UPDATE attempts SET full_at = full_at - 120000000");
    pair.nodes[0].sweep_attempts().await.unwrap();
    pair.sql("DO $$ BEGIN ASSERT (SELECT count(*) FROM attempts) = 1; END $$");
    assert!(pair.take(of("known", "net")).await.is_known, "that is remembered for a day");
    pair.close().await;
}

#[tokio::test]
async fn a_data_directory_counts_no_attempts() {
    let fixture = Fixture::empty::<Sqlite>().await;
    assert!(fixture.store.take_attempt(bucket("registration", 3)).await.is_err());
}
