//! An organisation whose users the client does not all know: the tree of its departments, searches and presence, which
//! the server sends on demand. The users go into the lobby's address book.

mod branch;
mod found;
mod model;
mod sections;
#[cfg(test)]
mod tests;
mod watch;
mod watched;

pub use branch::BranchState;
pub use found::FindContext;
pub use model::Organisation;
pub use sections::{PersonSlot, Section};
