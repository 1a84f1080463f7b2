//! Nodes with a bus: it hastens what the feed tells, and nothing depends on it.

use std::time::{Duration, Instant};

use protocol::ids::RoomId;
use server::{
    bus::{BusAccess, BusConfig},
    model::{BusFault, DatabaseUrl, Fault, StorePlace},
};

use crate::{
    cluster::histories,
    nats_server::NatsServer,
    stage::{Person, Socket, Stage},
    test_server::TestServer,
};

/// Posts in each measurement.
const POSTS: usize = 20;

/// Connects a node to a bus.
pub(crate) async fn join(stage: &Stage, database: &DatabaseUrl, bus: &NatsServer) -> Result<(), Fault> {
    let config = BusConfig::read(&bus.url().parse().unwrap(), &BusAccess::default()).unwrap();
    let place = StorePlace { directory: stage.data.path().to_owned(), database: Some(database.clone()) };
    stage.messenger.join_bus(&place, &config).await
}

/// The mean time from a post on one node to the window on the other.
async fn delay(from: (&Stage, &Person), room: RoomId, window: &mut Socket) -> Duration {
    let mut total = Duration::ZERO;
    for number in 0..POSTS {
        // Not in step with the polls.
        tokio::time::sleep(Duration::from_millis(37)).await;
        let begun = Instant::now();
        from.0.post(from.1, room, &format!("글 {number}")).await;
        assert_eq!(window.message().await.0.body, format!("글 {number}"));
        total += begun.elapsed();
    }
    total / POSTS as u32
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bus_hastens_the_feed_and_its_death_costs_a_poll() {
    let (database, mut bus) = (TestServer::get().new_database(), NatsServer::start(""));
    let nodes = [Stage::node(&database).await, Stage::node(&database).await];
    let (minsu, younghee, room) = nodes[0].pair().await;
    let mut window = nodes[1].moved(&younghee).chat(room).await;
    for node in &nodes {
        join(node, &database, &bus).await.unwrap();
    }
    let polled = Duration::from_millis(35);
    let mut fastest = Duration::MAX;
    // A machine that does something else may take longer now and then.
    for _ in 0..10 {
        fastest = fastest.min(delay((&nodes[0], &minsu), room, &mut window).await);
        if fastest < polled {
            break;
        }
    }
    assert!(fastest < polled, "with the bus {fastest:?}; a poll takes 50 ms in the mean");
    bus.kill();
    delay((&nodes[0], &minsu), room, &mut window).await;
    bus.restart();
    delay((&nodes[0], &minsu), room, &mut window).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bus_without_a_shared_database_is_refused() {
    let (stage, bus) = (Stage::new().await, NatsServer::stopped(1, ""));
    let database = "postgres://127.0.0.1/none".parse().unwrap();
    if stage.messenger.policy().database.is_none() {
        assert!(matches!(join(&stage, &database, &bus).await, Err(Fault::Bus(BusFault::NoDatabase))));
    }
}

/// `make cluster` runs the long form.
#[test]
fn random_histories_over_a_bus_that_lies_leave_every_window_equal_to_a_fresh_snapshot() {
    histories::run_over_lies(2, 4, 30);
}
