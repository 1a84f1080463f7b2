//! What windows received, beside what is stored.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use protocol::{
    ids::MessageId,
    message::Message,
    room_socket::{RoomCommand, RoomEvent},
};

use crate::{
    cluster::{
        harness::{Cluster, StoredPost},
        posting_client::PostingClient,
    },
    resuming_client::ResumingClient,
    torture::random_actions::window_difference,
};

/// Presence of a node that died counts for fifteen seconds.
const AGREED: Duration = Duration::from_secs(25);

/// The sums of a test in which everybody only posted.
#[derive(Default)]
pub(crate) struct PostTally {
    pub(crate) sent: usize,
    pub(crate) acknowledged: usize,
    pub(crate) stored: usize,
}

impl PostTally {
    /// Brings all posters up to date, and compares: every message that any window received is stored once, at the seq
    /// that the window received; the versions have no hole; each window equals a fresh one.
    pub(crate) async fn of(cluster: &Cluster, posters: &mut [PostingClient]) -> Self {
        let (stored, version) = cluster.stored().await;
        let by_id: HashMap<MessageId, &StoredPost> = stored.iter().map(|post| (post.id, post)).collect();
        assert_eq!(by_id.len(), stored.len(), "nothing stored twice");
        let seqs: Vec<u64> = stored.iter().map(|post| post.seq).collect();
        assert_eq!(seqs, (1..=version).collect::<Vec<_>>(), "no holes");
        let mut tally = Self { stored: stored.len(), ..Self::default() };
        for poster in posters.iter_mut() {
            poster.reconnect().await;
            poster.client.catch_up(version).await;
            for message in received(&poster.client) {
                let post = by_id.get(&message.id).copied();
                let is_stored = post.is_some_and(|post| (post.seq, &post.body) == (message.seq, &message.body));
                assert!(is_stored, "received and not stored: {message:?}, {post:?}");
            }
            tally.sent += poster.posts;
            tally.acknowledged += poster.waits.len();
        }
        for poster in posters {
            agree(&mut poster.client).await;
            assert_eq!(poster.client.stale, Vec::<String>::new(), "nothing arrives twice or too late");
        }
        tally
    }
}

impl std::fmt::Display for PostTally {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { sent, acknowledged, stored } = self;
        write!(formatter, "{sent} sent, {acknowledged} acknowledged, {stored} stored; lost 0, twice 0, holes 0")
    }
}

/// Every message that a window ever received.
pub(crate) fn received(client: &ResumingClient) -> impl Iterator<Item = &Message> {
    client.received.iter().flat_map(|event| match event {
        RoomEvent::Message { message, .. } => std::slice::from_ref(message),
        RoomEvent::Welcome(snapshot) => &snapshot.messages,
        RoomEvent::Resumed(delta) => &delta.messages,
        _ => &[],
    })
}

/// The posts that a window received one by one, without a snapshot or a delta.
pub(crate) fn received_live(client: &ResumingClient) -> Vec<u64> {
    let live =
        |event: &RoomEvent| if let RoomEvent::Message { message, .. } = event { Some(message.seq) } else { None };
    client.received.iter().filter_map(live).collect()
}

/// Applies events until the window equals a fresh one.
pub(crate) async fn agree(client: &mut ResumingClient) {
    let begun = Instant::now();
    loop {
        client.connect().await;
        // A fresh window begins at the first unread message.
        if let Some(seq) = client.conversation.unread() {
            client.send(&RoomCommand::Read { seq }).await;
            client.step(Duration::from_millis(100)).await;
            continue;
        }
        let mut fresh = ResumingClient::new(&client.person, client.room);
        fresh.connect().await;
        let Some(difference) = window_difference(&client.conversation, &fresh.conversation) else { return };
        assert!(begun.elapsed() < AGREED, "{difference}");
        while client.step(Duration::from_millis(100)).await {}
    }
}
