//! The controllers of a room's window: its socket, drafts and unsent messages, files, read receipts, jumps in its
//! history, and the names that its composer mentions.

mod announcing;
pub mod attaching;
mod carried;
mod composer_mode;
mod drafts;
mod finding;
mod forwards;
mod mentioning;
mod posting;
mod reacting;
mod receipts;
mod room_history;
mod scheduling;
mod selection;
pub mod session;
pub mod uploader;

pub use composer_mode::ComposerMode;
pub use mentioning::Mentioning;
pub use scheduling::Scheduling;
pub use selection::Selection;
