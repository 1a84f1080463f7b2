//! Conversations begun, grown and left: of two people, of groups, and what is a member's alone.

use std::collections::BTreeSet;

use crate::{
    protocol::{
        chat::ChatEvent,
        ids::{RoomId, UserId},
        lobby::LobbyEvent,
    },
    server::{
        hub::told,
        messenger::{Messenger, Result, budget::Class, name},
    },
};

impl Messenger {
    /// Begins the conversation of two people or returns to it, and invites the other when they are not in it.
    /// The asker's own windows hear of the invitation too: the original's clients open theirs by it.
    ///
    /// # Errors
    /// [`Refusal::Oneself`], [`Refusal::NotFound`] when there is no such person, [`Refusal::TooFast`].
    pub async fn open_direct(&self, me: UserId, other: UserId) -> Result<RoomId> {
        self.spend(me, Class::Open, 1.0)?;
        let opened = self.0.store.open_direct(me, other).await?;
        if opened.is_shown_now {
            self.tell_room_changed(me, opened.room).await?;
        }
        let invited = told(LobbyEvent::Invited { room: opened.room, by: me });
        self.hub().tell_user(me, &invited);
        if !self.hub().in_room(opened.room).contains(&other) && self.may_call(me, other) {
            self.hub().tell_user(other, &invited);
        }
        Ok(opened.room)
    }

    /// Makes a group of these people and oneself, and invites them to it.
    ///
    /// # Errors
    /// [`Refusal::Oneself`] when there is nobody else, [`Refusal::NotFound`] when there is no such person,
    /// [`Refusal::InvalidTitle`], [`Refusal::TooMany`], [`Refusal::TooFast`].
    pub async fn open_group(&self, me: UserId, users: Vec<UserId>, title: Option<String>) -> Result<RoomId> {
        let title = title.as_deref().map(name::title).transpose()?.flatten();
        self.spend_group(me, &users)?;
        let users: BTreeSet<UserId> = users.into_iter().chain([me]).collect();
        let room = self.0.store.open_group(me, users.iter().copied().collect(), title).await?;
        // The line comes before the invitation, which is told by its name.
        let watching = self.hub().in_lobby();
        let lines: Vec<_> = users.iter().filter(|user| watching.contains(user)).map(|user| (room, *user)).collect();
        self.tell_lines(&lines).await?;
        let invited = told(LobbyEvent::Invited { room, by: me });
        for user in users.into_iter().filter(|user| *user == me || self.may_call(me, *user)) {
            self.hub().tell_user(user, &invited);
        }
        Ok(room)
    }

    /// Brings people into a group. In the conversation of two people it makes a new group of everybody and
    /// gives that: what two people said to each other stays theirs.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] as for [`Messenger::room`] or when there is no such person,
    /// [`Refusal::TooMany`], [`Refusal::TooFast`].
    pub async fn invite(
        &self,
        me: UserId,
        room: RoomId,
        mut users: Vec<UserId>,
        history: bool,
    ) -> Result<Option<RoomId>> {
        if !self.standing(me, room).await?.is_group {
            users.extend(self.members(room).await?.iter().map(|member| member.id));
            users.sort_unstable();
            users.dedup();
            return self.open_group(me, users, None).await.map(Some);
        }
        self.spend_memberships(me, &users)?;
        self.0.store.invite(room, me, users, history).await?;
        Ok(None)
    }

    /// Gives a group another title, or with none the names of its members.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::NotAGroup`], [`Refusal::InvalidTitle`], [`Refusal::TooFast`].
    pub async fn rename(&self, me: UserId, room: RoomId, title: Option<String>) -> Result<()> {
        self.check_message_rate(me)?;
        let title = title.as_deref().map(name::title).transpose()?.flatten();
        Ok(self.0.store.rename(room, me, title).await?)
    }

    /// Ends one's membership of a group; one's windows of it are closed before anything later is told.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::NotAGroup`].
    pub async fn leave(&self, me: UserId, room: RoomId) -> Result<()> {
        Ok(self.0.store.leave(room, me).await?)
    }

    /// Remembers whether one wants notices of a conversation, in all of one's windows.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::Unavailable`].
    pub async fn mute(&self, me: UserId, room: RoomId, on: bool) -> Result<()> {
        self.0.store.set_muted(room, me, on).await?;
        self.hub().tell_member(room, me, &told(ChatEvent::Muted { on }));
        self.tell_room_changed(me, room).await
    }

    /// Puts a conversation out of one's list until something is said in it.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::Unavailable`].
    pub async fn hide(&self, me: UserId, room: RoomId) -> Result<()> {
        self.0.store.hide(room, me).await?;
        self.tell_room_changed(me, room).await
    }
}
