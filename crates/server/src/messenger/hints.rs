//! Hints over the bus: after a commit a node publishes that its feed has a new row, and the others read it at once
//! instead of at their next poll. A hint has no content, so a lost one costs the time to the next poll, a forged one a
//! read of the feed; the reader limits how often it reads.

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use tokio::sync::{mpsc, watch};

use crate::{
    bus::{Bus, BusConfig, BusEvent, BusKey},
    messenger::inner::Messenger,
    model::{BusFault, Fault, StorePlace},
    store::{self, Store},
};

/// Bytes of the hash that names a cluster on the bus.
const NAME_BYTES: usize = 8;

impl Messenger {
    /// Connects to the bus of the nodes. A bus that cannot be reached is a warning in the log.
    ///
    /// # Errors
    /// [`BusFault::NoDatabase`] without a shared database; if its key cannot be read.
    pub async fn join_bus(&self, place: &StorePlace, config: &BusConfig) -> Result<(), Fault> {
        let top = self.0.store.feed_top().ok_or(BusFault::NoDatabase)?;
        let key = self.0.store.cluster_key().await.map_err(|error| store::fault(place, error))?;
        let cluster = HEXLOWER.encode(&Sha256::digest(key)[..NAME_BYTES]);
        let (bus, events) = Bus::connect(config, &cluster, BusKey::new(key), self.supervisor()).await?;
        self.supervisor().spawn_essential("hints", exchange(self.0.store.clone(), bus, top, events));
        Ok(())
    }
}

async fn exchange(store: Store, bus: Bus, mut top: watch::Receiver<i64>, mut events: mpsc::Receiver<BusEvent>) {
    loop {
        tokio::select! {
            changed = top.changed() => {
                if changed.is_err() {
                    return;
                }
                let row = *top.borrow_and_update();
                // Who misses it reads the feed at the next poll.
                let _ = bus.publish(&row.to_be_bytes());
            }
            event = events.recv() => match event {
                Some(BusEvent::Frame(_) | BusEvent::Unknown | BusEvent::Interrupted) => store.read_feed(),
                None => return,
            },
        }
    }
}
