//! The probe of a window before it reconnects: whether its account is still signed in, and still a member.

use axum::{
    Extension,
    extract::{Query, State},
    http::{HeaderName, StatusCode},
    response::{IntoResponse, Response},
};
use serde::Deserialize;

use server::{app::AppState, messenger::Via, refusal_status::refusal_status, session::CurrentUser};

/// The id of the signed-in account.
const USER_HEADER: HeaderName = HeaderName::from_static("daehwa-user");

#[derive(Deserialize)]
pub(super) struct SessionQuery {
    room: Option<String>,
    /// The account for which the window was rendered.
    #[serde(rename = "as")]
    account: Option<String>,
}

/// `GET /api/session`: 204 and the id of the signed-in account, else 401; with `?as=` 409 if another account is signed
/// in, with `?room=` 404 if the account is not a member.
pub(super) async fn session(
    State(app): State<AppState>,
    user: Option<Extension<CurrentUser>>,
    Query(query): Query<SessionQuery>,
) -> Response {
    let Some(Extension(user)) = user else { return StatusCode::UNAUTHORIZED.into_response() };
    let status = if user.is(query.account.as_deref()) {
        membership_status(&app, user, query.room.as_deref()).await
    } else {
        StatusCode::CONFLICT
    };
    (status, [(USER_HEADER, user.id.to_string())]).into_response()
}

async fn membership_status(app: &AppState, user: CurrentUser, room: Option<&str>) -> StatusCode {
    let Some(room) = room else { return StatusCode::NO_CONTENT };
    let Ok(room) = room.parse() else { return StatusCode::NOT_FOUND };
    match app.messenger.rooms().members(user.actor(Via::Window), room).await {
        Ok(_) => StatusCode::NO_CONTENT,
        Err(refusal) => refusal_status(refusal),
    }
}
