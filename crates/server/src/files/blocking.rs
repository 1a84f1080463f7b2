//! Work on the disk, away from the threads that serve.

use std::io;

use tokio::task::spawn_blocking;

/// Runs work that may block.
///
/// # Errors
/// Its own, or that it panicked.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    spawn_blocking(work).await.map_err(io::Error::other)?
}
