//! Cookies in which a browser keeps a choice of its user.

use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};

use client::settings::{SETTINGS_COOKIE, adopted};
use server::{app::AppState, session::CurrentUser};

/// The settings of a page: the browser's own, and those that the user's account keeps.
pub(super) struct PageSettings {
    /// The value of the settings cookie.
    pub(super) value: String,
    /// Brings the browser's cookie up to date.
    pub(super) cookie: Option<Cookie<'static>>,
}

impl PageSettings {
    /// Without a user, or when the store fails, the browser's cookie alone decides.
    pub(super) async fn of(app: &AppState, user: Option<CurrentUser>, jar: &CookieJar) -> Self {
        let own = jar.get(SETTINGS_COOKIE).map(|cookie| cookie.value().to_owned()).unwrap_or_default();
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

/// A cookie for a year. Scripts may read it: windows follow the settings of another window.
pub(super) fn preference_cookie(app: &AppState, name: &'static str, value: String) -> Cookie<'static> {
    Cookie::build((name, value))
        .path("/")
        .same_site(SameSite::Lax)
        .secure(app.origins.is_https())
        .max_age(time::Duration::days(365))
        .build()
}
