//! What a person tells of themselves and keeps for themselves: name, password, status, devices, favourites.

use std::time::Instant;

use crate::{
    protocol::{
        ended::Ended,
        error::Refusal,
        ids::{RoomId, UserId},
        lobby::LobbyEvent,
    },
    server::{
        hub::told,
        messenger::{Messenger, Origin, Result, SignIn, budget::Class, hashing::Turn, name},
        store::{Credentials, Session, SessionId},
    },
};

impl Messenger {
    /// Gives oneself another name.
    ///
    /// # Errors
    /// [`Refusal::InvalidName`], [`Refusal::TooFast`], [`Refusal::Unavailable`].
    pub async fn rename_self(&self, me: UserId, name: &str) -> Result<()> {
        let name = name::display_name(name)?;
        self.spend(me, Class::Name, 1.0)?;
        self.0.store.set_name(me, name).await?;
        self.refresh_accounts().await
    }

    /// Gives oneself another password; all other devices are signed out, and this one, whose session is `session`,
    /// gets a new one.
    ///
    /// # Errors
    /// [`Refusal::Credentials`] when `current` is not the password, [`Refusal::InvalidPassword`],
    /// [`Refusal::TooFast`] after too many tries.
    pub async fn change_password(
        &self,
        (me, session): (UserId, SessionId),
        current: &str,
        new: &str,
        from: Origin<'_>,
    ) -> Result<SignIn> {
        let directory = self.directory();
        let login = directory.account(me).map(|account| account.login.as_str()).ok_or(Refusal::SignedOut)?;
        if !self.tries().password(me, self.settings().sign_ins_per_minute, Instant::now()) {
            return Err(Refusal::TooFast);
        }
        let Credentials { hash, .. } = self.0.store.credentials(login).await?.ok_or(Refusal::SignedOut)?;
        if !self.verify(Turn::Own, current, Some(hash)).await? {
            return Err(Refusal::Credentials);
        }
        let hash = self.hash(Turn::Own, new).await?;
        self.part(session, Ended::PasswordChanged);
        self.0.store.set_password(login.to_owned(), hash).await?;
        self.begin_session(me, from).await
    }

    /// Tells everybody, at the next tick, whether one wants not to be disturbed, and a line of one's own.
    ///
    /// # Errors
    /// [`Refusal::InvalidProfile`], [`Refusal::Unavailable`].
    pub async fn set_status(&self, me: UserId, is_busy: bool, text: &str) -> Result<()> {
        self.0.store.set_status(me, is_busy, name::profile_line(text)?).await?;
        self.0.accounts_changed.notify_one();
        Ok(())
    }

    /// Where one is signed in, the newest first.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn devices(&self, me: UserId) -> Result<Vec<Session>> {
        Ok(self.0.store.sessions_of(me).await?)
    }

    /// Signs out one's other devices: the one given in hexadecimal, or all.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn end_devices(&self, me: UserId, kept: SessionId, which: Option<&str>) -> Result<()> {
        for device in self.devices(me).await? {
            let is_meant = which.is_none_or(|which| which == device.id.to_string());
            if is_meant && device.id != kept {
                self.sign_out(device.id).await?;
            }
        }
        Ok(())
    }

    /// Puts somebody among one's favourites, or takes them out; all of one's main windows are told.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::Oneself`], [`Refusal::Unavailable`].
    pub async fn favour(&self, me: UserId, user: UserId, on: bool) -> Result<()> {
        self.0.store.set_favourite(me, user, on).await?;
        let users = self.0.store.favourites(me).await?;
        self.hub().tell_user(me, &told(LobbyEvent::Favourites { users }));
        Ok(())
    }

    /// Keeps a conversation at the top of one's list, or lets it move.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::Unavailable`].
    pub async fn pin(&self, me: UserId, room: RoomId, on: bool) -> Result<()> {
        self.0.store.set_pinned(room, me, on).await?;
        self.tell_room_changed(me, room).await
    }
}
