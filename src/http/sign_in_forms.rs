//! Forms that begin and end a session: sign in, register, sign out. They work without JavaScript.

use axum::{
    extract::State,
    http::header,
    response::{AppendHeaders, IntoResponse, Redirect, Response},
};
use axum_extra::extract::cookie::CookieJar;
use serde::Deserialize;

use crate::http::{
    form::{Fields, Submitted},
    paths::own_path,
    preference::device_settings,
    requester::Requester,
};
use protocol::error::Refusal;
use server::{app::AppState, messenger::SignIn, session::CurrentUser};

const SIGN_IN_PAGE: &str = "/sign_in";
const REGISTER_PAGE: &str = "/register";
const MAIN_PAGE: &str = "/";

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
pub(super) struct SignOutForm {}

impl Fields for SignInForm {
    const PAGE: &'static str = SIGN_IN_PAGE;
}

impl Fields for RegisterForm {
    const PAGE: &'static str = REGISTER_PAGE;
}

impl Fields for SignOutForm {
    const PAGE: &'static str = MAIN_PAGE;

    fn unreadable() -> Option<Self> {
        Some(Self {})
    }
}

/// `POST /api/sign_in`
pub(super) async fn sign_in(
    State(app): State<AppState>,
    Submitted { form, user, client }: Submitted<SignInForm>,
) -> Response {
    let next = own_path(&form.next);
    match app.messenger.accounts().sign_in(&form.login, &form.password, client.info(&app)).await {
        Ok(sign_in) => {
            end_earlier_session(&app, user, &sign_in).await;
            signed_in(&app, client, sign_in, next)
        }
        Err(refusal) => {
            let next = if next == MAIN_PAGE { "" } else { next };
            client.format.refuse(SIGN_IN_PAGE, refusal, &[("login", &form.login), ("next", next)])
        }
    }
}

/// `POST /api/register`
pub(super) async fn register(
    State(app): State<AppState>,
    Submitted { form, user, client }: Submitted<RegisterForm>,
) -> Response {
    match app.messenger.accounts().register(&form.login, &form.name, &form.password, client.info(&app)).await {
        Ok(sign_in) => {
            end_earlier_session(&app, user, &sign_in).await;
            signed_in(&app, client, sign_in, MAIN_PAGE)
        }
        Err(refusal) => client.format.refuse(REGISTER_PAGE, refusal, &[("login", &form.login), ("name", &form.name)]),
    }
}

/// Signs in without the settings of the user who was signed in before; the next page adopts those of the account.
/// Choices made before anybody signed in stay.
fn signed_in(app: &AppState, client: Requester, sign_in: SignIn, next: &str) -> Response {
    let is_of_another = app.cookies.tokens(&client.jar).next().is_some();
    let settings = is_of_another.then(|| device_settings(app, &client.jar)).flatten();
    let settings = settings.map(|cookie| (header::SET_COOKIE, cookie.to_string()));
    (AppendHeaders(settings), client.signed_in(app, sign_in, next)).into_response()
}

/// A browser has one session, because the new cookie replaces the old one. A program manages its tokens itself.
async fn end_earlier_session(app: &AppState, user: Option<CurrentUser>, sign_in: &SignIn) {
    if let Some(old) = user.filter(|user| !user.is_by_token)
        && let Err(refusal) = app.messenger.accounts().replace_session((old.id, old.session), sign_in.user).await
    {
        tracing::warn!(?refusal, "cannot end the browser's earlier session");
    }
}

/// `POST /api/sign_out`
pub(super) async fn sign_out(
    State(app): State<AppState>,
    Submitted { user, client, .. }: Submitted<SignOutForm>,
) -> Response {
    match end_sessions(&app, user, &client.jar).await {
        Ok(()) => {
            let settings = device_settings(&app, &client.jar);
            let jar = settings.into_iter().fold(client.jar.add(app.cookies.removal()), CookieJar::add);
            (jar, Redirect::to(SIGN_IN_PAGE)).into_response()
        }
        Err(refusal) => client.format.refuse(MAIN_PAGE, refusal, &[]),
    }
}

/// Ends the request's session and the sessions of cookies under other names, which would authenticate the browser
/// again.
async fn end_sessions(app: &AppState, user: Option<CurrentUser>, jar: &CookieJar) -> Result<(), Refusal> {
    if let Some(user) = user {
        app.messenger.accounts().sign_out(user.session).await?;
    }
    for token in app.cookies.tokens(jar) {
        if let Ok((_, session)) = app.messenger.accounts().session(token.text).await {
            app.messenger.accounts().sign_out(session).await?;
        }
    }
    Ok(())
}
