//! Password hashes on threads of their own: few at once, in memory that is used again, in fair turns.
//! Whoever waits no longer costs no hash; whoever comes when too many wait is refused at once.

mod argon;
mod turns;

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use tokio::sync::oneshot;

use crate::{protocol::error::Refusal, server::messenger::Result};
use argon::Memory;
pub(super) use turns::Turn;
use turns::{Turns, Work};

/// A thread that had nothing to do for so long gives its memory back.
const IDLE: Duration = Duration::from_secs(10);
/// How far the threads stand back behind those of the sockets; see nice(1).
#[cfg(target_os = "linux")]
const NICENESS: i32 = 10;

/// The threads end with it.
pub(super) struct Hashing(Arc<Shared>);

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    came: Condvar,
}

#[derive(Default)]
struct State {
    turns: Turns,
    is_over: bool,
}

/// Work with somebody who waits for what comes of it.
struct Awaited<T, F> {
    work: F,
    answer: oneshot::Sender<T>,
}

impl<T: Send, F: FnOnce(&mut Memory) -> T + Send> Work for Awaited<T, F> {
    fn is_wanted(&self) -> bool {
        !self.answer.is_closed()
    }

    fn run(self: Box<Self>, memory: &mut Memory) {
        // Who went away in the meantime does not hear it.
        let _ = self.answer.send((self.work)(memory));
    }
}

impl Hashing {
    /// Each hash takes 19 MiB and a core for tens of milliseconds, and the sockets need cores, too.
    pub(super) fn start() -> std::io::Result<Self> {
        let count = thread::available_parallelism().map_or(1, |cores| cores.get() / 2).clamp(1, 4);
        let hashing = Self(Arc::default());
        for _ in 0..count {
            let shared = hashing.0.clone();
            thread::Builder::new().name("hashing".into()).spawn(move || shared.work())?;
        }
        Ok(hashing)
    }

    /// Argon2id, 19 MiB, two passes (OWASP's least), in PHC format.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`] when too many wait, or when the system gives no randomness.
    pub(super) async fn hash(&self, turn: Turn, password: String) -> Result<String> {
        self.ask(turn, move |memory| memory.hash(&password)).await?.map_err(|error| {
            tracing::error!(%error, "a password could not be hashed");
            Refusal::Unavailable
        })
    }

    /// Whether one of the spellings of a password fits the hash. The answer takes as long where there is no hash, or
    /// one that nothing fits.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`] when too many wait.
    pub(super) async fn verify(&self, turn: Turn, spellings: Vec<String>, hash: Option<String>) -> Result<bool> {
        self.ask(turn, move |memory| spellings.iter().any(|password| memory.verify(password, hash.as_deref()))).await
    }

    async fn ask<T: Send + 'static>(
        &self,
        turn: Turn,
        work: impl FnOnce(&mut Memory) -> T + Send + 'static,
    ) -> Result<T> {
        let (answer, answered) = oneshot::channel();
        self.0.lock().turns.push(turn, Box::new(Awaited { work, answer })).map_err(|_| Refusal::Unavailable)?;
        self.0.came.notify_one();
        answered.await.map_err(|_| Refusal::Unavailable)
    }
}

impl Drop for Hashing {
    fn drop(&mut self) {
        self.0.lock().is_over = true;
        self.0.came.notify_all();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self) {
        stand_back();
        let mut memory = Memory::default();
        while let Some(work) = self.next(&mut memory) {
            work.run(&mut memory);
        }
    }

    /// Waits for the next turn; none when it is over.
    fn next(&self, memory: &mut Memory) -> Option<Box<dyn Work>> {
        let mut state = self.lock();
        loop {
            if state.is_over {
                return None;
            }
            if let Some(work) = state.turns.next() {
                return Some(work);
            }
            let waited = self.came.wait_timeout(state, IDLE).unwrap_or_else(PoisonError::into_inner);
            state = waited.0;
            if waited.1.timed_out() {
                memory.give_back();
            }
        }
    }
}

/// A flood of sign-ins is to slow itself, and not those who talk.
#[cfg(target_os = "linux")]
fn stand_back() {
    // Linux counts niceness by threads. Without it hashing goes on as everything else.
    let _ = rustix::process::setpriority_process(Some(rustix::thread::gettid()), NICENESS);
}

#[cfg(not(target_os = "linux"))]
fn stand_back() {}

#[cfg(test)]
mod tests;
