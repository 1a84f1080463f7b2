//! Web pages that may open sockets. Browsers send cookies with a WebSocket handshake from any page, so the handshake
//! checks the page's origin.

use std::{borrow::Cow, fmt, str::FromStr};

use axum::http::{HeaderMap, Uri, header};

/// `scheme://host[:port]`, as browsers write it in `Origin` (RFC 6454).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(String);

/// Why a text is not an http or https origin.
#[derive(Debug, PartialEq, Eq)]
pub struct InvalidOrigin(&'static str);

impl fmt::Display for InvalidOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for InvalidOrigin {}

impl FromStr for Origin {
    type Err = InvalidOrigin;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = in_ascii(text)?;
        let uri: Uri = text.parse().map_err(|_| InvalidOrigin("expected something like https://chat.example.org"))?;
        let (Some(scheme @ ("http" | "https")), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(InvalidOrigin("expected http:// or https:// and a host"));
        };
        if authority.as_str().contains('@') || uri.path() != "/" || uri.query().is_some() {
            return Err(InvalidOrigin("expected only scheme, host and port, without a path"));
        }
        let default_port = if scheme == "https" { ":443" } else { ":80" };
        let authority = authority.as_str().to_ascii_lowercase();
        let authority = authority.strip_suffix(default_port).unwrap_or(&authority);
        Ok(Self(format!("{scheme}://{authority}")))
    }
}

/// A host outside ASCII as browsers send it, in Punycode: 메신저.한국 is xn--h32bi0nqme.xn--3e0b707e.
fn in_ascii(text: &str) -> Result<Cow<'_, str>, InvalidOrigin> {
    let Some((scheme, rest)) = text.split_once("://").filter(|_| !text.is_ascii()) else { return Ok(text.into()) };
    let end = rest.find(['/', '?', '#', ':']).unwrap_or(rest.len());
    let host = idna::domain_to_ascii(&rest[..end]).map_err(|_| InvalidOrigin("the host is invalid"))?;
    Ok(format!("{scheme}://{host}{}", &rest[end..]).into())
}

impl Origin {
    /// The port; `None` for https with its default port.
    pub fn port(&self) -> Option<u16> {
        let (scheme, authority) = self.0.split_once("://")?;
        let port = authority.rsplit_once(':').and_then(|(_, port)| port.parse().ok());
        port.or((scheme == "http").then_some(80))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The server's own origin, and the portal that may embed its pages.
#[derive(Clone, Debug, Default)]
pub struct Origins {
    public: Option<Origin>,
    portal: Option<Origin>,
}

impl Origins {
    /// `public`: the address that users open. Without it, an origin is the server's own if it equals the request's
    /// `Host`.
    pub fn new(public: Option<Origin>, portal: Option<Origin>) -> Self {
        Self { public, portal }
    }

    pub fn portal(&self) -> Option<&Origin> {
        self.portal.as_ref()
    }

    pub fn public(&self) -> Option<&Origin> {
        self.public.as_ref()
    }

    pub fn is_https(&self) -> bool {
        self.public.as_ref().is_some_and(|origin| origin.0.starts_with("https://"))
    }

    /// Whether a page of this server sent the request; `None` if the request has no `Origin`.
    pub fn is_own(&self, headers: &HeaderMap) -> Option<bool> {
        let origin = headers.get(header::ORIGIN)?;
        let text = origin.to_str().unwrap_or_default();
        Some(match &self.public {
            Some(public) => text == public.0,
            None => {
                let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
                !host.is_empty()
                    && text.strip_prefix("http://").is_some_and(|authority| authority.eq_ignore_ascii_case(host))
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(origin: &'static str) -> HeaderMap {
        [(header::ORIGIN, origin), (header::HOST, "chat.example.org")]
            .map(|(name, value)| (name, value.parse().unwrap()))
            .into_iter()
            .collect()
    }

    #[test]
    fn only_the_public_origin_is_own() {
        let origins = Origins::new(Some("https://chat.example.org".parse().unwrap()), None);
        assert_eq!(origins.is_own(&headers("https://chat.example.org")), Some(true));
        for foreign in [
            "http://chat.example.org",
            "https://chat.example.org:8443",
            "https://chat.example.org.evil.test",
            "https://evilchat.example.org",
            "https://evil.test",
            "null",
            "",
        ] {
            assert_eq!(origins.is_own(&headers(foreign)), Some(false), "{foreign}");
        }
        assert_eq!(origins.is_own(&HeaderMap::new()), None);
    }

    #[test]
    fn a_public_url_is_an_origin_and_nothing_more() {
        assert_eq!("https://Chat.Example.org:443/".parse(), Ok(Origin("https://chat.example.org".into())));
        let hangul = "https://대화.한국:8443".parse();
        assert_eq!(hangul, Ok(Origin("https://xn--vk1bz38d.xn--3e0b707e:8443".into())));
        assert_eq!("https://BÜCHER.example".parse(), Ok(Origin("https://xn--bcher-kva.example".into())));
        for text in ["https://대 화.한국", "https://\u{200b}", "https://대화.한국/길", "대화.한국"] {
            assert!(text.parse::<Origin>().is_err(), "{text}");
        }
        for text in ["", "chat", "chat.example.org", "ftp://x", "https://x/path", "https://u@x", "https://x?q"] {
            assert!(text.parse::<Origin>().is_err(), "{text}");
        }
    }
}
