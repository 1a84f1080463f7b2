//! The client's address behind reverse proxies. `X-Forwarded-For` counts only from proxies that the operator trusts:
//! anybody can send the header.

use std::{
    fmt::{self, Display, Formatter},
    net::{IpAddr, SocketAddr},
    str::FromStr,
};

use axum::http::{HeaderMap, HeaderName};
use ipnet::IpNet;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The networks of trusted proxies, separated by commas: `127.0.0.0/8, 10.1.2.3`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proxies(Vec<IpNet>);

/// The text is neither an address nor a network.
#[derive(Debug, PartialEq, Eq)]
pub struct InvalidNetwork(String);

impl Display for InvalidNetwork {
    fn fmt(&self, to: &mut Formatter<'_>) -> fmt::Result {
        write!(to, "`{}` is neither an address nor a network such as 10.0.0.0/8", self.0)
    }
}

impl std::error::Error for InvalidNetwork {}

impl FromStr for Proxies {
    type Err = InvalidNetwork;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let network = |text: &str| match text.parse::<IpAddr>() {
            Ok(address) => Ok(address.to_canonical().into()),
            Err(_) => text.parse::<IpNet>().map_err(|_| InvalidNetwork(text.to_owned())),
        };
        let texts = text.split(',').map(str::trim).filter(|text| !text.is_empty());
        texts.map(network).collect::<Result<_, _>>().map(Self)
    }
}

impl Proxies {
    pub fn trust(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address.to_canonical()))
    }

    /// The last address in `X-Forwarded-For` that is not a trusted proxy. If an entry is missing or not an address, the
    /// result is the address before it in the chain.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        let lines = headers.get_all(FORWARDED_FOR).iter().filter_map(|line| line.to_str().ok());
        // Every proxy appends its client's address, some in a separate header line.
        let named: Vec<&str> = lines.flat_map(|line| line.split(',')).map(str::trim).collect();
        let mut named = named.into_iter().rev().filter(|named| !named.is_empty());
        while self.trust(client)
            && let Some(address) = named.next().and_then(address)
        {
            client = address;
        }
        client
    }
}

/// An address as proxies write it: plain, in brackets, with a port, in quotes.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim_matches('"');
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    // A scope names an interface of the proxy.
    let bare = bare.split('%').next().unwrap_or_default();
    let address = bare.parse().ok().or_else(|| Some(text.parse::<SocketAddr>().ok()?.ip()));
    address.map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(trusted: &str, peer: &str, lines: &[&str]) -> String {
        let headers = lines.iter().map(|line| (FORWARDED_FOR, line.parse().unwrap())).collect();
        trusted.parse::<Proxies>().unwrap().client(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn addresses_are_parsed_in_every_form_that_proxies_write() {
        for (line, expected) in [
            ("203.0.113.7", "203.0.113.7"),
            (" 203.0.113.7 ", "203.0.113.7"),
            ("203.0.113.7:51234", "203.0.113.7"),
            ("203.0.113.7,", "203.0.113.7"),
            ("\"203.0.113.7:51234\"", "203.0.113.7"),
            ("2001:db8::7", "2001:db8::7"),
            ("[2001:db8::7]", "2001:db8::7"),
            ("[2001:db8::7]:443", "2001:db8::7"),
            ("\"[2001:db8::7]:443\"", "2001:db8::7"),
            ("fe80::7%eth0", "fe80::7"),
            ("::ffff:203.0.113.7", "203.0.113.7"),
            ("[::ffff:203.0.113.7]:80", "203.0.113.7"),
            ("unknown", "127.0.0.1"),
            ("_hidden", "127.0.0.1"),
            ("", "127.0.0.1"),
            (",", "127.0.0.1"),
            ("203.0.113.7, unknown", "127.0.0.1"),
        ] {
            assert_eq!(client("127.0.0.1", "127.0.0.1", &[line]), expected, "{line:?}");
        }
    }

    #[test]
    fn the_last_address_that_is_not_a_trusted_proxy_counts() {
        let trusted = "127.0.0.0/8, 10.0.0.0/8, 2001:db8:ff::/48";
        for (peer, lines, expected) in [
            ("127.0.0.1", &["198.51.100.9, 203.0.113.7, 10.1.2.3"][..], "203.0.113.7"),
            ("127.0.0.1", &["198.51.100.9", "203.0.113.7", "10.1.2.3:80"], "203.0.113.7"),
            ("10.9.9.9", &["203.0.113.7, 127.0.0.1,"], "203.0.113.7"),
            ("2001:db8:ff::1", &["203.0.113.7"], "203.0.113.7"),
            ("::ffff:10.9.9.9", &["203.0.113.7"], "203.0.113.7"),
            ("10.9.9.9", &["10.1.1.1, 10.1.1.2"], "10.1.1.1"),
            ("10.9.9.9", &[], "10.9.9.9"),
            ("192.0.2.1", &["203.0.113.7"], "192.0.2.1"),
            ("::ffff:192.0.2.1", &["203.0.113.7"], "192.0.2.1"),
        ] {
            assert_eq!(client(trusted, peer, lines), expected, "{peer} {lines:?}");
        }
        assert_eq!(client("", "127.0.0.1", &["203.0.113.7"]), "127.0.0.1", "no proxy is trusted");
    }

    #[test]
    fn an_invalid_network_is_named() {
        assert_eq!("10.0.0.0/8, x".parse::<Proxies>(), Err(InvalidNetwork("x".into())));
        assert!("10.0.0.0/33".parse::<Proxies>().is_err());
    }
}
