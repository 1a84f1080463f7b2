//! Gaps between the changes of two nodes: what is small stays small, a burst closes no window, and nobody misses that they
//! were removed.

use std::{collections::BTreeSet, time::Instant};

use client::state::conversation::Conversation;
use futures::future::try_join_all;
use protocol::{
    ids::{MessageId, RoomId, UserId},
    lobby_socket::LobbyEvent,
    room_socket::{Post, RoomCommand},
};

use crate::{
    counting_window::CountingWindow,
    nodes::Two,
    stage::{PASSWORD, actor, snapshot, unlimited},
};

/// Members of a group who react, half of them on either node.
const CROWD: usize = 60;
/// Reactions up to which each is sent with its whole message.
const WHOLE: usize = 24;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reactions_and_confirmations_of_a_crowd_reach_the_other_node_one_by_one() {
    let two = Two::with(unlimited()).await;
    let mut crowd: Vec<UserId> = Vec::new();
    for number in 0..CROWD {
        let login = format!("p{number}");
        crowd.push(two.nodes[0].messenger.accounts().add(&login, "사람", PASSWORD, false).await.unwrap());
    }
    let members = crowd.iter().copied().chain([two.younghee.id]).collect();
    let room = two.nodes[0].messenger.rooms().open_group(two.minsu.actor(), members, None).await.unwrap();
    let asking = Post { asks_confirmation: true, ..Post::new(MessageId::new(), "내일은 쉽니다") };
    let id = asking.id;
    two.nodes[0].messenger.messages().post(two.minsu.actor(), room, asking).await.unwrap();
    let mut windows = [CountingWindow::open(&two.minsu, room).await, CountingWindow::open(&two.younghee, room).await];

    let react = async |node: usize, crowd: &[UserId]| {
        for user in crowd.iter().skip(node).step_by(2) {
            two.nodes[node].messenger.messages().react(actor(*user), room, id, "👍", true).await.unwrap();
        }
    };
    // So many that each further one is sent alone.
    react(0, &crowd[..WHOLE]).await;
    react(1, &crowd[..WHOLE]).await;
    let seq = follow(&two, room, &mut windows).await;
    let (before, begun) = (windows.each_ref().map(|window| window.whole), Instant::now());
    tokio::join!(react(0, &crowd[WHOLE..]), react(1, &crowd[WHOLE..]));
    follow(&two, room, &mut windows).await;
    for (window, before) in windows.iter().zip(before) {
        assert_eq!(window.messages[&seq].reactions[0].users.iter().collect::<BTreeSet<_>>().len(), CROWD);
        assert!(window.whole - before <= most(begun), "{} messages for reactions", window.whole - before);
    }

    let confirm = async |node: usize| {
        for user in crowd.iter().skip(node).step_by(2) {
            two.nodes[node].messenger.messages().confirm(actor(*user), room, id).await.unwrap();
        }
    };
    let (before, begun) = (windows[1].whole, Instant::now());
    tokio::join!(confirm(0), confirm(1));
    follow(&two, room, &mut windows).await;
    assert!(windows[1].whole - before <= most(begun), "{} messages for confirmations", windows[1].whole - before);
}

/// Whole messages in this time, at most: the last post, and one for each gap that the feed does not close in time.
fn most(begun: Instant) -> usize {
    3 + begun.elapsed().as_millis() as usize / 150
}

/// Posts, and applies everything up to that post; returns the `seq` of the first message.
async fn follow(two: &Two, room: RoomId, windows: &mut [CountingWindow; 2]) -> u64 {
    let last = two.nodes[1].post(&two.younghee, room, "고맙습니다").await;
    let stored = two.minsu.chat(room).await.welcome().await.messages;
    let version = stored.iter().find(|message| message.id == last).unwrap().version;
    for window in windows {
        window.until(version).await;
    }
    stored.iter().find(|message| message.confirmations.is_some()).unwrap().seq
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_burst_of_another_node_closes_no_window() {
    const BURST: usize = 300;
    let two = Two::with(unlimited()).await;
    let mut other = two.younghee.chat(two.room).await;
    other.welcome().await;
    let messages = two.nodes[0].messenger.messages();
    let post =
        |number: usize| messages.post(two.minsu.actor(), two.room, Post::new(MessageId::new(), format!("{number}")));
    try_join_all((0..BURST).map(post)).await.unwrap();
    for version in 1..=BURST as u64 {
        let (message, cursor) = other.message().await;
        assert_eq!((message.seq, cursor.version), (version, version), "in their order, on one connection");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_removed_member_loses_the_room_although_a_window_opens_at_that_moment() {
    let two = Two::with(unlimited()).await;
    let observer = two.nodes[1].moved(&two.nodes[0].person("observer", "보는이").await);
    let mut list = two.younghee.lobby().await;
    list.lobby_event(snapshot).await;
    for _ in 0..5 {
        let members = vec![two.younghee.id, observer.id];
        let room = two.nodes[0].messenger.rooms().open_group(two.minsu.actor(), members, None).await.unwrap();
        let listed = |event| match event {
            LobbyEvent::RoomChanged { room: of } => (of.id == room).then_some(()),
            _ => None,
        };
        list.lobby_event(listed).await;
        two.nodes[0].messenger.rooms().remove(two.minsu.actor(), room, two.younghee.id).await.unwrap();
        // Its snapshot has the removal, before this node has read it in the feed.
        let _window = observer.chat(room).await;
        let gone = |event| match event {
            LobbyEvent::RoomGone { room: of, .. } => (of == room).then_some(()),
            _ => None,
        };
        list.lobby_event(gone).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_reply_to_a_repeated_command_is_not_ahead_of_what_its_window_received() {
    let two = Two::with(unlimited()).await;
    let elsewhere = two.nodes[1].moved(&two.minsu);
    let mut socket = elsewhere.chat(two.room).await;
    let mut window = Conversation::new(two.minsu.id, socket.welcome().await);
    for round in 0..5 {
        let (id, body) = (two.nodes[0].post(&two.minsu, two.room, "세 시예요").await, format!("네 시예요 {round}"));
        while window.message(id).is_none() {
            window.apply(socket.chat_event(Some).await, 0);
        }
        two.nodes[0].post(&two.younghee, two.room, "몇 시요?").await;
        let messages = two.nodes[0].messenger.messages();
        messages.edit(two.minsu.actor(), two.room, id, body.clone().into()).await.unwrap();
        // Its answer was lost, and the client is connected to the other node now, which has not read the feed yet.
        socket.command(&RoomCommand::Edit { id, body: body.clone(), mentions: None }).await;
        while window.cursor().version < 3 * (round + 1) {
            window.apply(socket.chat_event(Some).await, 0);
            assert!(!window.needs_resync(), "a gap in round {round}");
        }
        assert_eq!(window.message(id).unwrap().body, body);
    }
}
