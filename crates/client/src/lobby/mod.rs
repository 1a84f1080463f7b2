//! The controllers of the main window: its socket, notices, navigation, presence and unsent messages.

mod idle;
mod list_order;
pub mod navigation;
mod notices;
pub mod session;
mod sound;
mod unsent_delivery;

pub use idle::TOUCHED_KEY;
