//! Reads what other nodes committed, and follows which nodes there are. One connection of its own; it never waits for
//! the writer.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use sqlx::{PgConnection, postgres::PgConnectOptions};
use tokio::{
    sync::mpsc,
    time::{sleep, sleep_until},
};
use uuid::Uuid;

use crate::{
    model::{Committed, NodeEvent, PositionedRow},
    store::postgres::{
        connection::{answered, connect},
        feed,
        feed_shared::FeedShared,
        followed::{BusRowOutcome, Followed, Freshness},
    },
    supervisor::Supervisor,
};

/// How often the feed is read when nothing hints at a new row.
const POLL: Duration = Duration::from_millis(100);
/// The least time between two rounds. Anybody on the bus can hint without an end, also without the cluster's key.
const PAUSE: Duration = Duration::from_millis(5);
/// How often a node beats.
const BEAT: Duration = Duration::from_secs(1);
/// A node that did not beat for this long sends its presence again, because the others may take it for ended. After it
/// connects again it judges no others for as long.
const SILENT: Duration = Duration::from_secs(5);
/// After this time the row of a silent node is deleted. Rows of the feed are kept as long.
const FORGOTTEN_MS: i64 = 10 * 60 * 1000;
/// The delay before the follower connects again.
const RETRY: Duration = Duration::from_millis(250);
/// Rows from the bus that are taken at once, at most.
const TOGETHER: usize = 64;

/// The task that follows the feed.
pub(crate) struct FeedFollower {
    options: PgConnectOptions,
    db: Option<PgConnection>,
    node: Uuid,
    shared: Arc<FeedShared>,
    /// Rows that came over the bus.
    arrived: mpsc::Receiver<PositionedRow>,
    followed: Followed,
    committed: mpsc::Sender<Vec<Committed>>,
    beat_at: Option<Instant>,
    /// The last row that this node had written at its last beat: the others know of all up to it.
    beat_top: i64,
    /// When the nodes were read.
    nodes_at: Option<Instant>,
    /// Other nodes are not judged silent before this time: while this node has no database, it sees nobody's beat.
    judges_from: Instant,
    freshness: Freshness,
}

impl FeedFollower {
    /// Adds this node to the nodes, and begins after the rows that are in the feed now. Call it before anything else is
    /// read, so that no change falls between.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn begin(
        options: PgConnectOptions,
        node: Uuid,
        (shared, arrived): (Arc<FeedShared>, mpsc::Receiver<PositionedRow>),
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
            arrived,
            followed: Followed::from(positions),
            committed,
            beat_at: Some(now),
            beat_top: 0,
            nodes_at: None,
            judges_from: now,
            freshness: Freshness::from(now),
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
                Ok(false) => self.rest(begun + PAUSE).await,
                Err(error) => {
                    if self.db.take().is_some() {
                        tracing::warn!(%error, "the feed of the other nodes cannot be read");
                    }
                    sleep(RETRY).await;
                }
            }
        }
    }

    /// Takes rows from the bus until it is time for the next round: at a hint, but not before `earliest`, or at the next
    /// poll. Rows are taken between two rounds alone, because a round reads after the positions of its beginning.
    async fn rest(&mut self, earliest: Instant) {
        let (shared, poll) = (self.shared.clone(), Instant::now().max(earliest) + POLL);
        loop {
            let mut rows = Vec::new();
            // A hint of the time before `earliest` is kept.
            let hinted = async {
                sleep_until(earliest.into()).await;
                shared.hint.notified().await;
            };
            tokio::select! {
                _ = self.arrived.recv_many(&mut rows, TOGETHER) => self.take_sent(rows).await,
                () = hinted => return,
                () = sleep_until(poll.into()) => return,
            }
        }
    }

    async fn take_sent(&mut self, rows: Vec<PositionedRow>) {
        let (now, mut events) = (Instant::now(), Vec::new());
        for positioned in rows {
            match self.followed.take_sent(self.freshness.without_old(positioned, now)) {
                BusRowOutcome::Taken(positioned) if !positioned.row.is_empty() => {
                    events.push(Committed::Remote(positioned))
                }
                BusRowOutcome::Taken(_) | BusRowOutcome::TakenBefore | BusRowOutcome::UnknownWriter => {}
                BusRowOutcome::ReadFeed => self.shared.hint.notify_one(),
            }
        }
        self.send(events).await;
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
        self.judges_from = Instant::now() + SILENT;
        Ok(db)
    }

    async fn round_on(&mut self, db: &mut PgConnection) -> sqlx::Result<bool> {
        if self.beat_at.is_none_or(|at| at.elapsed() >= BEAT) {
            self.beat(db).await?;
        }
        // A hint asks for rows alone.
        if self.nodes_at.is_none_or(|at| at.elapsed() >= POLL) {
            let nodes = answered(feed::others(db, self.node)).await?;
            let events = if Instant::now() < self.judges_from { Vec::new() } else { self.followed.judge(&nodes) };
            self.nodes_at = Some(Instant::now());
            // Before anything can fail: they are found once.
            self.send(events).await;
        }
        let (mut rows, is_full) = answered(feed::after(db, &self.followed.positions)).await?;
        if self.freshness.note_read(is_full, Instant::now()) {
            rows.iter_mut().for_each(|read| read.row.drop_typing());
        }
        let events = self.followed.take_read(rows);
        self.send(events).await;
        Ok(is_full)
    }

    async fn send(&self, events: Vec<Committed>) {
        if !events.is_empty() {
            let _ = self.committed.send(events).await;
        }
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
        let is_late = self.beat_at.replace(Instant::now()).is_some_and(|at| at.elapsed() >= SILENT);
        if is_late || !has_row {
            self.send(vec![Committed::Node(NodeEvent::WasSilent)]).await;
        }
        Ok(())
    }
}
