//! Nodes as processes on one database, two users with a direct room, and what the database has stored.

use std::{
    fs::File,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use protocol::{
    ids::{MessageId, RoomId},
    lobby_socket::{LobbyCommand, LobbyEvent},
};
use server::model::DatabaseUrl;
use sqlx::{Connection, PgConnection};
use tempfile::TempDir;
use uuid::Uuid;

use crate::{
    cluster::posting_client::PostingClient,
    daemon::{Server, add_people_with, daehwa, open_room},
    stage::Person,
};

/// A node, and the URL by which it reaches the database.
struct ClusterNode {
    url: DatabaseUrl,
    address: SocketAddr,
    server: Option<Server>,
}

pub(crate) struct Cluster {
    directory: TempDir,
    /// The database without a gate.
    database: DatabaseUrl,
    nodes: Vec<ClusterNode>,
    /// Environment variables of every node.
    settings: Vec<(&'static str, String)>,
    pub(crate) people: [Person; 2],
    pub(crate) room: RoomId,
}

/// A message in the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StoredPost {
    pub(crate) id: MessageId,
    pub(crate) seq: u64,
    pub(crate) version: u64,
    pub(crate) body: String,
}

impl Cluster {
    /// Starts a node for each URL. All lead to `database`, perhaps through a gate.
    pub(crate) async fn start(database: DatabaseUrl, urls: Vec<DatabaseUrl>) -> Self {
        Self::start_with(database, urls, Vec::new()).await
    }

    /// The same with these environment variables of every node.
    pub(crate) async fn start_with(
        database: DatabaseUrl,
        urls: Vec<DatabaseUrl>,
        settings: Vec<(&'static str, String)>,
    ) -> Self {
        let directory = tempfile::tempdir().unwrap();
        add_people_with(&directory.path().join("people"), |command| command.env("DAEHWA_DATABASE", database.secret()));
        let mut nodes = Vec::new();
        for url in urls {
            let server = start_node(&data(&directory), nodes.len(), &url, ("127.0.0.1:0", &settings));
            nodes.push(ClusterNode { url, address: server.address, server: Some(server) });
        }
        let first = nodes[0].server.as_ref().unwrap();
        let people = [first.sign_in("minsu").await, first.sign_in("younghee").await];
        let room = open_room(&people[0]).await;
        Self { directory, database, nodes, settings, people, room }
    }

    /// As many nodes on this database.
    pub(crate) async fn of(database: DatabaseUrl, nodes: usize) -> Self {
        Self::start(database.clone(), vec![database; nodes]).await
    }

    pub(crate) fn server(&self, node: usize) -> &Server {
        self.nodes[node].server.as_ref().unwrap()
    }

    pub(crate) fn kill(&mut self, node: usize) {
        self.nodes[node].server.take().unwrap().kill();
    }

    /// Starts a node again at its address, if it does not run.
    pub(crate) fn restart(&mut self, node: usize) {
        let (data, number) = (data(&self.directory), node);
        let node = &mut self.nodes[node];
        let is_running = node.server.as_mut().is_some_and(|server| server.child.try_wait().unwrap().is_none());
        if !is_running {
            node.server = Some(start_node(&data, number, &node.url, (&node.address.to_string(), &self.settings)));
        }
    }

    /// Whether a process ended by itself.
    pub(crate) fn has_ended(&mut self, node: usize) -> bool {
        let server = self.nodes[node].server.as_mut().unwrap();
        server.child.try_wait().unwrap().is_some()
    }

    /// A user at a node.
    pub(crate) fn person(&self, who: usize, node: usize) -> Person {
        Person { address: self.nodes[node].address, ..self.people[who].clone() }
    }

    /// A user's window of the room at a node, which moves to the next ones when it must.
    pub(crate) fn posting_client(&self, who: usize, node: usize) -> PostingClient {
        let mut addresses: Vec<SocketAddr> = self.nodes.iter().map(|node| node.address).collect();
        addresses.rotate_left(node);
        PostingClient::new(&self.people[who], self.room, addresses)
    }

    /// A new group of both users.
    pub(crate) async fn open_group(&self) -> RoomId {
        let mut maker = self.person(0, 1).lobby().await;
        maker.command(&LobbyCommand::OpenGroup { users: vec![self.people[1].id], title: None }).await;
        maker.lobby_event(|event| if let LobbyEvent::Entered { room } = event { Some(room) } else { None }).await
    }

    /// Runs the program beside the nodes.
    pub(crate) fn command(&self, args: &[&str]) {
        let mut command = daehwa(&self.directory.path().join("people"));
        let output = command.env("DAEHWA_DATABASE", self.database.secret()).args(args).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&[output.stdout, output.stderr].concat()));
    }

    /// The messages of the room in their order, and its version.
    pub(crate) async fn stored(&self) -> (Vec<StoredPost>, u64) {
        let mut db = PgConnection::connect(self.database.secret()).await.unwrap();
        let sql = "SELECT id, seq, version, body FROM messages WHERE room = $1 ORDER BY seq";
        let rows: Vec<(Uuid, i64, i64, String)> =
            sqlx::query_as(sql).bind(self.room.uuid()).fetch_all(&mut db).await.unwrap();
        let sql = "SELECT version FROM rooms WHERE id = $1";
        let version: i64 = sqlx::query_scalar(sql).bind(self.room.uuid()).fetch_one(&mut db).await.unwrap();
        let post = |(id, seq, version, body): (Uuid, i64, i64, String)| {
            let [seq, version] = [seq, version].map(|number| u64::try_from(number).unwrap());
            StoredPost { id: id.into(), seq, version, body }
        };
        (rows.into_iter().map(post).collect(), u64::try_from(version).unwrap())
    }
}

/// All nodes have their files on one disk.
fn data(directory: &TempDir) -> PathBuf {
    directory.path().join("data")
}

/// The log goes to the folder that `DAEHWA_CLUSTER_LOGS` names, if it does.
fn start_node(
    data: &Path,
    number: usize,
    url: &DatabaseUrl,
    (address, settings): (&str, &[(&'static str, String)]),
) -> Server {
    let log = std::env::var_os("DAEHWA_CLUSTER_LOGS").map(|folder| {
        let name = format!("node{number}.log");
        File::options().create(true).append(true).open(PathBuf::from(folder).join(name)).unwrap()
    });
    Server::start_with(data, address, |command: &mut Command| {
        let command = command.env("DAEHWA_DATABASE", url.secret()).envs(settings.iter().cloned());
        match log {
            Some(log) => command.stderr(log),
            None => command.stderr(Stdio::null()),
        }
    })
}
