//! The state of the main window: users, rooms, favourites, search results and an open collection. A snapshot, then
//! upserts.

mod collection;
mod known;
mod model;
mod notices;
mod search;
#[cfg(test)]
mod tests;

pub use model::Lobby;
