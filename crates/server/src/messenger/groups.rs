//! Changes of rooms by users: open, invite, rename, leave, and a member's own settings of a room.

use std::collections::BTreeSet;

use crate::{
    hub::LobbyAudience,
    messenger::{actor::Actor, budget::CommandClass, name, policy::Result, services::Rooms},
    model::NodeSignal,
};
use protocol::{
    ids::{RoomId, UserId},
    lobby_socket::LobbyEvent,
};

impl Rooms<'_> {
    /// Opens the direct room of the actor and `other`, which is created once. The other's native clients receive
    /// nothing before the first message. Legacy clients open their windows by an invitation: those of the actor and,
    /// unless they have the room open, of `other`. With the actor's own id it opens their notes, which legacy clients
    /// do not know.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for an unknown user, [`Refusal::TooFast`].
    pub async fn open_direct(self, actor: Actor, other: UserId) -> Result<RoomId> {
        let me = actor.user;
        self.0.spend(actor, CommandClass::Open, 1.0)?;
        let room = self.0.0.store.open_direct(me, other).await?;
        if other == me {
            return Ok(room);
        }
        let mut audience = vec![me];
        if !self.present(room).contains(&other) && self.0.may_notify_invitation(me, other) {
            audience.push(other);
        }
        self.send_invitations(room, me, true, audience);
        Ok(room)
    }

    /// Creates a group of the actor and these users, and invites them.
    ///
    /// # Errors
    /// [`Refusal::Oneself`] without another user, [`Refusal::NotFound`] for an unknown user,
    /// [`Refusal::InvalidTitle`], [`Refusal::TooMany`], [`Refusal::TooFast`].
    pub async fn open_group(self, actor: Actor, users: Vec<UserId>, title: Option<String>) -> Result<RoomId> {
        let me = actor.user;
        let title = title.as_deref().map(name::title).transpose()?.flatten();
        self.0.spend_group(actor, &users)?;
        let users: BTreeSet<UserId> = users.into_iter().chain([me]).collect();
        let room = self.0.0.store.open_group(me, users.iter().copied().collect(), title).await?;
        // The room summary is sent at the next tick, before a client shows the notice of the invitation.
        let invited = users.into_iter().filter(|user| *user == me || self.0.may_notify_invitation(me, *user)).collect();
        self.send_invitations(room, me, false, invited);
        Ok(room)
    }

    fn send_invitations(self, room: RoomId, by: UserId, is_direct: bool, users: Vec<UserId>) {
        self.0.signal(NodeSignal::Invited { room, by, is_direct, users: users.clone() });
        self.0.fan_out(LobbyAudience::Users(users), LobbyEvent::Invited { room, by, is_direct });
    }

    /// Invites users to a group, with its history or only with later messages. For a direct room it creates a group of
    /// all of them and returns it: the history of a direct room stays with its two members.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for a room that the actor is not a member of and for an unknown user,
    /// [`Refusal::TooMany`], [`Refusal::TooFast`].
    pub async fn invite(
        self,
        actor: Actor,
        room: RoomId,
        mut users: Vec<UserId>,
        history: bool,
        title: Option<String>,
    ) -> Result<Option<RoomId>> {
        if !self.0.membership(actor.user, room).await?.is_group {
            users.extend(self.0.members(room).await?.iter().map(|member| member.id));
            users.sort_unstable();
            users.dedup();
            return self.open_group(actor, users, title).await.map(Some);
        }
        self.0.spend_memberships(actor, &users)?;
        self.0.0.store.invite(room, actor.user, users, history).await?;
        Ok(None)
    }

    /// Sets or removes the title of a group.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::NotAGroup`], [`Refusal::InvalidTitle`], [`Refusal::TooFast`].
    pub async fn rename(self, actor: Actor, room: RoomId, title: Option<String>) -> Result<()> {
        self.0.check_message_rate(actor)?;
        let title = title.as_deref().map(name::title).transpose()?.flatten();
        Ok(self.0.0.store.rename(room, actor.user, title).await?)
    }

    /// Ends the actor's membership of a group. The broadcast of the system event closes their sockets of the room.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::NotAGroup`].
    pub async fn leave(self, actor: Actor, room: RoomId) -> Result<()> {
        Ok(self.0.0.store.leave(room, actor.user).await?)
    }

    /// Ends another user's membership of a group; only its maker may. The broadcast of the system event closes that
    /// user's sockets of the room.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::NotAGroup`], [`Refusal::NotMaker`], [`Refusal::Oneself`].
    pub async fn remove(self, actor: Actor, room: RoomId, user: UserId) -> Result<()> {
        Ok(self.0.0.store.remove(room, actor.user, user).await?)
    }

    /// Mutes a room for the actor, wholly or except for mentions, or unmutes it, in all of their windows.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::Unavailable`].
    pub async fn mute(self, actor: Actor, room: RoomId, on: bool, mentions_only: bool) -> Result<()> {
        Ok(self.0.0.store.set_muted(room, actor.user, on, mentions_only).await?)
    }

    /// Pins a room to the top of the actor's list, or unpins it.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::Unavailable`].
    pub async fn pin(self, actor: Actor, room: RoomId, on: bool) -> Result<()> {
        Ok(self.0.0.store.set_pinned(room, actor.user, on).await?)
    }

    /// Hides a room from the actor's list until something is posted in it.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::Unavailable`].
    pub async fn hide(self, actor: Actor, room: RoomId) -> Result<()> {
        Ok(self.0.0.store.hide(room, actor.user).await?)
    }
}
