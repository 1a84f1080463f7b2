//! The bus between the nodes of a cluster, over core NATS. A frame may be lost, doubled, late or out of order, and
//! nothing correct depends on it. The feed in the database has what a lost frame had.
//!
//! This module alone knows async-nats, and nothing of what frames contain.

mod config;
mod connection;
mod connection_log;
mod counts;
mod event;
mod frame;
mod receiving;
mod servers;

pub use config::{BusAccess, BusConfig};
pub use connection::{Bus, NotPublished};
pub use counts::BusCounts;
pub use event::BusEvent;
pub use frame::BusKey;
pub use servers::BusServers;
