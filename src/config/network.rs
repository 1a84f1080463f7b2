//! `[daehwa.network]`: where the server listens, and which proxies are trusted.

use std::{
    fmt::{self, Display, Formatter},
    str::FromStr,
};

use clap::Args;

use server::{address::Proxies, origin::Origin};

#[derive(Debug, Args)]
#[group(id = "network")]
#[command(next_help_heading = "Network")]
pub struct NetworkSettings {
    /// The address to listen on
    #[arg(long, env = "DAEHWA_ADDR", value_name = "HOST:PORT", default_value = "127.0.0.1:3000")]
    pub addr: Listen,
    /// The address in the browser, e.g. https://chat.example.org; with https, cookies are Secure
    #[arg(long, env = "DAEHWA_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<Origin>,
    /// Proxies whose X-Forwarded-For is believed: addresses and networks
    #[arg(long, env = "DAEHWA_TRUSTED_PROXIES", value_name = "NETWORK,...", default_value = "127.0.0.0/8, ::1")]
    pub trusted_proxies: Proxies,
    /// Seconds over which the windows are sent to other nodes after SIGTERM [default: 0; with --database 30]
    #[arg(long, env = "DAEHWA_DRAIN_SECONDS", value_name = "N")]
    pub drain_seconds: Option<u32>,
    /// A portal that may show these pages in a frame, e.g. https://portal.example.org
    #[arg(long, env = "DAEHWA_PORTAL_URL", value_name = "URL")]
    pub portal_url: Option<Origin>,
}

/// `HOST:PORT`. A host name is resolved when the server starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listen(String);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidListen {
    #[error("expected HOST:PORT, e.g. 127.0.0.1:3000 or localhost:3000")]
    NoPort,
    #[error("expected a host before the port, e.g. 0.0.0.0:3000, or [::]:3000 for IPv6")]
    NoHost,
    #[error("expected a port from 0 to 65535 after the colon")]
    Port,
}

impl Listen {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Listen {
    type Err = InvalidListen;

    fn from_str(text: &str) -> Result<Self, InvalidListen> {
        let (host, port) = text.rsplit_once(':').ok_or(InvalidListen::NoPort)?;
        let is_bare_v6 = host.contains(':') && !(host.starts_with('[') && host.ends_with(']'));
        if host.is_empty() || is_bare_v6 {
            return Err(InvalidListen::NoHost);
        }
        port.parse::<u16>().map_err(|_| InvalidListen::Port)?;
        Ok(Self(text.to_owned()))
    }
}

impl Display for Listen {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_host_and_a_port() {
        for text in ["127.0.0.1:0", "localhost:3000", "[::1]:80", "chat.example.org:443"] {
            assert_eq!(text.parse(), Ok(Listen(text.into())));
        }
        for text in ["3000", "localhost", ":3000", "::1:3000", "localhost:", "localhost:70000", "localhost:http"] {
            assert!(text.parse::<Listen>().is_err(), "{text}");
        }
    }
}
