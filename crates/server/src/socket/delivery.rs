//! Delivery workers, one for each processor, write events to sockets. Waking a task for each recipient would cost as
//! much as the write itself; here a recipient is an entry in a queue.
//!
//! Main windows have a queue of their own, with a worker that paces: one changed user is an event for every main window
//! of the organisation, and a message must not wait until thousands of them are written.

use std::{
    collections::VecDeque,
    num::NonZero,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::available_parallelism,
    time::Duration,
};

use parking_lot::Mutex;
use tokio::{sync::Notify, task::yield_now, time::sleep};

use crate::{socket::codec::Frames, supervisor::Supervisor};

/// Connections that a worker serves before it yields: some hundred microseconds.
const BATCH: usize = 32;

/// The paced worker writes this part of its queue at once, and at least [`BATCH`] connections. A broadcast to 5,000 main
/// windows takes about a quarter of a second, one to 32 takes no pause at all.
const PACED_PART: usize = 64;
/// The pause between two parts.
const PAUSE: Duration = Duration::from_millis(1);

/// The queue of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DeliveryLane {
    /// Conversations: written as soon as possible.
    Immediate,
    /// Main windows: a broadcast is spread over some hundred milliseconds.
    Paced,
}

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
    immediate: Arc<DeliveryQueue>,
    paced: Arc<DeliveryQueue>,
    /// The paced worker has ended.
    is_unpaced: Arc<AtomicBool>,
}

#[derive(Default)]
struct DeliveryQueue {
    recipients: Mutex<VecDeque<Arc<dyn Recipient>>>,
    is_filled: Notify,
}

impl DeliveryWorkers {
    /// Starts the workers, as essential tasks.
    pub fn start(supervisor: &Supervisor) -> Self {
        let workers = Self { immediate: Arc::default(), paced: Arc::default(), is_unpaced: Arc::default() };
        let count = available_parallelism().map_or(1, NonZero::get);
        (0..count).for_each(|_| supervisor.spawn_essential("delivery worker", work(workers.immediate.clone())));
        supervisor.spawn_essential("paced delivery worker", work_paced(workers.clone()));
        workers
    }

    pub(super) fn queue(&self, lane: DeliveryLane, recipient: Arc<dyn Recipient>) {
        let queue = if lane == DeliveryLane::Paced && !self.is_unpaced.load(Ordering::Acquire) {
            &self.paced
        } else {
            &self.immediate
        };
        queue.push(recipient);
        // The paced worker may have ended in between.
        if self.is_unpaced.load(Ordering::Acquire) {
            self.move_paced_to_immediate();
        }
    }

    /// Leaves what the paced worker had to do to the other workers.
    fn move_paced_to_immediate(&self) {
        let left = take(&mut self.paced.recipients.lock(), usize::MAX);
        left.into_iter().for_each(|recipient| self.immediate.push(recipient));
    }
}

/// Without its worker the paced queue would hold back the close frames of the shutdown that follows.
struct UnpacedOnDrop(DeliveryWorkers);

impl Drop for UnpacedOnDrop {
    fn drop(&mut self) {
        self.0.is_unpaced.store(true, Ordering::Release);
        self.0.move_paced_to_immediate();
    }
}

impl DeliveryQueue {
    fn push(&self, recipient: Arc<dyn Recipient>) {
        let mut recipients = self.recipients.lock();
        recipients.push_back(recipient);
        // A worker that leaves recipients in the queue wakes the next worker.
        if recipients.len() == 1 {
            self.is_filled.notify_one();
        }
    }

    fn take_batch(&self) -> Vec<Arc<dyn Recipient>> {
        let mut recipients = self.recipients.lock();
        let batch = take(&mut recipients, BATCH);
        if !recipients.is_empty() {
            self.is_filled.notify_one();
        }
        batch
    }

    /// The next part of the paced worker, which is the only one of its queue.
    fn take_part(&self) -> Vec<Arc<dyn Recipient>> {
        let mut recipients = self.recipients.lock();
        let count = (recipients.len() / PACED_PART).max(BATCH);
        take(&mut recipients, count)
    }
}

fn take<T>(queue: &mut VecDeque<T>, count: usize) -> Vec<T> {
    let count = queue.len().min(count);
    queue.drain(..count).collect()
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

async fn work_paced(workers: DeliveryWorkers) {
    let queue = workers.paced.clone();
    let _unpaced = UnpacedOnDrop(workers);
    let mut frames = Frames::default();
    loop {
        let part = queue.take_part();
        if part.is_empty() {
            queue.is_filled.notified().await;
            continue;
        }
        for batch in part.chunks(BATCH) {
            batch.iter().for_each(|recipient| deliver(&**recipient, &mut frames));
            yield_now().await;
        }
        if part.len() >= BATCH {
            sleep(PAUSE).await;
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

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use tokio::time::timeout;

    use super::*;

    /// A connection that notes its delivery.
    struct Noting {
        name: usize,
        delivered: Arc<Mutex<Vec<(usize, Instant)>>>,
    }

    impl Recipient for Noting {
        fn deliver(&self, _: &mut Frames) {
            self.delivered.lock().push((self.name, Instant::now()));
        }

        fn give_up(&self) {}
    }

    async fn delivered(lobbies: usize) -> Vec<(usize, Instant)> {
        let workers = DeliveryWorkers::start(&Supervisor::default());
        let delivered = Arc::<Mutex<Vec<_>>>::default();
        let noting = |name| Arc::new(Noting { name, delivered: delivered.clone() });
        (1..=lobbies).for_each(|name| workers.queue(DeliveryLane::Paced, noting(name)));
        yield_now().await;
        workers.queue(DeliveryLane::Immediate, noting(0));
        let all = async {
            while delivered.lock().len() <= lobbies {
                sleep(PAUSE).await;
            }
        };
        timeout(Duration::from_secs(20), all).await.unwrap();
        std::mem::take(&mut *delivered.lock())
    }

    #[tokio::test]
    async fn a_conversation_passes_a_broadcast_to_all_main_windows() {
        let order = delivered(5_000).await;
        assert_eq!(order.len(), 5_001, "every connection once");
        let before = order.iter().position(|(name, _)| *name == 0).unwrap();
        assert!(before <= 5_000 / PACED_PART, "{before} main windows were written first");
        let names: Vec<_> = order.iter().map(|(name, _)| *name).filter(|name| *name > 0).collect();
        assert!(names.is_sorted());
    }

    #[tokio::test]
    async fn a_broadcast_is_spread_over_time_and_a_small_one_is_not() {
        let spread = |order: &[(usize, Instant)]| order.last().unwrap().1 - order[0].1;
        let (many, few) = (delivered(5_000).await, delivered(BATCH).await);
        assert!(spread(&many) > 50 * PAUSE, "{:?}", spread(&many));
        assert!(spread(&few) < PAUSE, "{:?}", spread(&few));
    }
}
