//! Pinned messages of a room, and its announcement.

use crate::messenger::{actor::Actor, policy::Result, services::Rooms};
use protocol::{
    ids::{MessageId, RoomId},
    message::PinnedMessage,
};

impl Rooms<'_> {
    /// Makes a message the announcement of the room, or removes the announcement. A system event says who did so.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::Recalled`], [`Refusal::NotMaker`], [`Refusal::TooMany`].
    ///
    /// [`Refusal::NotFound`]: protocol::error::Refusal::NotFound
    /// [`Refusal::Recalled`]: protocol::error::Refusal::Recalled
    /// [`Refusal::NotMaker`]: protocol::error::Refusal::NotMaker
    /// [`Refusal::TooMany`]: protocol::error::Refusal::TooMany
    pub async fn announce(self, actor: Actor, room: RoomId, id: Option<MessageId>) -> Result<()> {
        Ok(self.0.0.store.announce(room, actor.user, id).await?)
    }

    /// Pins a message in the room, or unpins it.
    ///
    /// # Errors
    /// As for [`Rooms::announce`].
    pub async fn pin_message(self, actor: Actor, room: RoomId, id: MessageId, on: bool) -> Result<()> {
        Ok(self.0.0.store.pin_message(room, actor.user, id, on).await?)
    }

    /// Allows only the maker of the group to pin messages, or everybody.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::NotAGroup`], [`Refusal::NotMaker`], [`Refusal::TooFast`].
    ///
    /// [`Refusal::NotFound`]: protocol::error::Refusal::NotFound
    /// [`Refusal::NotAGroup`]: protocol::error::Refusal::NotAGroup
    /// [`Refusal::NotMaker`]: protocol::error::Refusal::NotMaker
    /// [`Refusal::TooFast`]: protocol::error::Refusal::TooFast
    pub async fn limit_pins(self, actor: Actor, room: RoomId, on: bool) -> Result<()> {
        Ok(self.0.0.store.limit_pins(room, actor.user, on).await?)
    }

    /// The announcement of the room, if the actor sees it.
    ///
    /// # Errors
    /// As for [`Rooms::snapshot`].
    pub async fn announcement(self, actor: Actor, room: RoomId) -> Result<Option<PinnedMessage>> {
        let membership = self.0.membership(actor.user, room).await?;
        let pins = self.0.0.store.pins(room, membership.visible_after).await?;
        Ok(pins.into_iter().find(|pin| pin.is_announcement))
    }
}
