//! Why a file is not clean.

use std::io;

use tokio::time::error::Elapsed;

/// Why a file is not clean.
#[derive(Debug, thiserror::Error)]
pub enum NotClean {
    /// The scanner's name for what it found.
    #[error("infected: {0}")]
    Infected(String),
    /// The scanner refuses files of this length.
    #[error("the file is longer than the scanner takes (StreamMaxLength)")]
    TooLong,
    #[error("the scanner took too long")]
    Slow(#[from] Elapsed),
    #[error("the scanner cannot be reached: {0}")]
    Unreachable(#[from] io::Error),
    /// The scanner's own words.
    #[error("the scanner failed: {0}")]
    Failed(String),
}
