//! The controllers of the main window: its socket, notices, navigation, presence and unsent messages.

mod courier;
mod idle;
mod list_order;
pub mod navigation;
mod notices;
pub mod session;
mod sound;

pub use idle::TOUCHED_KEY;
