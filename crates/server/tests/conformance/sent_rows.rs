//! Rows of the feed that a node hands to another one before that reads them, by a way that may lose and repeat them.

use std::time::Duration;

use protocol::ids::{RoomId, UserId};
use server::{
    model::{Committed, DatabaseUrl, NodeEvent, OpenMode, PositionedRow},
    store::{Store, WrittenRows},
    supervisor::Supervisor,
};
use tempfile::TempDir;
use tokio::{sync::mpsc, time::timeout};

use crate::{fixture::new, shared::TestNode, test_server::TestServer};

const TIMEOUT: Duration = Duration::from_secs(20);
const POSTS: u64 = 150;

/// A node that writes, and one that receives its rows.
struct SendingPair {
    writer: Store,
    rows: WrittenRows,
    receiver: Store,
    committed: mpsc::Receiver<Vec<Committed>>,
    minsu: UserId,
    room: RoomId,
    _folders: [TempDir; 2],
}

impl SendingPair {
    async fn open(url: &DatabaseUrl) -> Self {
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let serve = async |folder: &TempDir| {
            Store::open_shared(folder.path(), url, OpenMode::Serve, &Supervisor::default()).await.unwrap()
        };
        let (minsu, _, room) = TestNode::open(url).await.pair().await;
        let (writer, mut own) = serve(&folders[0]).await;
        tokio::spawn(async move { while own.recv().await.is_some() {} });
        let (receiver, mut committed) = serve(&folders[1]).await;
        let joined = async {
            let is_joined = |change: &Committed| matches!(change, Committed::Node(NodeEvent::Joined(_)));
            while !committed.recv().await.unwrap().iter().any(is_joined) {}
        };
        timeout(TIMEOUT, joined).await.expect("the nodes know each other");
        let rows = writer.written_rows().unwrap();
        Self { writer, rows, receiver, committed, minsu, room, _folders: folders }
    }

    /// Posts, and what the writer has then for the others.
    async fn post(&mut self, nth: u64) -> PositionedRow {
        self.writer.insert_message(self.room, self.minsu, new(&format!("{nth}"))).await.unwrap();
        loop {
            let row = timeout(TIMEOUT, self.rows.next()).await.unwrap().expect("a row, not a hint");
            if !row.row.posts.is_empty() {
                return row;
            }
            self.receiver.receive_row(row);
        }
    }

    /// The next posts: the version of each, and its text if that came with it.
    async fn received(&mut self, count: usize) -> Vec<(u64, Option<String>)> {
        let mut received = Vec::new();
        while received.len() < count {
            let batch = timeout(TIMEOUT, self.committed.recv()).await.expect("all posts are received").unwrap();
            for positioned in batch.into_iter().filter_map(|change| match change {
                Committed::Remote(positioned) => Some(positioned),
                _ => None,
            }) {
                let texts = positioned.messages.into_iter().map(|message| message.body);
                let posts = positioned.row.posts.into_iter().map(|(_, version)| version);
                received.extend(posts.zip(texts.map(Some).chain(std::iter::repeat(None))));
            }
        }
        received
    }

    async fn close(self) {
        self.writer.close().await;
        self.receiver.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn posts_that_are_sent_arrive_with_their_texts() {
    let url = TestServer::get().new_database();
    let mut nodes = SendingPair::open(&url).await;
    for nth in 1..=POSTS {
        let row = nodes.post(nth).await;
        nodes.receiver.receive_row(row);
    }
    let received = nodes.received(POSTS as usize).await;
    assert!(received.iter().map(|(version, _)| *version).eq(1..=POSTS));
    let with_texts =
        received.iter().filter(|(version, text)| text.as_ref() == Some(&version.to_string())).count() as u64;
    // A poll may be earlier than the row.
    assert!(with_texts > POSTS / 2, "{with_texts} of {POSTS}");
    nodes.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_that_are_lost_doubled_and_shuffled_are_taken_once_in_the_order_of_their_writer() {
    let url = TestServer::get().new_database();
    let mut nodes = SendingPair::open(&url).await;
    let receiver = nodes.receiver.clone();
    let (mut held, mut past) = (Vec::new(), Vec::new());
    for nth in 1..=POSTS {
        let row = nodes.post(nth).await;
        past.push(row.clone());
        match nth % 7 {
            // Lost.
            0 => {}
            1 => (0..2).for_each(|_| receiver.receive_row(row.clone())),
            2 | 3 => held.push(row),
            4 => {
                held.push(row);
                held.drain(..).rev().for_each(|row| receiver.receive_row(row));
            }
            5 => {
                receiver.receive_row(row);
                receiver.receive_row(past[nth as usize / 2].clone());
            }
            _ => receiver.receive_row(row),
        }
    }
    let versions: Vec<u64> = nodes.received(POSTS as usize).await.into_iter().map(|(version, _)| version).collect();
    assert_eq!(versions, (1..=POSTS).collect::<Vec<_>>());
    // Everything once more: nothing is received.
    past.into_iter().for_each(|row| receiver.receive_row(row));
    let row = nodes.post(POSTS + 1).await;
    receiver.receive_row(row);
    assert_eq!(nodes.received(1).await[0].0, POSTS + 1);
    nodes.close().await;
}
