//! Uploads of a window: one transfer, and the queue of all files with the messages that wait for them.

mod metadata;
mod queue;
mod steps;
mod transfer;

pub use metadata::metadata;
pub use queue::{KeptFile, KeptFiles, NewFile, Outgoing, OutgoingFile, Phase, UploadQueue};
pub use steps::UploadSteps;
pub use transfer::{Answer, FileTransfer, Request, UploadFault};

#[cfg(test)]
mod tests;
