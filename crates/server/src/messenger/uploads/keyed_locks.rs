//! Locks by key. A lock exists while a task holds it or waits for it.

use std::{collections::HashMap, hash::Hash, sync::Arc};

use parking_lot::Mutex;
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

type Locks<K> = Arc<Mutex<HashMap<K, Arc<AsyncMutex<()>>>>>;

/// A lock for each key.
pub(super) struct KeyedLocks<K>(Locks<K>);

/// The lock of one key, until it is dropped.
pub(super) struct KeyedGuard<K: Eq + Hash> {
    locks: Locks<K>,
    key: K,
    held: Option<OwnedMutexGuard<()>>,
}

impl<K> Default for KeyedLocks<K> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<K: Copy + Eq + Hash> KeyedLocks<K> {
    /// Waits until no task holds this key.
    pub(super) async fn lock(&self, key: K) -> KeyedGuard<K> {
        let held = self.of(key).lock_owned().await;
        KeyedGuard { locks: self.0.clone(), key, held: Some(held) }
    }

    /// `None` if a task holds this key.
    pub(super) fn try_lock(&self, key: K) -> Option<KeyedGuard<K>> {
        let held = self.of(key).try_lock_owned().ok()?;
        Some(KeyedGuard { locks: self.0.clone(), key, held: Some(held) })
    }

    fn of(&self, key: K) -> Arc<AsyncMutex<()>> {
        self.0.lock().entry(key).or_default().clone()
    }
}

impl<K: Eq + Hash> Drop for KeyedGuard<K> {
    fn drop(&mut self) {
        let mut locks = self.locks.lock();
        self.held = None;
        // A waiting task holds a second reference.
        if locks.get(&self.key).is_some_and(|lock| Arc::strong_count(lock) == 1) {
            locks.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    #[tokio::test]
    async fn a_key_is_held_by_one_and_leaves_nothing() {
        let locks = KeyedLocks::default();
        let (one, two) = (locks.lock(1).await, locks.try_lock(2));
        assert!(two.is_some(), "another key is free");
        assert!(locks.try_lock(1).is_none());
        let mut waiting = Box::pin(locks.lock(1));
        assert!((&mut waiting).now_or_never().is_none());
        drop((one, two));
        let one = waiting.await;
        assert!(locks.try_lock(1).is_none(), "the one who waited holds it");
        drop(one);
        assert!(locks.0.lock().is_empty());
    }
}
