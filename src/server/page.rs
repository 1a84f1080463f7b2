//! Pages, rendered on the server from the same components that then run in the browser, and the headers
//! that say what such a page may do.

use axum::{
    Extension,
    extract::{Path, Query, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use axum_extra::extract::cookie::CookieJar;
use leptos::{nonce::use_nonce, prelude::*};
use leptos_axum::ResponseOptions;
use serde::Deserialize;

use crate::{
    client::{
        app::{Build, Document, DocumentProps, Look, Page, PageText, aside_document, live_document},
        components::language::Here,
        pages::{
            Visit,
            design::Design,
            entry::{Entry, EntryProps},
            not_found::NotFound,
            offline::Offline,
            register::{Register, RegisterProps},
            settings::{Settings, SettingsProps, SettingsView, Shortcuts},
            sign_in::{SignIn, SignInProps},
            switched::{Switched, SwitchedProps},
            unavailable::Unavailable,
        },
        settings::SETTINGS_COOKIE,
        text::{Lang, Words, page::PageWords},
    },
    protocol::{
        cursor::Cursor,
        ended::Ended,
        error::Refusal,
        ids::{RoomId, UserId},
        lobby::LobbySnapshot,
    },
    server::{
        accept,
        app::App,
        assets,
        form::{self, LANGUAGE_COOKIE, own_path},
        own,
        session::CurrentUser,
    },
};

type User = Option<Extension<CurrentUser>>;

/// What an address may say after its `?`.
#[derive(Default, Deserialize)]
pub(super) struct Asked {
    /// The conversation to show beside the list.
    #[serde(default)]
    room: String,
    error: Option<Refusal>,
    /// Why one is here: a code of [`Ended`].
    #[serde(default)]
    why: String,
    /// A form of the settings was carried out.
    saved: Option<u8>,
    #[serde(default)]
    login: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    next: String,
}

type Question = Result<Query<Asked>, axum::extract::rejection::QueryRejection>;

/// `/`: for who is signed in; others are asked to sign in first and come back.
pub(super) async fn main(State(app): State<App>, user: User, question: Question, request: Request) -> Response {
    let Some(Extension(user)) = user else { return to_sign_in(&request) };
    if app.messenger.admit_to_directory(user.id).is_err() {
        let mut response = unavailable(app, request).await;
        *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
        return response;
    }
    let room = question.ok().and_then(|Query(asked)| asked.room.parse().ok());
    let room = match room {
        Some(room) => app.messenger.room(user.id, room).await.ok(),
        None => None,
    };
    match app.messenger.lobby(user.id, None).await {
        Ok(lobby) => live(app, Page::Main { lobby, room }, request).await,
        Err(_) => unavailable(app, request).await,
    }
}

/// `/rooms/{id}`: for strangers there is none, as for a room that does not exist.
pub(super) async fn room(State(app): State<App>, Path(room): Path<String>, user: User, request: Request) -> Response {
    let Some(Extension(user)) = user else { return to_sign_in(&request) };
    let found = match room.parse::<RoomId>() {
        Ok(room) => app.messenger.room(user.id, room).await,
        Err(_) => Err(Refusal::NotFound),
    };
    match found {
        Ok(room) => live(app, Page::Room { me: user.id, room }, request).await,
        Err(Refusal::NotFound) => not_found(State(app), request).await,
        Err(_) => unavailable(app, request).await,
    }
}

/// `/entry`
pub(super) async fn entry(State(app): State<App>, user: User, question: Question, request: Request) -> Response {
    let visit = visit(&app, user, question);
    document(
        app,
        StatusCode::OK,
        |words, _| words.messenger,
        request,
        move || Entry(EntryProps { visit: visit.clone() }).into_any(),
    )
    .await
}

/// `/sign_in`
pub(super) async fn sign_in(State(app): State<App>, user: User, question: Question, request: Request) -> Response {
    let visit = visit(&app, user, question);
    refused(
        app,
        visit.refused,
        |_, words| words.sign_in,
        request,
        move || SignIn(SignInProps { visit: visit.clone() }).into_any(),
    )
    .await
}

/// `/register`
pub(super) async fn register(State(app): State<App>, user: User, question: Question, request: Request) -> Response {
    let visit = visit(&app, user, question);
    refused(
        app,
        visit.refused,
        |_, words| words.register,
        request,
        move || Register(RegisterProps { visit: visit.clone() }).into_any(),
    )
    .await
}

/// `/settings`: one's own.
pub(super) async fn settings(
    State(app): State<App>,
    user: User,
    jar: CookieJar,
    question: Question,
    request: Request,
) -> Response {
    let Some(Extension(user)) = user else { return to_sign_in(&request) };
    let Query(asked) = question.unwrap_or_default();
    match own::view(&app, user, &jar).await {
        Ok(view) => {
            let view = SettingsView { is_saved: asked.saved.is_some(), refused: asked.error, ..view };
            let body = move || Settings(SettingsProps { view: view.clone() }).into_any();
            aside(app, user, |_, words| words.settings, request, body).await
        }
        Err(_) => unavailable(app, request).await,
    }
}

/// `/shortcuts`
pub(super) async fn shortcuts(State(app): State<App>, user: User, request: Request) -> Response {
    let (title, body): (Title, _) = (|_, words| words.shortcuts, || Shortcuts().into_any());
    match user {
        Some(Extension(user)) => aside(app, user, title, request, body).await,
        None => document(app, StatusCode::OK, title, request, body).await,
    }
}

/// What a window asks that finds another account signed in.
#[derive(Deserialize)]
pub(super) struct Switch {
    was: UserId,
    #[serde(default)]
    next: String,
}

/// `/switched`: says whose window it was and who is signed in now. Back to the window when it is the same again.
pub(super) async fn switched(
    State(app): State<App>,
    user: User,
    switch: Result<Query<Switch>, axum::extract::rejection::QueryRejection>,
    request: Request,
) -> Response {
    let Ok(Query(Switch { was, next })) = switch else { return Redirect::to("/").into_response() };
    let Some(Extension(user)) = user else { return Redirect::to("/sign_in?why=other_account").into_response() };
    let (Some(before), Some(now)) = (app.messenger.user(was), app.messenger.user(user.id)) else {
        return Redirect::to("/").into_response();
    };
    if was == user.id {
        return Redirect::to(own_path(&next)).into_response();
    }
    let body = move || Switched(SwitchedProps { was: before.clone(), now: now.clone() }).into_any();
    document(app, StatusCode::OK, |_, words| words.switched, request, body).await
}

/// `/offline`: what the service worker shows when nothing answers.
pub(super) async fn offline(State(app): State<App>, request: Request) -> Response {
    document(app, StatusCode::OK, |_, words| words.offline, request, || Offline().into_any()).await
}

/// `/design`: in the demonstration and in debug builds; elsewhere there is no such page.
pub(super) async fn design(State(app): State<App>, request: Request) -> Response {
    if !app.messenger.settings().demo && !cfg!(debug_assertions) {
        return not_found(State(app), request).await;
    }
    document(app, StatusCode::OK, |words, _| words.product, request, || Design().into_any()).await
}

/// Every other address.
pub(super) async fn not_found(State(app): State<App>, request: Request) -> Response {
    document(app, StatusCode::NOT_FOUND, |_, words| words.not_found_title, request, || NotFound().into_any()).await
}

async fn unavailable(app: App, request: Request) -> Response {
    document(app, StatusCode::SERVICE_UNAVAILABLE, |words, _| words.messenger, request, || Unavailable().into_any())
        .await
}

fn visit(app: &App, user: User, question: Question) -> Visit {
    let Query(asked) = question.unwrap_or_default();
    let is_first_account = !app.messenger.has_accounts();
    Visit {
        user: user.and_then(|Extension(user)| app.messenger.user(user.id)),
        is_registration_open: is_first_account || app.messenger.settings().registration_open,
        is_first_account,
        demo_people: app.messenger.demo_people(),
        refused: asked.error,
        ended: Ended::from_code(&asked.why),
        login: asked.login,
        name: asked.name,
        next: asked.next,
    }
}

/// What a page is called.
type Title = fn(&Words, &PageWords) -> &'static str;

fn full(title: Title, request: &Request) -> String {
    let lang = language(request.headers());
    format!("{} · {}", title(lang.words(), lang.page_words()), lang.words().product)
}

/// A page that needs no program, for who is signed in: the messenger stays in touch beside it. Its socket brings
/// the people; of the conversations it knows from the start, so that what was unread before is no news.
async fn aside(
    app: App,
    user: CurrentUser,
    title: Title,
    request: Request,
    body: impl Fn() -> AnyView + Clone + Send + Sync + 'static,
) -> Response {
    let Ok(lobby) = app.messenger.lobby(user.id, None).await else { return unavailable(app, request).await };
    let users = lobby.users.into_iter().filter(|known| known.id == user.id).collect();
    let page = Page::Aside { lobby: LobbySnapshot { cursor: Cursor::default(), users, ..lobby } };
    let title = full(title, &request);
    let document = move || aside_document(title.clone(), body());
    leptos_axum::render_app_async_with_context(context(&app, &request, Some(page)), document)(request).await
}

/// A page that goes on living in the browser.
async fn live(app: App, page: Page, request: Request) -> Response {
    let document = {
        let page = page.clone();
        move || live_document(&page)
    };
    leptos_axum::render_app_async_with_context(context(&app, &request, Some(page)), document)(request).await
}

/// A page that needs no program.
async fn document(
    app: App,
    status: StatusCode,
    title: Title,
    request: Request,
    body: impl Fn() -> AnyView + Clone + Send + Sync + 'static,
) -> Response {
    let title = full(title, &request);
    let document = move || {
        let body = body.clone();
        let children: Children = Box::new(body);
        Document(DocumentProps { title: title.clone(), program: None, children })
    };
    let mut response =
        leptos_axum::render_app_async_with_context(context(&app, &request, None), document)(request).await;
    *response.status_mut() = status;
    response
}

/// A form's page. What the form came back with for want of time is this answer's status, too.
async fn refused(
    app: App,
    refusal: Option<Refusal>,
    title: fn(&Words, &PageWords) -> &'static str,
    request: Request,
    body: impl Fn() -> AnyView + Clone + Send + Sync + 'static,
) -> Response {
    let late = refusal.and_then(|refusal| Some((form::status(refusal), form::retry_after(refusal)?)));
    let (status, retry_after) = late.map_or((StatusCode::OK, None), |(status, after)| (status, Some(after)));
    (retry_after, document(app, status, title, request, body).await).into_response()
}

/// What every page can ask for while it is rendered.
fn context(app: &App, request: &Request, page: Option<Page>) -> impl Fn() + Clone + Send + Sync + 'static {
    let lang = language(request.headers());
    let frame_ancestors = app.origins.portal().map(ToString::to_string);
    // Our own structs: serde_json cannot refuse them.
    let page = page.map(|page| PageText(serde_json::to_string(&page).unwrap_or_default()));
    let look = Look(cookie(request.headers(), SETTINGS_COOKIE));
    let here = request.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned();
    move || {
        provide_context(lang);
        provide_context(look.clone());
        provide_context(Here(here.clone()));
        provide_context(Build { version: assets::version().to_owned(), chat_parts: assets::parts("later") });
        if let Some(page) = page.clone() {
            provide_context(page);
        }
        set_policy(frame_ancestors.as_deref().unwrap_or("'none'"));
    }
}

/// Only scripts that carry this response's nonce run, and what they load.
fn set_policy(frame_ancestors: &str) {
    let nonce = use_nonce().map(|nonce| nonce.to_string()).unwrap_or_default();
    // cargo-leptos' reloading speaks on a port of its own while the product is being developed.
    let reload =
        if std::env::var_os("LEPTOS_WATCH").is_some() { " ws://127.0.0.1:3001 ws://localhost:3001" } else { "" };
    let policy = format!(
        "default-src 'none'; script-src 'strict-dynamic' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; \
         style-src-attr 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'{reload}; \
         manifest-src 'self'; worker-src 'self'; form-action 'self'; object-src 'none'; base-uri 'none'; frame-ancestors {frame_ancestors}"
    );
    if let (Some(response), Ok(policy)) = (use_context::<ResponseOptions>(), HeaderValue::from_str(&policy)) {
        response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
        response.insert_header(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

/// A cookie's value; empty when the browser has none.
fn cookie(headers: &HeaderMap, name: &str) -> String {
    CookieJar::from_headers(headers).get(name).map(|cookie| cookie.value().to_owned()).unwrap_or_default()
}

/// The chosen language, else of those that we speak the one that the browser prefers, else Korean.
fn language(headers: &HeaderMap) -> Lang {
    let chosen = Lang::from_code(&cookie(headers, LANGUAGE_COOKIE));
    let preferred = accept::preferred(headers, header::ACCEPT_LANGUAGE);
    let mut preferred =
        preferred.into_iter().filter_map(|tag| Lang::from_code(&tag.split('-').next()?.to_ascii_lowercase()));
    chosen.or_else(|| preferred.next()).unwrap_or(Lang::Ko)
}

fn to_sign_in(request: &Request) -> Response {
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    if path == "/" {
        return Redirect::to("/sign_in").into_response();
    }
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("next", path).finish();
    Redirect::to(&format!("/sign_in?{query}")).into_response()
}
