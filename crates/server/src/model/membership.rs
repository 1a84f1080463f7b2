//! A person's place in a room.

use protocol::ids::UserId;

/// Somebody who is or was in a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoomMember {
    pub user: UserId,
    pub last_read: u64,
    /// The room's version at which they joined.
    pub joined_at: u64,
    pub has_left: bool,
}

/// A current membership, with the room's own settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    pub is_group: bool,
    pub title: Option<String>,
    pub is_muted: bool,
    /// Of a muted room: notices of mentions.
    pub mentions_only: bool,
    /// In this group the maker alone pins messages.
    pub pins_by_maker: bool,
    /// The member's lower bound of visible history: they see messages with a higher `seq`.
    pub visible_after: u64,
    pub last_read: u64,
}
