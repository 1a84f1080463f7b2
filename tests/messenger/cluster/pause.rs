//! A node stops for half a minute amid posts to one room: the others go on, and afterwards it broadcasts nothing stale.

use std::time::Duration;

use protocol::room_socket::RoomCommand;

use crate::{
    cluster::{
        gate::{Gate, Loss},
        harness::Cluster,
        is_asked,
        ledger::{PostTally, received_live},
        own_postgres::OwnPostgres,
        posting_client::{PostingClient, Stop},
        rounds,
    },
    nats_server::NatsServer,
    torture::row,
};

const PAUSE: Duration = Duration::from_secs(30);
const POSTED: Duration = Duration::from_secs(3);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_stops_for_a_while_delays_nobody_and_tells_nothing_stale() {
    if !is_asked() {
        return;
    }
    let rounds = rounds(2);
    let postgres = OwnPostgres::start();
    let gate = Gate::start(postgres.folder());
    let bus = NatsServer::start("");
    let urls = vec![gate.url(), postgres.url(), postgres.url()];
    let cluster = Cluster::start_with(postgres.url(), urls, vec![("DAEHWA_BUS", bus.url())]).await;
    let (mut slowest, mut all) = (Duration::ZERO, Vec::new());
    for round in 0..rounds {
        let (posters, waited) = pause(&cluster, &gate, round % 2 == 0).await;
        slowest = slowest.max(waited);
        all.extend(posters);
    }
    let tally = PostTally::of(&cluster, &mut all).await;
    cluster.command(&["check"]);
    row(
        &format!(
            "SIGSTOP of a node for {} s amid posts to one room, with NATS, {rounds} rounds, every second one inside a transaction",
            PAUSE.as_secs()
        ),
        "posts at the others acknowledged within 3 s; afterwards nothing stale at its windows",
        &format!("{tally}; slowest post {:.2} s; stale 0", slowest.as_secs_f64()),
    );
}

/// Stops a node, in every second round between two statements of a transaction that holds the room.
async fn pause(cluster: &Cluster, gate: &Gate, in_transaction: bool) -> (Vec<PostingClient>, Duration) {
    let (stop, rest) = (Stop::default(), Duration::from_millis(40));
    let others = [cluster.posting_client(0, 1), cluster.posting_client(1, 2)].map(|poster| {
        let poster = poster.at_one_node();
        tokio::spawn(poster.post_until_stopped(rest, stop.clone()))
    });
    let mut stopped = cluster.posting_client(1, 0).at_one_node();
    stopped.reconnect().await;
    stopped.apply_events(Duration::from_secs(1)).await;
    let quiet = cluster.open_group().await;
    let mut quiet_window = cluster.person(1, 0).chat(quiet).await;
    if in_transaction {
        hold_the_room(gate, &mut stopped).await;
    }
    cluster.server(0).signal("-STOP");
    tokio::time::sleep(PAUSE / 3).await;
    let mut typist = cluster.person(0, 1).chat(quiet).await;
    typist.command(&RoomCommand::Typing).await;
    tokio::time::sleep(PAUSE * 2 / 3).await;
    gate.set_silent(false);
    cluster.server(0).signal("-CONT");
    stopped.apply_events(Duration::from_secs(3)).await;
    let frames = quiet_window.rest().await.concat();
    assert!(!frames.contains("typing"), "an indicator of half a minute ago: {frames}");
    stop.now();
    let mut posters = Vec::new();
    for posting in others {
        posters.push(posting.await.unwrap());
    }
    stopped.finish().await;
    let slowest = posters.iter().map(PostingClient::slowest_post).max().unwrap();
    assert!(slowest < POSTED, "a post waited {slowest:?}");
    assert!(posters.iter().all(|poster| received_live(&poster.client).len() > 500), "there was traffic");
    posters.push(stopped);
    (posters, slowest)
}

/// An answer is a transaction of several statements: it has locked the room when its text would be stored.
async fn hold_the_room(gate: &Gate, poster: &mut PostingClient) {
    let cuts = gate.cuts();
    gate.cut_at("말 ", Loss::Rest);
    poster.answer().await;
    while gate.cuts() == cuts {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}
