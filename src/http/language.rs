//! The language of a page: the chosen one, else the browser's preference.

use axum::{
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Redirect, Response},
};
use axum_extra::extract::cookie::CookieJar;
use serde::Deserialize;

use crate::http::{
    accept,
    form::{Fields, Submitted},
    paths::own_path,
    preference::preference_cookie,
};
use client::{settings::LANGUAGE_COOKIE, text::Lang};
use server::app::AppState;

#[derive(Deserialize)]
pub(super) struct LanguageForm {
    lang: String,
    #[serde(default)]
    next: String,
}

impl Fields for LanguageForm {
    const PAGE: &'static str = "/";
}

/// `POST /api/language`: stores the language in a cookie. An unknown language changes nothing.
pub(super) async fn choose(
    State(app): State<AppState>,
    Submitted { form, client, .. }: Submitted<LanguageForm>,
) -> Response {
    let cookie =
        Lang::from_code(&form.lang).map(|lang| preference_cookie(&app, LANGUAGE_COOKIE, lang.code().to_owned()));
    let jar = cookie.into_iter().fold(client.jar, CookieJar::add);
    (jar, Redirect::to(own_path(&form.next))).into_response()
}

/// The chosen language, else the most preferred one of `Accept-Language` that the product has, else Korean.
pub(super) fn of_request(headers: &HeaderMap) -> Lang {
    let jar = CookieJar::from_headers(headers);
    let chosen = jar.get(LANGUAGE_COOKIE).and_then(|cookie| Lang::from_code(cookie.value()));
    let preferred = accept::preferred(headers, header::ACCEPT_LANGUAGE);
    let mut preferred =
        preferred.into_iter().filter_map(|tag| Lang::from_code(&tag.split('-').next()?.to_ascii_lowercase()));
    chosen.or_else(|| preferred.next()).unwrap_or(Lang::Ko)
}
