//! A post as the engines insert it.

use protocol::{
    ids::{RoomId, UserId},
    room_socket::Post,
};

/// A message to insert, its room and its author.
pub(crate) type PostRef<'p> = (RoomId, UserId, &'p Post);
