//! Runs disk I/O outside the threads of the async runtime.

use std::io;

use tokio::task::spawn_blocking;

/// Runs work that may block.
///
/// # Errors
/// The error of the work, or that it panicked.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    spawn_blocking(work).await.map_err(io::Error::other)?
}
