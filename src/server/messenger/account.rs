//! Accounts and sign-ins: registration, passwords, sessions.

use std::{
    collections::HashSet,
    net::IpAddr,
    sync::{MutexGuard, PoisonError},
    time::Duration,
};

use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use sha2::{Digest, Sha256};

use crate::{
    protocol::{ended::Ended, error::Refusal, ids::UserId, limit::PASSWORD_CHARS, user::User},
    server::{
        messenger::{Messenger, Result, name},
        store::{Account, Credentials, SessionId, now_ms},
        text,
    },
};

/// How long a sign-in lasts.
pub const SESSION_LIFETIME: Duration = Duration::from_secs(30 * 24 * 3600);
/// Hashes computed at once: each takes 19 MiB and a core for tens of milliseconds, and the sockets
/// need a core too.
pub(super) const HASHES_AT_ONCE: usize = 1;

/// How long the answer with a new cookie may take to its browser.
const PARTING: Duration = Duration::from_secs(1);

/// Characters of a `User-Agent` that are kept.
const AGENT_CHARS: usize = 300;

/// Where somebody who wants to sign in comes from.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'a> {
    pub address: IpAddr,
    /// The `User-Agent`; empty when none was sent.
    pub agent: &'a str,
}

/// A fresh sign-in: the token goes into the person's cookie and nowhere else.
pub struct SignIn {
    pub user: UserId,
    pub token: String,
}

impl Messenger {
    /// Whether anybody has an account yet.
    pub fn has_accounts(&self) -> bool {
        self.directory().accounts().next().is_some()
    }

    /// The people whom a visitor of the demonstration may sign in as; nobody otherwise.
    pub fn demo_people(&self) -> Vec<User> {
        if !self.settings().demo {
            return Vec::new();
        }
        let directory = self.directory();
        let mut people: Vec<User> = directory.accounts().filter_map(|account| self.user(account.id)).collect();
        people.sort_by_key(|user| user.id);
        people
    }

    /// Makes an account by the form: the first one always, others when registration is open.
    ///
    /// # Errors
    /// [`Refusal::RegistrationClosed`], [`Refusal::TooFast`], or what is wrong with a field.
    pub async fn register(&self, login: &str, name: &str, password: &str, from: Origin<'_>) -> Result<SignIn> {
        let is_open = self.settings().registration_open;
        if !is_open && self.has_accounts() {
            return Err(Refusal::RegistrationClosed);
        }
        self.check_sign_in_rate("", from.address)?;
        let user = self.add_account(login, name, password, !is_open).await?;
        self.begin_session(user, from.agent).await
    }

    /// Makes an account, as an operator does.
    ///
    /// # Errors
    /// What is wrong with a field, or [`Refusal::LoginTaken`].
    pub async fn add_account(&self, login: &str, name: &str, password: &str, only_first: bool) -> Result<UserId> {
        let (login, name) = (name::login(login)?, name::display_name(name)?);
        let hash = self.hash(password).await?;
        let user = self.0.store.insert_account(login, name, hash, only_first).await?;
        tracing::info!(%user, "account made");
        self.refresh_accounts().await?;
        Ok(user)
    }

    /// Every account, by login.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn accounts(&self) -> Result<Vec<Account>> {
        Ok(self.0.store.accounts().await?)
    }

    /// Gives an account another password; everybody signed in with the old one is signed out.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::InvalidPassword`].
    pub async fn set_password(&self, login: &str, password: &str) -> Result<()> {
        let login = name::login(login)?;
        let hash = self.hash(password).await?;
        Ok(self.0.store.set_password(login, hash).await?)
    }

    /// Disables an account and signs it out everywhere, or enables it again.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub async fn set_disabled(&self, login: &str, disabled: bool) -> Result<()> {
        Ok(self.0.store.set_disabled(name::login(login)?, disabled).await?)
    }

    /// Begins a session for whoever knows the password.
    ///
    /// # Errors
    /// [`Refusal::Credentials`] alike, and after alike time, for an unknown login and a wrong password;
    /// [`Refusal::Disabled`] for the right password of a disabled account;
    /// [`Refusal::TooFast`] after too many tries of this login from this address.
    pub async fn sign_in(&self, login: &str, password: &str, from: Origin<'_>) -> Result<SignIn> {
        let login = name::login(login).unwrap_or_default();
        let address = from.address;
        self.check_sign_in_rate(&login, address)?;
        let known = self.0.store.credentials(&login).await?;
        let hash = known.as_ref().map_or_else(|| self.0.dummy_hash.clone(), |known| known.hash.clone());
        let is_right = self.verify(password, hash).await?;
        match known {
            // Who knows the password may know this, too.
            Some(Credentials { disabled: true, .. }) if is_right => Err(Refusal::Disabled),
            Some(known) if is_right => self.begin_session(known.user, from.agent).await,
            _ => {
                tracing::info!(%login, %address, "sign-in refused");
                Err(Refusal::Credentials)
            }
        }
    }

    /// Ends a session; its sockets are closed at once.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn sign_out(&self, session: SessionId) -> Result<()> {
        self.0.store.delete_session(session).await?;
        self.hub().close_session(&session.0, Ended::SignedOut);
        tracing::info!("signed out");
        Ok(())
    }

    /// Ends the session that a browser had when `user` signed in there: its cookie is another one now.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn replace_session(&self, old: (UserId, SessionId), user: UserId) -> Result<()> {
        let (owner, session) = old;
        if owner == user {
            self.part(session, Ended::SignedOut);
        } else {
            self.hub().close_session(&session.0, Ended::OtherAccount);
        }
        Ok(self.0.store.delete_session(session).await?)
    }

    /// Closes the sockets of a session that ends when its browser will have the next one's cookie: its windows then
    /// come back with it. To be called before the session is deleted.
    pub(super) fn part(&self, session: SessionId, why: Ended) {
        self.parting().insert(session);
        let messenger = self.clone();
        tokio::spawn(async move {
            tokio::time::sleep(PARTING).await;
            messenger.hub().close_session(&session.0, why);
            messenger.parting().remove(&session);
        });
    }

    pub(super) fn is_parting(&self, session: SessionId) -> bool {
        self.parting().contains(&session)
    }

    fn parting(&self) -> MutexGuard<'_, HashSet<SessionId>> {
        self.0.parting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whose token this is.
    ///
    /// # Errors
    /// [`Refusal::SignedOut`] when nobody's.
    pub async fn session(&self, token: &str) -> Result<(UserId, SessionId)> {
        let session = session_id(token);
        let user = self.0.store.session(session).await?;
        user.map(|user| (user, session)).ok_or(Refusal::SignedOut)
    }

    pub(super) async fn begin_session(&self, user: UserId, agent: &str) -> Result<SignIn> {
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).map_err(|_| Refusal::Unavailable)?;
        let token: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
        let agent = agent.chars().take(AGENT_CHARS).collect();
        let expires_at = now_ms() + SESSION_LIFETIME.as_millis() as i64;
        self.0.store.insert_session(session_id(&token), user, expires_at, agent).await?;
        tracing::info!(%user, "signed in");
        Ok(SignIn { user, token })
    }

    pub(super) fn check_sign_in_rate(&self, login: &str, address: IpAddr) -> Result<()> {
        self.check_rate(|rates, limit| rates.sign_in(login, address, limit), self.settings().sign_ins_per_minute)
    }

    pub(super) async fn hash(&self, password: &str) -> Result<String> {
        if !PASSWORD_CHARS.contains(&password.chars().count()) && !self.is_demo_password(password) {
            return Err(Refusal::InvalidPassword);
        }
        let password = text::password(password);
        self.hashing(move || hash(&password)).await?
    }

    /// The demonstration's one password is shorter than the rule, and is nobody's secret.
    fn is_demo_password(&self, password: &str) -> bool {
        self.settings().demo && password == crate::protocol::limit::DEMO_PASSWORD
    }

    pub(super) async fn verify(&self, password: &str, hash: String) -> Result<bool> {
        let (typed, password) = (password.to_owned(), text::password(password));
        // Nobody has a longer one; hashing it would only be work for a stranger's pleasure.
        if password.chars().count() > *PASSWORD_CHARS.end() {
            return Ok(false);
        }
        self.hashing(move || {
            let fits = |password: &str| Argon2::default().verify_password(password.as_bytes(), hash.as_str()).is_ok();
            // Earlier versions hashed what was typed as it was.
            fits(&password) || typed != password && fits(&typed)
        })
        .await
    }

    /// Runs slow arithmetic beside the sockets' threads, a little at a time.
    async fn hashing<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let _permit = self.0.hashing.acquire().await.map_err(|_| Refusal::Unavailable)?;
        tokio::task::spawn_blocking(work).await.map_err(|_| Refusal::Unavailable)
    }
}

/// Argon2id, 19 MiB, two passes (OWASP's least), in PHC format.
///
/// # Errors
/// [`Refusal::Unavailable`] when the system gives no randomness.
pub(super) fn hash(password: &str) -> Result<String> {
    let hash = Argon2::default().hash_password(password.as_bytes());
    hash.map(|hash| hash.to_string()).map_err(|error| {
        tracing::error!(%error, "a password could not be hashed");
        Refusal::Unavailable
    })
}

fn session_id(token: &str) -> SessionId {
    SessionId(Sha256::digest(token.as_bytes()).into())
}
