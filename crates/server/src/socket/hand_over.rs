//! A lock without waiting (hand-over): a task that finds it taken leaves its work to the holder.

// The loom model compiles this file with its own `sync`.
use super::sync::{AtomicBool, Mutex, Ordering, fence};

/// A state under a lock, and work on it. The task that holds the lock, or takes it next, does the work that was marked
/// as due: a task that only marks work never waits, and no work is lost.
pub(super) struct HandOver<S> {
    state: Mutex<S>,
    is_due: AtomicBool,
}

impl<S> HandOver<S> {
    pub(super) fn new(state: S) -> Self {
        Self { state: Mutex::new(state), is_due: AtomicBool::new(false) }
    }

    /// Marks work as due. Returns whether it was not due before: then some task must call [`HandOver::work_if_due`].
    pub(super) fn mark_due(&self) -> bool {
        !self.is_due.swap(true, Ordering::AcqRel)
    }

    /// Does the work while some is due, or leaves it to the lock's holder, who checks again after the release.
    pub(super) fn work_if_due(&self, mut work: impl FnMut(&mut S)) {
        loop {
            // Of "work was marked, then the lock was found taken" and "the lock was released, then no work was found"
            // the two fences rule out one: a lock's release and a failed attempt alone do not order the flag.
            fence(Ordering::SeqCst);
            if !self.is_due.load(Ordering::Relaxed) {
                return;
            }
            let Some(mut state) = self.state.try_lock() else { return };
            self.is_due.swap(false, Ordering::AcqRel);
            work(&mut state);
        }
    }

    /// Waits for the lock, runs `act` on the state, and then does the work that became due meanwhile or by `act`.
    pub(super) fn with<R>(&self, act: impl FnOnce(&mut S) -> R, work: impl FnMut(&mut S)) -> R {
        let result = act(&mut self.state.lock());
        self.is_due.store(true, Ordering::Release);
        self.work_if_due(work);
        result
    }
}
