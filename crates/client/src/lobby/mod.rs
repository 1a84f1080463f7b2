//! The controllers of the main window: its socket, notices, navigation, presence and unsent messages.

pub mod frame;
mod idle;
mod list_order;
pub mod navigation;
mod notices;
pub mod on_demand;
pub mod organisation;
pub mod session;
mod sound;
mod unsent_delivery;

pub use idle::TOUCHED_KEY;
