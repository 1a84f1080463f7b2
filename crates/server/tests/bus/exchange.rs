//! Which frames a node receives.

use async_nats::{Client, Message, Subscriber};
use bytes::Bytes;
use futures::StreamExt;
use server::bus::{BusAccess, BusEvent, NotPublished};

use crate::{
    nats_server::NatsServer,
    node::{BusNode, CLUSTER, SECRET, until, within},
};

/// Somebody on the bus without the key.
struct Stranger {
    client: Client,
    received: Subscriber,
}

impl Stranger {
    async fn at(server: &NatsServer) -> Self {
        let client = async_nats::connect(server.url()).await.unwrap();
        let received = client.subscribe("dh.>").await.unwrap();
        // The answer, that nobody is there, comes after the subscription.
        client.request("nobody", Bytes::new()).await.unwrap_err();
        Self { client, received }
    }

    /// A frame of this content as it is on the bus.
    async fn catch(&mut self, node: &BusNode, content: &[u8]) -> Message {
        node.bus.publish(content).unwrap();
        within("a frame on the bus", self.received.next()).await.unwrap()
    }

    async fn publish(&self, subject: &str, frame: impl Into<Bytes>) {
        self.client.publish(subject.to_owned(), frame.into()).await.unwrap();
        self.client.flush().await.unwrap();
    }
}

#[tokio::test]
async fn nodes_hear_each_other_in_order_and_never_themselves() {
    let server = NatsServer::start("");
    let (mut a, mut b) = (BusNode::of(&server).await, BusNode::of(&server).await);
    a.meet(&mut b).await;
    // More than a task of tokio may do in one go.
    for number in 0..500u16 {
        a.bus.publish(&number.to_be_bytes()).unwrap();
    }
    for number in 0..500u16 {
        assert_eq!(b.frame().await, number.to_be_bytes()[..]);
    }
    b.bus.publish(b"from b").unwrap();
    assert_eq!(a.frame().await, b"from b"[..], "before it nothing of its own");
    assert_eq!((b.bus.counts().forged, b.bus.counts().missed, a.bus.counts().dropped), (0, 0, 0));
}

#[tokio::test]
async fn a_frame_under_another_key_is_ignored() {
    let server = NatsServer::start("");
    let (a, mut b) = (BusNode::of(&server).await, BusNode::of(&server).await);
    let other = BusNode::with(&server.url(), &BusAccess::default(), [8; 32]).await;
    until("the frame of the other key", async || {
        other.bus.publish(b"made up").unwrap();
        b.bus.counts().forged > 0
    })
    .await;
    a.reach(&mut b, b"true").await;
    b.forget();
    assert_eq!(b.bus.counts().unknown, 0);
}

#[tokio::test]
async fn a_frame_that_was_changed_or_moved_is_ignored() {
    let server = NatsServer::start("");
    let (mut a, mut b) = (BusNode::of(&server).await, BusNode::of(&server).await);
    a.meet(&mut b).await;
    let mut stranger = Stranger::at(&server).await;
    let caught = stranger.catch(&a, b"lunch at noon").await;
    assert_eq!(caught.subject.as_str(), format!("dh.{CLUSTER}.frame"));
    assert!(!caught.payload.windows(5).any(|part| part == b"lunch"), "nobody else can read it");
    assert_eq!(b.frame().await, b"lunch at noon"[..]);
    let mut changed = caught.payload.to_vec();
    *changed.last_mut().unwrap() ^= 1;
    stranger.publish(&caught.subject, changed).await;
    stranger.publish(&format!("dh.{CLUSTER}.other"), caught.payload.clone()).await;
    stranger.publish(&caught.subject, caught.payload.slice(..10)).await;
    until("three refusals", async || b.bus.counts().forged == 3).await;
    a.bus.publish(b"next").unwrap();
    assert_eq!(b.frame().await, b"next"[..]);
}

#[tokio::test]
async fn a_frame_of_another_version_is_a_hint() {
    let server = NatsServer::start("");
    let (mut a, mut b) = (BusNode::of(&server).await, BusNode::of(&server).await);
    a.meet(&mut b).await;
    let mut stranger = Stranger::at(&server).await;
    let mut later = stranger.catch(&a, b"content").await.payload.to_vec();
    later[0] += 1;
    b.forget();
    stranger.publish(&format!("dh.{CLUSTER}.frame"), later).await;
    while b.event().await != BusEvent::Unknown {}
    assert_eq!(b.bus.counts().unknown, 1);
}

#[tokio::test]
async fn what_is_too_large_is_refused_and_the_bus_goes_on() {
    let server = NatsServer::start("max_payload: 1KB");
    let (mut a, mut b) = (BusNode::of(&server).await, BusNode::of(&server).await);
    a.meet(&mut b).await;
    assert_eq!(a.bus.publish(&[1; 1_024]), Err(NotPublished::TooLarge));
    assert_eq!(a.bus.publish(&[1; 1_024 - 40]), Err(NotPublished::TooLarge), "the frame adds 41 bytes");
    a.bus.publish(&[1; 1_024 - 41]).unwrap();
    assert_eq!(b.frame().await.len(), 1_024 - 41);
    assert!(a.bus.is_connected(), "the server closes the connection of who sends more");
    let wide = NatsServer::start("max_payload: 4MB");
    let c = BusNode::with(&wide.url(), &BusAccess::default(), SECRET).await;
    assert_eq!(c.bus.publish(&vec![1; 256 * 1_024]), Err(NotPublished::TooLarge));
    assert_eq!(c.bus.publish(&vec![1; 64 * 1_024]), Err(NotPublished::TooLarge));
    c.bus.publish(&vec![1; 60 * 1_024]).unwrap();
}
