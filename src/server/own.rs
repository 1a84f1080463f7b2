//! What a signed-in person changes of their own by forms: settings, name, password, devices. And the page
//! that shows it all.

use std::collections::HashMap;

use axum::{
    Extension, Form,
    extract::{State, rejection::FormRejection},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use serde::Deserialize;

use crate::{
    client::{
        pages::settings::{DeviceView, SettingsView},
        settings::{SETTINGS_COOKIE, settings_cookie},
    },
    protocol::error::Refusal,
    server::{
        app::App,
        form::{origin, refuse, signed_in},
        messenger::{Device, Result},
        session::{ClientAddress, CurrentUser},
    },
};

const PAGE: &str = "/settings";

#[derive(Deserialize)]
pub(super) struct NameForm {
    name: String,
}

#[derive(Deserialize)]
pub(super) struct PasswordForm {
    password: String,
    new_password: String,
}

#[derive(Deserialize)]
pub(super) struct EndForm {
    /// Which one; all others without it.
    session: Option<String>,
}

type User = Option<Extension<CurrentUser>>;
type Sent<T> = std::result::Result<Form<T>, FormRejection>;

/// `POST /api/settings`: this browser's choices, as a cookie that its windows can read.
pub(super) async fn settings(
    State(app): State<App>,
    headers: HeaderMap,
    jar: CookieJar,
    form: Sent<HashMap<String, String>>,
) -> Response {
    let Ok(Form(chosen)) = form else { return refuse(&headers, PAGE, Refusal::Malformed, &[]) };
    let value = settings_cookie(|name| chosen.get(name).map(String::as_str));
    let cookie = Cookie::build((SETTINGS_COOKIE, value))
        .path("/")
        .same_site(SameSite::Lax)
        .secure(app.origins.is_https())
        .max_age(time::Duration::days(365));
    (jar.add(cookie), saved()).into_response()
}

/// `POST /api/name`
pub(super) async fn name(State(app): State<App>, user: User, headers: HeaderMap, form: Sent<NameForm>) -> Response {
    let Some(Extension(user)) = user else { return refuse(&headers, "/sign_in", Refusal::SignedOut, &[]) };
    let Ok(Form(form)) = form else { return refuse(&headers, PAGE, Refusal::Malformed, &[]) };
    answer(&headers, app.messenger.rename_self(user.id, &form.name).await)
}

/// `POST /api/password`
pub(super) async fn password(
    State(app): State<App>,
    user: User,
    address: ClientAddress,
    headers: HeaderMap,
    jar: CookieJar,
    form: Sent<PasswordForm>,
) -> Response {
    let Some(Extension(user)) = user else { return refuse(&headers, "/sign_in", Refusal::SignedOut, &[]) };
    let Ok(Form(form)) = form else { return refuse(&headers, PAGE, Refusal::Malformed, &[]) };
    let from = origin(address, &headers);
    match app.messenger.change_password(user.id, &form.password, &form.new_password, from).await {
        Ok(sign_in) => signed_in(&app, &headers, jar, sign_in, "/settings?saved=1"),
        Err(refusal) => refuse(&headers, PAGE, refusal, &[]),
    }
}

/// `POST /api/end_session`
pub(super) async fn end_session(
    State(app): State<App>,
    user: User,
    headers: HeaderMap,
    form: Sent<EndForm>,
) -> Response {
    let Some(Extension(user)) = user else { return refuse(&headers, "/sign_in", Refusal::SignedOut, &[]) };
    let Ok(Form(form)) = form else { return refuse(&headers, PAGE, Refusal::Malformed, &[]) };
    answer(&headers, app.messenger.end_devices(user.id, user.session, form.session.as_deref()).await)
}

fn answer(headers: &HeaderMap, outcome: Result<()>) -> Response {
    match outcome {
        Ok(()) if headers.get("accept").is_some_and(|accept| accept.as_bytes().starts_with(b"text/html")) => {
            saved().into_response()
        }
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(refusal) => refuse(headers, PAGE, refusal, &[]),
    }
}

fn saved() -> Redirect {
    Redirect::to("/settings?saved=1")
}

/// What the page shows; [`Refusal::SignedOut`] when the account is gone meanwhile.
pub(super) async fn view(app: &App, me: CurrentUser, jar: &CookieJar) -> Result<SettingsView> {
    let devices = app.messenger.devices(me.id).await?;
    let device = |device: Device| DeviceView {
        key: device.key(),
        signed_in_at: device.signed_in_at,
        name: device.agent.as_deref().map(program).unwrap_or_default(),
        is_this: device.session == me.session,
    };
    Ok(SettingsView {
        user: app.messenger.user(me.id).ok_or(Refusal::SignedOut)?,
        settings: jar.get(SETTINGS_COOKIE).map(|cookie| cookie.value().to_owned()).unwrap_or_default(),
        devices: devices.into_iter().map(device).collect(),
        is_saved: false,
        refused: None,
    })
}

/// "Chrome · Windows": what a person recognises of a `User-Agent`; its beginning when nothing is known.
fn program(agent: &str) -> String {
    let known =
        |names: &[(&str, &'static str)]| names.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name);
    let browser = known(&[
        ("Edg/", "Edge"),
        ("Whale/", "Whale"),
        ("SamsungBrowser/", "Samsung Internet"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let system = known(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (None, None) => agent.chars().take(40).collect(),
        (browser, system) => browser.into_iter().chain(system).collect::<Vec<_>>().join(" · "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_called_as_people_know_it() {
        let edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0";
        assert_eq!(program(edge), "Edge · Windows");
        assert_eq!(
            program("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18 Safari/604.1"),
            "Safari · iPhone"
        );
        assert_eq!(program("curl/8.5.0"), "curl/8.5.0");
    }
}
