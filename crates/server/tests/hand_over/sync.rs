//! Loom's atomics, and a lock with the guarantees of parking_lot's fast path: a failed attempt is a relaxed load, which
//! orders nothing.

pub(super) use loom::sync::atomic::{AtomicBool, Ordering, fence};
use loom::sync::{MutexGuard, atomic::AtomicBool as Flag};

pub(super) struct Mutex<T> {
    is_locked: Flag,
    /// Never contended: its guard lives within the flag's critical section.
    value: loom::sync::Mutex<T>,
}

pub(super) struct Guard<'a, T> {
    value: Option<MutexGuard<'a, T>>,
    is_locked: &'a Flag,
}

impl<T> Mutex<T> {
    pub(super) fn new(value: T) -> Self {
        Self { is_locked: Flag::new(false), value: loom::sync::Mutex::new(value) }
    }

    pub(super) fn try_lock(&self) -> Option<Guard<'_, T>> {
        if self.is_locked.load(Ordering::Relaxed) {
            return None;
        }
        self.is_locked.compare_exchange(false, true, Ordering::Acquire, Ordering::Relaxed).ok()?;
        Some(Guard { value: Some(self.value.lock().expect("no panic")), is_locked: &self.is_locked })
    }

    pub(super) fn lock(&self) -> Guard<'_, T> {
        loop {
            if let Some(guard) = self.try_lock() {
                return guard;
            }
            loom::thread::yield_now();
        }
    }
}

impl<T> std::ops::Deref for Guard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.value.as_ref().expect("held until the drop")
    }
}

impl<T> std::ops::DerefMut for Guard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.value.as_mut().expect("held until the drop")
    }
}

impl<T> Drop for Guard<'_, T> {
    fn drop(&mut self) {
        self.value = None;
        self.is_locked.store(false, Ordering::Release);
    }
}
