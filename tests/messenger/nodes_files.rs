//! Files on several nodes of one database: with one disk they act as one server, whichever node a request reaches.

use std::time::{Duration, Instant};

use protocol::ids::FileId;
use reqwest::{Body, Method};
use server::{
    messenger::{Policy, check},
    model::StoreLocation,
};
use tokio::{sync::mpsc, task::JoinHandle, time::timeout};

use crate::{
    daemon::Server,
    files::{client::error, removal::is_on_disk},
    nodes::Two,
    stage::{Person, QUIET, TEST_TIMEOUT, unlimited},
};

/// A node does within this time what another one asks for.
const SOON: Duration = Duration::from_secs(5);

/// What is still to come of the body of a transfer.
type RestOfBody = mpsc::Sender<Result<&'static str, std::io::Error>>;

impl Two {
    fn incoming(&self, id: FileId) -> std::path::PathBuf {
        self.nodes[0].data.path().join("files/incoming").join(id.to_string())
    }

    /// `minsu` on the second node.
    fn moved(&self) -> Person {
        self.nodes[1].moved(&self.minsu)
    }

    /// A transfer of an upload of ten bytes to the node of this address, of which half have come: what follows, and its
    /// status.
    async fn half(&self, person: &Person, id: FileId) -> (RestOfBody, JoinHandle<u16>) {
        let (pieces, body) = mpsc::channel(1);
        let body = futures::stream::unfold(body, async |mut body| body.recv().await.map(|piece| (piece, body)));
        let person = person.clone();
        let sending =
            tokio::spawn(async move { person.append(id, "0", Body::wrap_stream(body)).await.status().as_u16() });
        pieces.send(Ok("01234")).await.unwrap();
        let has_begun = || std::fs::read(self.incoming(id)).is_ok_and(|bytes| bytes == b"01234");
        assert!(is_soon(has_begun).await, "the transfer begins");
        (pieces, sending)
    }

    async fn is_removed_soon(&self, bytes: &[u8]) -> bool {
        let files = self.nodes[0].data.path().join("files");
        is_soon(|| !is_on_disk(&files, bytes)).await
    }

    /// Checks the database, and the bytes of every file.
    async fn check(&self) {
        let directory = self.nodes[0].data.path().to_owned();
        let location = StoreLocation { directory, database: Some(self.database.clone()) };
        let findings = check(location, None, true).await.unwrap();
        assert!(findings.iter().all(|finding| finding.wrong.is_empty()), "{findings:?}");
        assert_eq!(self.texts("SELECT encode(hash, 'hex') FROM blob_locks").await, [""; 0]);
    }
}

pub(crate) async fn is_soon(is_it: impl Fn() -> bool) -> bool {
    let begun = Instant::now();
    while begun.elapsed() < SOON {
        if is_it() {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    false
}

async fn cancel(person: &Person, id: FileId) {
    assert_eq!(person.tus(Method::DELETE, &format!("/{id}")).send().await.unwrap().status(), 204);
}

/// Cancels an upload, which wakes the removal of this person's node.
async fn wake(person: &Person) {
    cancel(person, person.begin("a", 1).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_of_one_node_is_read_on_the_other_until_it_is_recalled() {
    let two = Two::with(unlimited()).await;
    let file = two.minsu.upload("canary.txt", b"canary-of-a-node").await;
    let message = two.nodes[0].attach(&two.minsu, two.room, &[file]).await;
    assert_eq!(two.younghee.get(file).await.text().await.unwrap(), "canary-of-a-node");
    // The other node removes what this one recalls, and the other way round.
    two.nodes[1].messenger.messages().recall(two.minsu.actor(), two.room, message).await.unwrap();
    for person in [&two.minsu, &two.younghee] {
        assert_eq!(person.get(file).await.status(), 404);
    }
    assert!(two.is_removed_soon(b"canary-of-a-node").await);
    two.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bytes_that_one_node_removes_while_the_other_gets_them_again_are_kept() {
    const ROUNDS: u64 = 80;
    let two = Two::with(unlimited()).await;
    let (here, there) = (&two.minsu, &two.younghee);
    for round in 0..ROUNDS {
        let content = format!("content of round {round}");
        let (removing, getting) = if round % 2 == 0 { (here, there) } else { (there, here) };
        let first = removing.upload("first", content.as_bytes()).await;
        let second = getting.begin("second", content.len() as u64).await;
        let (_, answer) = tokio::join!(
            async {
                tokio::time::sleep(Duration::from_millis(round % 12)).await;
                cancel(removing, first).await;
                wake(removing).await;
            },
            getting.append(second, "0", content.clone())
        );
        assert_eq!(answer.status(), 204);
        tokio::time::sleep(Duration::from_millis(20)).await;
        let got = removing.get(second).await.status();
        assert_eq!(got, 404, "it is the other user's");
        let got = getting.get(second).await;
        assert_eq!((got.status().as_u16(), got.text().await.unwrap()), (200, content), "round {round}");
    }
    two.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_transfers_one_runs_and_a_client_that_moved_ends_it_and_goes_on() {
    let two = Two::with(unlimited()).await;
    let (moved, id) = (two.moved(), two.minsu.begin("a", 10).await);
    let (pieces, cut) = two.half(&two.minsu, id).await;
    for offset in ["0", "5"] {
        let busy = moved.append(id, offset, "56789").await;
        assert_eq!((busy.status().as_u16(), error(busy).await), (423, "busy".to_owned()));
    }
    let asked = Instant::now();
    assert_eq!(moved.offset(id).await, (200, Some(5)));
    assert!(asked.elapsed() < SOON, "{:?}", asked.elapsed());
    assert_eq!(timeout(TEST_TIMEOUT, cut).await.unwrap().unwrap(), 503);
    drop(pieces);
    assert_eq!(moved.append(id, "5", "56789").await.status(), 204);
    assert_eq!(two.minsu.get(id).await.text().await.unwrap(), "0123456789");
    assert_eq!(two.minsu.offset(id).await, (200, Some(10)));
    two.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_transfer_of_a_killed_node_goes_on_at_once() {
    let two = Two::with(unlimited()).await;
    let killed = Server::start_with(two.nodes[0].data.path(), "127.0.0.1:0", |command| {
        command.env("DAEHWA_DATABASE", two.database.secret())
    });
    let there = Person { address: killed.address, ..two.minsu.clone() };
    let id = there.begin("a", 10).await;
    let (pieces, sending) = two.half(&there, id).await;
    assert_eq!(two.minsu.append(id, "5", "56789").await.status(), 423);
    killed.kill();
    drop(pieces);
    sending.abort();
    let asked = Instant::now();
    assert_eq!(two.minsu.offset(id).await, (200, Some(5)));
    assert!(asked.elapsed() < SOON);
    assert_eq!(two.minsu.append(id, "5", "56789").await.status(), 204);
    assert_eq!(two.moved().get(id).await.text().await.unwrap(), "0123456789");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_is_cancelled_on_either_node_and_expires_where_its_bytes_come() {
    let two = Two::with(unlimited()).await;
    let id = two.minsu.begin("a", 10).await;
    let (pieces, cut) = two.half(&two.minsu, id).await;
    cancel(&two.moved(), id).await;
    assert_eq!(timeout(TEST_TIMEOUT, cut).await.unwrap().unwrap(), 503);
    drop(pieces);
    // A removal of strays that has listed it locks it once more.
    assert!(is_soon(|| !two.incoming(id).exists()).await);
    let id = two.minsu.begin("b", 10).await;
    let (_pieces, cut) = two.half(&two.minsu, id).await;
    two.sql("UPDATE uploads SET expires_at = 1 WHERE length = 10").await;
    wake(&two.younghee).await;
    tokio::time::sleep(QUIET).await;
    assert!(two.incoming(id).exists(), "bytes are coming");
    assert_eq!(two.texts("SELECT name FROM uploads").await, ["b"]);
    wake(&two.minsu).await;
    assert_eq!(timeout(TEST_TIMEOUT, cut).await.unwrap().unwrap(), 503);
    wake(&two.younghee).await;
    assert!(is_soon(|| !two.incoming(id).exists()).await);
    assert_eq!(two.texts("SELECT name FROM uploads").await, [""; 0]);
    two.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_do_not_pass_a_quota_together() {
    let policy = Policy { bytes_per_person: 1_000, all_file_bytes: 1_500, ..unlimited() };
    let two = Two::with(policy).await;
    let (moved, others) = (two.moved(), two.nodes[0].moved(&two.younghee));
    let begin = async |person: &Person| {
        let mut begun = 0;
        for _ in 0..30 {
            begun += u64::from(person.create("a", 25).await.status() == 201);
        }
        begun
    };
    let (one, other) = tokio::join!(begin(&two.minsu), begin(&moved));
    assert_eq!(one + other, 40, "1,000 bytes of one user");
    let (one, other) = tokio::join!(begin(&two.younghee), begin(&others));
    assert_eq!(one + other, 20, "1,500 bytes of all users");
    two.check().await;
}
