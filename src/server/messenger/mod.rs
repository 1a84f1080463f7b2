//! The sentences of the product: open a conversation, post, read. It alone knows that saving comes
//! before telling; nothing above it speaks to the store or decides what may be.

mod account;
mod directory;
mod name;
mod news;
mod rate;

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use tokio::sync::Semaphore;

use crate::{
    protocol::{
        chat::ChatEvent,
        cursor::Cursor,
        error::Refusal,
        ids::{MessageId, RoomId, UserId},
        limit::BODY_CHARS,
        lobby::{LobbyEvent, LobbySnapshot},
        message::Message,
        room::{Member, RoomSnapshot},
        user::{Presence, User},
    },
    server::{
        hub::{Caps, Hub, Owner, Seat, told},
        store::{Page, Posted, Store},
    },
};

pub use account::{SESSION_LIFETIME, SignIn};
pub use directory::Directory;
use rate::Rates;

pub type Result<T> = std::result::Result<T, Refusal>;

/// What an operator decides about the messenger. 0 means no limit.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Whether strangers may make accounts; the very first one may always be made.
    pub registration_open: bool,
    /// Whether the sign-in page tells the demonstration's logins.
    pub demo: bool,
    pub max_sockets_per_user: usize,
    pub max_sockets_per_address: usize,
    pub messages_per_second: u32,
    pub connections_per_minute: u32,
    pub sign_ins_per_minute: u32,
}

impl Settings {
    /// Frames a second on one connection, of any kind, that no window of a person needs.
    pub fn frames_per_second(&self) -> Option<u32> {
        (self.messages_per_second > 0).then(|| self.messages_per_second.saturating_mul(10).max(200))
    }
}

#[derive(Clone)]
pub struct Messenger(Arc<Inner>);

struct Inner {
    store: Store,
    hub: Hub,
    settings: Settings,
    directory: RwLock<Arc<Directory>>,
    rates: Mutex<Rates>,
    hashing: Semaphore,
    /// A hash of nobody's password, so that an unknown login costs as much time as a known one.
    dummy_hash: String,
}

impl Messenger {
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    pub fn hub(&self) -> &Hub {
        &self.0.hub
    }

    /// Whether the store answers.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`] when it does not.
    pub async fn ping(&self) -> Result<()> {
        Ok(self.0.store.ping().await?)
    }

    /// Everything this person's main window shows.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn lobby(&self, me: UserId) -> Result<LobbySnapshot> {
        let rooms = self.0.store.rooms_of(me).await?;
        let here = self.hub().here();
        let directory = self.directory();
        let is_listed = |user: UserId| rooms.iter().any(|room| room.others.contains(&user));
        let accounts = directory.accounts().filter(|account| !account.disabled || is_listed(account.id));
        let users = accounts.map(|account| directory::user(account, here.contains(&account.id))).collect();
        Ok(LobbySnapshot { me, users, rooms })
    }

    /// A conversation from inside.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for a stranger and for a room that does not exist, alike.
    pub async fn room(&self, me: UserId, room: RoomId) -> Result<RoomSnapshot> {
        let members = self.members_for(me, room).await?;
        let Page { messages, has_earlier, version } = self.0.store.page(room, None).await?;
        Ok(RoomSnapshot { room, members, messages, cursor: self.cursor(version), has_earlier })
    }

    /// What a socket hears first: what changed since the cursor, or everything when that cannot be said.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] as for [`Messenger::room`].
    pub async fn resume(&self, me: UserId, room: RoomId, since: Option<Cursor>) -> Result<ChatEvent> {
        let known = since.filter(|cursor| cursor.epoch == self.0.store.epoch());
        if let Some(cursor) = known {
            let members = self.members_for(me, room).await?;
            if let Some((messages, version)) = self.0.store.changes_since(room, cursor.version).await? {
                return Ok(ChatEvent::Resumed { members, messages, cursor: self.cursor(version) });
            }
        }
        Ok(ChatEvent::Welcome(self.room(me, room).await?))
    }

    /// The page of messages before `before`.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] as for [`Messenger::room`].
    pub async fn earlier(&self, me: UserId, room: RoomId, before: u64) -> Result<ChatEvent> {
        self.members_for(me, room).await?;
        let page = self.0.store.page(room, Some(before)).await?;
        Ok(ChatEvent::Earlier { messages: page.messages, has_earlier: page.has_earlier })
    }

    /// The messages this member has not read, oldest first, at most a page.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] as for [`Messenger::room`].
    pub async fn unread(&self, me: UserId, room: RoomId) -> Result<Vec<Message>> {
        let members = self.members_for(me, room).await?;
        let last_read = members.iter().find(|member| member.id == me).map_or(0, |member| member.last_read);
        let messages = self.0.store.unread(room, last_read).await?;
        Ok(messages.into_iter().filter(|message| message.author != me).collect())
    }

    /// Begins the conversation of two people or returns to it, and invites the other when they are not in it.
    /// The asker's own windows hear of the invitation too: the original's clients open theirs by it.
    ///
    /// # Errors
    /// [`Refusal::Oneself`], [`Refusal::NotFound`] when there is no such person, [`Refusal::TooFast`].
    pub async fn open_direct(&self, me: UserId, other: UserId) -> Result<RoomId> {
        self.check_rate(|rates, limit| rates.message(me, limit), self.0.settings.messages_per_second)?;
        let opened = self.0.store.open_direct(me, other).await?;
        if opened.is_new {
            self.tell_room_changed(me, opened.room).await?;
            self.tell_room_changed(other, opened.room).await?;
        }
        let invited = told(LobbyEvent::Invited { room: opened.room, by: me });
        self.hub().tell_user(me, &invited);
        if !self.hub().in_room(opened.room).contains(&other) {
            self.hub().tell_user(other, &invited);
        }
        Ok(opened.room)
    }

    /// Saves a message; everybody in the room is told when it is on disk, the author by the same event.
    /// `Some` when it had been saved before: only the author needs to hear it again.
    ///
    /// # Errors
    /// [`Refusal::EmptyBody`], [`Refusal::BodyTooLong`], [`Refusal::TooFast`], [`Refusal::NotFound`],
    /// [`Refusal::IdConflict`], [`Refusal::Unavailable`].
    pub async fn post(&self, me: UserId, room: RoomId, id: MessageId, body: String) -> Result<Option<ChatEvent>> {
        if body.trim().is_empty() {
            return Err(Refusal::EmptyBody);
        }
        if body.chars().count() > BODY_CHARS {
            return Err(Refusal::BodyTooLong);
        }
        self.check_rate(|rates, limit| rates.message(me, limit), self.0.settings.messages_per_second)?;
        match self.0.store.insert_message(room, me, id, body).await? {
            Posted::New(_) => Ok(None),
            Posted::Already(message) => {
                let cursor = self.cursor(message.version);
                Ok(Some(ChatEvent::Message { message, cursor }))
            }
        }
    }

    /// Remembers that everything up to `seq` was read.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn mark_read(&self, me: UserId, room: RoomId, seq: u64) -> Result<()> {
        Ok(self.0.store.mark_read(room, me, seq).await?)
    }

    /// Tells the others that this person is writing; dropped without a word when said too often.
    pub fn typing(&self, me: UserId, room: RoomId) {
        if self.check_rate(|rates, _| rates.typing(me), 0).is_ok() {
            self.hub().tell_room(room, &told(ChatEvent::Typing { user: me }), Some(me));
        }
    }

    /// Takes a seat in the main window.
    ///
    /// # Errors
    /// [`Refusal::TooFast`] when this person or address connects too often or too many times.
    pub fn enter_lobby(&self, owner: Owner) -> Result<Seat<LobbyEvent>> {
        self.check_connection(owner)?;
        self.hub().enter_lobby(owner, self.caps()).map_err(|_| Refusal::TooFast)
    }

    /// Takes a seat in a room.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] as for [`Messenger::room`], [`Refusal::TooFast`] as for [`Messenger::enter_lobby`].
    pub async fn enter_room(&self, owner: Owner, room: RoomId) -> Result<Seat<ChatEvent>> {
        self.check_connection(owner)?;
        self.members_for(owner.user, room).await?;
        self.hub().enter_room(owner, self.caps(), room).map_err(|_| Refusal::TooFast)
    }

    /// The members of a room as one of them may see them.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] as for [`Messenger::room`].
    pub async fn members_for(&self, me: UserId, room: RoomId) -> Result<Vec<Member>> {
        let members = self.members(room).await?;
        if members.iter().any(|member| member.id == me) { Ok(members) } else { Err(Refusal::NotFound) }
    }

    /// The person with this id as everybody may see them.
    pub fn user(&self, user: UserId) -> Option<User> {
        let is_here = self.hub().is_here(user);
        self.directory().account(user).map(|account| directory::user(account, is_here))
    }

    pub fn directory(&self) -> Arc<Directory> {
        self.0.directory.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn members(&self, room: RoomId) -> Result<Vec<Member>> {
        let in_room = self.hub().in_room(room);
        let directory = self.directory();
        let members = self.0.store.members(room).await?.into_iter().filter_map(|member| {
            let account = directory.account(member.user)?;
            Some(Member {
                id: account.id,
                login: account.login.clone(),
                name: account.name.clone(),
                here: in_room.contains(&account.id),
                last_read: member.last_read,
            })
        });
        Ok(members.collect())
    }

    async fn tell_room_changed(&self, user: UserId, room: RoomId) -> Result<()> {
        if let Some(room) = self.0.store.room_of(user, room).await? {
            self.hub().tell_user(user, &told(LobbyEvent::RoomChanged { room }));
        }
        Ok(())
    }

    fn cursor(&self, version: u64) -> Cursor {
        Cursor { epoch: self.0.store.epoch(), version }
    }

    fn caps(&self) -> Caps {
        Caps { per_user: self.0.settings.max_sockets_per_user, per_address: self.0.settings.max_sockets_per_address }
    }

    fn check_connection(&self, owner: Owner) -> Result<()> {
        self.check_rate(|rates, limit| rates.connection(owner.user, limit), self.0.settings.connections_per_minute)
    }

    fn check_rate(&self, take: impl FnOnce(&mut Rates, u32) -> bool, limit: u32) -> Result<()> {
        let mut rates = self.0.rates.lock().unwrap_or_else(PoisonError::into_inner);
        if take(&mut rates, limit) { Ok(()) } else { Err(Refusal::TooFast) }
    }
}

fn presence(is_here: bool) -> Presence {
    if is_here { Presence::Here } else { Presence::Away }
}
