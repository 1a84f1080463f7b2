//! A room as a whole: its subscription, its snapshot or delta, its members, and who can be invited.

use std::collections::HashSet;

use crate::{
    hub::{Owner, Subscription},
    messenger::{actor::Actor, inner::Messenger, messages::seen_by, policy::Result, services::Rooms},
    model::{Anchor, Membership, MessagePage},
};
use protocol::{
    cursor::Cursor,
    error::Refusal,
    ids::{RoomId, UserId},
    room::{Member, RoomDelta, RoomDetails, RoomSnapshot},
    room_socket::RoomEvent,
    user::User,
};

/// A subscription to a room, and its owner's lower bound of visible history.
pub struct RoomSubscription {
    pub subscription: Subscription<RoomEvent>,
    /// The owner sees messages with a higher `seq`.
    pub visible_after: u64,
}

/// The state of a room for a window that connects.
pub enum RoomState {
    /// The cursor is of this epoch: the changes after it.
    Delta(RoomDelta),
    /// There is no cursor, or it is of another epoch or too old.
    Snapshot(RoomSnapshot),
}

impl Rooms<'_> {
    /// Subscribes a socket to a room.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] as for [`Rooms::snapshot`], [`Refusal::TooFast`] over the rate of connections or the limit
    /// of sockets.
    pub async fn enter(self, owner: Owner, room: RoomId) -> Result<RoomSubscription> {
        self.0.check_connection(owner)?;
        let entered = self.0.0.hub.subscribe_room(owner, self.0.caps(), room);
        let subscription = entered.map_err(|_| Refusal::TooFast)?;
        if self.0.0.store.is_shared() {
            let version = self.0.0.store.room_version(room).await?;
            self.0.0.sequences.open(room, version.ok_or(Refusal::NotFound)?);
        }
        // Read after the subscription: a member who leaves from now on is disconnected.
        let Membership { visible_after, .. } = self.0.membership(owner.user, room).await?;
        Ok(RoomSubscription { subscription, visible_after })
    }

    /// The whole room, at the first unread message or else at its end.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for a room that does not exist, and for one that the actor is not a member of.
    pub async fn snapshot(self, actor: Actor, room: RoomId) -> Result<RoomSnapshot> {
        self.snapshot_at(actor, room, None).await
    }

    /// The whole room, at the message with the `seq` `at`; without one as [`Rooms::snapshot`].
    ///
    /// # Errors
    /// As [`Rooms::snapshot`]; [`Refusal::NotFound`] also for a message that the actor does not see.
    pub async fn snapshot_at(self, actor: Actor, room: RoomId, at: Option<u64>) -> Result<RoomSnapshot> {
        let membership = self.0.membership(actor.user, room).await?;
        let Membership { is_group, visible_after, last_read, .. } = membership;
        let anchor = at.map_or(Anchor::Unread { reader: actor.user, last_read }, Anchor::Around);
        let page = self.0.0.store.page(room, visible_after, anchor).await?;
        let MessagePage { messages, has_earlier, has_later, version } = page;
        let messages = seen_by(actor, messages);
        if at.is_some_and(|at| messages.iter().all(|message| message.seq != at)) {
            return Err(Refusal::NotFound);
        }
        let details = self.details(actor, room, membership, version).await?;
        Ok(RoomSnapshot { room, is_group, details, messages, has_earlier, has_later })
    }

    /// The changes after `resume_from`; a snapshot without a cursor or with an unknown one.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] as for [`Rooms::snapshot`].
    pub async fn resume(self, actor: Actor, room: RoomId, resume_from: Option<Cursor>) -> Result<RoomState> {
        let store = &self.0.0.store;
        let membership = self.0.membership(actor.user, room).await?;
        let Membership { visible_after, joined, .. } = membership;
        // A cursor from before the member joined again is of another membership, which saw other messages.
        let is_known = |cursor: &Cursor| cursor.epoch == store.epoch() && cursor.version >= joined;
        if let Some(cursor) = resume_from.filter(is_known)
            && let Some((messages, version)) = store.changes_since(room, visible_after, cursor.version).await?
        {
            let details = self.details(actor, room, membership, version).await?;
            return Ok(RoomState::Delta(RoomDelta { details, messages: seen_by(actor, messages) }));
        }
        Ok(RoomState::Snapshot(self.snapshot(actor, room).await?))
    }

    /// The state of the room without its messages. Read it after the messages: a scheduled message that was sent in
    /// between is then missing here, and never shown twice. Later changes reach the window as events.
    async fn details(self, actor: Actor, room: RoomId, membership: Membership, version: u64) -> Result<RoomDetails> {
        let Membership { title, is_muted, mentions_only, pins_by_maker, visible_after, .. } = membership;
        let store = &self.0.0.store;
        Ok(RoomDetails {
            title,
            is_muted,
            mentions_only,
            pins: store.pins(room, visible_after).await?,
            pins_by_maker,
            bookmarks: store.bookmarks_in(room, actor.user, visible_after).await?,
            scheduled: store.scheduled_in(room, actor.user).await?,
            members: self.0.members(room).await?,
            cursor: self.0.cursor(version),
        })
    }

    /// The users who can be invited: all enabled accounts that are not members; in a large organisation only those that
    /// the actor's main window lists.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] as for [`Rooms::snapshot`].
    pub async fn invitable(self, actor: Actor, room: RoomId) -> Result<Vec<User>> {
        let members = self.members(actor, room).await?;
        let is_member = |user: UserId| members.iter().any(|member| member.id == user && !member.has_left);
        if self.0.is_large() {
            let users = self.0.people().suggested(actor).await?;
            return Ok(users.into_iter().filter(|user| !is_member(user.id)).collect());
        }
        let directory = self.0.directory();
        let others = directory.by_name().filter(|account| !account.disabled && !is_member(account.id));
        Ok(others.map(|account| self.0.seen(account)).collect())
    }

    /// The users who have a window of this room open.
    pub fn present(self, room: RoomId) -> HashSet<UserId> {
        self.0.0.hub.in_room(room)
    }

    /// The accounts of the current members, in the order of the address book.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] as for [`Rooms::snapshot`].
    pub async fn accounts(self, actor: Actor, room: RoomId) -> Result<Vec<User>> {
        let members = self.members(actor, room).await?;
        let mut present: Vec<UserId> =
            members.iter().filter(|member| !member.has_left).map(|member| member.id).collect();
        let directory = self.0.directory();
        present.sort_by_key(|user| directory.name_sort_key(*user));
        Ok(self.0.users(&directory, &present))
    }

    /// The current and former members of a room.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] as for [`Rooms::snapshot`].
    pub async fn members(self, actor: Actor, room: RoomId) -> Result<Vec<Member>> {
        self.0.membership(actor.user, room).await?;
        self.0.members(room).await
    }
}

impl Messenger {
    /// The membership of a user. A room that they are not a member of does not exist for them.
    pub(super) async fn membership(&self, user: UserId, room: RoomId) -> Result<Membership> {
        self.0.store.membership(room, user).await?.ok_or(Refusal::NotFound)
    }
}
