//! Who sends a request: the session's cookie, or its token for programs that are no browser.

use std::net::{IpAddr, SocketAddr};

use axum::{
    extract::{ConnectInfo, FromRequestParts, Request, State},
    http::{HeaderMap, header, request::Parts},
    middleware::Next,
    response::Response,
};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};

use crate::{
    protocol::ids::UserId,
    server::{
        app::App,
        hub::Owner,
        messenger::{SESSION_LIFETIME, SignIn},
        store::SessionId,
    },
};

/// The account a request comes from.
#[derive(Clone, Copy, Debug)]
pub struct CurrentUser {
    pub id: UserId,
    pub session: SessionId,
    /// Proven by a token in the request itself, which no foreign page can make a browser send.
    pub is_by_token: bool,
}

/// The address a request comes from. A proxy on this very machine is believed when it names another.
#[derive(Clone, Copy, Debug)]
pub struct ClientAddress(pub IpAddr);

impl CurrentUser {
    pub fn owner(&self, address: ClientAddress) -> Owner {
        Owner { user: self.id, session: self.session.0, address: address.0 }
    }

    /// Whether this is the account that a window says it was rendered for; any is when it says none.
    pub fn is(&self, account: Option<&str>) -> bool {
        account.is_none_or(|account| account.parse() == Ok(self.id))
    }
}

/// Middleware: finds out once who sends the request and leaves it in the request's extensions.
pub async fn identify(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let jar = CookieJar::from_headers(request.headers());
    let by_token = bearer(request.headers());
    let token = by_token.or_else(|| jar.get(cookie_name(&app)).map(Cookie::value));
    if let Some(token) = token
        && let Ok((id, session)) = app.messenger.session(token).await
    {
        let is_by_token = by_token.is_some();
        request.extensions_mut().insert(CurrentUser { id, session, is_by_token });
    }
    next.run(request).await
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

/// `__Host-` makes browsers refuse the cookie unless it is `Secure` and from this host alone.
fn cookie_name(app: &App) -> &'static str {
    if app.origins.is_https() { "__Host-daehwa" } else { "daehwa" }
}

/// The cookie that carries a fresh sign-in.
pub fn cookie(app: &App, sign_in: SignIn) -> Cookie<'static> {
    let lifetime = axum_extra::extract::cookie::Expiration::Session;
    let mut cookie = base_cookie(app, sign_in.token);
    cookie.set_expires(lifetime);
    cookie.set_max_age(time::Duration::try_from(SESSION_LIFETIME).ok());
    cookie
}

/// The cookie that makes a browser forget its session.
pub fn removal(app: &App) -> Cookie<'static> {
    let mut cookie = base_cookie(app, String::new());
    cookie.make_removal();
    cookie
}

fn base_cookie(app: &App, token: String) -> Cookie<'static> {
    Cookie::build((cookie_name(app), token))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(app.origins.is_https())
        .build()
}

impl<S: Send + Sync> FromRequestParts<S> for ClientAddress {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        let peer = peer.unwrap_or(IpAddr::from([127, 0, 0, 1])).to_canonical();
        let named = parts.headers.get_all("x-forwarded-for").iter().next_back();
        let named = named.and_then(|value| value.to_str().ok()?.rsplit(',').next()?.trim().parse().ok());
        Ok(Self(named.filter(|_| peer.is_loopback()).unwrap_or(peer)))
    }
}
