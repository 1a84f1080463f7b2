//! Attempts to sign in and to register at two nodes of one database, as a balancer spreads them.

use std::net::IpAddr;

use protocol::error::Refusal;
use server::{
    messenger::{ClientInfo, Policy},
    model::DatabaseUrl,
};

use crate::{
    stage::{PASSWORD, Stage, unlimited},
    test_server::TestServer,
};

const WRONG: &str = "a wrong guess";

async fn nodes(sign_ins_per_minute: u32) -> (DatabaseUrl, [Stage; 2]) {
    let (database, policy) = (TestServer::get().new_database(), Policy { sign_ins_per_minute, ..unlimited() });
    let nodes = [Stage::node_with(&database, policy.clone()).await, Stage::node_with(&database, policy).await];
    for login in ["minsu", "younghee"] {
        nodes[0].messenger.accounts().add(login, "이름", PASSWORD, false).await.unwrap();
    }
    (database, nodes)
}

fn from<'a>(address: &str, device: Option<&'a str>) -> ClientInfo<'a> {
    ClientInfo { address: address.parse::<IpAddr>().unwrap(), agent: "", device }
}

/// The code of a sign-in that is refused, or the token of the device.
async fn sign_in(stage: &Stage, login: &str, password: &str, from: ClientInfo<'_>) -> Result<Option<String>, Refusal> {
    stage.messenger.accounts().sign_in(login, password, from).await.map(|sign_in| sign_in.device)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn guesses_count_over_all_nodes_and_the_owner_comes_in_on_a_known_device() {
    let (_database, nodes) = nodes(3).await;
    let own = sign_in(&nodes[0], "minsu", PASSWORD, from("203.0.113.1", Some(""))).await.unwrap().unwrap();
    let mut guessed = Vec::new();
    for number in 0..8 {
        guessed.push(sign_in(&nodes[number % 2], "minsu", WRONG, from("198.51.100.1", None)).await.unwrap_err());
    }
    assert_eq!(guessed[..3], [Refusal::Credentials; 3]);
    assert_eq!(guessed[3..], [Refusal::TooFast; 5]);
    for node in &nodes {
        let strange = sign_in(node, "minsu", PASSWORD, from("198.51.100.1", None)).await;
        assert_eq!(strange.unwrap_err(), Refusal::TooFast);
        sign_in(node, "minsu", PASSWORD, from("198.51.100.1", Some(&own))).await.unwrap();
        sign_in(node, "younghee", PASSWORD, from("198.51.100.1", None)).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_password_for_many_logins_counts_over_all_nodes_and_spares_whom_another_node_knows() {
    let (_database, nodes) = nodes(2).await;
    sign_in(&nodes[0], "minsu", PASSWORD, from("198.51.100.1", None)).await.unwrap();
    let mut tried = 0;
    for number in 0..20 {
        let guess = sign_in(&nodes[number % 2], &format!("nobody{number}"), WRONG, from("198.51.100.1", None)).await;
        tried += usize::from(guess.unwrap_err() == Refusal::Credentials);
    }
    assert_eq!(tried, 8);
    let stranger = sign_in(&nodes[1], "younghee", PASSWORD, from("198.51.100.1", None)).await;
    assert_eq!(stranger.unwrap_err(), Refusal::TooFast);
    for _ in 0..4 {
        sign_in(&nodes[1], "minsu", PASSWORD, from("198.51.100.1", None)).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn registrations_count_over_all_nodes() {
    let (_database, nodes) = nodes(2).await;
    let mut registered = 0;
    for number in 0..6 {
        let accounts = nodes[number % 2].messenger.accounts();
        let new = accounts.register(&format!("new{number}"), "이름", PASSWORD, from("198.51.100.1", None)).await;
        registered += usize::from(new.is_ok());
    }
    assert_eq!(registered, 2);
}
