//! Where several nodes of one database have their files: a node that has another place does not start.

use std::{path::Path, process::Command, sync::Arc};

use server::{
    messenger::{Messenger, Policy},
    model::{BucketFault, DatabaseUrl, Fault, SharedFault},
};
use tempfile::TempDir;

use crate::{
    daemon::daehwa,
    files::{bucket::refused, client::error, s3_server::S3Server},
    nodes::Two,
    nodes_files::is_soon,
    stage::{Stage, unlimited},
    test_server::TestServer,
};

const URL: &str = "s3://chat/office";

fn directory() -> Arc<TempDir> {
    Arc::new(tempfile::tempdir().unwrap())
}

/// Why a node with this data directory and these files does not start.
async fn fault_of(database: &DatabaseUrl, files: &Policy, data: &Path) -> Fault {
    let policy = Policy { database: Some(database.clone()), ..files.clone() };
    match Messenger::open(data, policy).await {
        Ok(_) => panic!("it starts"),
        Err(fault) => fault,
    }
}

fn is_elsewhere(fault: &Fault) -> bool {
    matches!(fault, Fault::Shared { cause: SharedFault::OtherFiles(_), .. })
}

fn is_of_another(fault: &Fault) -> bool {
    matches!(fault, Fault::Bucket { cause: BucketFault::OfAnother, .. })
}

/// Files in a bucket of this store.
fn in_bucket(s3: &S3Server) -> Policy {
    Policy { bucket: Some(s3.bucket(URL)), ..unlimited() }
}

impl Stage {
    /// Ends the node in order.
    async fn end(self) -> Arc<TempDir> {
        self.messenger.close().await;
        self.data
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_without_a_common_disk_are_refused_in_the_words_of_an_operator() {
    let database = TestServer::get().new_database();
    let first = Stage::node_at(&database, unlimited(), directory()).await;
    let other = tempfile::tempdir().unwrap();
    let data = other.path().join("data");
    for (language, words) in
        [("C", "the same --data on a shared disk, or the same --files"), ("ko_KR.UTF-8", "공유 디스크")]
    {
        let mut command: Command = daehwa(&data);
        let printed = refused(command.env("DAEHWA_DATABASE", database.secret()).env("LC_ALL", language));
        assert!(
            printed.lines().last().unwrap().contains(words) && printed.contains(&data.display().to_string()),
            "{printed}"
        );
    }
    // The place of another database.
    let another = TestServer::get().new_database();
    let of_another = Stage::node_at(&another, unlimited(), directory()).await;
    assert!(is_elsewhere(&fault_of(&database, &unlimited(), of_another.data.path()).await));
    // Both at once would remove each other's files.
    let third = TestServer::get().new_database();
    let fault = fault_of(&third, &unlimited(), first.data.path()).await;
    assert!(matches!(fault, Fault::Shared { cause: SharedFault::FilesOfAnother(_), .. }), "{fault}");
    let s3 = S3Server::start();
    assert!(is_elsewhere(&fault_of(&database, &in_bucket(&s3), &data).await));
    assert!(s3.objects().kept.is_empty(), "the bucket is nobody's");
    let second = Stage::node_at(&database, unlimited(), first.data.clone()).await;
    let minsu = first.person("minsu", "김민수").await;
    let file = minsu.upload("a.txt", b"common").await;
    assert_eq!(second.moved(&minsu).get(file).await.text().await.unwrap(), "common");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_that_start_at_once_have_one_place() {
    let (database, data, s3) = (TestServer::get().new_database(), directory(), S3Server::start());
    // The tables are there; no node has recorded a place.
    Stage::node_at(&database, unlimited(), directory()).await.end().await;
    let forget = "DELETE FROM meta WHERE key = 'files_place'";
    TestServer::get().execute(database.secret(), forget);
    let nodes = [(); 3].map(|()| Stage::node_at(&database, unlimited(), data.clone()));
    futures::future::join_all(nodes).await;
    TestServer::get().execute(database.secret(), forget);
    let nodes = [(); 3].map(|()| Stage::node_at(&database, in_bucket(&s3), directory()));
    futures::future::join_all(nodes).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_with_one_bucket_need_no_common_disk_and_a_copy_of_the_database_does_not_get_it() {
    let (database, s3) = (TestServer::get().new_database(), S3Server::start());
    let [one, other] = [directory(), directory()];
    let nodes = [
        Stage::node_at(&database, in_bucket(&s3), one).await,
        Stage::node_at(&database, in_bucket(&s3), other.clone()).await,
    ];
    let two = Two::on(database.clone(), nodes).await;
    let file = two.minsu.upload("a.txt", b"in a bucket").await;
    let message = two.nodes[0].attach(&two.minsu, two.room, &[file]).await;
    assert_eq!(two.younghee.get(file).await.text().await.unwrap(), "in a bucket");
    two.nodes[1].messenger.messages().recall(two.minsu.actor(), two.room, message).await.unwrap();
    assert!(is_soon(|| !s3.holds(b"in a bucket")).await);
    assert_eq!(two.minsu.get(file).await.status(), 404);
    assert!(is_elsewhere(&fault_of(&database, &unlimited(), directory().path()).await));
    let copy = TestServer::get().copy(&database);
    assert!(is_of_another(&fault_of(&copy, &in_bucket(&s3), directory().path()).await));
    // Its own directory is the proof that it is the same server, as on one machine.
    for node in two.nodes {
        node.end().await;
    }
    Stage::node_at(&copy, in_bucket(&s3), other).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_change_from_the_disk_to_a_bucket_when_no_other_node_runs() {
    let (database, data, s3) = (TestServer::get().new_database(), directory(), S3Server::start());
    let first = Stage::node_at(&database, unlimited(), data.clone()).await;
    let fault = fault_of(&database, &in_bucket(&s3), data.path()).await;
    assert!(matches!(fault, Fault::Shared { cause: SharedFault::NodesRun, .. }), "{fault}");
    first.end().await;
    let moved = Stage::node_at(&database, in_bucket(&s3), data.clone()).await;
    Stage::node_at(&database, in_bucket(&s3), directory()).await;
    moved.end().await;
    let fault = fault_of(&database, &unlimited(), data.path()).await;
    assert!(matches!(fault, Fault::Bucket { cause: BucketFault::Unnamed(_), .. }), "{fault}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_whose_bytes_are_on_the_disk_of_another_node_begins_again_and_leaves_none() {
    let (database, s3) = (TestServer::get().new_database(), S3Server::start());
    let nodes = [(); 2].map(|()| Stage::node_at(&database, in_bucket(&s3), directory()));
    let Ok(nodes) = <[Stage; 2]>::try_from(futures::future::join_all(nodes).await) else { panic!() };
    let two = Two::on(database, nodes).await;
    let (there, id) = (two.nodes[1].moved(&two.minsu), two.minsu.begin("a", 10).await);
    assert_eq!(two.minsu.append(id, "0", "01234").await.status(), 204);
    // The removal of the other node leaves it alone.
    let cancelled = there.begin("b", 1).await;
    there.tus(reqwest::Method::DELETE, &format!("/{cancelled}")).send().await.unwrap();
    let wrong = there.append(id, "5", "56789").await;
    assert_eq!((wrong.status().as_u16(), error(wrong).await), (409, "wrong_offset".to_owned()));
    assert_eq!(there.offset(id).await, (200, Some(0)));
    assert_eq!(two.minsu.offset(id).await, (200, Some(5)));
    assert_eq!(there.append(id, "0", "0123456789").await.status(), 204);
    assert_eq!(two.minsu.get(id).await.text().await.unwrap(), "0123456789");
    assert_eq!(two.minsu.offset(id).await, (200, Some(10)));
    let incoming = two.nodes[0].data.path().join("files/incoming").join(id.to_string());
    assert!(incoming.exists());
    let cancelled = two.minsu.begin("c", 1).await;
    two.minsu.tus(reqwest::Method::DELETE, &format!("/{cancelled}")).send().await.unwrap();
    assert!(is_soon(|| !incoming.exists()).await);
}
