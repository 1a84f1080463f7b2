//! The wire format that the server and its clients share: commands, events and snapshots as JSON, ids, cursors and
//! limits. Plain data; `docs/protocol.md` describes it for developers of clients.

pub mod cursor;
pub mod ended;
pub mod error;
pub mod file;
pub mod ids;
pub mod key_bytes;
pub mod keystrokes;
pub mod limit;
pub mod lobby_socket;
pub mod message;
pub mod page;
pub mod people;
pub mod room;
pub mod room_socket;
pub mod schedule;
pub mod user;

/// The WebSocket subprotocol of this wire format. A handshake without a subprotocol comes from a client of the original
/// eGovFrame component; the server speaks that component's dialect to it.
pub const SUBPROTOCOL: &str = "daehwa.v1";
