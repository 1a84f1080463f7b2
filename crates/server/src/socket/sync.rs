//! The lock and the atomics of `hand_over`. Its loom model (`tests/hand_over`) compiles that file with loom's versions.

pub(super) use std::sync::atomic::{AtomicBool, Ordering, fence};

pub(super) use parking_lot::Mutex;
