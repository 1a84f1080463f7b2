//! A conversation from inside: entering it, what it holds, its pages, searching.

use std::collections::{BTreeMap, HashSet};

use crate::{
    protocol::{
        chat::ChatEvent,
        cursor::Cursor,
        error::Refusal,
        ids::{RoomId, UserId},
        limit::QUERY_CHARS,
        lobby::LobbyEvent,
        message::Message,
        room::{Member, RoomSnapshot},
        user::User,
    },
    server::{
        hub::{Owner, Seat},
        messenger::{Messenger, Result, budget::Searching},
        store::{self, Page, Place, Standing},
        text,
    },
};

/// A place in a room, and what its owner sees of it.
pub struct RoomSeat {
    pub seat: Seat<ChatEvent>,
    /// They see messages with a higher `seq`.
    pub since: u64,
}

impl Messenger {
    /// Takes a seat in a room.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] as for [`Messenger::room`], [`Refusal::TooFast`] as for [`Messenger::enter_lobby`].
    pub async fn enter_room(&self, owner: Owner, room: RoomId) -> Result<RoomSeat> {
        self.check_connection(owner)?;
        let seat = self.hub().enter_room(owner, self.caps(), room).map_err(|_| Refusal::TooFast)?;
        // Asked with the seat taken: whoever leaves from now on has it closed.
        let Standing { since, .. } = self.standing(owner.user, room).await?;
        Ok(RoomSeat { seat, since })
    }

    /// A conversation from inside.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for a stranger and for a room that does not exist, alike.
    pub async fn room(&self, me: UserId, room: RoomId) -> Result<RoomSnapshot> {
        let Standing { is_group, title, is_muted, since, .. } = self.standing(me, room).await?;
        let members = self.members(room).await?;
        let Page { messages, has_earlier, version, .. } = self.0.store.page(room, since, Place::Newest).await?;
        let cursor = self.cursor(version);
        Ok(RoomSnapshot { room, is_group, title, is_muted, members, messages, cursor, has_earlier })
    }

    /// What a socket hears first: what changed since the cursor, or everything when that cannot be said.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] as for [`Messenger::room`].
    pub async fn resume(&self, me: UserId, room: RoomId, cursor: Option<Cursor>) -> Result<ChatEvent> {
        let Standing { title, is_muted, since, .. } = self.standing(me, room).await?;
        // A cursor from before they came (again) belongs to what they no longer see.
        let is_known = |cursor: &Cursor| cursor.epoch == self.0.store.epoch() && cursor.version >= since;
        if let Some(cursor) = cursor.filter(is_known) {
            let members = self.members(room).await?;
            if let Some((messages, version)) = self.0.store.changes_since(room, since, cursor.version).await? {
                return Ok(ChatEvent::Resumed { title, is_muted, members, messages, cursor: self.cursor(version) });
            }
        }
        Ok(ChatEvent::Welcome(self.room(me, room).await?))
    }

    /// A page of a room's messages.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] as for [`Messenger::room`].
    pub async fn page(&self, me: UserId, room: RoomId, place: Place) -> Result<Page> {
        let Standing { since, .. } = self.standing(me, room).await?;
        Ok(self.0.store.page(room, since, place).await?)
    }

    /// What others wrote that this member has not read, oldest first, at most a page.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] as for [`Messenger::room`].
    pub async fn unread(&self, me: UserId, room: RoomId) -> Result<Vec<Message>> {
        let Standing { since, last_read, .. } = self.standing(me, room).await?;
        let messages = self.0.store.unread(room, since, since.max(last_read)).await?;
        let is_unread =
            |message: &Message| message.author != me && message.line.is_none() && message.recalled.is_none();
        Ok(messages.into_iter().filter(is_unread).collect())
    }

    /// Everybody who could be invited into a room.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] as for [`Messenger::room`].
    pub async fn people_outside(&self, me: UserId, room: RoomId) -> Result<Vec<User>> {
        let members = self.members_for(me, room).await?;
        let is_inside = |user: UserId| members.iter().any(|member| member.id == user && !member.has_left);
        let directory = self.directory();
        let outside = directory.by_name().filter(|account| !account.disabled && !is_inside(account.id));
        Ok(outside.map(|account| self.seen(account)).collect())
    }

    /// The members of a room as one of them may see them, and who left it.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] as for [`Messenger::room`].
    pub async fn members_for(&self, me: UserId, room: RoomId) -> Result<Vec<Member>> {
        self.standing(me, room).await?;
        self.members(room).await
    }

    /// The newest messages of one's conversations that contain every word of `query`.
    ///
    /// # Errors
    /// [`Refusal::InvalidQuery`] when there is nothing in it, or too much; [`Refusal::TooFast`].
    pub async fn search(&self, me: UserId, query: String, before: Option<u64>) -> Result<LobbyEvent> {
        if !text::is_visible(&query) || query.chars().count() > QUERY_CHARS {
            return Err(Refusal::InvalidQuery);
        }
        let mut searching = self.begin_search(me)?;
        self.0.store.catch_up_index().await;
        searching.as_mut().map(Searching::starts_now);
        let found = self.0.store.search(me, &query, before).await?;
        Ok(LobbyEvent::Found { query, hits: found.hits, before: found.before })
    }

    /// Who has a window of this room open.
    pub fn in_room(&self, room: RoomId) -> HashSet<UserId> {
        self.hub().in_room(room)
    }

    pub(super) async fn standing(&self, me: UserId, room: RoomId) -> Result<Standing> {
        self.0.store.standing(room, me).await?.ok_or(Refusal::NotFound)
    }

    pub(super) async fn members(&self, room: RoomId) -> Result<Vec<Member>> {
        let members = self.0.store.members(room).await?;
        Ok(self.named(room, members))
    }

    /// These people as members of these rooms, as everybody in them sees them.
    pub(super) async fn memberships(&self, pairs: &[(RoomId, UserId)]) -> Result<BTreeMap<RoomId, Vec<Member>>> {
        let mut rooms = BTreeMap::<RoomId, Vec<store::Member>>::new();
        for (room, member) in self.0.store.memberships(pairs).await? {
            rooms.entry(room).or_default().push(member);
        }
        Ok(rooms.into_iter().map(|(room, members)| (room, self.named(room, members))).collect())
    }

    fn named(&self, room: RoomId, members: Vec<store::Member>) -> Vec<Member> {
        let in_room = self.hub().in_room(room);
        let directory = self.directory();
        let named = members.into_iter().filter_map(|member| {
            let account = directory.account(member.user)?;
            Some(Member {
                id: account.id,
                login: account.login.clone(),
                name: account.name.clone(),
                is_ambiguous: directory.is_ambiguous(account.id),
                here: in_room.contains(&account.id) && !member.has_left,
                last_read: member.last_read,
                has_left: member.has_left,
                is_disabled: account.disabled,
            })
        });
        named.collect()
    }
}
