//! The handlers of pages. `render` renders them from the same components that then run in the browser.

mod render;
mod settings_view;

use axum::{
    Extension,
    extract::{Path, Query, Request, State, rejection::QueryRejection},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use axum_extra::extract::cookie::CookieJar;
use leptos::prelude::*;
use serde::Deserialize;

use crate::http::paths::{own_path, with_query};
use client::pages::{
    Visit,
    design::DesignPage,
    entry::{EntryPage, EntryPageProps},
    not_found::NotFoundPage,
    offline::OfflinePage,
    register::{RegisterPage, RegisterPageProps},
    settings::{SettingsPage, SettingsPageProps, SettingsSections, SettingsSectionsProps, SettingsView, ShortcutsPage},
    sign_in::{SignInPage, SignInPageProps},
    switched::{SwitchedPage, SwitchedPageProps},
    unavailable::UnavailablePage,
};
use protocol::{
    cursor::Cursor,
    ended::Ended,
    error::Refusal,
    ids::{RoomId, UserId},
    lobby_socket::LobbySnapshot,
    page::LivePage,
    room::RoomSnapshot,
};
use render::{PageTitle, form_page, live_page, page_with_messenger, static_page};
use server::{app::AppState, messenger::Via, session::CurrentUser};

type SignedIn = Option<Extension<CurrentUser>>;

/// The query of a page's address.
#[derive(Default, Deserialize)]
pub(super) struct PageQuery {
    /// The room that the main window shows.
    #[serde(default)]
    room: String,
    /// The `seq` of the message to which a room scrolls.
    #[serde(default)]
    at: String,
    error: Option<Refusal>,
    /// Why the session of the window ended: a code of [`Ended`].
    #[serde(default)]
    why: String,
    /// Present after a form of the settings page was executed.
    saved: Option<u8>,
    /// Present if a dialog requests only the sections of the settings.
    part: Option<u8>,
    #[serde(default)]
    login: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    next: String,
}

type MaybeQuery = Result<Query<PageQuery>, QueryRejection>;

/// `/`: the main window. Visitors are redirected to the sign-in, which redirects back here. 404 for a room as `/rooms/{id}`.
pub(super) async fn main(State(app): State<AppState>, user: SignedIn, query: MaybeQuery, request: Request) -> Response {
    let Some(Extension(user)) = user else { return to_sign_in(&request) };
    if app.messenger.people().admit_to_directory(user.actor(Via::Window)).is_err() {
        let mut response = unavailable(app, request).await;
        *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
        return response;
    }
    let Query(query) = query.unwrap_or_default();
    let room = match shown_room(&app, user, &query).await {
        Err(Refusal::NotFound) => return not_found(State(app), request).await,
        room => room.ok().flatten(),
    };
    match app.messenger.people().lobby(user.actor(Via::Window), None).await {
        Ok(lobby) => live_page(&app, LivePage::Main { lobby, room }, request).await,
        Err(_) => unavailable(app, request).await,
    }
}

/// The room that the query of the main window names, if it names one.
async fn shown_room(app: &AppState, user: CurrentUser, query: &PageQuery) -> Result<Option<RoomSnapshot>, Refusal> {
    if query.room.is_empty() {
        return Ok(None);
    }
    let room = query.room.parse().map_err(|_| Refusal::NotFound)?;
    app.messenger.rooms().snapshot_at(user.actor(Via::Window), room, query.at.parse().ok()).await.map(Some)
}

/// `/rooms/{id}`, with `?at={seq}` at a message: 404 for an unknown room, for a non-member, and for a message that the
/// user does not see.
pub(super) async fn room(
    State(app): State<AppState>,
    Path(room): Path<String>,
    user: SignedIn,
    query: MaybeQuery,
    request: Request,
) -> Response {
    let Some(Extension(user)) = user else { return to_sign_in(&request) };
    let at = query.unwrap_or_default().at.parse().ok();
    let found = match room.parse::<RoomId>() {
        Ok(room) => app.messenger.rooms().snapshot_at(user.actor(Via::Window), room, at).await,
        Err(_) => Err(Refusal::NotFound),
    };
    match found {
        Ok(room) => live_page(&app, LivePage::Room { me: user.id, room }, request).await,
        Err(Refusal::NotFound) => not_found(State(app), request).await,
        Err(_) => unavailable(app, request).await,
    }
}

/// `/entry`
pub(super) async fn entry(
    State(app): State<AppState>,
    user: SignedIn,
    query: MaybeQuery,
    request: Request,
) -> Response {
    let page = |visit| EntryPage(EntryPageProps { visit }).into_any();
    visitor_page(&app, visit(&app, user, query), |words, _| words.messenger, request, page).await
}

/// `/sign_in`
pub(super) async fn sign_in(
    State(app): State<AppState>,
    user: SignedIn,
    query: MaybeQuery,
    request: Request,
) -> Response {
    let page = |visit| SignInPage(SignInPageProps { visit }).into_any();
    visitor_page(&app, visit(&app, user, query), |_, words| words.sign_in, request, page).await
}

/// `/register`
pub(super) async fn register(
    State(app): State<AppState>,
    user: SignedIn,
    query: MaybeQuery,
    request: Request,
) -> Response {
    let page = |visit| RegisterPage(RegisterPageProps { visit }).into_any();
    visitor_page(&app, visit(&app, user, query), |_, words| words.register, request, page).await
}

/// `/settings`: settings of this browser and of the signed-in account; with `?part=1` only the sections.
pub(super) async fn settings(
    State(app): State<AppState>,
    user: SignedIn,
    jar: CookieJar,
    query: MaybeQuery,
    request: Request,
) -> Response {
    let Some(Extension(user)) = user else { return to_sign_in(&request) };
    let Query(query) = query.unwrap_or_default();
    let Ok(view) = settings_view::of(&app, user, &jar).await else { return unavailable(app, request).await };
    let view = SettingsView { is_saved: query.saved.is_some(), refused: query.error, ..view };
    if query.part.is_some() {
        let body = move || SettingsSections(SettingsSectionsProps { view: view.clone() }).into_any();
        return static_page(&app, StatusCode::OK, |_, words| words.settings, request, body).await;
    }
    let body = move || SettingsPage(SettingsPageProps { view: view.clone() }).into_any();
    with_messenger(app, user, |_, words| words.settings, request, body).await
}

/// `/shortcuts`
pub(super) async fn shortcuts(State(app): State<AppState>, user: SignedIn, request: Request) -> Response {
    let (title, body): (PageTitle, _) = (|_, words| words.shortcuts, || ShortcutsPage().into_any());
    match user {
        Some(Extension(user)) => with_messenger(app, user, title, request, body).await,
        None => static_page(&app, StatusCode::OK, title, request, body).await,
    }
}

/// The query of a window that found another account signed in.
#[derive(Deserialize)]
pub(super) struct SwitchQuery {
    was: UserId,
    #[serde(default)]
    next: String,
}

/// `/switched`: names the account of the window and the account that is signed in now. Redirects back to the window if
/// they are the same again.
pub(super) async fn switched(
    State(app): State<AppState>,
    user: SignedIn,
    query: Result<Query<SwitchQuery>, QueryRejection>,
    request: Request,
) -> Response {
    let Ok(Query(SwitchQuery { was, next })) = query else { return Redirect::to("/").into_response() };
    let Some(Extension(user)) = user else { return Redirect::to("/sign_in?why=other_account").into_response() };
    let (Some(before), Some(now)) = (app.messenger.people().user(was), app.messenger.people().user(user.id)) else {
        return Redirect::to("/").into_response();
    };
    if was == user.id {
        return Redirect::to(own_path(&next)).into_response();
    }
    let body = move || SwitchedPage(SwitchedPageProps { was: before.clone(), now: now.clone() }).into_any();
    static_page(&app, StatusCode::OK, |_, words| words.switched, request, body).await
}

/// `/offline`: the service worker shows it while the server cannot be reached.
pub(super) async fn offline(State(app): State<AppState>, request: Request) -> Response {
    static_page(&app, StatusCode::OK, |_, words| words.offline, request, || OfflinePage().into_any()).await
}

/// `/design`: in the demonstration and in debug builds, else 404.
pub(super) async fn design(State(app): State<AppState>, request: Request) -> Response {
    if !app.messenger.policy().demo && !cfg!(debug_assertions) {
        return not_found(State(app), request).await;
    }
    static_page(&app, StatusCode::OK, |words, _| words.product, request, || DesignPage().into_any()).await
}

/// Any other address.
pub(super) async fn not_found(State(app): State<AppState>, request: Request) -> Response {
    let body = || NotFoundPage().into_any();
    static_page(&app, StatusCode::NOT_FOUND, |_, words| words.not_found_title, request, body).await
}

async fn unavailable(app: AppState, request: Request) -> Response {
    let body = || UnavailablePage().into_any();
    static_page(&app, StatusCode::SERVICE_UNAVAILABLE, |words, _| words.messenger, request, body).await
}

/// A static page for a signed-in user that also contains the messenger, whose socket sends the users. The page contains
/// the rooms, so that messages that were unread before give no notice.
async fn with_messenger(
    app: AppState,
    user: CurrentUser,
    title: PageTitle,
    request: Request,
    body: impl Fn() -> AnyView + Clone + Send + Sync + 'static,
) -> Response {
    let Ok(lobby) = app.messenger.people().lobby(user.actor(Via::Window), None).await else {
        return unavailable(app, request).await;
    };
    let users = lobby.users.into_iter().filter(|known| known.id == user.id).collect();
    let page = LivePage::Aside { lobby: LobbySnapshot { cursor: Cursor::default(), users, ..lobby } };
    page_with_messenger(&app, page, title, request, body).await
}

/// A page for visitors, with the refusal of its form.
async fn visitor_page(
    app: &AppState,
    visit: Visit,
    title: PageTitle,
    request: Request,
    page: fn(Visit) -> AnyView,
) -> Response {
    form_page(app, visit.refused, title, request, move || page(visit.clone())).await
}

fn visit(app: &AppState, user: SignedIn, query: MaybeQuery) -> Visit {
    let Query(query) = query.unwrap_or_default();
    let is_first_account = app.messenger.accounts().is_empty();
    Visit {
        user: user.and_then(|Extension(user)| app.messenger.people().user(user.id)),
        is_registration_open: is_first_account || app.messenger.policy().registration_open,
        is_first_account,
        demo_people: app.messenger.accounts().of_demo(),
        refused: query.error,
        ended: Ended::from_code(&query.why),
        login: query.login,
        name: query.name,
        next: query.next,
    }
}

fn to_sign_in(request: &Request) -> Response {
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    if path == "/" {
        return Redirect::to("/sign_in").into_response();
    }
    Redirect::to(&with_query("/sign_in", [("next", path)])).into_response()
}
