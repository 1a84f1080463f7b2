//! What the writer and the follower of a node's feed share with each other and with the bus.

use std::sync::{Arc, OnceLock};

use tokio::sync::{Notify, mpsc, watch};

use crate::model::PositionedRow;

/// Rows on their way to the bus, and from the bus to the follower. Their texts have a bound (`PositionedRow::of`).
const ROWS: usize = 256;

pub(crate) struct FeedShared {
    /// The last row that this node wrote.
    pub(crate) top: watch::Sender<i64>,
    /// Wakes the follower before its next poll.
    pub(crate) hint: Notify,
    /// Rows that other nodes sent, for the follower.
    arrived: mpsc::Sender<PositionedRow>,
    /// Rows for the other nodes, once there is a bus.
    written: OnceLock<mpsc::Sender<PositionedRow>>,
    /// The others have something to read that was not sent.
    unsent: Notify,
}

/// What this node's writer has for the other nodes.
pub struct WrittenRows {
    rows: mpsc::Receiver<PositionedRow>,
    shared: Arc<FeedShared>,
}

impl FeedShared {
    /// Also yields what other nodes send.
    pub(crate) fn begin() -> (Arc<Self>, mpsc::Receiver<PositionedRow>) {
        let (arrived, rows) = mpsc::channel(ROWS);
        let (top, hint, unsent) = (watch::Sender::default(), Notify::new(), Notify::new());
        (Arc::new(Self { top, hint, arrived, written: OnceLock::new(), unsent }), rows)
    }

    /// Begins to keep rows for a bus. `None` if one has them already.
    pub(crate) fn written_rows(self: &Arc<Self>) -> Option<WrittenRows> {
        let (written, rows) = mpsc::channel(ROWS);
        self.written.set(written).ok()?;
        Some(WrittenRows { rows, shared: self.clone() })
    }

    /// Has a committed row for the other nodes. It never waits: they read what was not sent.
    pub(crate) fn send(&self, row: impl FnOnce() -> PositionedRow) {
        if let Some(written) = self.written.get()
            && written.try_send(row()).is_err()
        {
            self.unsent.notify_one();
        }
    }

    /// Has something that the other nodes have to read.
    pub(crate) fn hint_others(&self) {
        self.unsent.notify_one();
    }

    /// Hands a row of another node to the follower, which reads the feed if it has too many.
    pub(crate) fn receive(&self, row: PositionedRow) {
        if self.arrived.try_send(row).is_err() {
            self.hint.notify_one();
        }
    }
}

impl WrittenRows {
    /// The next row, in their order. `None` for something that the others have to read.
    pub async fn next(&mut self) -> Option<PositionedRow> {
        tokio::select! {
            row = self.rows.recv() => row,
            () = self.shared.unsent.notified() => None,
        }
    }
}
