//! The addresses of the bus's servers.

use std::{
    convert::Infallible,
    fmt::{self, Debug, Display, Formatter},
    str::FromStr,
};

use async_nats::ServerAddr;

use crate::model::BusFault;

const TLS: &str = "tls";
const SCHEMES: [&str; 2] = ["nats", TLS];

/// `nats://HOST:PORT` or `tls://HOST:PORT`, several separated by commas; the port is 4222 by default. A text may have a
/// password where none belongs, so nothing prints it before it was checked.
#[derive(Clone, PartialEq, Eq)]
pub struct BusServers(Result<Vec<ServerAddr>, BusFault>);

/// Every text is accepted: an error of a parser of arguments would repeat it. [`BusServers::addresses`] says what is
/// wrong.
impl FromStr for BusServers {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.split(',').map(|address| server(address.trim())).collect()))
    }
}

impl BusServers {
    /// # Errors
    /// If an address is not one, or has a user or a password.
    pub(super) fn addresses(&self) -> Result<&[ServerAddr], BusFault> {
        self.0.as_deref().map_err(Clone::clone)
    }

    /// Whether one address asks for TLS. Then all servers need it: the same password goes to each.
    pub(super) fn ask_for_tls(&self) -> bool {
        self.0.iter().flatten().any(|address| address.scheme() == TLS)
    }
}

fn server(text: &str) -> Result<ServerAddr, BusFault> {
    let (scheme, rest) = text.split_once("://").ok_or(BusFault::Servers)?;
    if rest.contains('@') {
        return Err(BusFault::SecretInAddress);
    }
    let is_authority = !rest.is_empty() && !rest.contains(['/', '?', '#', '\\']) && !rest.ends_with(':');
    let address: ServerAddr = text.parse().map_err(|_| BusFault::Servers)?;
    let is_plain = is_authority && SCHEMES.contains(&scheme) && !address.host().is_empty();
    if is_plain { Ok(address) } else { Err(BusFault::Servers) }
}

impl Display for BusServers {
    fn fmt(&self, to: &mut Formatter<'_>) -> fmt::Result {
        let Ok(addresses) = &self.0 else { return to.write_str("nats://…") };
        let addresses: Vec<&str> = addresses.iter().map(ServerAddr::as_url_str).collect();
        to.write_str(&addresses.join(","))
    }
}

impl Debug for BusServers {
    fn fmt(&self, to: &mut Formatter<'_>) -> fmt::Result {
        Display::fmt(self, to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn servers(text: &str) -> BusServers {
        text.parse().unwrap()
    }

    #[test]
    fn servers_are_addresses_with_or_without_tls() {
        let both = servers("nats://a:4222, tls://[::1]:4223");
        let hosts: Vec<_> = both.addresses().unwrap().iter().map(|address| (address.host(), address.port())).collect();
        assert_eq!(hosts, [("a", 4222), ("::1", 4223)]);
        assert!(both.ask_for_tls() && !servers("nats://a:4222,nats://b").ask_for_tls());
        assert_eq!(servers("nats://b").addresses().unwrap()[0].port(), 4222);
        assert_eq!(both.to_string(), "nats://a:4222,tls://[::1]:4223");
    }

    #[test]
    fn what_is_no_address_is_refused_and_not_shown() {
        for text in [
            "",
            "a",
            "a:4222",
            "nats://",
            "nats://:4222",
            "http://a",
            "ws://a",
            "nats://a:x",
            "nats://a:",
            "nats://a b",
        ] {
            assert_eq!(servers(text).addresses(), Err(BusFault::Servers), "{text}");
        }
        for text in ["nats://a/x", "nats://a?x", "nats://a,", "nats://a:70000"] {
            assert_eq!(servers(text).addresses(), Err(BusFault::Servers), "{text}");
        }
        for text in ["nats://minsu:geheim@a", "nats://geheim@a", "nats://a,tls://minsu:ge/heim@b", "nats://a:geheim@"] {
            let servers = servers(text);
            assert_eq!(servers.addresses(), Err(BusFault::SecretInAddress), "{text}");
            assert!(!format!("{servers:?}").contains("heim"), "{servers:?}");
        }
    }
}
