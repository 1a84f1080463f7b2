//! Who carries what waits in outboxes to the sockets. A room of thousands would otherwise wake a task for each
//! of them, which costs as much again as the writing; here a connection is a line in a list, worked off by as many
//! postmen as there are processors.

use std::{
    collections::VecDeque,
    num::NonZero,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::available_parallelism,
};

use tokio::{
    sync::Notify,
    task::{JoinSet, yield_now},
};

use crate::server::live::codec::Frames;

/// Connections that one postman takes at a time: some hundred microseconds, then others have their turn.
const ROUND: usize = 32;

/// Somebody with post.
pub(super) trait Recipient: Send + Sync {
    /// Writes what waits, without waiting itself. `frames` is for its use.
    fn deliver(&self, frames: &mut Frames);

    /// Ends the connection, because delivering panicked: nobody knows what was said. The client comes back with
    /// its cursor.
    fn give_up(&self);
}

/// They end with the last clone.
#[derive(Clone)]
pub(in crate::server) struct Postmen {
    post: Arc<Post>,
    _at_work: Arc<JoinSet<()>>,
}

#[derive(Default)]
struct Post {
    recipients: Mutex<VecDeque<Arc<dyn Recipient>>>,
    came: Notify,
}

impl Postmen {
    /// Begins to work, in the runtime that this is called in.
    pub(in crate::server) fn start() -> Self {
        let post = Arc::<Post>::default();
        let count = available_parallelism().map_or(1, NonZero::get);
        let at_work = (0..count).map(|_| work(post.clone())).collect();
        Self { post, _at_work: Arc::new(at_work) }
    }

    /// Has it delivered soon.
    pub(super) fn call(&self, recipient: Arc<dyn Recipient>) {
        let mut recipients = self.post.lock();
        recipients.push_back(recipient);
        // Whoever takes some and leaves others calls the next postman.
        if recipients.len() == 1 {
            self.post.came.notify_one();
        }
    }
}

impl Post {
    fn lock(&self) -> MutexGuard<'_, VecDeque<Arc<dyn Recipient>>> {
        self.recipients.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> Vec<Arc<dyn Recipient>> {
        let mut recipients = self.lock();
        let count = recipients.len().min(ROUND);
        let round = recipients.drain(..count).collect();
        if !recipients.is_empty() {
            self.came.notify_one();
        }
        round
    }
}

async fn work(post: Arc<Post>) {
    let mut frames = Frames::default();
    loop {
        let round = post.take();
        if round.is_empty() {
            post.came.notified().await;
        } else {
            round.iter().for_each(|recipient| carry(&**recipient, &mut frames));
            yield_now().await;
        }
    }
}

/// A fault in what one connection says must not end everybody's post.
fn carry(recipient: &dyn Recipient, frames: &mut Frames) {
    if catch_unwind(AssertUnwindSafe(|| recipient.deliver(frames))).is_err() {
        tracing::error!("an event could not be said on a connection; it is closed");
        recipient.give_up();
    }
}
