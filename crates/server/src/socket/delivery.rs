//! Delivery workers, one for each processor, write events to sockets. Waking a task for each recipient would cost as
//! much as the write itself; here a recipient is an entry in a queue.

use std::{
    collections::VecDeque,
    num::NonZero,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread::available_parallelism,
};

use parking_lot::Mutex;
use tokio::{sync::Notify, task::yield_now};

use crate::{socket::codec::Frames, supervisor::Supervisor};

/// Connections that a worker serves before it yields: some hundred microseconds.
const BATCH: usize = 32;

/// A connection with events in its outbox.
pub(super) trait Recipient: Send + Sync {
    /// Writes the events without waiting. `frames`: a reusable buffer.
    fn deliver(&self, frames: &mut Frames);

    /// Closes the connection after a panic in [`Recipient::deliver`], because it is unknown what was written. The
    /// client resumes from its cursor.
    fn give_up(&self);
}

/// The workers run until shutdown.
#[derive(Clone)]
pub struct DeliveryWorkers {
    queue: Arc<DeliveryQueue>,
}

#[derive(Default)]
struct DeliveryQueue {
    recipients: Mutex<VecDeque<Arc<dyn Recipient>>>,
    is_filled: Notify,
}

impl DeliveryWorkers {
    /// Starts the workers, as essential tasks.
    pub fn start(supervisor: &Supervisor) -> Self {
        let queue = Arc::<DeliveryQueue>::default();
        let count = available_parallelism().map_or(1, NonZero::get);
        (0..count).for_each(|_| supervisor.spawn_essential("delivery worker", work(queue.clone())));
        Self { queue }
    }

    pub(super) fn queue(&self, recipient: Arc<dyn Recipient>) {
        let mut recipients = self.queue.recipients.lock();
        recipients.push_back(recipient);
        // A worker that leaves recipients in the queue wakes the next worker.
        if recipients.len() == 1 {
            self.queue.is_filled.notify_one();
        }
    }
}

impl DeliveryQueue {
    fn take_batch(&self) -> Vec<Arc<dyn Recipient>> {
        let mut recipients = self.recipients.lock();
        let count = recipients.len().min(BATCH);
        let batch = recipients.drain(..count).collect();
        if !recipients.is_empty() {
            self.is_filled.notify_one();
        }
        batch
    }
}

async fn work(queue: Arc<DeliveryQueue>) {
    let mut frames = Frames::default();
    loop {
        let batch = queue.take_batch();
        if batch.is_empty() {
            queue.is_filled.notified().await;
        } else {
            batch.iter().for_each(|recipient| deliver(&**recipient, &mut frames));
            yield_now().await;
        }
    }
}

/// A panic while encoding one connection's event must not stop the worker.
fn deliver(recipient: &dyn Recipient, frames: &mut Frames) {
    if catch_unwind(AssertUnwindSafe(|| recipient.deliver(frames))).is_err() {
        tracing::error!("panic while encoding an event for a connection; the connection is closed");
        recipient.give_up();
    }
}
