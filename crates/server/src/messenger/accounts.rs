//! Accounts: registration and the commands of the operator.

use crate::{
    messenger::{
        hashing::HashPriority,
        inner::Messenger,
        name,
        policy::Result,
        services::Accounts,
        sessions::{ClientInfo, SignIn},
    },
    model::Account,
    network::Network,
};
use protocol::{error::Refusal, ids::UserId, user::User};

impl Accounts<'_> {
    /// Whether there is no account yet.
    pub fn is_empty(self) -> bool {
        self.0.directory().accounts().next().is_none()
    }

    /// The users that a visitor of the demonstration can choose; empty on any other server.
    pub fn of_demo(self) -> Vec<User> {
        if !self.0.policy().demo {
            return Vec::new();
        }
        let directory = self.0.directory();
        let mut users: Vec<User> = directory.accounts().map(|account| self.0.seen(account)).collect();
        users.sort_by_key(|user| user.id);
        users
    }

    /// Registers an account by the form. The first account may always register, others while registration is open.
    ///
    /// # Errors
    /// [`Refusal::RegistrationClosed`], [`Refusal::TooFast`], or the refusal of an invalid field.
    pub async fn register(self, login: &str, name: &str, password: &str, from: ClientInfo<'_>) -> Result<SignIn> {
        let is_open = self.0.policy().registration_open;
        if !is_open && !self.is_empty() {
            return Err(Refusal::RegistrationClosed);
        }
        let (login, name) = (name::login(login)?, name::display_name(name)?);
        let network = Network::from(from.address);
        if !self.0.may_register(network).await? {
            return Err(Refusal::TooFast);
        }
        let hash = self.0.hash(HashPriority::Stranger(network), password).await?;
        let user = self.0.insert_account(login, name, hash, !is_open).await?;
        self.0.begin_session(user, from).await
    }

    /// Adds an account for an operator. With `only_first`, only if there is no other account.
    ///
    /// # Errors
    /// The refusal of an invalid field, [`Refusal::LoginTaken`], [`Refusal::RegistrationClosed`].
    pub async fn add(self, login: &str, name: &str, password: &str, only_first: bool) -> Result<UserId> {
        let (login, name) = (name::login(login)?, name::display_name(name)?);
        let hash = self.0.hash(HashPriority::Own, password).await?;
        self.0.insert_account(login, name, hash, only_first).await
    }

    /// All accounts, by login.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn all(self) -> Result<Vec<Account>> {
        Ok(self.0.0.store.accounts().await?)
    }

    /// Replaces the password of an account for an operator, and ends all its sessions.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::InvalidPassword`].
    pub async fn set_password(self, login: &str, password: &str) -> Result<()> {
        let login = name::login(login)?;
        let hash = self.0.hash(HashPriority::Own, password).await?;
        Ok(self.0.0.store.set_password(login, hash).await?)
    }

    /// Disables an account and ends all its sessions, or enables it again.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub async fn set_disabled(self, login: &str, disabled: bool) -> Result<()> {
        Ok(self.0.0.store.set_disabled(name::login(login)?, disabled).await?)
    }
}

impl Messenger {
    async fn insert_account(&self, login: String, name: String, hash: String, only_first: bool) -> Result<UserId> {
        let user = self.0.store.insert_account(login, name, hash, only_first).await?;
        tracing::info!(%user, "account created");
        self.refresh_accounts().await?;
        Ok(user)
    }
}
