//! Authenticates requests by the session's cookie or, for programs, by its token as a bearer token.

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
    app::AppState,
    connections::AdmittedConnection,
    hub::Owner,
    messenger::{Actor, Via},
    model::SessionId,
};
use protocol::ids::UserId;

/// The user who sends a request.
#[derive(Clone, Copy, Debug)]
pub struct CurrentUser {
    pub id: UserId,
    pub session: SessionId,
    /// Authenticated by a bearer token, which a foreign page cannot make a browser send.
    pub is_by_token: bool,
}

/// The client's address; see [`crate::address::Proxies`].
#[derive(Clone, Copy, Debug)]
pub struct ClientAddress(pub IpAddr);

impl CurrentUser {
    pub fn actor(&self, via: Via) -> Actor {
        Actor::signed_in(self.id, self.session, via)
    }

    pub fn owner(&self, address: ClientAddress) -> Owner {
        Owner { user: self.id, session: self.session.0, address: address.0 }
    }

    /// Whether this is the account for which a window was rendered; true if the window names none.
    pub fn is(&self, account: Option<&str>) -> bool {
        account.is_none_or(|account| account.parse() == Ok(self.id))
    }
}

/// Middleware that authenticates a request and stores the [`CurrentUser`] in its extensions.
pub async fn identify(State(app): State<AppState>, mut request: Request, next: Next) -> Response {
    let jar = CookieJar::from_headers(request.headers());
    let mut renewed = None;
    if let Some(token) = bearer(request.headers()) {
        if let Ok((id, session)) = app.messenger.accounts().session(token).await {
            request.extensions_mut().insert(CurrentUser { id, session, is_by_token: true });
        }
    } else {
        for token in app.cookies.tokens(&jar) {
            if let Ok((id, session)) = app.messenger.accounts().session(token.text).await {
                request.extensions_mut().insert(CurrentUser { id, session, is_by_token: false });
                renewed = (!token.is_own).then(|| app.cookies.session(token.text));
                break;
            }
        }
    }
    if let (Some(_), Some(admitted)) =
        (request.extensions().get::<CurrentUser>(), request.extensions().get::<Arc<AdmittedConnection>>())
    {
        admitted.mark_signed_in();
    }
    let mut response = next.run(request).await;
    if let Some(cookie) = renewed {
        renew(&app, &mut response, &cookie);
    }
    response
}

/// Sets a session's cookie under this server's name, unless the response sets one already.
fn renew(app: &AppState, response: &mut Response, cookie: &Cookie<'_>) {
    let mut set = response.headers().get_all(header::SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
    let is_set = set.any(|set| set.split('=').next().is_some_and(|name| app.cookies.is_session(name)));
    if !is_set && let Ok(value) = HeaderValue::from_str(&cookie.to_string()) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

impl FromRequestParts<AppState> for ClientAddress {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Self::Rejection> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        Ok(Self(app.proxies.client(peer.unwrap_or(Ipv4Addr::LOCALHOST.into()), &parts.headers)))
    }
}
