//! The bus between nodes, over real servers of NATS that the tests start, kill and stop.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod access;
mod cost;
mod credentials;
mod exchange;
mod interruptions;
mod log;
mod nats_server;
mod node;
