//! Changes that are sent while a command reads. The reply may be older than these changes, so they are sent again after
//! it. Clients upsert, so a repeated change does no harm.

use std::sync::Arc;

use crate::hub::Encoded;

/// Changes during one command, at most. Further events wait in the outbox until the reply is sent.
const BOUND: usize = 64;

/// The changes since a command began; `None` while no command reads.
pub(super) struct Repeats<E>(Option<Vec<Arc<Encoded<E>>>>);

impl<E> Default for Repeats<E> {
    fn default() -> Self {
        Self(None)
    }
}

impl<E> Repeats<E> {
    pub(super) fn start(&mut self) {
        self.0 = Some(Vec::new());
    }

    pub(super) fn note(&mut self, change: &Arc<Encoded<E>>) {
        self.0.iter_mut().for_each(|changes| changes.push(change.clone()));
    }

    pub(super) fn is_full(&self) -> bool {
        self.0.as_ref().is_some_and(|changes| changes.len() >= BOUND)
    }

    pub(super) fn finish(&mut self) -> Vec<Arc<Encoded<E>>> {
        self.0.take().unwrap_or_default()
    }
}
