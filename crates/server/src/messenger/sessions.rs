//! Sessions: sign in and out, the user's own password and devices.

use std::{collections::HashSet, net::IpAddr, time::Duration};

use data_encoding::HEXLOWER;
use parking_lot::MutexGuard;
use sha2::{Digest, Sha256};
use tokio::time::sleep;

use crate::{
    hub::{CloseReason, SocketAudience},
    messenger::{
        actor::Actor,
        attempts::{Attempt, AttemptVerdict},
        hashing::HashPriority,
        inner::Messenger,
        name,
        policy::Result,
        services::Accounts,
    },
    model::{Credentials, DeviceId, NewSession, NodeSignal, SessionId, SessionInfo},
    store::now_ms,
};
use protocol::{ended::Ended, error::Refusal, ids::UserId};

/// How long a session lasts.
pub const SESSION_LIFETIME: Duration = Duration::from_secs(30 * 24 * 3600);
/// How long a response with a new cookie may take to reach its browser.
const COOKIE_DELAY: Duration = Duration::from_secs(1);
/// Characters of a `User-Agent` that are kept.
const AGENT_CHARS: usize = 300;

/// The client of a sign-in attempt.
#[derive(Clone, Copy, Debug)]
pub struct ClientInfo<'a> {
    pub address: IpAddr,
    /// The `User-Agent`; empty if the client sent none.
    pub agent: &'a str,
    /// The device token of a browser: empty for a browser without one, `None` for a client that is not a browser.
    pub device: Option<&'a str>,
}

/// A new session. The token goes into the user's cookie and nowhere else.
pub struct SignIn {
    pub user: UserId,
    pub token: String,
    /// The token that identifies the browser at later attempts. It does not authenticate anybody.
    pub device: Option<String>,
}

impl Accounts<'_> {
    /// Verifies a password and begins a session.
    ///
    /// # Errors
    /// [`Refusal::Credentials`] for an unknown login and for a wrong password, after the same time;
    /// [`Refusal::Disabled`] for the right password of a disabled account;
    /// [`Refusal::TooFast`] after too many attempts, [`Refusal::Unavailable`] when the queue of hashes is full.
    pub async fn sign_in(self, login: &str, password: &str, from: ClientInfo<'_>) -> Result<SignIn> {
        let login = name::login(login).unwrap_or_default();
        let device = self.0.known_device(&login, from).await?;
        let of = Attempt { login: &login, network: from.address.into(), device };
        let (priority, otherwise) = match self.0.attempt_to_sign_in(of).await? {
            AttemptVerdict::Now(priority) => (priority, Refusal::Credentials),
            // After a delay, a wrong password counts as too many attempts.
            AttemptVerdict::After(wait, priority) => {
                sleep(wait).await;
                (priority, Refusal::TooFast)
            }
            AttemptVerdict::Refused => return Err(Refusal::TooFast),
        };
        let known = self.0.0.store.credentials(&login).await?;
        let is_right = self.0.verify(priority, password, known.as_ref().and_then(|known| known.hash.clone())).await?;
        let Some(known) = known.filter(|_| is_right) else {
            tracing::info!(%login, address = %from.address, "sign-in refused");
            return Err(otherwise);
        };
        self.0.attempt_succeeded(of, priority).await;
        // Only a client that knows the password is answered that the account is disabled.
        if known.disabled { Err(Refusal::Disabled) } else { self.0.begin_session(known.user, from).await }
    }

    /// The user and the session of a token.
    ///
    /// # Errors
    /// [`Refusal::SignedOut`] when there is no such session.
    pub async fn session(self, token: &str) -> Result<(UserId, SessionId)> {
        let session = session_id(token);
        let user = self.0.0.store.session(session).await?;
        user.map(|user| (user, session)).ok_or(Refusal::SignedOut)
    }

    /// Ends a session and closes its sockets at once.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn sign_out(self, session: SessionId) -> Result<()> {
        self.0.0.store.delete_session(session).await?;
        self.0.close_session(session, Ended::SignedOut);
        self.0.signal(NodeSignal::Accounts);
        tracing::info!("signed out");
        Ok(())
    }

    /// Ends the former session of a browser where `user` has just signed in, because the new cookie replaces its
    /// cookie.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn replace_session(self, (owner, session): (UserId, SessionId), user: UserId) -> Result<()> {
        if owner == user {
            self.0.retire(session, Ended::SignedOut);
        } else {
            self.0.close_session(session, Ended::OtherAccount);
        }
        self.0.0.store.delete_session(session).await?;
        self.0.signal(NodeSignal::Accounts);
        Ok(())
    }

    /// Replaces the actor's password, ends all their sessions, and begins a new session on the actor's device.
    ///
    /// # Errors
    /// [`Refusal::Credentials`] when `current` is not the password, [`Refusal::InvalidPassword`],
    /// [`Refusal::TooFast`] after too many attempts.
    pub async fn change_password(self, actor: Actor, current: &str, new: &str, from: ClientInfo<'_>) -> Result<SignIn> {
        let directory = self.0.directory();
        let login = directory.account(actor.user).map(|account| account.login.as_str()).ok_or(Refusal::SignedOut)?;
        if !self.0.may_confirm_password(actor.user).await? {
            return Err(Refusal::TooFast);
        }
        let Credentials { hash, .. } = self.0.0.store.credentials(login).await?.ok_or(Refusal::SignedOut)?;
        if !self.0.verify(HashPriority::Own, current, hash).await? {
            return Err(Refusal::Credentials);
        }
        let hash = self.0.hash(HashPriority::Own, new).await?;
        if let Some(session) = actor.session {
            self.0.retire(session, Ended::PasswordChanged);
        }
        self.0.0.store.set_password(login.to_owned(), hash).await?;
        self.0.begin_session(actor.user, from).await
    }

    /// The actor's sessions, the newest first.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn devices(self, actor: Actor) -> Result<Vec<SessionInfo>> {
        Ok(self.0.0.store.sessions_of(actor.user).await?)
    }

    /// Ends sessions of the actor, except the one that gives the command: the one with the id `which` in hexadecimal,
    /// or all others.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn end_devices(self, actor: Actor, which: Option<&str>) -> Result<()> {
        for device in self.devices(actor).await? {
            let is_meant = which.is_none_or(|which| which == device.id.to_string());
            if is_meant && Some(device.id) != actor.session {
                self.sign_out(device.id).await?;
            }
        }
        Ok(())
    }
}

impl Messenger {
    pub(super) async fn begin_session(&self, user: UserId, from: ClientInfo<'_>) -> Result<SignIn> {
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
        // Another process may have just added the account, and the page needs it in the directory.
        self.refresh_accounts().await?;
        self.0.store.insert_session(session).await?;
        tracing::info!(%user, "signed in");
        Ok(SignIn { user, token, device })
    }

    /// The browser of an attempt, if the account has signed in on it before.
    async fn known_device(&self, login: &str, from: ClientInfo<'_>) -> Result<Option<(UserId, DeviceId)>> {
        let Some(token) = from.device.filter(|token| !token.is_empty()) else { return Ok(None) };
        let device = device_id(token);
        let owner = self.0.store.owner_of_device(login, device).await?;
        Ok(owner.map(|owner| (owner, device)))
    }

    pub(super) fn close_session(&self, session: SessionId, why: Ended) {
        self.fan_out(SocketAudience::Session(session.0), CloseReason::SessionEnded(why));
    }

    /// Closes the sockets of an ending session once its browser has the cookie of the next one, so that the windows
    /// reconnect with the new session. Call it before the session is deleted.
    fn retire(&self, session: SessionId, why: Ended) {
        self.retiring().insert(session);
        let messenger = self.clone();
        self.supervisor().spawn(async move {
            sleep(COOKIE_DELAY).await;
            messenger.close_session(session, why);
            messenger.retiring().remove(&session);
        });
    }

    pub(super) fn is_retiring(&self, session: SessionId) -> bool {
        self.retiring().contains(&session)
    }

    fn retiring(&self) -> MutexGuard<'_, HashSet<SessionId>> {
        self.0.retiring.lock()
    }
}

/// 256 bits of randomness in hexadecimal.
fn token() -> Result<String> {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).map_err(|_| Refusal::Unavailable)?;
    Ok(HEXLOWER.encode(&secret))
}

fn device_id(token: &str) -> DeviceId {
    DeviceId(Sha256::digest(token.as_bytes()).into())
}

fn session_id(token: &str) -> SessionId {
    SessionId(Sha256::digest(token.as_bytes()).into())
}
