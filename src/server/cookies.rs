//! The cookies that say who somebody is: their names and shapes.

use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use time::Duration;

use crate::server::{messenger::SESSION_LIFETIME, origin::Origins};

const SESSION: &str = "daehwa";
const DEVICE: &str = "daehwa_device";
/// Makes browsers refuse a cookie unless it is `Secure` and from this host alone.
const HOST_ONLY: &str = "__Host-";
/// Browsers keep no cookie for longer.
const DEVICE_LIFETIME: Duration = Duration::days(400);
/// Cookies of other names that are looked into.
const OTHERS: usize = 4;
/// Bytes of a device's token, in hexadecimal.
const DEVICE_CHARS: usize = 64;

#[derive(Clone, Debug)]
pub struct Cookies {
    /// What the names of all session cookies of this product begin with, at this scheme.
    base: String,
    session: String,
    device: String,
    is_secure: bool,
}

impl Cookies {
    /// Browsers do not tell the cookies of two ports of one host apart, so the name does: `port` is where the server
    /// listens, for want of a public one.
    pub fn new(origins: &Origins, port: u16) -> Self {
        let is_secure = origins.is_https();
        let prefix = if is_secure { HOST_ONLY } else { "" };
        let base = format!("{prefix}{SESSION}");
        let port = origins.public().map_or(Some(port), |public| public.port());
        let session = port.map_or_else(|| base.clone(), |port| format!("{base}-{port}"));
        Self { base, session, device: format!("{prefix}{DEVICE}"), is_secure }
    }

    /// Tokens of sessions, this server's own first. A server that moved to another port, or is of a version before
    /// ports were named, has left its cookie under another name.
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

    /// The cookie that makes a browser forget its session.
    pub fn removal(&self) -> Cookie<'static> {
        let mut cookie = self.cookie(&self.session, "");
        cookie.make_removal();
        cookie
    }

    /// The cookie by which a browser is known after a sign-in.
    pub fn device(&self, token: &str) -> Cookie<'static> {
        let mut cookie = self.cookie(&self.device, token);
        cookie.set_max_age(DEVICE_LIFETIME);
        cookie
    }

    /// The token by which a browser is known; empty when it has none.
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

/// A session's token as a browser sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token<'a> {
    pub text: &'a str,
    /// Under the name that this server gives.
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
    fn the_name_tells_the_ports_of_a_host_apart() {
        let name = |public, port| cookies(public, port).session("x").name().to_owned();
        assert_eq!(name(None, 3000), "daehwa-3000");
        assert_eq!(name(Some("http://chat.example.org"), 3000), "daehwa-80");
        assert_eq!(name(Some("http://chat.example.org:8080"), 3000), "daehwa-8080");
        assert_eq!(name(Some("https://chat.example.org"), 3000), "__Host-daehwa");
        assert_eq!(name(Some("https://chat.example.org:8443"), 3000), "__Host-daehwa-8443");
        assert_eq!(name(Some("https://[2001:db8::1]:8443"), 3000), "__Host-daehwa-8443");
    }

    #[test]
    fn the_own_cookie_comes_before_those_of_other_names() {
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
    fn only_a_token_of_ours_names_a_device() {
        let (cookies, one) = (cookies(None, 3000), "ab".repeat(32));
        assert_eq!(cookies.known_device(&CookieJar::new().add(Cookie::new("daehwa_device", one.clone()))), one);
        for other in ["", "x", "가", "ab"] {
            assert_eq!(cookies.known_device(&jar(&[("daehwa_device", other)])), "");
        }
    }
}
