//! Forms of the settings page: the settings, the account's name and password, its devices.

use std::collections::HashMap;

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Deserialize;

use crate::http::{
    form::{Fields, SubmittedByUser},
    preference::settings_after,
    requester::Requester,
};
use client::settings::{choices, of_person};
use server::{
    app::AppState,
    messenger::{Result, Via},
};

const PAGE: &str = "/settings";
const SAVED: &str = "/settings?saved=1";

/// The value of each setting in the form, by name, and which one was changed.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct SettingsForm(HashMap<String, String>);

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
pub(super) struct EndSessionForm {
    /// The session to end; without it all but the current one.
    session: Option<String>,
}

impl Fields for SettingsForm {
    const PAGE: &'static str = PAGE;
}

impl Fields for NameForm {
    const PAGE: &'static str = PAGE;
}

impl Fields for PasswordForm {
    const PAGE: &'static str = PAGE;
}

impl Fields for EndSessionForm {
    const PAGE: &'static str = PAGE;
}

/// `POST /api/settings`: stores the choices in a cookie of this browser, and the user's settings in their account.
pub(super) async fn settings(
    State(app): State<AppState>,
    SubmittedByUser { form: SettingsForm(fields), user, client }: SubmittedByUser<SettingsForm>,
) -> Response {
    let chosen = choices(|name| fields.get(name).map(String::as_str));
    match app.messenger.people().change_settings(user.actor(Via::Form), &of_person(&chosen)).await {
        Ok(()) => {
            let done = client.format.done(SAVED, StatusCode::NO_CONTENT);
            (settings_after(&app, user, client.jar, &chosen).await, done).into_response()
        }
        Err(refusal) => client.format.refuse(PAGE, refusal, &[]),
    }
}

/// `POST /api/name`
pub(super) async fn name(
    State(app): State<AppState>,
    SubmittedByUser { form, user, client }: SubmittedByUser<NameForm>,
) -> Response {
    saved(&client, app.messenger.people().rename(user.actor(Via::Form), &form.name).await)
}

/// `POST /api/password`
pub(super) async fn password(
    State(app): State<AppState>,
    SubmittedByUser { form, user, client }: SubmittedByUser<PasswordForm>,
) -> Response {
    let (accounts, actor) = (app.messenger.accounts(), user.actor(Via::Form));
    match accounts.change_password(actor, &form.password, &form.new_password, client.info(&app)).await {
        Ok(sign_in) => client.signed_in(&app, sign_in, SAVED),
        Err(refusal) => client.format.refuse(PAGE, refusal, &[]),
    }
}

/// `POST /api/end_session`
pub(super) async fn end_session(
    State(app): State<AppState>,
    SubmittedByUser { form, user, client }: SubmittedByUser<EndSessionForm>,
) -> Response {
    saved(&client, app.messenger.accounts().end_devices(user.actor(Via::Form), form.session.as_deref()).await)
}

fn saved(client: &Requester, outcome: Result<()>) -> Response {
    match outcome {
        Ok(()) => client.format.done(SAVED, StatusCode::NO_CONTENT),
        Err(refusal) => client.format.refuse(PAGE, refusal, &[]),
    }
}
