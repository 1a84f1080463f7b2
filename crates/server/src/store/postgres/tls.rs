//! TLS to the server that has the database: what the URL and the environment ask for, as in libpq, and why it fails.

use std::{env, fs, path::PathBuf};

use rustls::{
    CertificateError,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use sqlx::postgres::{PgConnectOptions, PgSslMode};

use crate::model::{DatabaseUrl, Fault, SharedFault};

/// What sqlx says of a server that declines TLS.
const DECLINED: &str = "server does not support TLS";
/// How a certificate or key begins that is itself in the environment, in place of its file.
const PEM: &str = "-----BEGIN";

/// The names that sqlx reads in a URL, and the variable that it reads otherwise.
struct TlsSetting(&'static [&'static str], &'static str);

const MODE: TlsSetting = TlsSetting(&["sslmode", "ssl-mode"], "PGSSLMODE");
const ROOT: TlsSetting = TlsSetting(&["sslrootcert", "ssl-root-cert", "ssl-ca"], "PGSSLROOTCERT");
const CERTIFICATE: TlsSetting = TlsSetting(&["sslcert", "ssl-cert"], "PGSSLCERT");
const KEY: TlsSetting = TlsSetting(&["sslkey", "ssl-key"], "PGSSLKEY");

impl TlsSetting {
    fn value(&self, url: &DatabaseUrl) -> Option<String> {
        let in_url = url.parameters().filter(|(name, _)| self.is_called(name)).last();
        in_url.map(|(_, value)| value.into_owned()).or_else(|| env::var(self.1).ok())
    }

    fn is_called(&self, name: &str) -> bool {
        self.0.contains(&name)
    }
}

/// Refuses what sqlx ignores: it would connect without the protection that the operator asked for.
///
/// # Errors
/// [`SharedFault::SslMode`], [`SharedFault::SslParameter`].
pub(super) fn check_words(url: &DatabaseUrl) -> Result<(), SharedFault> {
    let is_known = |name: &str| [MODE, ROOT, CERTIFICATE, KEY].iter().any(|setting| setting.is_called(name));
    if url.parameters().any(|(name, _)| name.starts_with("ssl") && !is_known(&name)) {
        return Err(SharedFault::SslParameter);
    }
    let is_wrong = MODE.value(url).is_some_and(|word| word.parse::<PgSslMode>().is_err());
    if is_wrong { Err(SharedFault::SslMode) } else { Ok(()) }
}

/// Options that connect with TLS as libpq does it.
///
/// # Errors
/// If a certificate or key cannot be used.
pub(super) fn with_tls(options: PgConnectOptions, url: &DatabaseUrl) -> Result<PgConnectOptions, Fault> {
    // A certificate names an address without the brackets that it has in a URL.
    let host = options.get_host().trim_matches(['[', ']']).to_owned();
    let is_socket = options.get_socket().is_some() || host.starts_with('/');
    let root = ROOT.value(url);
    let mode = match options.get_ssl_mode() {
        // sqlx would fail: PostgreSQL has no TLS there.
        _ if is_socket => PgSslMode::Disable,
        // Whoever names an authority and says no more expects that it is asked.
        _ if root.is_some() && MODE.value(url).is_none() => PgSslMode::VerifyFull,
        // sqlx would not try TLS, which the server may require.
        PgSslMode::Allow => PgSslMode::Prefer,
        // sqlx would not read the file.
        PgSslMode::Require if root.is_some() => PgSslMode::VerifyCa,
        mode => mode,
    };
    if !matches!(mode, PgSslMode::Disable) {
        check_own_certificate(url)?;
    }
    if let (PgSslMode::VerifyCa | PgSslMode::VerifyFull, Some(root)) = (mode, root) {
        check_pem::<CertificateDer>(&root, url)?;
    }
    Ok(options.host(&host).ssl_mode(mode))
}

fn check_own_certificate(url: &DatabaseUrl) -> Result<(), Fault> {
    match (CERTIFICATE.value(url), KEY.value(url)) {
        (None, None) => Ok(()),
        (Some(certificate), Some(key)) => {
            check_pem::<CertificateDer>(&certificate, url)?;
            check_pem::<PrivateKeyDer>(&key, url)
        }
        _ => Err(Fault::Shared { database: url.redacted(), cause: SharedFault::HalfPair }),
    }
}

/// Reads a file to say what is wrong with it. sqlx reads it again for each connection, so it may be renewed.
fn check_pem<T: PemObject>(file: &str, url: &DatabaseUrl) -> Result<(), Fault> {
    if file.trim_start().starts_with(PEM) {
        return Ok(());
    }
    let path = PathBuf::from(file);
    let content = fs::read(&path).map_err(|error| Fault::File { path: path.clone(), error })?;
    let read = T::from_pem_slice(&content).map(drop);
    read.map_err(|_| Fault::Shared { database: url.redacted(), cause: SharedFault::NotPem(path) })
}

/// Why there is no connection with TLS; `None` if TLS is not the reason.
pub(super) fn cause(error: &sqlx::Error) -> Option<SharedFault> {
    let error = match error {
        sqlx::Error::Tls(error) if error.to_string() == DECLINED => return Some(SharedFault::NoTls),
        sqlx::Error::Tls(error) => return Some(SharedFault::Tls(error.to_string())),
        sqlx::Error::Io(error) => error.get_ref()?.downcast_ref::<rustls::Error>()?,
        _ => return None,
    };
    Some(match error {
        rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer) => SharedFault::Untrusted,
        rustls::Error::InvalidCertificate(CertificateError::NotValidForNameContext { presented, .. }) => {
            SharedFault::OtherHost(presented.join(", "))
        }
        error => SharedFault::Tls(error.to_string()),
    })
}
