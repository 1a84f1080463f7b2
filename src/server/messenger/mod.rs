//! The sentences of the product: open a conversation, post, edit, recall, read, invite, leave, search. It
//! alone knows that saving comes before telling; nothing above it speaks to the store or decides what may be.

mod account;
mod budget;
mod conversation;
mod directory;
mod generations;
mod greeting;
mod group;
mod hashing;
mod import;
mod label;
mod name;
mod namesakes;
mod news;
mod order;
mod profile;
mod rate;
mod reading;
mod roster;
mod speech;
mod tries;
mod watch;

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use crate::{
    protocol::{
        cursor::Cursor,
        error::Refusal,
        ids::{RoomId, UserId},
        lobby::{LobbyEvent, LobbySnapshot},
        user::User,
    },
    server::{
        hub::{Caps, Hub, Owner, Seat, told},
        store::{SessionId, Store},
    },
};

pub use crate::server::store::{
    Access, Account, Cause, Durability, Fault, Finding, NewMessage, Page, Place, Session, accounts_in, backup, check,
    try_write,
};
pub use account::{Origin, SESSION_LIFETIME, SignIn};
use budget::Budgets;
pub use conversation::RoomSeat;
pub use directory::Directory;
use hashing::Hashing;
pub use import::{CutShort, Imported, People, Plan, Written, Wrong, WrongRow, WrongTable};
use rate::Rates;
use roster::Roster;
use tries::Tries;

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
    /// For how many minutes after it was sent a message may be edited.
    pub edit_minutes: u32,
    /// For how many minutes after it was sent a message may be recalled.
    pub recall_minutes: u32,
    pub durability: Durability,
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
    /// The version of the accounts in `directory`; who holds it takes in those that changed.
    accounts_at: tokio::sync::Mutex<i64>,
    /// Wakes who tells of changed accounts.
    accounts_changed: Arc<tokio::sync::Notify>,
    roster: Roster,
    everybody: greeting::Written,
    rates: Mutex<Rates>,
    budgets: Budgets,
    /// Sessions that have ended, whose sockets stay until their browser has the cookie of the next one.
    parting: Mutex<HashSet<SessionId>>,
    /// Under a lock of its own: a flood of sign-ins does not hold up posts.
    tries: Mutex<Tries>,
    hashing: Hashing,
}

impl Messenger {
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    pub fn hub(&self) -> &Hub {
        &self.0.hub
    }

    /// Whether the store saves and answers.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`] when it does not.
    pub async fn ping(&self) -> Result<()> {
        Ok(self.0.store.ping().await?)
    }

    /// Everything this person's main window shows; of people only who changed, for a window that has seen them
    /// up to `since`.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn lobby(&self, me: UserId, since: Option<Cursor>) -> Result<LobbySnapshot> {
        let cursor = self.0.roster.cursor();
        let changed = since.and_then(|since| self.0.roster.changed_since(since));
        let rooms = self.0.store.rooms_of(me).await?;
        let favourites = self.0.store.favourites(me).await?;
        let directory = self.directory();
        let accounts: Vec<&Account> = match &changed {
            Some(changed) => changed.iter().filter_map(|user| directory.account(*user)).collect(),
            None => directory.by_name().collect(),
        };
        let known: HashSet<UserId> = rooms.iter().flat_map(|room| &room.others).copied().collect();
        let here = self.hub().here();
        let listed = accounts.into_iter().filter(|account| !account.disabled || known.contains(&account.id));
        let users = listed.map(|account| directory.user(account, here.get(&account.id).copied())).collect();
        Ok(LobbySnapshot { me, cursor, since: since.filter(|_| changed.is_some()), users, rooms, favourites })
    }

    /// Takes a seat in the main window.
    ///
    /// # Errors
    /// [`Refusal::TooFast`] when this person or address connects too often or too many times.
    pub fn enter_lobby(&self, owner: Owner) -> Result<Seat<LobbyEvent>> {
        self.check_connection(owner)?;
        self.hub().enter_lobby(owner, self.caps()).map_err(|_| Refusal::TooFast)
    }

    /// The person with this id as everybody may see them.
    pub fn user(&self, user: UserId) -> Option<User> {
        self.directory().account(user).map(|account| self.seen(account))
    }

    /// An account as everybody may see it.
    fn seen(&self, account: &Account) -> User {
        self.directory().user(account, self.hub().standing(account.id))
    }

    pub fn directory(&self) -> Arc<Directory> {
        self.0.directory.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn tell_room_changed(&self, user: UserId, room: RoomId) -> Result<()> {
        self.tell_lines(&[(room, user)]).await
    }

    /// Tells people's main windows what their lists show of conversations now.
    async fn tell_lines(&self, pairs: &[(RoomId, UserId)]) -> Result<()> {
        for (user, room) in self.0.store.lines(pairs).await? {
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
