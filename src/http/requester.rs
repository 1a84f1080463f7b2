//! The client that sent a request: its address, headers and cookies.

use std::convert::Infallible;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
    response::{AppendHeaders, IntoResponse, Json, Response},
};
use axum_extra::extract::cookie::CookieJar;
use serde_json::json;

use crate::http::respond::ResponseFormat;
use server::{
    app::AppState,
    messenger::{ClientInfo, SignIn},
    session::ClientAddress,
};

pub(super) struct Requester {
    pub(super) address: ClientAddress,
    pub(super) headers: HeaderMap,
    pub(super) jar: CookieJar,
    pub(super) format: ResponseFormat,
}

impl FromRequestParts<AppState> for Requester {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Infallible> {
        let address = ClientAddress::from_request_parts(parts, app).await?;
        let headers = parts.headers.clone();
        let (jar, format) = (CookieJar::from_headers(&headers), ResponseFormat::of(&headers));
        Ok(Self { address, headers, jar, format })
    }
}

impl Requester {
    /// The client of a sign-in attempt. Only browsers keep a device token.
    pub(super) fn info(&self, app: &AppState) -> ClientInfo<'_> {
        let agent = self.headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
        let device = (self.format == ResponseFormat::Page).then(|| app.cookies.known_device(&self.jar));
        ClientInfo { address: self.address.0, agent, device }
    }

    /// Returns the session's token: in cookies and with a redirect to `next` to a browser, in the body to a program.
    pub(super) fn signed_in(self, app: &AppState, sign_in: SignIn, next: &str) -> Response {
        // The session's cookie must be first, and a jar of two has no order.
        let device = sign_in.device.as_deref().map(|token| app.cookies.device(token).to_string());
        let device = AppendHeaders(device.map(|cookie| (header::SET_COOKIE, cookie)));
        let jar = self.jar.add(app.cookies.session(&sign_in.token));
        (jar, device, self.format.done(next, Json(json!({ "token": sign_in.token })))).into_response()
    }
}
