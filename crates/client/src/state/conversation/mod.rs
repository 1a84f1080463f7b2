//! The state of one room in its window: members, messages, unsent messages, typing indicators.

mod confirming;
mod members;
mod messages;
mod model;
mod pages;
mod pins;
mod reacting;
mod scheduled;
#[cfg(test)]
mod tests;
mod writing;

pub use confirming::ConfirmationMark;
pub use model::{Conversation, MAX_LOADED};
pub use writing::caption;
