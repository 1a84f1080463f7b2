//! Password hashing on a few dedicated threads, in reused memory, with a fair queue. An abandoned request is not
//! computed; a request to a full queue is refused at once.

mod argon;
mod queue;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread,
    time::Duration,
};

use parking_lot::{Condvar, Mutex, MutexGuard};
use tokio::sync::oneshot;

use crate::{
    messenger::policy::Result,
    supervisor::{Supervisor, panic_message},
};
use argon::Memory;
use protocol::error::Refusal;
pub(super) use queue::HashPriority;
use queue::{HashJob, HashQueue};

/// An idle thread frees its memory after this time.
const IDLE: Duration = Duration::from_secs(10);
/// The niceness of the threads, so that the threads of the sockets have priority; see nice(1).
#[cfg(target_os = "linux")]
const NICENESS: i32 = 10;

/// Dropping it ends the threads.
pub(super) struct Hashing(Arc<Workers>);

#[derive(Default)]
struct Workers {
    state: Mutex<WorkerState>,
    is_due: Condvar,
}

#[derive(Default)]
struct WorkerState {
    queue: HashQueue,
    is_closed: bool,
}

/// A job and the channel to its caller.
struct AwaitedHash<T, F> {
    work: F,
    answer: oneshot::Sender<T>,
}

impl<T: Send, F: FnOnce(&mut Memory) -> T + Send> HashJob for AwaitedHash<T, F> {
    fn is_wanted(&self) -> bool {
        !self.answer.is_closed()
    }

    fn run(self: Box<Self>, memory: &mut Memory) {
        // The caller may be gone.
        let _ = self.answer.send((self.work)(memory));
    }
}

impl Hashing {
    /// Starts a thread for every two cores, at most four: a hash takes 19 MiB and a core for tens of milliseconds. The
    /// end of a thread is a failure of the server, because sign-ins would wait forever.
    ///
    /// # Errors
    /// When the system starts no thread.
    pub(super) fn start(supervisor: &Supervisor) -> std::io::Result<Self> {
        let count = thread::available_parallelism().map_or(1, |cores| cores.get() / 2).clamp(1, 4);
        let hashing = Self(Arc::default());
        for _ in 0..count {
            let shared = hashing.0.clone();
            supervisor.spawn_thread("hashing", move || shared.work())?;
        }
        Ok(hashing)
    }

    /// Argon2id, 19 MiB, two passes (OWASP's minimum), in PHC format.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`] when the queue is full, or when the system has no randomness.
    pub(super) async fn hash(&self, priority: HashPriority, password: String) -> Result<String> {
        self.ask(priority, move |memory| memory.hash(&password)).await?.map_err(|error| {
            tracing::error!(%error, "a password could not be hashed");
            Refusal::Unavailable
        })
    }

    /// Whether one of the spellings of a password matches the hash. Without a hash it takes the same time.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`] when the queue is full.
    pub(super) async fn verify(
        &self,
        priority: HashPriority,
        spellings: Vec<String>,
        hash: Option<String>,
    ) -> Result<bool> {
        self.ask(priority, move |memory| spellings.iter().any(|password| memory.verify(password, hash.as_deref())))
            .await
    }

    async fn ask<T: Send + 'static>(
        &self,
        priority: HashPriority,
        work: impl FnOnce(&mut Memory) -> T + Send + 'static,
    ) -> Result<T> {
        let (answer, answered) = oneshot::channel();
        self.0.lock().queue.push(priority, Box::new(AwaitedHash { work, answer })).map_err(|_| Refusal::Unavailable)?;
        self.0.is_due.notify_one();
        answered.await.map_err(|_| Refusal::Unavailable)
    }
}

impl Drop for Hashing {
    fn drop(&mut self) {
        self.0.lock().is_closed = true;
        self.0.is_due.notify_all();
    }
}

impl Workers {
    fn lock(&self) -> MutexGuard<'_, WorkerState> {
        self.state.lock()
    }

    fn work(&self) {
        lower_priority();
        let mut memory = Memory::default();
        while let Some(job) = self.next(&mut memory) {
            // The caller of a job that panics gets `unavailable`; the next job gets new memory.
            if let Err(panic) = catch_unwind(AssertUnwindSafe(|| job.run(&mut memory))) {
                tracing::error!(cause = panic_message(&*panic), "hashing a password failed");
                memory = Memory::default();
            }
        }
    }

    /// Waits for the next job; `None` when the queue is closed.
    fn next(&self, memory: &mut Memory) -> Option<Box<dyn HashJob>> {
        let mut state = self.lock();
        loop {
            if state.is_closed {
                return None;
            }
            if let Some(work) = state.queue.next() {
                return Some(work);
            }
            if self.is_due.wait_for(&mut state, IDLE).timed_out() {
                memory.free();
            }
        }
    }
}

/// A flood of sign-ins must not slow down the sockets.
#[cfg(target_os = "linux")]
fn lower_priority() {
    // On Linux niceness belongs to a thread. Failure leaves the normal priority.
    let _ = rustix::process::setpriority_process(Some(rustix::thread::gettid()), NICENESS);
}

#[cfg(not(target_os = "linux"))]
fn lower_priority() {}

#[cfg(test)]
mod tests;
