//! Rows of the feed that a node hands to another one before that reads them, by a way that may lose and repeat them.

use std::time::Duration;

use protocol::ids::{RoomId, UserId};
use server::{
    model::{Access, Committed, DatabaseUrl, NodeEvent, PlacedRow},
    store::{Store, WrittenRows},
    supervisor::Supervisor,
};
use tempfile::TempDir;
use tokio::{sync::mpsc, time::timeout};

use crate::{fixture::new, shared::TestNode, test_server::TestServer};

const PATIENCE: Duration = Duration::from_secs(20);
const POSTS: u64 = 150;

/// A node that writes, and one that is told.
struct Told {
    writer: Store,
    rows: WrittenRows,
    told: Store,
    committed: mpsc::Receiver<Vec<Committed>>,
    minsu: UserId,
    room: RoomId,
    _folders: [TempDir; 2],
}

impl Told {
    async fn open(url: &DatabaseUrl) -> Self {
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let serve = async |folder: &TempDir| {
            Store::open_shared(folder.path(), url, Access::Serve, &Supervisor::default()).await.unwrap()
        };
        let (minsu, _, room) = TestNode::open(url).await.pair().await;
        let (writer, mut own) = serve(&folders[0]).await;
        tokio::spawn(async move { while own.recv().await.is_some() {} });
        let (told, mut committed) = serve(&folders[1]).await;
        let joined = async {
            let is_joined = |change: &Committed| matches!(change, Committed::Node(NodeEvent::Joined(_)));
            while !committed.recv().await.unwrap().iter().any(is_joined) {}
        };
        timeout(PATIENCE, joined).await.expect("the nodes know each other");
        let rows = writer.written_rows().unwrap();
        Self { writer, rows, told, committed, minsu, room, _folders: folders }
    }

    /// Posts, and what the writer has then for the others.
    async fn post(&mut self, nth: u64) -> PlacedRow {
        self.writer.insert_message(self.room, self.minsu, new(&format!("{nth}"))).await.unwrap();
        loop {
            let row = timeout(PATIENCE, self.rows.next()).await.unwrap().expect("a row, not a hint");
            if !row.row.posts.is_empty() {
                return row;
            }
            self.told.receive_row(row);
        }
    }

    /// The next posts: the version of each, and its text if that came with it.
    async fn told(&mut self, count: usize) -> Vec<(u64, Option<String>)> {
        let mut told = Vec::new();
        while told.len() < count {
            let batch = timeout(PATIENCE, self.committed.recv()).await.expect("all posts are told").unwrap();
            for placed in batch.into_iter().filter_map(|change| match change {
                Committed::Remote(placed) => Some(placed),
                _ => None,
            }) {
                let texts = placed.messages.into_iter().map(|message| message.body);
                let posts = placed.row.posts.into_iter().map(|(_, version)| version);
                told.extend(posts.zip(texts.map(Some).chain(std::iter::repeat(None))));
            }
        }
        told
    }

    async fn close(self) {
        self.writer.close().await;
        self.told.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn posts_that_are_sent_are_told_with_their_texts() {
    let url = TestServer::get().new_database();
    let mut nodes = Told::open(&url).await;
    for nth in 1..=POSTS {
        let row = nodes.post(nth).await;
        nodes.told.receive_row(row);
    }
    let told = nodes.told(POSTS as usize).await;
    assert!(told.iter().map(|(version, _)| *version).eq(1..=POSTS));
    let with_texts = told.iter().filter(|(version, text)| text.as_ref() == Some(&version.to_string())).count() as u64;
    // A poll may be earlier than the row.
    assert!(with_texts > POSTS / 2, "{with_texts} of {POSTS}");
    nodes.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_that_are_lost_doubled_and_shuffled_are_told_once_in_the_order_of_their_writer() {
    let url = TestServer::get().new_database();
    let mut nodes = Told::open(&url).await;
    let told = nodes.told.clone();
    let (mut held, mut past) = (Vec::new(), Vec::new());
    for nth in 1..=POSTS {
        let row = nodes.post(nth).await;
        past.push(row.clone());
        match nth % 7 {
            // Lost.
            0 => {}
            1 => (0..2).for_each(|_| told.receive_row(row.clone())),
            2 | 3 => held.push(row),
            4 => {
                held.push(row);
                held.drain(..).rev().for_each(|row| told.receive_row(row));
            }
            5 => {
                told.receive_row(row);
                told.receive_row(past[nth as usize / 2].clone());
            }
            _ => told.receive_row(row),
        }
    }
    let versions: Vec<u64> = nodes.told(POSTS as usize).await.into_iter().map(|(version, _)| version).collect();
    assert_eq!(versions, (1..=POSTS).collect::<Vec<_>>());
    // Everything once more: nothing is told.
    past.into_iter().for_each(|row| told.receive_row(row));
    let row = nodes.post(POSTS + 1).await;
    told.receive_row(row);
    assert_eq!(nodes.told(1).await[0].0, POSTS + 1);
    nodes.close().await;
}
