//! The last `watch` of a connection.

use std::collections::BTreeSet;

use protocol::ids::UserId;

/// The order does not matter to the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct WatchedSet {
    pub users: BTreeSet<UserId>,
    pub departments: BTreeSet<String>,
}
