//! Accounts and favourites. Passwords arrive here hashed.

use crate::{
    model::{Account, Committed, Credentials, ImportedAccount, ImportedPassword, Status},
    store::{
        error::StoreResult,
        handle::Store,
        rules,
        sql::{accounts, db::Db, sessions},
        versions,
    },
};
use protocol::{error::Refusal, ids::UserId};

impl Store {
    /// The accounts that changed after `version`, in any process, and the current version. -1 for all accounts.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn changed_accounts(&self, version: i64) -> StoreResult<(Vec<Account>, i64)> {
        let mut tx = self.read_pool.begin().await?;
        let now = versions::accounts_version(&mut tx).await?;
        let changed = if now == version { Vec::new() } else { accounts::changed_after(&mut tx, version).await? };
        Ok((changed, now))
    }

    /// Every account, disabled ones included, by login.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn accounts(&self) -> StoreResult<Vec<Account>> {
        Ok(accounts::all(&mut self.read_pool.acquire().await?).await?)
    }

    /// The credentials of the account with this login, also of a disabled one.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn credentials(&self, login: &str) -> StoreResult<Option<Credentials>> {
        Ok(accounts::credentials(&mut self.read_pool.acquire().await?, login).await?)
    }

    /// Inserts an account. With `only_first`, only if there is no other account.
    ///
    /// # Errors
    /// [`Refusal::LoginTaken`]; [`Refusal::RegistrationClosed`] if it would not be the first.
    pub async fn insert_account(
        &self,
        login: String,
        name: String,
        hash: String,
        only_first: bool,
    ) -> StoreResult<UserId> {
        let write = self.writer.run(move |db| {
            Box::pin(async move {
                versions::lock_accounts(&mut *db).await?;
                let (has_accounts, is_taken) = accounts::taken(&mut *db, &login).await?;
                rules::may_create_account(only_first, has_accounts, is_taken)?;
                Ok((accounts::insert(db, &login, &name, &hash).await?, None))
            })
        });
        write.await
    }

    /// Replaces the password of an account and ends all its sessions.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for an unknown login.
    pub async fn set_password(&self, login: String, hash: String) -> StoreResult<()> {
        let write = self.writer.run(move |db| {
            Box::pin(async move {
                let user = accounts::update_password(&mut *db, &login, &hash).await?;
                Ok((end_sessions(db, user).await?, None))
            })
        });
        write.await
    }

    /// Disables an account, or enables it again. Both end all its sessions.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for an unknown login.
    pub async fn set_disabled(&self, login: String, disabled: bool) -> StoreResult<()> {
        let write = self.writer.run(move |db| {
            Box::pin(async move {
                let user = accounts::update_disabled(&mut *db, &login, disabled).await?;
                Ok((end_sessions(db, user).await?, None))
            })
        });
        write.await
    }

    /// Renames a user; their sessions stay.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn set_name(&self, user: UserId, name: String) -> StoreResult<()> {
        let write = self
            .writer
            .run(move |db| Box::pin(async move { Ok((accounts::update_name(db, user, &name).await?, None)) }));
        write.await
    }

    /// Updates a user's status.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn set_status(&self, user: UserId, status: Status) -> StoreResult<()> {
        let write = self
            .writer
            .run(move |db| Box::pin(async move { Ok((accounts::update_status(db, user, &status).await?, None)) }));
        write.await
    }

    /// Removes every status that has ended at `now`, UTC milliseconds. The writer is asked only if there is one.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn end_statuses(&self, now: i64) -> StoreResult<()> {
        if !accounts::has_ended_status(&mut self.read_pool.acquire().await?, now).await? {
            return Ok(());
        }
        let write =
            self.writer.run(move |db| Box::pin(async move { Ok((accounts::end_statuses(db, now).await?, None)) }));
        write.await
    }

    /// Inserts and updates accounts by login, all or none. An account to insert that exists already is updated and
    /// keeps its password.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] if an account to update does not exist.
    pub async fn import(&self, entries: Vec<ImportedAccount>) -> StoreResult<()> {
        let write = self.writer.run(move |db| {
            Box::pin(async move {
                for entry in entries {
                    import(&mut *db, entry).await?;
                }
                Ok(((), None))
            })
        });
        write.await
    }

    /// A user's favourites.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn favourites(&self, user: UserId) -> StoreResult<Vec<UserId>> {
        Ok(accounts::favourites(&mut self.read_pool.acquire().await?, user).await?)
    }

    /// Inserts or deletes a favourite of a user.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for an unknown account, [`Refusal::Oneself`] for the user themselves.
    pub async fn set_favourite(&self, user: UserId, favourite: UserId, on: bool) -> StoreResult<()> {
        if user == favourite {
            return Err(Refusal::Oneself.into());
        }
        let write = self.writer.run(move |db| {
            Box::pin(async move {
                if !on {
                    accounts::delete_favourite(&mut *db, user, favourite).await?;
                } else if !accounts::insert_favourite(&mut *db, user, favourite).await? {
                    return Err(Refusal::NotFound.into());
                }
                let users = accounts::favourites(db, user).await?;
                Ok(((), Some(Committed::Favourites { user, users })))
            })
        });
        write.await
    }
}

async fn end_sessions(db: &mut Db, user: Option<UserId>) -> StoreResult<()> {
    Ok(sessions::delete_of(db, user.ok_or(Refusal::NotFound)?).await?)
}

async fn import(db: &mut Db, account: ImportedAccount) -> StoreResult<()> {
    let hash = match account.password.clone() {
        ImportedPassword::Keep => {
            let is_updated = accounts::update_imported(db, account).await?;
            return if is_updated { Ok(()) } else { Err(Refusal::NotFound.into()) };
        }
        ImportedPassword::None => None,
        ImportedPassword::Hash(hash) => Some(hash),
    };
    Ok(accounts::upsert_imported(db, account, hash).await?)
}
