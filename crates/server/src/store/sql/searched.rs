//! The scope of a search.

use protocol::ids::{RoomId, UserId};

/// The messages that a user sees, in one room or in all of theirs.
pub(crate) type Searched = (UserId, Option<RoomId>);
