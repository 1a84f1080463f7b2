//! Files on their way to the server: one transfer, and all of a window with the messages that wait for them.

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
