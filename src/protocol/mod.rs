//! The ground floor: everything both sides say to each other. Plain data, serde and uuid only;
//! what the words mean for a database, a socket or a screen is said elsewhere.

pub mod chat;
pub mod cursor;
pub mod ended;
pub mod error;
pub mod ids;
pub mod limit;
pub mod lobby;
pub mod message;
pub mod room;
pub mod user;

/// The WebSocket subprotocol a client asks for to be spoken to in this language.
/// A client that asks for none is a client of the original component.
pub const SUBPROTOCOL: &str = "daehwa.v1";
