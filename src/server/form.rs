//! Plain HTML forms: they work in any browser, with or without our program running in it. Each answers
//! by sending the browser to a page; a program that does not ask for HTML gets a status and a code.

use axum::{
    Extension, Form,
    extract::{Query, State, rejection::FormRejection},
    http::{HeaderMap, HeaderName, StatusCode, header},
    response::{AppendHeaders, IntoResponse, Json, Redirect, Response},
};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use serde::Deserialize;

use crate::{
    client::text::Lang,
    protocol::{
        error::Refusal,
        ids::{RoomId, UserId},
    },
    server::{
        app::App,
        messenger::{Origin, SignIn},
        session::{ClientAddress, CurrentUser},
    },
};

/// The cookie that remembers the chosen language.
pub(super) const LANGUAGE_COOKIE: &str = "daehwa_lang";

#[derive(Deserialize)]
pub(super) struct SignInForm {
    login: String,
    password: String,
    #[serde(default)]
    next: String,
}

#[derive(Deserialize)]
pub(super) struct RegisterForm {
    login: String,
    name: String,
    password: String,
}

#[derive(Deserialize)]
pub(super) struct LanguageForm {
    lang: String,
    #[serde(default)]
    next: String,
}

#[derive(Deserialize)]
pub(super) struct OpenDirectForm {
    user: UserId,
    /// `main`: show it beside the list rather than in a window of its own.
    #[serde(default)]
    place: String,
}

/// A form, and the account of the page that it stands in.
#[derive(Deserialize)]
pub(super) struct Of<T> {
    #[serde(rename = "as")]
    pub(super) account: Option<String>,
    #[serde(flatten)]
    pub(super) form: T,
}

/// A form of nothing but a button.
#[derive(Deserialize)]
pub(super) struct Empty {}

/// The fields that the original's list sends when it opens its chat window.
#[derive(Deserialize)]
pub(super) struct PopupForm {
    #[serde(rename = "roomId", default)]
    room_id: String,
}

/// `POST /api/sign_in`
pub(super) async fn sign_in(
    State(app): State<App>,
    address: ClientAddress,
    user: Option<Extension<CurrentUser>>,
    headers: HeaderMap,
    jar: CookieJar,
    form: Result<Form<SignInForm>, FormRejection>,
) -> Response {
    let Ok(Form(form)) = form else { return refuse(&headers, "/sign_in", Refusal::Malformed, &[]) };
    let next = own_path(&form.next);
    let from = origin(&app, address, &headers, &jar);
    match app.messenger.sign_in(&form.login, &form.password, from).await {
        Ok(sign_in) => {
            replace(&app, user, &sign_in).await;
            signed_in(&app, &headers, jar, sign_in, next)
        }
        Err(refusal) => {
            let next = if next == "/" { "" } else { next };
            refuse(&headers, "/sign_in", refusal, &[("login", &form.login), ("next", next)])
        }
    }
}

/// `POST /api/register`
pub(super) async fn register(
    State(app): State<App>,
    address: ClientAddress,
    user: Option<Extension<CurrentUser>>,
    headers: HeaderMap,
    jar: CookieJar,
    form: Result<Form<RegisterForm>, FormRejection>,
) -> Response {
    let Ok(Form(form)) = form else { return refuse(&headers, "/register", Refusal::Malformed, &[]) };
    let from = origin(&app, address, &headers, &jar);
    match app.messenger.register(&form.login, &form.name, &form.password, from).await {
        Ok(sign_in) => {
            replace(&app, user, &sign_in).await;
            signed_in(&app, &headers, jar, sign_in, "/")
        }
        Err(refusal) => refuse(&headers, "/register", refusal, &[("login", &form.login), ("name", &form.name)]),
    }
}

/// A browser has one session: the cookie of the one before is written over. A program holds its tokens itself.
async fn replace(app: &App, user: Option<Extension<CurrentUser>>, sign_in: &SignIn) {
    if let Some(Extension(old)) = user.filter(|user| !user.is_by_token)
        && let Err(refusal) = app.messenger.replace_session((old.id, old.session), sign_in.user).await
    {
        tracing::warn!(?refusal, "the browser's earlier session could not be ended");
    }
}

/// `POST /api/sign_out`
pub(super) async fn sign_out(
    State(app): State<App>,
    user: Option<Extension<CurrentUser>>,
    headers: HeaderMap,
    jar: CookieJar,
    form: Result<Form<Of<Empty>>, FormRejection>,
) -> Response {
    if let Some(Extension(user)) = user {
        let account = form.ok().and_then(|Form(Of { account, .. })| account);
        if let Some(answer) = other_account(user, account.as_deref(), &headers) {
            return answer;
        }
        if let Err(refusal) = app.messenger.sign_out(user.session).await {
            return refuse(&headers, "/", refusal, &[]);
        }
    }
    // A cookie of another name would sign in again.
    for token in app.cookies.tokens(&jar) {
        if let Ok((_, session)) = app.messenger.session(token.text).await
            && let Err(refusal) = app.messenger.sign_out(session).await
        {
            return refuse(&headers, "/", refusal, &[]);
        }
    }
    (jar.add(app.cookies.removal()), Redirect::to("/sign_in")).into_response()
}

/// What a window asks before it comes back.
#[derive(Deserialize)]
pub(super) struct Probe {
    room: Option<String>,
    /// The account that the window was rendered for.
    #[serde(rename = "as")]
    account: Option<String>,
}

/// Names the signed-in account's id.
const USER_HEADER: HeaderName = HeaderName::from_static("daehwa-user");

/// `GET /api/session`: 204 and the id of who is signed in, 401 for others; with `?as=` 409 for another account,
/// with `?room=` 404 for who is not in it.
pub(super) async fn session(
    State(app): State<App>,
    user: Option<Extension<CurrentUser>>,
    Query(probe): Query<Probe>,
) -> Response {
    let Some(Extension(user)) = user else { return StatusCode::UNAUTHORIZED.into_response() };
    let status = if user.is(probe.account.as_deref()) {
        may_enter(&app, user, probe.room.as_deref()).await
    } else {
        StatusCode::CONFLICT
    };
    (status, [(USER_HEADER, user.id.to_string())]).into_response()
}

async fn may_enter(app: &App, user: CurrentUser, room: Option<&str>) -> StatusCode {
    let Some(room) = room else { return StatusCode::NO_CONTENT };
    let Ok(room) = room.parse() else { return StatusCode::NOT_FOUND };
    match app.messenger.members_for(user.id, room).await {
        Ok(_) => StatusCode::NO_CONTENT,
        Err(Refusal::NotFound) => StatusCode::NOT_FOUND,
        Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// `POST /api/language`
pub(super) async fn language(State(app): State<App>, jar: CookieJar, Form(form): Form<LanguageForm>) -> Response {
    let cookie = Lang::from_code(&form.lang).map(|lang| {
        Cookie::build((LANGUAGE_COOKIE, lang.code()))
            .path("/")
            .same_site(SameSite::Lax)
            .secure(app.origins.is_https())
            .http_only(true)
            .max_age(time::Duration::days(365))
            .build()
    });
    let jar = cookie.into_iter().fold(jar, CookieJar::add);
    (jar, Redirect::to(own_path(&form.next))).into_response()
}

/// `POST /api/open_direct`
pub(super) async fn open_direct(
    State(app): State<App>,
    user: Option<Extension<CurrentUser>>,
    headers: HeaderMap,
    form: Result<Form<Of<OpenDirectForm>>, FormRejection>,
) -> Response {
    let Some(Extension(user)) = user else { return refuse(&headers, "/sign_in", Refusal::SignedOut, &[]) };
    let Ok(Form(Of { account, form })) = form else { return refuse(&headers, "/", Refusal::Malformed, &[]) };
    if let Some(answer) = other_account(user, account.as_deref(), &headers) {
        return answer;
    }
    match app.messenger.open_direct(user.id, form.user).await {
        Ok(room) if form.place == "main" => Redirect::to(&format!("/?room={room}")).into_response(),
        Ok(room) => Redirect::to(&room_path(room)).into_response(),
        Err(refusal) => refuse(&headers, "/", refusal, &[]),
    }
}

/// The original's entry page.
pub(super) async fn egov_entry() -> Redirect {
    Redirect::to("/entry")
}

/// The original's main page.
pub(super) async fn egov_main() -> Redirect {
    Redirect::to("/")
}

/// The original's chat window, asked for with or without a room.
pub(super) async fn egov_popup(form: Result<Form<PopupForm>, FormRejection>) -> Redirect {
    let room = form.ok().and_then(|Form(form)| form.room_id.parse().ok());
    Redirect::to(&room.map_or_else(|| "/".to_owned(), room_path))
}

pub(super) fn origin<'a>(app: &App, address: ClientAddress, headers: &'a HeaderMap, jar: &'a CookieJar) -> Origin<'a> {
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    let device = wants_html(headers).then(|| app.cookies.known_device(jar));
    Origin { address: address.0, agent, device }
}

fn room_path(room: RoomId) -> String {
    format!("/rooms/{room}")
}

pub(super) fn signed_in(app: &App, headers: &HeaderMap, jar: CookieJar, sign_in: SignIn, next: &str) -> Response {
    // The session's cookie comes first: a jar of two has no order.
    let device = sign_in.device.as_deref().map(|token| app.cookies.device(token).to_string());
    let device = AppendHeaders(device.map(|cookie| (header::SET_COOKIE, cookie)));
    let jar = jar.add(app.cookies.session(&sign_in.token));
    if wants_html(headers) {
        (jar, device, Redirect::to(next)).into_response()
    } else {
        (jar, device, Json(serde_json::json!({ "token": sign_in.token }))).into_response()
    }
}

/// The answer to a form of another account's page: it is not carried out. None when the page is this account's.
pub(super) fn other_account(user: CurrentUser, account: Option<&str>, headers: &HeaderMap) -> Option<Response> {
    let account = account.filter(|account| !user.is(Some(account)))?;
    let query = encoded(std::iter::once(("was", account)));
    let page = || Redirect::to(&format!("/switched?{query}")).into_response();
    Some(if wants_html(headers) { page() } else { StatusCode::CONFLICT.into_response() })
}

/// Back to the page of the form, which says what was wrong and keeps what was typed.
pub(super) fn refuse(headers: &HeaderMap, page: &str, refusal: Refusal, fields: &[(&str, &str)]) -> Response {
    if !wants_html(headers) {
        return (status(refusal), retry_after(refusal), Json(serde_json::json!({ "error": refusal }))).into_response();
    }
    let code = serde_json::to_value(refusal).ok();
    let code = code.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default();
    let fields = fields.iter().copied().filter(|(_, value)| !value.is_empty());
    let query = encoded(std::iter::once(("error", code)).chain(fields));
    Redirect::to(&format!("{page}?{query}")).into_response()
}

/// When it is worth trying again.
pub(super) fn retry_after(refusal: Refusal) -> Option<[(HeaderName, &'static str); 1]> {
    match refusal {
        Refusal::TooFast => Some([(header::RETRY_AFTER, "10")]),
        Refusal::Unavailable => Some([(header::RETRY_AFTER, "5")]),
        _ => None,
    }
}

fn encoded<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

pub(super) fn wants_html(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"))
}

pub(super) fn status(refusal: Refusal) -> StatusCode {
    match refusal {
        Refusal::Credentials | Refusal::Disabled | Refusal::SignedOut => StatusCode::UNAUTHORIZED,
        Refusal::RegistrationClosed => StatusCode::FORBIDDEN,
        Refusal::NotFound => StatusCode::NOT_FOUND,
        Refusal::LoginTaken | Refusal::IdConflict => StatusCode::CONFLICT,
        Refusal::TooFast => StatusCode::TOO_MANY_REQUESTS,
        Refusal::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

/// Where to go next, if it is a path of ours; `//host` and `/\host` are other places to a browser.
pub(super) fn own_path(next: &str) -> &str {
    let is_own =
        next.starts_with('/') && !next[1..].starts_with(['/', '\\']) && !next.contains(|c: char| c.is_control());
    if is_own { next } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_ours_are_next() {
        for own in ["/", "/rooms/1?x=y", "/?room=1"] {
            assert_eq!(own_path(own), own);
        }
        for foreign in
            ["", "x", "//evil.test", "/\\evil.test", "https://evil.test", "/\t/evil.test", "javascript:alert(1)"]
        {
            assert_eq!(own_path(foreign), "/", "{foreign:?}");
        }
    }
}
