//! WebSocket connections in two dialects: `native` of `docs/protocol.md`, and `egov` of the original's clients. The
//! handshake chooses.

#[cfg(test)]
mod autobahn;
mod codec;
mod connection;
mod delivery;
mod dialect;
mod egov;
mod hand_over;
mod handshake;
mod native;
mod sync;
mod upgrade;
mod write_half;

pub use delivery::DeliveryWorkers;
pub use egov::Reports;
pub use handshake::{enter_lobby, enter_room};
