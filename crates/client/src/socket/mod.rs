//! The WebSocket of a window: it reconnects with backoff, detects silence, and leaves the page when the session has
//! ended.

mod backoff;
mod connection;
mod link;
mod wakes;

pub use connection::Verdict;
pub use link::Link;
pub use wakes::RETRY;
