//! The writer on PostgreSQL: one connection, group commit. A batch of plain posts is one call, which is a transaction of
//! its own. All other jobs that arrived during a flush share the next transaction.
//!
//! A lost connection leaves a COMMIT in doubt. The writer refuses its callers, connects again, and inserts the
//! transaction's row of the feed once more. A conflict says that it was committed, and its changes are fanned out before
//! any later one.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use sqlx::{Executor, PgConnection, postgres::PgConnectOptions};
use tokio::{
    sync::{mpsc, oneshot},
    time::sleep,
};
use uuid::Uuid;

use crate::{
    model::{Committed, NodeId, PositionedRow},
    store::{
        jobs::{Job, Posting, as_single_write},
        postgres::{
            connection::{answered, connect},
            fault::is_lost,
            feed,
            feed_shared::FeedShared,
            incarnation,
            posts::{FeedPosition, insert_together},
            transaction::{TransactionWrites, Unit, begin, commit, rooms_of, run},
        },
        posts::is_plain,
        sql::{
            db::{Db, HeldConnection},
            messages::{current, find},
            node_clock::NodeClock,
        },
        writer::{QUEUE, Writer},
    },
    supervisor::Supervisor,
};
use protocol::ids::MessageId;

/// Jobs in one turn, at most: a bound on the latency of the first one.
const BATCH: usize = 512;
/// Units in one transaction, at most: PostgreSQL keeps 64 savepoints in memory.
const UNITS: usize = 60;
/// The delays between two attempts to connect: the first, and the longest.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(2));
/// How long the rows of the feed are kept, and how often older ones are deleted.
const FEED_KEPT_MS: i64 = 10 * 60 * 1000;
const FEED_SWEEP: Duration = Duration::from_secs(60);

/// What a writer needs to connect again.
pub(crate) struct Connecting {
    pub(crate) options: PgConnectOptions,
    pub(crate) clock: Arc<NodeClock>,
    /// The incarnation of the database, as [`incarnation::of`].
    pub(crate) incarnation: String,
    /// The writer of the rows of the feed: the node, or a command.
    pub(crate) node: Uuid,
    /// What a node's writer and feed follower share; `None` for a command.
    pub(crate) shared: Option<Arc<FeedShared>>,
}

/// A transaction of which it is not known whether it was committed.
struct InDoubt {
    position: i64,
    changes: Vec<Committed>,
    /// Posts, if the call that inserted them was the transaction.
    posts: Vec<MessageId>,
}

/// The task behind a [`Writer`].
struct WriterTask {
    connecting: Connecting,
    /// `None` while the connection is lost.
    db: Option<Db>,
    next_attempt: Instant,
    backoff: Duration,
    /// The position of the last transaction in the feed.
    position: i64,
    in_doubt: Option<InDoubt>,
    committed: mpsc::Sender<Vec<Committed>>,
    next_sweep: Instant,
}

/// Starts the writer's task. It sends changes in commit order.
pub(crate) fn start(
    connection: PgConnection,
    connecting: Connecting,
    committed: mpsc::Sender<Vec<Committed>>,
    supervisor: &Supervisor,
) -> Writer {
    let (jobs, inbox) = mpsc::channel(QUEUE);
    let db = Some(Db::Postgres(HeldConnection::Own(connection), connecting.clock.clone()));
    let now = Instant::now();
    let task = WriterTask {
        connecting,
        db,
        next_attempt: now,
        backoff: BACKOFF.0,
        position: 0,
        in_doubt: None,
        committed,
        next_sweep: now,
    };
    supervisor.spawn_finishing("writer", task.run(inbox));
    Writer::new(jobs, true)
}

/// Whether the task goes on.
enum AfterTurn {
    Turn,
    /// The database has another incarnation now: a restart gives its windows a snapshot.
    Stop,
}

impl WriterTask {
    async fn run(mut self, mut inbox: mpsc::Receiver<Job>) {
        let mut jobs = Vec::new();
        loop {
            let waiting = self.next_attempt.saturating_duration_since(Instant::now());
            let count = tokio::select! {
                count = inbox.recv_many(&mut jobs, BATCH) => count,
                () = sleep(waiting), if self.db.is_none() => 1,
            };
            if count == 0 {
                return;
            }
            let (units, close) = gather(&mut jobs);
            if let AfterTurn::Stop = self.turn(units).await {
                tracing::error!(
                    "the database was replaced by one with another incarnation; the server must start again"
                );
                return;
            }
            if let Some(closed) = close {
                self.end().await;
                let _ = closed.send(());
                return;
            }
        }
    }

    async fn end(self) {
        let Some(mut db) = self.db else { return };
        if self.connecting.shared.is_some()
            && let Ok(connection) = db.postgres()
        {
            let _ = answered(feed::leave(connection, self.connecting.node)).await;
        }
        let _ = answered(db.close()).await;
    }

    fn next_position(&self) -> FeedPosition {
        (self.connecting.node, self.position + 1)
    }

    /// A row is in the feed. `changes`: those of its transaction; `None` if they have to be read.
    fn advance(&mut self, position: i64, changes: Option<&[Committed]>) {
        self.position = position;
        let Some(shared) = &self.connecting.shared else { return };
        shared.top.send_replace(position);
        match changes {
            Some(changes) => shared.send(|| PositionedRow::of(NodeId(self.connecting.node), position, changes)),
            None => shared.hint_others(),
        }
    }

    /// Without a connection it drops the units, which refuses their callers as unavailable.
    async fn turn(&mut self, units: Vec<Unit>) -> AfterTurn {
        if self.db.is_none() && self.next_attempt <= Instant::now() {
            match self.reconnect().await {
                Ok(next @ AfterTurn::Stop) => return next,
                Ok(AfterTurn::Turn) => self.backoff = BACKOFF.0,
                Err(error) => self.pause(&error),
            }
        }
        let mut units = units.into_iter().peekable();
        while self.db.is_some() && units.peek().is_some() {
            let some: Vec<Unit> = units.by_ref().take(UNITS).collect();
            self.commit(some).await;
        }
        self.sweep().await;
        AfterTurn::Turn
    }

    fn pause(&mut self, error: &sqlx::Error) {
        tracing::warn!(%error, "the database cannot be reached; writes are refused until it can");
        self.db = None;
        self.next_attempt = Instant::now() + self.backoff;
        self.backoff = (self.backoff * 2).min(BACKOFF.1);
    }

    async fn commit(&mut self, mut units: Vec<Unit>) {
        if let [Unit::Posts(_)] = units[..]
            && let Some(Unit::Posts(posts)) = units.pop()
        {
            let others = self.posts(posts).await;
            units = others.into_iter().map(|post| Unit::Write(Some(post.room), as_single_write(post))).collect();
        }
        if self.db.is_none() || units.is_empty() {
            return;
        }
        let Some(units) = self.transaction(units).await else { return };
        for unit in units {
            if self.transaction(vec![unit]).await.is_some() {
                tracing::warn!("a room stayed locked; a write to it was refused");
            }
        }
    }

    /// Inserts plain posts in one call. Returns those that it did not insert.
    async fn posts(&mut self, posts: Vec<Posting>) -> Vec<Posting> {
        let (position, mut writes) = (self.next_position(), TransactionWrites::default());
        let Some(Db::Postgres(link, clock)) = &mut self.db else { return Vec::new() };
        let together: Vec<_> = posts.iter().map(|post| (post.room, post.author, &post.message)).collect();
        match answered(insert_together(link.connection(), clock, Some(position), &together)).await {
            Ok(inserted) => {
                let others = writes.inserted(posts, inserted);
                self.advance(position.1, Some(&writes.changes));
                self.complete(writes).await;
                others
            }
            Err(error) if is_lost(&error) => {
                let posts = posts.iter().map(|post| post.message.id).collect();
                self.doubt(InDoubt { position: position.1, changes: Vec::new(), posts }, &error);
                Vec::new()
            }
            Err(error) => {
                tracing::warn!(%error, "posts could not be inserted together; each is inserted alone");
                posts
            }
        }
    }

    /// Runs one transaction. It commits, then broadcasts, then replies: a reply never overtakes its own event. Returns
    /// the units if another node keeps one of their rooms locked.
    async fn transaction(&mut self, units: Vec<Unit>) -> Option<Vec<Unit>> {
        let db = self.db.as_mut()?;
        if let Err(error) = answered(begin(db, rooms_of(&units))).await {
            self.roll_back(&error).await;
            return (self.db.is_some() && !is_lost(&error)).then_some(units);
        }
        let writes = match answered(run(db, units)).await {
            Ok(writes) => writes,
            Err(error) => {
                self.roll_back(&error).await;
                return None;
            }
        };
        let position = (self.connecting.node, self.position + 1);
        match answered(commit(db, position, &writes.changes)).await {
            Ok(()) => {
                self.advance(position.1, Some(&writes.changes));
                self.complete(writes).await;
            }
            Err(error) if is_lost(&error) => {
                self.doubt(InDoubt { position: position.1, changes: writes.changes, posts: Vec::new() }, &error);
            }
            Err(error) => self.roll_back(&error).await,
        }
        None
    }

    async fn complete(&mut self, TransactionWrites { changes, replies }: TransactionWrites) {
        if !changes.is_empty() {
            let _ = self.committed.send(changes).await;
        }
        for reply in replies {
            reply(Ok(()));
        }
    }

    async fn roll_back(&mut self, error: &sqlx::Error) {
        tracing::error!(%error, "a transaction failed; none of its writes was acknowledged");
        if is_lost(error) {
            return self.pause(error);
        }
        let Some(db) = &mut self.db else { return };
        let rolled_back = match db.postgres() {
            Ok(connection) => answered(connection.execute("ROLLBACK")).await.map(drop),
            Err(error) => Err(error),
        };
        if let Err(error) = rolled_back {
            self.pause(&error);
        }
    }

    fn doubt(&mut self, in_doubt: InDoubt, error: &sqlx::Error) {
        self.in_doubt = Some(in_doubt);
        self.pause(error);
    }

    async fn reconnect(&mut self) -> sqlx::Result<AfterTurn> {
        let mut connection = connect(&self.connecting.options).await?;
        if answered(incarnation::of(&mut connection)).await? != self.connecting.incarnation {
            return Ok(AfterTurn::Stop);
        }
        let mut db = Db::Postgres(HeldConnection::Own(connection), self.connecting.clock.clone());
        if let Some(in_doubt) = self.in_doubt.take() {
            match self.resolve(&mut db, &in_doubt).await {
                Ok(changes) if changes.is_empty() => {}
                Ok(changes) => drop(self.committed.send(changes).await),
                Err(error) => {
                    self.in_doubt = Some(in_doubt);
                    return Err(error);
                }
            }
        }
        tracing::info!("the database can be reached");
        self.db = Some(db);
        Ok(AfterTurn::Turn)
    }

    /// The changes of a transaction in doubt, if it was committed. The row of the feed waits for the old transaction.
    async fn resolve(&mut self, db: &mut Db, in_doubt: &InDoubt) -> sqlx::Result<Vec<Committed>> {
        let sql = "INSERT INTO feed (writer, seq) VALUES ($1, $2) ON CONFLICT (writer, seq) DO NOTHING";
        let query = sqlx::query(sql).bind(self.connecting.node).bind(in_doubt.position);
        let was_committed = answered(query.execute(db.postgres()?)).await?.rows_affected() == 0;
        tracing::warn!(was_committed, "the connection was lost during a commit");
        self.advance(in_doubt.position, None);
        if !was_committed {
            return Ok(Vec::new());
        }
        let mut changes = in_doubt.changes.clone();
        for id in &in_doubt.posts {
            if let Some(stored) = answered(find(&mut *db, *id)).await? {
                let message = answered(current(&mut *db, stored.room, stored.seq)).await?;
                changes.push(Committed::Message { room: stored.room, message });
            }
        }
        Ok(changes)
    }

    async fn sweep(&mut self) {
        let Some(Db::Postgres(link, _)) = &mut self.db else { return };
        if self.next_sweep > Instant::now() {
            return;
        }
        self.next_sweep = Instant::now() + FEED_SWEEP;
        if let Err(error) = answered(feed::delete_older(link.connection(), FEED_KEPT_MS)).await {
            self.pause(&error);
        }
    }
}

/// The jobs as units of a transaction: plain posts that are neighbours are one unit.
fn gather(jobs: &mut Vec<Job>) -> (Vec<Unit>, Option<oneshot::Sender<()>>) {
    let (mut units, mut close) = (Vec::new(), None);
    for job in jobs.drain(..) {
        match job {
            Job::Post(posting) if is_plain(&posting.message) => match units.last_mut() {
                Some(Unit::Posts(posts)) => posts.push(posting),
                _ => units.push(Unit::Posts(vec![posting])),
            },
            Job::Post(posting) => units.push(Unit::Write(Some(posting.room), as_single_write(posting))),
            Job::Write(room, write) => units.push(Unit::Write(room, write)),
            Job::Checkpoint(done) => drop(done.send(())),
            Job::Close(closed) => close = Some(closed),
        }
    }
    (units, close)
}
