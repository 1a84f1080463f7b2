//! Why a file is not clean.

use std::io;

use tokio::time::error::Elapsed;

/// The result of a scan that did not call a file clean.
#[derive(Debug, thiserror::Error)]
pub enum NotClean {
    /// The scanner's name for the malware.
    #[error("infected: {0}")]
    Infected(String),
    /// The file is longer than the scanner's limit.
    #[error("the file is longer than the scanner accepts (StreamMaxLength)")]
    TooLong,
    #[error("the scanner took too long")]
    Slow(#[from] Elapsed),
    #[error("the scanner cannot be reached: {0}")]
    Unreachable(#[from] io::Error),
    /// The scanner's message.
    #[error("the scanner failed: {0}")]
    Failed(String),
}
