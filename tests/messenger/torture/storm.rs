//! All clients resume at once after a restart.

use std::time::{Duration, Instant};

use futures::future::join_all;

use crate::{
    daemon::{Scene, Server},
    resuming_client::ResumingClient,
    torture::{check, long_or, row},
};

#[tokio::test]
async fn a_storm_of_reconnecting_clients_is_over_in_time() {
    let clients = long_or(2_000, 150);
    let Scene { directory: _directory, data, server, people, room } = Scene::start().await;
    let mut resuming: Vec<ResumingClient> = (0..clients).map(|n| ResumingClient::new(&people[n % 2], room)).collect();
    for group in resuming.chunks_mut(100) {
        join_all(group.iter_mut().map(ResumingClient::connect)).await;
    }
    let address = server.address.to_string();
    server.kill();
    resuming.iter_mut().for_each(ResumingClient::cut);
    let server = Server::start_at(&data, &address);
    let mut writer = ResumingClient::new(&people[0], room);
    writer.connect().await;
    writer.post("모두 다시 오셨나요?").await;
    let version = async {
        while !writer.conversation.unsent().is_empty() {
            writer.step(Duration::from_secs(1)).await;
        }
        writer.conversation.cursor().version
    };
    let version = version.await;

    let begun = Instant::now();
    join_all(resuming.iter_mut().map(|client| client.catch_up(version))).await;
    let seconds = begun.elapsed().as_secs_f64();
    assert!(resuming.iter().all(|client| client.shown() == writer.shown()));
    assert!(seconds < 20.0, "{seconds}");
    drop(server);
    check(&data);
    row(
        &format!("{clients} clients reconnecting at once"),
        "all resumed within 20 s",
        &format!("all resumed and up to date in {seconds:.2} s"),
    );
}
