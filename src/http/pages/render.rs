//! Renders a page to a response, with the headers that restrict the page.

use std::sync::Arc;

use axum::{
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use axum_extra::extract::cookie::CookieJar;
use leptos::{nonce::use_nonce, prelude::*};
use leptos_axum::ResponseOptions;

use crate::http::{assets, language, preference::PageSettings, respond::retry_after};
use client::{
    app::{Build, Document, DocumentProps, SettingsText, aside_document, live_document},
    components::{language::CurrentAddress, tabs::TAB_COOKIE},
    normalise::Normalise,
    served_page::{LastTab, ServedPage},
    text::{Words, page::PageWords},
};
use protocol::{error::Refusal, page::LivePage};
use server::{app::AppState, refusal_status::refusal_status, session::CurrentUser};

/// Picks a page's title from the words of its language.
pub(super) type PageTitle = fn(&Words, &PageWords) -> &'static str;

/// A page that hydrates in the browser.
pub(super) async fn live_page(app: &AppState, page: LivePage, request: Request) -> Response {
    let served = served(page);
    let page = served.page.clone();
    let document = move || live_document(&page);
    let settings = settings_of(app, &request).await;
    let context = context(app, &request, settings, Some(served));
    leptos_axum::render_app_async_with_context(context, document)(request).await
}

/// A static page that also contains the messenger, which hydrates.
pub(super) async fn page_with_messenger(
    app: &AppState,
    messenger: LivePage,
    title: PageTitle,
    request: Request,
    body: impl Fn() -> AnyView + Clone + Send + Sync + 'static,
) -> Response {
    let title = document_title(title, &request);
    let document = move || aside_document(title.clone(), body());
    let settings = settings_of(app, &request).await;
    let context = context(app, &request, settings, Some(served(messenger)));
    leptos_axum::render_app_async_with_context(context, document)(request).await
}

/// The page as the server renders it, and as the browser decodes it to hydrate.
fn served(mut page: LivePage) -> ServedPage {
    page.normalise();
    // serde_json fails on maps whose keys are not texts, and a page has none.
    let json = serde_json::to_string(&page).unwrap_or_default();
    ServedPage { page: Arc::new(page), json: json.into() }
}

/// A page without the program.
pub(super) async fn static_page(
    app: &AppState,
    status: StatusCode,
    title: PageTitle,
    request: Request,
    body: impl Fn() -> AnyView + Clone + Send + Sync + 'static,
) -> Response {
    let title = document_title(title, &request);
    let document = move || {
        let body = body.clone();
        let children: Children = Box::new(body);
        Document(DocumentProps { title: title.clone(), program: None, children })
    };
    let settings = settings_of(app, &request).await;
    let context = context(app, &request, settings, None);
    let mut response = leptos_axum::render_app_async_with_context(context, document)(request).await;
    *response.status_mut() = status;
    response
}

/// The page of a form that may have been refused. The status of a transient refusal becomes the status of the page.
pub(super) async fn form_page(
    app: &AppState,
    refusal: Option<Refusal>,
    title: PageTitle,
    request: Request,
    body: impl Fn() -> AnyView + Clone + Send + Sync + 'static,
) -> Response {
    let temporary = refusal.and_then(|refusal| Some((refusal_status(refusal), retry_after(refusal)?)));
    let (status, retry_after) = temporary.map_or((StatusCode::OK, None), |(status, after)| (status, Some(after)));
    (retry_after, static_page(app, status, title, request, body).await).into_response()
}

fn document_title(title: PageTitle, request: &Request) -> String {
    let lang = language::of_request(request.headers());
    format!("{} · {}", title(lang.words(), lang.page_words()), lang.words().product)
}

/// The settings of the page. The future does not borrow the request, because its body may not be `Sync`.
fn settings_of(app: &AppState, request: &Request) -> impl Future<Output = PageSettings> + Send + use<> {
    let (app, jar) = (app.clone(), CookieJar::from_headers(request.headers()));
    let user = request.extensions().get::<CurrentUser>().copied();
    async move { PageSettings::of(&app, user, &jar).await }
}

/// Provides the data that every page may read while it is rendered.
fn context(
    app: &AppState,
    request: &Request,
    settings: PageSettings,
    page: Option<ServedPage>,
) -> impl Fn() + Clone + Send + Sync + 'static {
    let lang = language::of_request(request.headers());
    let frame_ancestors = app.origins.portal().map(ToString::to_string);
    let jar = CookieJar::from_headers(request.headers());
    let PageSettings { value, cookie } = settings;
    let settings = SettingsText(value);
    let cookie = cookie.and_then(|cookie| HeaderValue::from_str(&cookie.to_string()).ok());
    let tab = LastTab(jar.get(TAB_COOKIE).map(|cookie| cookie.value().to_owned()).unwrap_or_default());
    let here = request.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned();
    move || {
        provide_context(lang);
        provide_context(settings.clone());
        provide_context(tab.clone());
        provide_context(CurrentAddress(here.clone()));
        provide_context(Build {
            version: assets::version().to_owned(),
            chat_parts: assets::parts("later"),
            organisation_parts: assets::parts("organisation"),
        });
        if let Some(page) = page.clone() {
            provide_context(page);
        }
        if let (Some(response), Some(cookie)) = (use_context::<ResponseOptions>(), cookie.clone()) {
            response.append_header(header::SET_COOKIE, cookie);
        }
        set_policy(frame_ancestors.as_deref().unwrap_or("'none'"));
    }
}

/// Content Security Policy: only scripts with this response's nonce run, and the scripts that those load.
fn set_policy(frame_ancestors: &str) {
    let nonce = use_nonce().map(|nonce| nonce.to_string()).unwrap_or_default();
    // `cargo leptos watch` reloads pages through a socket on another port.
    let reload =
        if std::env::var_os("LEPTOS_WATCH").is_some() { " ws://127.0.0.1:3001 ws://localhost:3001" } else { "" };
    let policy = format!(
        "default-src 'none'; script-src 'strict-dynamic' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; \
         style-src-attr 'unsafe-inline'; img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self'; connect-src 'self'{reload}; \
         manifest-src 'self'; worker-src 'self'; form-action 'self'; object-src 'none'; base-uri 'none'; frame-ancestors {frame_ancestors}"
    );
    if let (Some(response), Ok(policy)) = (use_context::<ResponseOptions>(), HeaderValue::from_str(&policy)) {
        response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
        response.insert_header(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}
