//! A conversation as rows of the log: day dividers, runs of one author, the time below the last bubble of a minute, the
//! mark before the first unread message.

mod build;
mod row;
#[cfg(test)]
mod tests;

pub use build::{others_of, rows};
pub use row::{Bubble, DeliveryState, LocalDay, TimelineRow};
