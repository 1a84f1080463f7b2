//! Both endpoints in the dialect of the original component, for clients that request no subprotocol. Users are named by
//! their labels, and texts are escaped, because those clients insert them into their pages as HTML.

mod legacy_names;
mod lobby;
mod reports;
mod room;
mod words;

pub(super) use lobby::EgovLobby;
pub use reports::Reports;
pub(super) use room::EgovRoom;
