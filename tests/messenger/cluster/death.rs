//! kill -9 of a node under traffic: nothing acknowledged is lost, its windows are back at another node at once, and its
//! users are offline for everybody if they stay away.

use std::time::{Duration, Instant};

use protocol::{lobby_socket::LobbyEvent, user::Presence};
use tokio::time::timeout;

use crate::{
    cluster::{
        harness::Cluster,
        is_asked,
        ledger::PostTally,
        posting_client::{PostingClient, Stop},
        rounds,
    },
    stage::{Person, Socket},
    test_server::TestServer,
    torture::row,
};

const RETURN: Duration = Duration::from_secs(3);
const OFFLINE: Duration = Duration::from_secs(17);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_node_loses_nothing_and_its_windows_are_back_at_another_one() {
    if !is_asked() {
        return;
    }
    let rounds = rounds(30);
    let mut cluster = Cluster::of(TestServer::get().new_database(), 3).await;
    let stop = Stop::default();
    let window = |(who, node)| {
        tokio::spawn(cluster.posting_client(who, node).post_until_stopped(Duration::from_millis(25), stop.clone()))
    };
    let posting: Vec<_> = [(0, 0), (1, 0), (0, 1), (1, 1), (0, 2), (1, 2)].into_iter().map(window).collect();
    for round in 0..rounds {
        tokio::time::sleep(Duration::from_millis(600 + 37 * (round as u64 % 7))).await;
        cluster.kill(round % 3);
        tokio::time::sleep(Duration::from_millis(600)).await;
        cluster.restart(round % 3);
    }
    stop.now();
    let mut posters: Vec<PostingClient> = Vec::new();
    for task in posting {
        posters.push(task.await.unwrap());
    }
    let tally = PostTally::of(&cluster, &mut posters).await;
    assert!(tally.acknowledged > rounds * 30, "there was traffic: {}", tally.acknowledged);
    let slowest = posters.iter().map(|poster| poster.slowest_return).max().unwrap();
    assert!(slowest < RETURN, "back after {slowest:?}");
    drop(posters);
    let offline = presence_after_a_kill(&mut cluster).await;
    cluster.command(&["check"]);
    row(
        &format!("kill -9 of one of three nodes under traffic, {rounds} rounds"),
        "acknowledged and lost 0, stored twice 0, holes 0; windows back within 3 s; who stays away is offline within 17 s",
        &format!("{tally}; back after {:.2} s at most; offline after {offline:.1} s", slowest.as_secs_f64()),
    );
}

/// Kills two nodes: from the first one a user moves to another node and stays online, from the second one they do not.
/// How long they were still shown, in seconds.
async fn presence_after_a_kill(cluster: &mut Cluster) -> f64 {
    let mut list = cluster.person(0, 0).lobby().await;
    let younghee = cluster.person(1, 1);
    let _there = younghee.lobby().await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    cluster.kill(1);
    let _elsewhere = cluster.person(1, 2).lobby().await;
    let offline = hears_offline(&mut list, &younghee, OFFLINE).await;
    assert_eq!(offline, None, "a user who is back is not shown offline");
    cluster.kill(2);
    let offline = hears_offline(&mut list, &younghee, OFFLINE).await.expect("offline in time");
    (1..3).for_each(|node| cluster.restart(node));
    offline.as_secs_f64()
}

async fn hears_offline(list: &mut Socket, person: &Person, within: Duration) -> Option<Duration> {
    let begun = Instant::now();
    let is_offline = |event| match event {
        LobbyEvent::UsersChanged { users, .. } => {
            users.iter().any(|user| user.id == person.id && user.presence == Presence::Offline).then_some(())
        }
        _ => None,
    };
    timeout(within, list.lobby_event(is_offline)).await.ok().map(|()| begun.elapsed())
}
