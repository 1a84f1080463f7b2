//! The subject of a notice: an invitation, or a message.

use protocol::{
    file::Attachment,
    ids::{MessageId, RoomId, UserId},
};

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Notice {
    Invited {
        room: RoomId,
        by: UserId,
    },
    /// `body` is the beginning of the message.
    Wrote {
        room: RoomId,
        by: UserId,
        id: MessageId,
        body: String,
        files: Vec<Attachment>,
    },
}

impl Notice {
    pub fn room(&self) -> RoomId {
        let (Self::Invited { room, .. } | Self::Wrote { room, .. }) = self;
        *room
    }

    pub fn by(&self) -> UserId {
        let (Self::Invited { by, .. } | Self::Wrote { by, .. }) = self;
        *by
    }

    /// Whether it shows one of these messages.
    pub fn is_of(&self, messages: &[MessageId]) -> bool {
        matches!(self, Self::Wrote { id, .. } if messages.contains(id))
    }
}
