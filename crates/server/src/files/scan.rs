//! The operator's scanner: clamd by its protocol, or a program. A file is clean only if the scanner says so.

use std::{
    fmt::{self, Display, Formatter},
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

use tokio::{net::TcpStream, time::timeout};

use crate::files::{clamd::instream, not_clean::NotClean, scan_program::run};

/// How long clamd may take to accept a connection.
const CONNECTING: Duration = Duration::from_secs(5);
/// How long one file may take.
pub const SCANNING: Duration = Duration::from_secs(120);
/// The port of clamd, unless another is named.
const CLAMD_PORT: u16 = 3310;

/// A scanner for malware: `clamd://HOST:PORT`, `unix:/path/to/clamd.sock` or `command:/path/to/program`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scanner {
    /// `HOST:PORT`.
    Clamd(String),
    ClamdSocket(PathBuf),
    /// The program gets the file's path. Exit status 0 means clean, 1 infected, any other that the scan failed.
    Program(PathBuf),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected clamd://HOST:PORT, unix:/path/to/clamd.sock or command:/path/to/program")]
pub struct InvalidScanner;

impl Scanner {
    /// Scans a complete file.
    ///
    /// # Errors
    /// Every result but that the file is clean.
    pub async fn scan(&self, file: &Path) -> Result<(), NotClean> {
        match self {
            Self::Clamd(address) => {
                let stream = timeout(CONNECTING, TcpStream::connect(address)).await??;
                timeout(SCANNING, instream(stream, file)).await?
            }
            #[cfg(unix)]
            Self::ClamdSocket(path) => {
                let stream = timeout(CONNECTING, tokio::net::UnixStream::connect(path)).await??;
                timeout(SCANNING, instream(stream, file)).await?
            }
            #[cfg(not(unix))]
            Self::ClamdSocket(_) => Err(std::io::Error::from(std::io::ErrorKind::Unsupported).into()),
            Self::Program(program) => run(program, file, SCANNING).await,
        }
    }
}

impl FromStr for Scanner {
    type Err = InvalidScanner;

    fn from_str(text: &str) -> Result<Self, InvalidScanner> {
        let absolute = |path: &str| path.starts_with('/').then(|| PathBuf::from(path)).ok_or(InvalidScanner);
        let (kind, rest) = text.split_once(':').ok_or(InvalidScanner)?;
        match kind {
            "clamd" => {
                let host = rest.strip_prefix("//").filter(|host| !host.is_empty()).ok_or(InvalidScanner)?;
                let has_port = host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
                Ok(Self::Clamd(if has_port { host.to_owned() } else { format!("{host}:{CLAMD_PORT}") }))
            }
            "unix" => absolute(rest).map(Self::ClamdSocket),
            "command" => absolute(rest).map(Self::Program),
            _ => Err(InvalidScanner),
        }
    }
}

impl Display for Scanner {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Clamd(address) => write!(f, "clamd://{address}"),
            Self::ClamdSocket(path) => write!(f, "unix:{}", path.display()),
            Self::Program(path) => write!(f, "command:{}", path.display()),
        }
    }
}
