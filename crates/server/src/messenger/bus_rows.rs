//! Rows of the feed over the bus: after a commit a node publishes its row with the new messages, and the others need not
//! read them. What is too large or too much is a hint instead, a frame without content: the others then read the feed
//! at once. Whatever the bus loses they read at their next poll.

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::{
    bus::{Bus, BusConfig, BusEvent, BusKey, NotPublished},
    messenger::inner::Messenger,
    model::{BusFault, Fault, PositionedRow, StoreLocation},
    store::{self, Store, WrittenRows},
};

/// Bytes of the hash that names a cluster on the bus.
const NAME_BYTES: usize = 8;
/// Says that the feed has something to read.
const HINT: &[u8] = b"";

/// The content of a frame that is no hint, as JSON.
#[derive(Serialize, Deserialize)]
struct BusRow<R> {
    /// Of the database. After a failover a node may still be connected to the old one, whose rows exist nowhere else.
    epoch: Uuid,
    row: R,
}

impl Messenger {
    /// Connects to the bus of the nodes. A bus that cannot be reached is a warning in the log.
    ///
    /// # Errors
    /// [`BusFault::NoDatabase`] without a shared database; if its key cannot be read.
    pub async fn join_bus(&self, location: &StoreLocation, config: &BusConfig) -> Result<(), Fault> {
        if !self.0.store.is_shared() {
            return Err(BusFault::NoDatabase.into());
        }
        let key = self.0.store.cluster_key().await.map_err(|error| store::fault(location, error))?;
        let cluster = HEXLOWER.encode(&Sha256::digest(key)[..NAME_BYTES]);
        let (bus, events) = Bus::connect(config, &cluster, BusKey::new(key), self.supervisor()).await?;
        let rows = self.0.store.written_rows().ok_or(BusFault::NoDatabase)?;
        self.supervisor().spawn_essential("bus rows", exchange(self.0.store.clone(), bus, rows, events));
        Ok(())
    }
}

async fn exchange(store: Store, bus: Bus, mut written: WrittenRows, mut events: mpsc::Receiver<BusEvent>) {
    loop {
        tokio::select! {
            row = written.next() => publish(&bus, store.epoch(), row.as_ref()),
            event = events.recv() => match event {
                Some(BusEvent::Frame(content)) => match row_in(&content, store.epoch()) {
                    Some(row) => store.receive_row(row),
                    None => store.read_feed(),
                },
                Some(BusEvent::Unknown | BusEvent::Interrupted) => store.read_feed(),
                None => return,
            },
        }
    }
}

fn publish(bus: &Bus, epoch: Uuid, row: Option<&PositionedRow>) {
    let content = row.and_then(|row| serde_json::to_vec(&BusRow { epoch, row }).ok());
    let published = bus.publish(content.as_deref().unwrap_or(HINT));
    if published == Err(NotPublished::TooLarge) {
        // A node that misses it reads the feed at its next poll.
        let _ = bus.publish(HINT);
    }
}

/// The row in a frame. `None` for a hint, and for what only the feed has.
fn row_in(content: &[u8], epoch: Uuid) -> Option<PositionedRow> {
    let sent: BusRow<PositionedRow> = serde_json::from_slice(content).ok()?;
    (sent.epoch == epoch).then_some(sent.row)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{FeedRow, NodeId};

    #[test]
    fn a_row_of_another_epoch_or_version_is_a_hint() {
        let (epoch, writer) = (Uuid::new_v4(), NodeId(Uuid::now_v7()));
        let row = PositionedRow { writer, position: 1, row: FeedRow::default(), messages: Vec::new() };
        let content = serde_json::to_vec(&BusRow { epoch, row: &row }).unwrap();
        assert_eq!(row_in(&content, epoch), Some(row));
        assert_eq!(row_in(&content, Uuid::new_v4()), None, "this database does not have it");
        assert_eq!((row_in(HINT, epoch), row_in(b"{\"later\":1}", epoch)), (None, None));
    }
}
