//! The addresses of the original product redirect to our pages, so that links and portals keep working.

use axum::{Form, extract::rejection::FormRejection, response::Redirect};
use serde::Deserialize;

use crate::http::paths::room_path;

/// The fields that the original's list sends when it opens a chat window.
#[derive(Deserialize)]
pub(super) struct PopupForm {
    #[serde(rename = "roomId", default)]
    room_id: String,
}

/// The original's entry page.
pub(super) async fn entry() -> Redirect {
    Redirect::to("/entry")
}

/// The original's main page.
pub(super) async fn main() -> Redirect {
    Redirect::to("/")
}

/// The original's chat window; without a room it is the main window.
pub(super) async fn popup(form: Result<Form<PopupForm>, FormRejection>) -> Redirect {
    let room = form.ok().and_then(|Form(form)| form.room_id.parse().ok());
    Redirect::to(&room.map_or_else(|| "/".to_owned(), room_path))
}
