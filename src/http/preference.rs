//! Cookies that store a user's choices in their browser.

use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};

use client::settings::{SETTINGS_COOKIE, adopted, of_device, with_choices};
use server::{app::AppState, session::CurrentUser};

/// The settings of a page: the browser's own, and those that the user's account keeps.
pub(super) struct PageSettings {
    /// The value of the settings cookie.
    pub(super) value: String,
    /// Updates the browser's cookie.
    pub(super) cookie: Option<Cookie<'static>>,
}

impl PageSettings {
    /// Without a user, or if the store fails, only the browser's cookie counts.
    pub(super) async fn of(app: &AppState, user: Option<CurrentUser>, jar: &CookieJar) -> Self {
        let own = own_settings(jar).to_owned();
        let kept = match user {
            Some(user) => app.messenger.people().settings(user.id).await.unwrap_or_default(),
            None => String::new(),
        };
        if kept.is_empty() {
            return Self { value: own, cookie: None };
        }
        let value = adopted(&own, &kept);
        let cookie = (value != own).then(|| preference_cookie(app, SETTINGS_COOKIE, value.clone()));
        Self { value, cookie }
    }
}

fn own_settings(jar: &CookieJar) -> &str {
    jar.get(SETTINGS_COOKIE).map(Cookie::value).unwrap_or_default()
}

/// The browser's settings after these choices, with the settings that the user's account keeps.
pub(super) async fn settings_after(app: &AppState, user: CurrentUser, jar: CookieJar, choices: &str) -> CookieJar {
    let value = with_choices(own_settings(&jar), choices);
    let jar = jar.add(preference_cookie(app, SETTINGS_COOKIE, value));
    match PageSettings::of(app, Some(user), &jar).await.cookie {
        Some(cookie) => jar.add(cookie),
        None => jar,
    }
}

/// The settings cookie with the settings of the device alone, for a sign-out or a sign-in, perhaps of another user.
pub(super) fn device_settings(app: &AppState, jar: &CookieJar) -> Option<Cookie<'static>> {
    let (own, kept) = (own_settings(jar), of_device(own_settings(jar)));
    (kept != own).then(|| preference_cookie(app, SETTINGS_COOKIE, kept))
}

/// A cookie for a year. Scripts may read it, because windows follow the settings of another window.
pub(super) fn preference_cookie(app: &AppState, name: &'static str, value: String) -> Cookie<'static> {
    Cookie::build((name, value))
        .path("/")
        .same_site(SameSite::Lax)
        .secure(app.origins.is_https())
        .max_age(time::Duration::days(365))
        .build()
}
