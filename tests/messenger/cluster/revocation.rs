//! What ends on one node ends on all: sessions, accounts, memberships.

use std::time::{Duration, Instant};

use protocol::{ids::RoomId, room_socket::RoomCommand};
use reqwest::{Client, Response, redirect};

use crate::{
    cluster::{harness::Cluster, is_asked, rounds},
    stage::{PASSWORD, Person, Socket, refused},
    test_server::TestServer,
    torture::row,
};

const CLOSED: Duration = Duration::from_secs(2);
const ENDS: [End; 4] = [End::SignOut, End::Disable, End::Password, End::Leave];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    SignOut,
    Disable,
    Password,
    Leave,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_ends_on_one_node_ends_on_all_of_them() {
    if !is_asked() {
        return;
    }
    let rounds = rounds(5);
    let cluster = Cluster::of(TestServer::get().new_database(), 3).await;
    let group = cluster.open_group().await;
    let mut slowest = Duration::ZERO;
    for _ in 0..rounds {
        for end in ENDS {
            let closed = closed_everywhere(&cluster, group, end).await;
            assert!(closed < CLOSED, "{end:?}: closed after {closed:?}");
            slowest = slowest.max(closed);
        }
    }
    row(
        &format!("sign-out, disabling, new password and leaving on one of three nodes, {rounds} rounds"),
        "sockets at the other nodes closed within 2 s; handshake and resume refused at once",
        &format!("closed after {:.2} s at most; every handshake refused", slowest.as_secs_f64()),
    );
}

/// Ends something of a user at the first node. How long their sockets at the others stayed open.
async fn closed_everywhere(cluster: &Cluster, group: RoomId, end: End) -> Duration {
    let younghee = cluster.server(0).sign_in("younghee").await;
    let [one, other] = [1, 2].map(|node| Person { address: cluster.person(1, node).address, ..younghee.clone() });
    let mut sockets = vec![one.chat(group).await, other.chat(group).await];
    let cursor = other.chat(group).await.welcome().await.details.cursor;
    if end != End::Leave {
        sockets.extend([one.lobby().await, other.lobby().await]);
    }
    carry_out(cluster, &younghee, group, end).await;
    let begun = Instant::now();
    let status = if end == End::Leave { 404 } else { 401 };
    for person in [&one, &other] {
        assert_eq!(refused(person.own_request(&format!("/chat/{group}"))).await, status, "{end:?}");
        assert_eq!(refused(person.own_request(&format!("/chat/{group}?since={cursor}"))).await, status, "{end:?}");
    }
    if end != End::Leave {
        assert_eq!(refused(one.own_request("/usersServerEndpoint")).await, 401, "{end:?}");
    }
    for socket in &mut sockets {
        let code = socket.close_code().await;
        assert!((4000..5000).contains(&code), "{end:?}: {code}");
    }
    let closed = begun.elapsed();
    undo(cluster, group, end).await;
    closed
}

async fn carry_out(cluster: &Cluster, younghee: &Person, group: RoomId, end: End) {
    match end {
        End::SignOut => drop(form(younghee, "sign_out", &[]).await),
        End::Disable => cluster.command(&["user", "disable", "younghee"]),
        End::Password => {
            // Another device: the one that changes its password keeps a session.
            let device = cluster.server(0).sign_in("younghee").await;
            drop(form(&device, "password", &[("password", PASSWORD), ("new_password", PASSWORD)]).await);
        }
        End::Leave => {
            let mut window: Socket = younghee.chat(group).await;
            window.command(&RoomCommand::Leave).await;
            window.close_code().await;
        }
    }
}

async fn undo(cluster: &Cluster, group: RoomId, end: End) {
    match end {
        End::SignOut | End::Password => {}
        End::Disable => cluster.command(&["user", "enable", "younghee"]),
        End::Leave => {
            let mut window = cluster.person(0, 0).chat(group).await;
            let users = vec![cluster.people[1].id];
            window.command(&RoomCommand::Invite { users, history: true, title: None }).await;
            window.message().await;
        }
    }
}

async fn form(person: &Person, path: &str, fields: &[(&str, &str)]) -> Response {
    let browser = Client::builder().redirect(redirect::Policy::none()).build().unwrap();
    let request = browser.post(format!("http://{}/api/{path}", person.address)).header("accept", "text/html");
    let request = request.header("cookie", format!("daehwa={}", person.token));
    let response = request.form(fields).send().await.unwrap();
    let location = response.headers()["location"].to_str().unwrap();
    assert!(!location.contains("error"), "{path} leads to {location}");
    response
}
