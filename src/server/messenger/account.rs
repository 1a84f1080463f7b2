//! Accounts and sign-ins: registration, passwords, sessions.

use std::{
    collections::HashSet,
    net::IpAddr,
    sync::{MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use sha2::{Digest, Sha256};
use tokio::time::sleep;

use crate::{
    protocol::{ended::Ended, error::Refusal, ids::UserId, limit::PASSWORD_CHARS, user::User},
    server::{
        messenger::{
            Messenger, Result,
            hashing::Turn,
            name,
            tries::{Admission, Tries, Try},
        },
        network::Network,
        store::{Account, DeviceId, NewSession, SessionId, now_ms},
        text,
    },
};

/// How long a sign-in lasts.
pub const SESSION_LIFETIME: Duration = Duration::from_secs(30 * 24 * 3600);
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
    /// The token of a browser that keeps one: empty for one that has none yet, none for a program.
    pub device: Option<&'a str>,
}

/// A fresh sign-in: the token goes into the person's cookie and nowhere else.
pub struct SignIn {
    pub user: UserId,
    pub token: String,
    /// The token by which a browser is known later; it signs nobody in.
    pub device: Option<String>,
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
        let (login, name) = (name::login(login)?, name::display_name(name)?);
        let network = Network::from(from.address);
        if !self.tries().registration(network, self.settings().sign_ins_per_minute, Instant::now()) {
            return Err(Refusal::TooFast);
        }
        let hash = self.hash(Turn::Stranger(network), password).await?;
        let user = self.insert_account(login, name, hash, !is_open).await?;
        self.begin_session(user, from).await
    }

    /// Makes an account, as an operator does.
    ///
    /// # Errors
    /// What is wrong with a field, or [`Refusal::LoginTaken`].
    pub async fn add_account(&self, login: &str, name: &str, password: &str, only_first: bool) -> Result<UserId> {
        let (login, name) = (name::login(login)?, name::display_name(name)?);
        let hash = self.hash(Turn::Own, password).await?;
        self.insert_account(login, name, hash, only_first).await
    }

    async fn insert_account(&self, login: String, name: String, hash: String, only_first: bool) -> Result<UserId> {
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
        let hash = self.hash(Turn::Own, password).await?;
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
    /// [`Refusal::TooFast`] after too many tries, [`Refusal::Unavailable`] when too many others sign in.
    pub async fn sign_in(&self, login: &str, password: &str, from: Origin<'_>) -> Result<SignIn> {
        let login = name::login(login).unwrap_or_default();
        let device = self.known_device(&login, from).await?;
        let of = Try { login: &login, network: from.address.into(), device };
        let limit = self.settings().sign_ins_per_minute;
        let admission = self.tries().sign_in(of, limit, Instant::now());
        let (turn, otherwise) = match admission {
            Admission::Now(turn) => (turn, Refusal::Credentials),
            // A guess that waited for its turn was one too many all the same.
            Admission::After(wait, turn) => {
                sleep(wait).await;
                (turn, Refusal::TooFast)
            }
            Admission::Refused => return Err(Refusal::TooFast),
        };
        let known = self.0.store.credentials(&login).await?;
        let is_right = self.verify(turn, password, known.as_ref().map(|known| known.hash.clone())).await?;
        let Some(known) = known.filter(|_| is_right) else {
            tracing::info!(%login, address = %from.address, "sign-in refused");
            return Err(otherwise);
        };
        self.tries().succeeded(of, turn, limit, Instant::now());
        // Who knows the password may know this, too.
        if known.disabled { Err(Refusal::Disabled) } else { self.begin_session(known.user, from).await }
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

    /// The browser that a try comes from, when the account has signed in on it before.
    async fn known_device(&self, login: &str, from: Origin<'_>) -> Result<Option<(UserId, DeviceId)>> {
        let Some(token) = from.device.filter(|token| !token.is_empty()) else { return Ok(None) };
        let device = device_id(token);
        let owner = self.0.store.owner_of_device(login, device).await?;
        Ok(owner.map(|owner| (owner, device)))
    }

    pub(super) async fn begin_session(&self, user: UserId, from: Origin<'_>) -> Result<SignIn> {
        let token = token()?;
        let device = match from.device {
            Some("") => Some(self::token()?),
            known => known.map(str::to_owned),
        };
        let session = NewSession {
            id: session_id(&token),
            user,
            expires_at: now_ms() + SESSION_LIFETIME.as_millis() as i64,
            agent: from.agent.chars().take(AGENT_CHARS).collect(),
            device: device.as_deref().map(device_id),
        };
        // An account that another process has just made would open a page that does not know it.
        self.refresh_accounts().await?;
        self.0.store.insert_session(session).await?;
        tracing::info!(%user, "signed in");
        Ok(SignIn { user, token, device })
    }

    pub(super) fn tries(&self) -> MutexGuard<'_, Tries> {
        self.0.tries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) async fn hash(&self, turn: Turn, password: &str) -> Result<String> {
        if !PASSWORD_CHARS.contains(&password.chars().count()) && !self.is_demo_password(password) {
            return Err(Refusal::InvalidPassword);
        }
        self.0.hashing.hash(turn, text::password(password)).await
    }

    /// The demonstration's one password is shorter than the rule, and is nobody's secret.
    fn is_demo_password(&self, password: &str) -> bool {
        self.settings().demo && password == crate::protocol::limit::DEMO_PASSWORD
    }

    pub(super) async fn verify(&self, turn: Turn, password: &str, hash: Option<String>) -> Result<bool> {
        // Nobody has a longer one; hashing it would only be work for a stranger's pleasure.
        if password.chars().count() > *PASSWORD_CHARS.end() {
            return Ok(false);
        }
        let mut passwords = vec![text::password(password)];
        if passwords[0] != password {
            // Earlier versions hashed what was typed, without composing it.
            passwords.push(password.to_owned());
        }
        self.0.hashing.verify(turn, passwords, hash).await
    }
}

/// 256 bits of randomness in hexadecimal.
fn token() -> Result<String> {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).map_err(|_| Refusal::Unavailable)?;
    Ok(secret.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn device_id(token: &str) -> DeviceId {
    DeviceId(Sha256::digest(token.as_bytes()).into())
}

fn session_id(token: &str) -> SessionId {
    SessionId(Sha256::digest(token.as_bytes()).into())
}
