//! Messages from several rooms: search results and collections.

use protocol::lobby_socket::Hit;

/// A page of hits, newest first.
#[derive(Clone, Debug)]
pub struct SearchPage {
    pub hits: Vec<Hit>,
    /// The cursor of the next, older page; `None` on the last page.
    pub before: Option<u64>,
}
