//! Forms that open a room. They work without JavaScript.

use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use crate::http::{
    form::{Fields, SubmittedByUser},
    paths::room_path,
};
use protocol::ids::UserId;
use server::{app::AppState, messenger::Via};

#[derive(Deserialize)]
pub(super) struct OpenDirectForm {
    user: UserId,
    /// `main` shows the room in the main window, anything else in a separate window.
    #[serde(default)]
    place: String,
}

impl Fields for OpenDirectForm {
    const PAGE: &'static str = "/";
}

/// `POST /api/open_direct`
pub(super) async fn open_direct(
    State(app): State<AppState>,
    SubmittedByUser { form, user, client }: SubmittedByUser<OpenDirectForm>,
) -> Response {
    match app.messenger.rooms().open_direct(user.actor(Via::Form), form.user).await {
        Ok(room) if form.place == "main" => Redirect::to(&format!("/?room={room}")).into_response(),
        Ok(room) => Redirect::to(&room_path(room)).into_response(),
        Err(refusal) => client.format.refuse(OpenDirectForm::PAGE, refusal, &[]),
    }
}
