//! When frames may be missing: a server that dies, that is silent, a node that is slow.

use std::{
    thread,
    time::{Duration, Instant},
};

use server::bus::{BusAccess, BusEvent, NotPublished};
use tokio::{runtime::Builder, time::sleep};

use crate::{
    nats_server::{NatsServer, free_port},
    node::{BusNode, SECRET, until},
};

#[tokio::test]
async fn a_bus_that_is_down_at_the_start_is_used_when_it_is_there() {
    let mut server = NatsServer::stopped(free_port(), "");
    let begin = async || BusNode::begin(&server.url(), &BusAccess::default(), SECRET).await;
    let (a, mut b) = (begin().await, begin().await);
    assert_eq!(a.bus.publish(b"lost"), Err(NotPublished::Disconnected));
    assert!(!b.bus.is_connected() && b.events.try_recv().is_err());
    server.restart();
    b.interruption().await;
    a.is_connected(true).await;
    a.reach(&mut b, b"hello").await;
    assert_eq!(a.bus.counts().dropped, 1);
}

#[tokio::test]
async fn a_killed_server_is_an_interruption_at_its_end_and_at_its_return() {
    let mut server = NatsServer::start("");
    let (mut a, mut b) = (BusNode::of(&server).await, BusNode::of(&server).await);
    a.meet(&mut b).await;
    // Past the second interruption of the beginning.
    sleep(Duration::from_millis(1_200)).await;
    b.forget();
    server.kill();
    b.interruption().await;
    a.is_connected(false).await;
    assert_eq!(a.bus.publish(b"lost"), Err(NotPublished::Disconnected));
    sleep(Duration::from_millis(1_200)).await;
    b.forget();
    server.restart();
    b.interruption().await;
    b.is_connected(true).await;
    b.interruption().await;
    a.meet(&mut b).await;
}

#[tokio::test]
async fn a_cluster_with_one_server_left_goes_on() {
    let (routes, other_routes) = (free_port(), free_port());
    let cluster = |own: u16, other: u16| {
        format!("cluster: {{ name: daehwa, listen: \"127.0.0.1:{own}\", routes: [\"nats://127.0.0.1:{other}\"] }}")
    };
    let mut one = NatsServer::start(&cluster(routes, other_routes));
    let two = NatsServer::start(&cluster(other_routes, routes));
    let (mut a, mut b) = (BusNode::of(&one).await, BusNode::of(&two).await);
    a.meet(&mut b).await;
    let both = format!("{},{}", one.url(), two.url());
    let mut c = BusNode::with(&both, &BusAccess::default(), SECRET).await;
    let mut d = BusNode::with(&both, &BusAccess::default(), SECRET).await;
    c.meet(&mut d).await;
    a.is_connected(true).await;
    one.kill();
    a.is_connected(false).await;
    c.meet(&mut d).await;
    c.reach(&mut b, b"still there").await;
    sleep(Duration::from_millis(500)).await;
    assert!(!a.bus.is_connected(), "the cluster announced the other server, but the settings do not name it");
    one.restart();
    a.meet(&mut b).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_consumer_receives_an_interruption_and_nobody_waits() {
    const FRAMES: u32 = 20_000;
    let server = NatsServer::start("");
    let (mut a, mut b) = (BusNode::of(&server).await, BusNode::of(&server).await);
    a.meet(&mut b).await;
    sleep(Duration::from_millis(1_200)).await;
    b.forget();
    for number in 0..FRAMES {
        // The other queue, of what is on its way to the server, may be full meanwhile.
        until("space", async || a.bus.publish(&number.to_be_bytes()) != Err(NotPublished::Full)).await;
    }
    until("the last frame", async || {
        let counts = b.bus.counts();
        counts.missed > 0 && counts.received + counts.missed >= u64::from(FRAMES)
    })
    .await;
    let mut frames = 0u32;
    while let BusEvent::Frame(frame) = b.event().await {
        assert_eq!(frame, frames.to_be_bytes()[..], "without a gap until the interruption");
        frames += 1;
    }
    assert!(frames <= 1_024, "{frames} frames were kept");
    a.reach(&mut b, b"later").await;
}

#[tokio::test]
async fn what_async_nats_drops_is_an_interruption() {
    const FRAMES: u32 = 60_000;
    let server = NatsServer::start("");
    let mut b = BusNode::of(&server).await;
    BusNode::of(&server).await.reach(&mut b, b"hello").await;
    sleep(Duration::from_millis(1_200)).await;
    b.forget();
    // This thread, which runs all tasks of the node, is held up meanwhile; then all frames are there at once.
    thread::scope(|threads| {
        threads.spawn(|| publish_from_another_runtime(&server, FRAMES));
    });
    b.interruption().await;
    assert!(b.bus.counts().missed > 0);
}

fn publish_from_another_runtime(server: &NatsServer, frames: u32) {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let a = BusNode::of(server).await;
        for number in 0..frames {
            until("space", async || a.bus.publish(&number.to_be_bytes()) != Err(NotPublished::Full)).await;
        }
        // Until its last frames have left.
        sleep(Duration::from_millis(300)).await;
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_server_is_left_and_makes_nobody_wait() {
    let server = NatsServer::start("");
    let (mut a, mut b) = (BusNode::of(&server).await, BusNode::of(&server).await);
    a.meet(&mut b).await;
    server.pause();
    let begin = Instant::now();
    let full = (0..20_000).filter(|_| a.bus.publish(&[1; 600]) == Err(NotPublished::Full)).count();
    assert!(full > 0 && begin.elapsed() < Duration::from_secs(5), "{full} in {:?}", begin.elapsed());
    a.is_connected(false).await;
    assert_eq!(a.bus.publish(b"lost"), Err(NotPublished::Disconnected));
    b.is_connected(false).await;
    server.resume();
    a.meet(&mut b).await;
}
