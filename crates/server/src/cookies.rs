//! The cookies that identify a user and a browser: names and attributes.

use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use time::Duration;

use crate::{messenger::SESSION_LIFETIME, origin::Origins};

const SESSION: &str = "daehwa";
const DEVICE: &str = "daehwa_device";
/// Browsers accept a cookie with this prefix only when it is `Secure` and bound to the host (RFC 6265bis, 4.1.3).
const HOST_ONLY: &str = "__Host-";
/// The longest lifetime that browsers allow.
const DEVICE_LIFETIME: Duration = Duration::days(400);
/// Session cookies under other names that are tried, at most.
const OTHERS: usize = 4;
/// Hexadecimal digits of a device's token.
const DEVICE_CHARS: usize = 64;

#[derive(Clone, Debug)]
pub struct Cookies {
    /// The prefix of all session cookies' names under this scheme.
    base: String,
    session: String,
    device: String,
    is_secure: bool,
}

impl Cookies {
    /// Browsers share cookies between the ports of a host, so the name contains the port: that of the public origin, or
    /// else `port`, on which the server listens.
    pub fn new(origins: &Origins, port: u16) -> Self {
        let is_secure = origins.is_https();
        let prefix = if is_secure { HOST_ONLY } else { "" };
        let base = format!("{prefix}{SESSION}");
        let port = origins.public().map_or(Some(port), |public| public.port());
        let session = port.map_or_else(|| base.clone(), |port| format!("{base}-{port}"));
        Self { base, session, device: format!("{prefix}{DEVICE}"), is_secure }
    }

    /// Session tokens, the one under this server's name first. A server on another port, or an earlier version, may
    /// have set a cookie under another name.
    pub fn tokens<'a>(&self, jar: &'a CookieJar) -> impl Iterator<Item = Token<'a>> {
        let own = jar.get(&self.session).map(|cookie| Token { text: cookie.value(), is_own: true });
        let is_other = |name: &str| {
            let rest = name.strip_prefix(&*self.base).filter(|_| name != self.session);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        };
        let others: Vec<_> = jar.iter().filter(|cookie| is_other(cookie.name())).take(OTHERS).collect();
        let others = others.into_iter().map(|cookie| Token { text: cookie.value(), is_own: false });
        own.into_iter().chain(others)
    }

    /// The cookie that carries a session.
    pub fn session(&self, token: &str) -> Cookie<'static> {
        let mut cookie = self.cookie(&self.session, token);
        cookie.set_max_age(Duration::try_from(SESSION_LIFETIME).ok());
        cookie
    }

    /// The cookie that removes the session from a browser.
    pub fn removal(&self) -> Cookie<'static> {
        let mut cookie = self.cookie(&self.session, "");
        cookie.make_removal();
        cookie
    }

    /// The cookie that identifies a browser after a sign-in.
    pub fn device(&self, token: &str) -> Cookie<'static> {
        let mut cookie = self.cookie(&self.device, token);
        cookie.set_max_age(DEVICE_LIFETIME);
        cookie
    }

    /// The token that identifies a browser; empty for a browser without one.
    pub fn known_device<'a>(&self, jar: &'a CookieJar) -> &'a str {
        let token = jar.get(&self.device).map(Cookie::value).unwrap_or_default();
        let is_one = token.len() == DEVICE_CHARS && token.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_one { token } else { "" }
    }

    pub fn is_session(&self, name: &str) -> bool {
        name == self.session
    }

    fn cookie(&self, name: &str, value: &str) -> Cookie<'static> {
        Cookie::build((name.to_owned(), value.to_owned()))
            .path("/")
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(self.is_secure)
            .build()
    }
}

/// A session token from a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token<'a> {
    pub text: &'a str,
    /// Whether the cookie has this server's name.
    pub is_own: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cookies(public: Option<&str>, port: u16) -> Cookies {
        Cookies::new(&Origins::new(public.map(|public| public.parse().unwrap()), None), port)
    }

    fn jar(pairs: &[(&'static str, &'static str)]) -> CookieJar {
        pairs.iter().fold(CookieJar::new(), |jar, pair| jar.add(Cookie::from(*pair)))
    }

    #[test]
    fn the_names_of_two_ports_differ() {
        let name = |public, port| cookies(public, port).session("x").name().to_owned();
        assert_eq!(name(None, 3000), "daehwa-3000");
        assert_eq!(name(Some("http://chat.example.org"), 3000), "daehwa-80");
        assert_eq!(name(Some("http://chat.example.org:8080"), 3000), "daehwa-8080");
        assert_eq!(name(Some("https://chat.example.org"), 3000), "__Host-daehwa");
        assert_eq!(name(Some("https://chat.example.org:8443"), 3000), "__Host-daehwa-8443");
        assert_eq!(name(Some("https://[2001:db8::1]:8443"), 3000), "__Host-daehwa-8443");
    }

    #[test]
    fn the_own_cookie_precedes_those_of_other_names() {
        let cookies = cookies(None, 3000);
        let jar = jar(&[("daehwa", "a"), ("daehwa-3000", "b"), ("daehwa_settings", "c"), ("daehwa-4000", "d")]);
        let tokens: Vec<_> = cookies.tokens(&jar).collect();
        assert_eq!(tokens[0], Token { text: "b", is_own: true });
        let mut others: Vec<_> = tokens[1..].iter().map(|token| token.text).collect();
        others.sort_unstable();
        assert_eq!(others, ["a", "d"]);
    }

    #[test]
    fn over_https_only_cookies_of_this_host_count() {
        let cookies = cookies(Some("https://chat.example.org"), 3000);
        assert_eq!(cookies.tokens(&jar(&[("daehwa", "a"), ("daehwa-3000", "b")])).count(), 0);
    }

    #[test]
    fn only_a_well_formed_token_identifies_a_device() {
        let (cookies, one) = (cookies(None, 3000), "ab".repeat(32));
        assert_eq!(cookies.known_device(&CookieJar::new().add(Cookie::new("daehwa_device", one.clone()))), one);
        for other in ["", "x", "가", "ab"] {
            assert_eq!(cookies.known_device(&jar(&[("daehwa_device", other)])), "");
        }
    }
}
