//! Users as others see them: the main window, presence, profiles, favourites.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use crate::{
    hub::{Activity, Owner, Subscription},
    messenger::{
        actor::Actor, budget::CommandClass, directory::Directory, inner::Messenger, name, policy::Result,
        services::People,
    },
    model::{Account, Status},
    store::now_ms,
};
use protocol::{
    cursor::Cursor,
    error::Refusal,
    ids::UserId,
    lobby_socket::{LobbyEvent, LobbySnapshot},
    user::User,
};

impl People<'_> {
    /// Subscribes a main window.
    ///
    /// # Errors
    /// [`Refusal::TooFast`] over the rate of connections or the limit of sockets.
    pub fn enter_lobby(self, owner: Owner) -> Result<Subscription<LobbyEvent>> {
        self.0.check_connection(owner)?;
        let subscription = self.0.0.hub.subscribe_lobby(owner, self.0.caps()).map_err(|_| Refusal::TooFast)?;
        // The window's own welcome counts its user.
        self.0.count_online(&[owner.user]);
        Ok(subscription)
    }

    /// The content of the actor's main window. With a cursor that the user log knows, `users` holds only the users who
    /// changed after it.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn lobby(self, actor: Actor, resume_from: Option<Cursor>) -> Result<LobbySnapshot> {
        if self.0.is_large() {
            return self.large_lobby(actor, resume_from, None).await;
        }
        let inner = &self.0.0;
        let cursor = inner.user_log.cursor();
        let changed = resume_from.and_then(|resume_from| inner.user_log.changed_since(resume_from));
        let stored = self.0.stored_lobby(actor.user).await?;
        let directory = self.0.directory();
        let accounts: Vec<&Account> = match &changed {
            Some(changed) => changed.iter().filter_map(|user| directory.account(*user)).collect(),
            None => directory.by_name().collect(),
        };
        let known: HashSet<UserId> = stored.rooms.iter().flat_map(|room| &room.others).copied().collect();
        let online = self.online();
        let listed = accounts.into_iter().filter(|account| !account.disabled || known.contains(&account.id));
        let users = listed.map(|account| directory.user(account, online.get(&account.id).copied())).collect();
        let resumed_from = resume_from.filter(|_| changed.is_some());
        let departments = directory.departments().ordered();
        Ok(LobbySnapshot { departments, ..stored.into_snapshot(actor.user, (cursor, resumed_from), users) })
    }

    /// Charges a list of all users: for a page, or for a legacy client.
    ///
    /// # Errors
    /// [`Refusal::TooFast`].
    pub fn admit_to_directory(self, actor: Actor) -> Result<()> {
        self.0.spend(actor, CommandClass::WholeListOrPage, 1.0)
    }

    /// A user as others see them.
    pub fn user(self, user: UserId) -> Option<User> {
        self.0.directory().account(user).map(|account| self.0.seen(account))
    }

    pub fn is_online(self, user: UserId) -> bool {
        self.0.0.hub.activity(user).is_some()
    }

    /// A snapshot of all accounts, which later changes do not affect.
    pub fn directory(self) -> Arc<Directory> {
        self.0.directory()
    }

    /// The users who are online.
    pub fn online(self) -> HashMap<UserId, Activity> {
        self.0.0.hub.online()
    }

    /// Renames the actor.
    ///
    /// # Errors
    /// [`Refusal::InvalidName`], [`Refusal::TooFast`], [`Refusal::Unavailable`].
    pub async fn rename(self, actor: Actor, name: &str) -> Result<()> {
        let name = name::display_name(name)?;
        self.0.spend(actor, CommandClass::Name, 1.0)?;
        self.0.0.store.set_name(actor.user, name).await?;
        self.0.refresh_accounts().await
    }

    /// Sets the actor's status, which is broadcast at the next tick. Without busy and text the end is ignored.
    ///
    /// # Errors
    /// [`Refusal::InvalidProfile`], also for an end that is over; [`Refusal::Unavailable`].
    pub async fn set_status(self, actor: Actor, status: Status) -> Result<()> {
        let text = name::profile_line(status.text.as_deref().unwrap_or_default())?;
        let until = status.until.filter(|_| status.is_busy || text.is_some());
        if until.is_some_and(|until| until <= now_ms()) {
            return Err(Refusal::InvalidProfile);
        }
        self.0.0.store.set_status(actor.user, Status { text, until, ..status }).await?;
        self.0.0.accounts_changed.notify_one();
        Ok(())
    }

    /// The settings that a user's account keeps; empty if they changed none.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn settings(self, user: UserId) -> Result<String> {
        Ok(self.0.0.store.settings(user).await?)
    }

    /// Changes these settings of the actor's account, and sends all of them to the actor's main windows.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] for anything but short `name.value` pairs, [`Refusal::TooFast`],
    /// [`Refusal::Unavailable`].
    pub async fn change_settings(self, actor: Actor, changes: &str) -> Result<()> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-&".contains(&byte);
        if !changes.bytes().all(is_plain) {
            return Err(Refusal::Malformed);
        }
        if changes.is_empty() {
            return Ok(());
        }
        self.0.spend(actor, CommandClass::Personal, 1.0)?;
        Ok(self.0.0.store.change_settings(actor.user, changes.to_owned()).await?)
    }

    /// Adds a user to the actor's favourites or removes them, and sends the list to the actor's main windows.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::Oneself`], [`Refusal::Unavailable`].
    pub async fn favour(self, actor: Actor, user: UserId, on: bool) -> Result<()> {
        Ok(self.0.0.store.set_favourite(actor.user, user, on).await?)
    }
}

impl Messenger {
    /// An account as others see it.
    pub(super) fn seen(&self, account: &Account) -> User {
        self.directory().user(account, self.0.hub.activity(account.id))
    }
}
