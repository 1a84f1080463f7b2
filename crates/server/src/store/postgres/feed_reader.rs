//! Reads what other nodes committed, and follows which nodes there are. One connection of its own; it never waits for
//! the writer.

use std::{
    collections::HashSet,
    sync::Arc,
    time::{Duration, Instant},
};

use sqlx::{PgConnection, postgres::PgConnectOptions};
use tokio::{
    sync::{Notify, mpsc, watch},
    time::{sleep, timeout},
};
use uuid::Uuid;

use crate::{
    model::{Committed, NodeEvent, NodeId},
    store::postgres::{
        connection::{answered, connect},
        feed::{self, FeedPositions, NodeRow, ReadRow},
    },
    supervisor::Supervisor,
};

/// How often the feed is read when nothing hints at a new row.
const POLL: Duration = Duration::from_millis(100);
/// The least time between two rounds. Anybody on the bus can hint without an end, also without the cluster's key.
const PAUSE: Duration = Duration::from_millis(5);
/// How often a node says that it is alive.
const BEAT: Duration = Duration::from_secs(1);
/// The users of a node that ended in order are kept this long, because they connect to another one.
const LEFT_MS: i64 = 10_000;
/// The same for a node that fell silent.
const SILENT_MS: i64 = 15_000;
/// A node that was silent for this long may be taken for ended.
const LATE: Duration = Duration::from_secs(5);
/// A typing indicator that is read later than this is over.
const TYPING: Duration = Duration::from_secs(5);
/// After this time the row of a silent node is deleted. Rows of the feed are kept as long.
const FORGOTTEN_MS: i64 = 10 * 60 * 1000;
/// The delay before the reader connects again.
const RETRY: Duration = Duration::from_millis(250);

/// What the writer and the reader of a node share.
#[derive(Default)]
pub(crate) struct FeedShared {
    /// The last row that this node wrote.
    pub(crate) top: watch::Sender<i64>,
    /// Wakes the reader before its next poll.
    pub(crate) hint: Notify,
}

/// The task that reads the feed.
pub(crate) struct FeedReader {
    options: PgConnectOptions,
    db: Option<PgConnection>,
    node: Uuid,
    shared: Arc<FeedShared>,
    positions: FeedPositions,
    alive: HashSet<NodeId>,
    committed: mpsc::Sender<Vec<Committed>>,
    beat_at: Option<Instant>,
    /// The last row that this node had written at its last beat: the others know of all up to it.
    beat_top: i64,
    /// When the nodes were read.
    nodes_at: Option<Instant>,
    /// Silence of others counts from here on: while this node has no database, it sees nobody's beat.
    judges_from: Instant,
    read_at: Instant,
    /// Whether the next rows may be older than [`TYPING`]: this node did not run, or had no database.
    is_behind: bool,
}

impl FeedReader {
    /// Adds this node to the nodes, and begins after the rows that are in the feed now. Call it before anything else is
    /// read, so that no change falls between.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn begin(
        options: PgConnectOptions,
        node: Uuid,
        shared: Arc<FeedShared>,
        committed: mpsc::Sender<Vec<Committed>>,
    ) -> sqlx::Result<Self> {
        let mut db = connect(&options).await?;
        answered(feed::join(&mut db, node, 0)).await?;
        let mut positions = answered(feed::tops(&mut db)).await?;
        for other in answered(feed::others(&mut db, node)).await? {
            let position = positions.entry(other.id.0).or_default();
            *position = other.top.max(*position);
        }
        let now = Instant::now();
        Ok(Self {
            options,
            db: Some(db),
            node,
            shared,
            positions,
            alive: HashSet::new(),
            committed,
            beat_at: Some(now),
            beat_top: 0,
            nodes_at: None,
            judges_from: now,
            read_at: now,
            is_behind: false,
        })
    }

    pub(crate) fn start(self, supervisor: &Supervisor) {
        supervisor.spawn_essential("feed", self.run());
    }

    async fn run(mut self) {
        loop {
            let begun = Instant::now();
            match self.round().await {
                Ok(true) => {}
                Ok(false) => {
                    // A hint of this time is kept.
                    sleep(PAUSE.saturating_sub(begun.elapsed())).await;
                    drop(timeout(POLL, self.shared.hint.notified()).await);
                }
                Err(error) => {
                    if self.db.take().is_some() {
                        tracing::warn!(%error, "the feed of the other nodes cannot be read");
                    }
                    sleep(RETRY).await;
                }
            }
        }
    }

    /// Beats when it is time, then reads nodes and rows. `true` if there may be more rows.
    async fn round(&mut self) -> sqlx::Result<bool> {
        let mut db = match self.db.take() {
            Some(db) => db,
            None => self.reconnect().await?,
        };
        let outcome = self.round_on(&mut db).await;
        self.db = Some(db);
        outcome
    }

    async fn reconnect(&mut self) -> sqlx::Result<PgConnection> {
        let db = connect(&self.options).await?;
        self.judges_from = Instant::now() + LATE;
        Ok(db)
    }

    async fn round_on(&mut self, db: &mut PgConnection) -> sqlx::Result<bool> {
        if self.beat_at.is_none_or(|at| at.elapsed() >= BEAT) {
            self.beat(db).await?;
        }
        // A hint asks for rows alone.
        if self.nodes_at.is_none_or(|at| at.elapsed() >= POLL) {
            let nodes = answered(feed::others(db, self.node)).await?;
            let events = self.judge(&nodes);
            self.nodes_at = Some(Instant::now());
            // Before anything can fail: they are found once.
            self.tell(events).await;
        }
        let (mut rows, is_full) = answered(feed::after(db, &self.positions)).await?;
        if self.may_be_old(is_full) {
            rows.iter_mut().for_each(|read| read.row.drop_typing());
        }
        let late: HashSet<NodeId> =
            rows.iter().map(|read| NodeId(read.writer)).filter(|node| !self.alive.contains(node)).collect();
        let mut events = Vec::new();
        rows.into_iter().for_each(|row| self.take(row, &mut events));
        events.extend(late.into_iter().map(|node| Committed::Node(NodeEvent::Late(node))));
        self.tell(events).await;
        Ok(is_full)
    }

    async fn tell(&self, events: Vec<Committed>) {
        if !events.is_empty() {
            let _ = self.committed.send(events).await;
        }
    }

    /// Whether rows that were just read may be old. They may have waited in the connection while the process was
    /// stopped, and the rows after them, too.
    fn may_be_old(&mut self, is_full: bool) -> bool {
        let is_late = std::mem::replace(&mut self.read_at, Instant::now()).elapsed() >= TYPING;
        let may_be_old = is_late || self.is_behind;
        self.is_behind = is_late || (is_full && may_be_old);
        may_be_old
    }

    async fn beat(&mut self, db: &mut PgConnection) -> sqlx::Result<()> {
        let top = *self.shared.top.borrow();
        let has_row = answered(feed::beat(db, self.node, top)).await?;
        if !has_row {
            // From the last beat on: the others read what was committed since, or find that it is gone.
            answered(feed::join(db, self.node, self.beat_top)).await?;
        }
        answered(feed::delete_silent(db, FORGOTTEN_MS)).await?;
        self.beat_top = top;
        let is_late = self.beat_at.replace(Instant::now()).is_some_and(|at| at.elapsed() >= LATE);
        if is_late || !has_row {
            self.tell(vec![Committed::Node(NodeEvent::WasSilent)]).await;
        }
        Ok(())
    }

    /// Which nodes began or ended since the last round.
    fn judge(&mut self, nodes: &[NodeRow]) -> Vec<Committed> {
        if Instant::now() < self.judges_from {
            return Vec::new();
        }
        let is_alive = |node: &&NodeRow| node.silent_ms < if node.has_left { LEFT_MS } else { SILENT_MS };
        let alive: HashSet<NodeId> = nodes.iter().filter(is_alive).map(|node| node.id).collect();
        self.positions.retain(|writer, _| nodes.iter().any(|node| node.id.0 == *writer));
        for node in nodes {
            self.positions.entry(node.id.0).or_insert(node.first);
        }
        let left = self.alive.difference(&alive).map(|node| NodeEvent::Left(*node));
        let joined = alive.difference(&self.alive).map(|node| NodeEvent::Joined(*node));
        let events = left.chain(joined).map(Committed::Node).collect();
        self.alive = alive;
        events
    }

    fn take(&mut self, ReadRow { writer, seq, row }: ReadRow, events: &mut Vec<Committed>) {
        let position = self.positions.entry(writer).or_default();
        if seq <= *position {
            return;
        }
        if seq > *position + 1 {
            events.push(Committed::Node(NodeEvent::Missed));
        }
        *position = seq;
        if !row.is_empty() {
            events.push(Committed::Remote(NodeId(writer), row));
        }
    }
}
