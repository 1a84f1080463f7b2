//! Uploads: a client creates an upload and appends its bytes; a complete upload becomes a file that its owner may
//! attach. Nobody can read a byte before that.

mod complete;
mod content;
mod disk_budget;
mod inspection;
mod keyed_locks;
mod lifetime;
mod locked_blobs;
mod minimum_rate;
mod receive;
mod service;
mod storage;
mod strays;
mod sweep;
#[cfg(test)]
mod tests;
mod transfers;

pub use complete::is_of_content;
pub use receive::TransferRefusal;
pub use service::{UploadProgress, Uploads};
pub(super) use storage::FileStorage;
pub(super) use sweep::sweep_files;
