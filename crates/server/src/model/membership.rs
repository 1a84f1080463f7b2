//! The membership of a user in a room.

use protocol::ids::UserId;

/// A current or former member of a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoomMember {
    pub user: UserId,
    pub last_read: u64,
    /// The room's version at which they joined.
    pub joined_at: u64,
    pub has_left: bool,
}

/// A current membership, with settings of the room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    pub is_group: bool,
    pub title: Option<String>,
    pub is_muted: bool,
    /// For a muted room: whether mentions give notice.
    pub mentions_only: bool,
    /// Whether only the maker of this group pins messages.
    pub pins_by_maker: bool,
    /// The member's lower bound of visible history: they see messages with a higher `seq`.
    pub visible_after: u64,
    /// The room's version at which the member joined, the last time; 0 for the maker and in a direct room, 1 for those with whom
    /// the group was made.
    pub joined: u64,
    pub last_read: u64,
}
