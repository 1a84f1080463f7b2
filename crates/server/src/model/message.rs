//! Pages of stored messages.

use protocol::{ids::UserId, message::Message};

/// Consecutive messages of a room, oldest first.
#[derive(Clone, Debug)]
pub struct MessagePage {
    pub messages: Vec<Message>,
    pub has_earlier: bool,
    pub has_later: bool,
    /// The room's version in the database snapshot from which the page was read.
    pub version: u64,
}

/// Which page of a room is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    Newest,
    /// The newest page, if it contains the first message after `last_read` that `reader` has not read. Otherwise half a
    /// page before that message and up to five pages from it on.
    Unread {
        reader: UserId,
        last_read: u64,
    },
    /// Before this `seq`, exclusive.
    Before(u64),
    /// After this `seq`, exclusive.
    After(u64),
    /// Half a page before this `seq`, and half a page from it on.
    Around(u64),
    /// Around the first message at or after this moment, UTC milliseconds.
    AroundTime(i64),
}
