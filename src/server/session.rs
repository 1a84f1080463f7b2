//! Who sends a request: the session's cookie, or its token for programs that are no browser.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
};

use axum::{
    extract::{ConnectInfo, FromRequestParts, Request, State},
    http::{HeaderMap, HeaderValue, header, request::Parts},
    middleware::Next,
    response::Response,
};
use axum_extra::extract::cookie::{Cookie, CookieJar};

use crate::{
    protocol::ids::UserId,
    server::{app::App, doors::Place, hub::Owner, store::SessionId},
};

/// The account a request comes from.
#[derive(Clone, Copy, Debug)]
pub struct CurrentUser {
    pub id: UserId,
    pub session: SessionId,
    /// Proven by a token in the request itself, which no foreign page can make a browser send.
    pub is_by_token: bool,
}

/// The address a request comes from; see [`crate::server::address::Proxies`].
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
    let mut renewed = None;
    if let Some(token) = bearer(request.headers()) {
        if let Ok((id, session)) = app.messenger.session(token).await {
            request.extensions_mut().insert(CurrentUser { id, session, is_by_token: true });
        }
    } else {
        for token in app.cookies.tokens(&jar) {
            if let Ok((id, session)) = app.messenger.session(token.text).await {
                request.extensions_mut().insert(CurrentUser { id, session, is_by_token: false });
                renewed = (!token.is_own).then(|| app.cookies.session(token.text));
                break;
            }
        }
    }
    if let (Some(_), Some(place)) =
        (request.extensions().get::<CurrentUser>(), request.extensions().get::<Arc<Place>>())
    {
        place.is_known();
    }
    let mut response = next.run(request).await;
    if let Some(cookie) = renewed {
        renew(&app, &mut response, &cookie);
    }
    response
}

/// Gives a session's cookie the name that it has here, unless the answer sets another one.
fn renew(app: &App, response: &mut Response, cookie: &Cookie<'_>) {
    let mut set = response.headers().get_all(header::SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
    let is_set = set.any(|set| set.split('=').next().is_some_and(|name| app.cookies.is_session(name)));
    if !is_set && let Ok(value) = HeaderValue::from_str(&cookie.to_string()) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

impl FromRequestParts<App> for ClientAddress {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        Ok(Self(app.proxies.client(peer.unwrap_or(Ipv4Addr::LOCALHOST.into()), &parts.headers)))
    }
}
