//! The settings of the bus: its servers, and the node's credentials.

use std::{
    fmt::{self, Debug, Formatter},
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use async_nats::ConnectOptions;
use rustls::{
    crypto::ring::default_provider,
    pki_types::{CertificateDer, pem::PemObject},
};

use super::servers::BusServers;
use crate::model::{BusFault, Fault};

/// The settings as an operator gives them, unchecked.
#[derive(Clone, Default)]
pub struct BusAccess {
    pub user: Option<String>,
    /// With a user their password, without one a token.
    pub password: Option<String>,
    /// A file with the password; it counts when there is no password.
    pub password_file: Option<PathBuf>,
    /// A file with the credentials of NATS: a user's JWT and seed.
    pub credentials: Option<PathBuf>,
    /// A file with certificates in PEM, trusted instead of the system's. With it, every server needs TLS.
    pub ca: Option<PathBuf>,
}

/// Checked settings. The files of secrets have been read.
#[derive(Clone)]
pub struct BusConfig {
    pub(super) servers: BusServers,
    secret: BusSecret,
    ca: Option<PathBuf>,
}

#[derive(Clone)]
enum BusSecret {
    None,
    Password {
        user: String,
        password: String,
    },
    Token(String),
    /// The content of this file.
    Credentials {
        path: PathBuf,
        text: Arc<str>,
    },
}

impl BusConfig {
    /// Reads the files of the settings. Nothing is connected yet.
    ///
    /// # Errors
    /// [`Fault::Bus`] if the settings contradict each other or are not what they should be; [`Fault::File`] if a file
    /// cannot be read. No error repeats a secret.
    pub fn read(servers: &BusServers, access: &BusAccess) -> Result<Self, Fault> {
        servers.addresses()?;
        if let Some(path) = &access.ca {
            check_certificates(path)?;
        }
        Ok(Self { servers: servers.clone(), secret: access.secret()?, ca: access.ca.clone() })
    }

    /// The options of async-nats that follow from the settings.
    pub(super) fn options(&self) -> Result<ConnectOptions, Fault> {
        // async-nats asks the process for its provider of cryptography. If there is one already, that stays.
        let _ = default_provider().install_default();
        let options = self.secret.options()?.require_tls(self.servers.ask_for_tls() || self.ca.is_some());
        Ok(self.ca.iter().fold(options, |options, path| options.add_root_certificates(path.clone())))
    }
}

/// The servers alone.
impl Debug for BusConfig {
    fn fmt(&self, to: &mut Formatter<'_>) -> fmt::Result {
        to.debug_struct("BusConfig").field("servers", &self.servers).field("ca", &self.ca).finish_non_exhaustive()
    }
}

impl BusAccess {
    /// Whether no setting is given. An empty password is none.
    pub fn is_empty(&self) -> bool {
        let Self { user, password, password_file, credentials, ca } = self;
        let has_password = password.as_ref().is_some_and(|password| !password.is_empty());
        user.is_none() && !has_password && password_file.is_none() && credentials.is_none() && ca.is_none()
    }

    fn secret(&self) -> Result<BusSecret, Fault> {
        let password = match (&self.password, &self.password_file) {
            (None, Some(path)) => Some(first_line(&read(path)?)),
            (password, _) => password.clone(),
        };
        let password = password.filter(|password| !password.is_empty());
        match (&self.credentials, &self.user, password) {
            (Some(_), Some(_), _) | (Some(_), _, Some(_)) => Err(BusFault::TwoSecrets.into()),
            (Some(path), None, None) => BusSecret::of_credentials(path),
            (None, Some(_), None) => Err(BusFault::NoPassword.into()),
            (None, Some(user), Some(password)) => Ok(BusSecret::Password { user: user.clone(), password }),
            (None, None, Some(token)) => Ok(BusSecret::Token(token)),
            (None, None, None) => Ok(BusSecret::None),
        }
    }
}

impl BusSecret {
    fn of_credentials(path: &Path) -> Result<Self, Fault> {
        let text = read(path)?;
        let secret = Self::Credentials { path: path.into(), text: text.into() };
        secret.options().map(|_| secret)
    }

    fn options(&self) -> Result<ConnectOptions, Fault> {
        let options = ConnectOptions::new();
        Ok(match self {
            Self::None => options,
            Self::Password { user, password } => options.user_and_password(user.clone(), password.clone()),
            Self::Token(token) => options.token(token.clone()),
            Self::Credentials { path, text } => {
                options.credentials(text).map_err(|_| BusFault::Credentials(path.clone()))?
            }
        })
    }
}

fn check_certificates(path: &Path) -> Result<(), Fault> {
    let text = read(path)?;
    let mut certificates = CertificateDer::pem_slice_iter(text.as_bytes()).peekable();
    let are_readable = certificates.peek().is_some() && certificates.all(|certificate| certificate.is_ok());
    if are_readable { Ok(()) } else { Err(BusFault::Certificate(path.into()).into()) }
}

fn read(path: &Path) -> Result<String, Fault> {
    fs::read_to_string(path).map_err(|error: io::Error| Fault::File { path: path.into(), error })
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}
