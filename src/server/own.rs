//! What a signed-in person changes of their own by forms: settings, name, password, devices. And the page
//! that shows it all.

use std::collections::HashMap;

use axum::{
    Form,
    extract::{FromRequest, Request, State, rejection::FormRejection},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use serde::{Deserialize, de::DeserializeOwned};

use crate::{
    client::{
        pages::settings::{DeviceView, SettingsView},
        settings::{SETTINGS_COOKIE, settings_cookie},
    },
    protocol::error::Refusal,
    server::{
        app::App,
        form::{Of, origin, other_account, refuse, signed_in, wants_html},
        messenger::{Result, Session},
        session::{ClientAddress, CurrentUser},
    },
};

const PAGE: &str = "/settings";
const SAVED: &str = "/settings?saved=1";

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

/// A form that a signed-in person sent.
pub(super) struct Sent<T> {
    user: CurrentUser,
    form: T,
    headers: HeaderMap,
}

impl<T: DeserializeOwned> FromRequest<App> for Sent<T> {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> std::result::Result<Self, Response> {
        let headers = request.headers().clone();
        let Some(&user) = request.extensions().get::<CurrentUser>() else {
            return Err(refuse(&headers, "/sign_in", Refusal::SignedOut, &[]));
        };
        match Form::from_request(request, app).await {
            Ok(Form(Of { account, form })) => match other_account(user, account.as_deref(), &headers) {
                Some(answer) => Err(answer),
                None => Ok(Self { user, form, headers }),
            },
            Err(_) => Err(refuse(&headers, PAGE, Refusal::Malformed, &[])),
        }
    }
}

/// `POST /api/settings`: this browser's choices, as a cookie that its windows can read.
pub(super) async fn settings(
    State(app): State<App>,
    headers: HeaderMap,
    jar: CookieJar,
    form: std::result::Result<Form<HashMap<String, String>>, FormRejection>,
) -> Response {
    let Ok(Form(chosen)) = form else { return refuse(&headers, PAGE, Refusal::Malformed, &[]) };
    let value = settings_cookie(|name| chosen.get(name).map(String::as_str));
    let cookie = Cookie::build((SETTINGS_COOKIE, value))
        .path("/")
        .same_site(SameSite::Lax)
        .secure(app.origins.is_https())
        .max_age(time::Duration::days(365));
    (jar.add(cookie), Redirect::to(SAVED)).into_response()
}

/// `POST /api/name`
pub(super) async fn name(State(app): State<App>, sent: Sent<NameForm>) -> Response {
    answer(&sent.headers, app.messenger.rename_self(sent.user.id, &sent.form.name).await)
}

/// `POST /api/password`
pub(super) async fn password(
    State(app): State<App>,
    address: ClientAddress,
    jar: CookieJar,
    Sent { user, form, headers }: Sent<PasswordForm>,
) -> Response {
    let from = origin(&app, address, &headers, &jar);
    match app.messenger.change_password((user.id, user.session), &form.password, &form.new_password, from).await {
        Ok(sign_in) => signed_in(&app, &headers, jar, sign_in, SAVED),
        Err(refusal) => refuse(&headers, PAGE, refusal, &[]),
    }
}

/// `POST /api/end_session`
pub(super) async fn end_session(State(app): State<App>, Sent { user, form, headers }: Sent<EndForm>) -> Response {
    answer(&headers, app.messenger.end_devices(user.id, user.session, form.session.as_deref()).await)
}

fn answer(headers: &HeaderMap, outcome: Result<()>) -> Response {
    match outcome {
        Ok(()) if wants_html(headers) => Redirect::to(SAVED).into_response(),
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(refusal) => refuse(headers, PAGE, refusal, &[]),
    }
}

/// What the page shows; [`Refusal::SignedOut`] when the account is gone meanwhile.
pub(super) async fn view(app: &App, me: CurrentUser, jar: &CookieJar) -> Result<SettingsView> {
    let devices = app.messenger.devices(me.id).await?;
    let device = |device: Session| DeviceView {
        key: device.id.to_string(),
        signed_in_at: device.created_at,
        name: device.agent.as_deref().map(program).unwrap_or_default(),
        is_this: device.id == me.session,
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
