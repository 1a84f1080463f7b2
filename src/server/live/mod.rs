//! One WebSocket connection: the handshake of both endpoints, and which language is spoken on it.
//! Our own is in `lobby` and `chat`, the original component's in `egov`.

#[cfg(test)]
mod autobahn;
mod chat;
mod codec;
mod connection;
mod egov;
mod line;
mod lobby;
mod postmen;
mod upgrade;

use axum::{
    Extension,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use serde::Deserialize;

use crate::{
    protocol::{cursor::Cursor, error::Refusal, ids::RoomId},
    server::{
        app::App,
        messenger::RoomSeat,
        origin::Origins,
        session::{ClientAddress, CurrentUser},
    },
};
pub(super) use egov::Reports;
pub(super) use postmen::Postmen;
use upgrade::Upgrade;

/// Which language a client speaks.
enum Dialect {
    Own,
    Egov,
}

/// What a handshake's address may say after its `?`.
#[derive(Deserialize)]
pub(super) struct Asked {
    since: Option<String>,
    /// The account that the asking window was rendered for.
    #[serde(rename = "as")]
    account: Option<String>,
}

impl Asked {
    /// What is no cursor is none: then all is told.
    fn cursor(&self) -> Option<Cursor> {
        self.since.as_ref()?.parse().ok()
    }

    /// 409 when the window belongs to another account than the session, which may have changed under it.
    fn authenticate(
        &self,
        origins: &Origins,
        user: Option<Extension<CurrentUser>>,
        headers: &HeaderMap,
    ) -> Result<CurrentUser, StatusCode> {
        let user = authenticate(origins, user, headers)?;
        if user.is(self.account.as_deref()) { Ok(user) } else { Err(StatusCode::CONFLICT) }
    }
}

/// `GET /usersServerEndpoint`: 403 for a foreign page, 401 without a session, 409 for a window of another account,
/// 429 for too many.
pub(super) async fn enter_lobby(
    State(app): State<App>,
    Query(asked): Query<Asked>,
    user: Option<Extension<CurrentUser>>,
    address: ClientAddress,
    headers: HeaderMap,
    upgrade: Upgrade,
) -> Result<Response, StatusCode> {
    let user = asked.authenticate(&app.origins, user, &headers)?;
    let dialect = negotiate(&upgrade)?;
    let seat = app.messenger.enter_lobby(user.owner(address)).map_err(status)?;
    Ok(upgrade.start(move |raw| async move {
        match dialect {
            Dialect::Own => {
                let lobby = lobby::Lobby::new(app.messenger, user.id, seat.idleness(), asked.cursor());
                connection::run(raw, seat, lobby).await
            }
            Dialect::Egov => {
                let lobby = egov::Lobby::new(app.messenger, user.id);
                connection::run(raw, seat, lobby).await
            }
        }
    }))
}

/// `GET /chat/{room}`: as [`enter_lobby`], and 404 alike for a stranger and for a room that is not.
#[expect(clippy::too_many_arguments, reason = "each is taken out of the request by its type")]
pub(super) async fn enter_room(
    State(app): State<App>,
    Extension(reports): Extension<Reports>,
    Path(room): Path<String>,
    Query(asked): Query<Asked>,
    user: Option<Extension<CurrentUser>>,
    address: ClientAddress,
    headers: HeaderMap,
    upgrade: Upgrade,
) -> Result<Response, StatusCode> {
    let user = asked.authenticate(&app.origins, user, &headers)?;
    let dialect = negotiate(&upgrade)?;
    let room: RoomId = room.parse().map_err(|_| StatusCode::NOT_FOUND)?;
    let RoomSeat { seat, since: sees_since } =
        app.messenger.enter_room(user.owner(address), room).await.map_err(status)?;
    Ok(upgrade.start(move |raw| async move {
        match dialect {
            Dialect::Own => {
                let chat = chat::Chat::new(app.messenger, user.id, room, asked.cursor(), sees_since);
                connection::run(raw, seat, chat).await
            }
            Dialect::Egov => {
                let chat = egov::Chat::new(app.messenger, user.id, room, sees_since, reports);
                connection::run(raw, seat, chat).await
            }
        }
    }))
}

/// A browser sends the cookie from any page, so a cookie needs a page of ours beside it; a token does not.
fn authenticate(
    origins: &Origins,
    user: Option<Extension<CurrentUser>>,
    headers: &HeaderMap,
) -> Result<CurrentUser, StatusCode> {
    let is_own = origins.is_own(headers);
    if is_own == Some(false) {
        return Err(StatusCode::FORBIDDEN);
    }
    let Extension(user) = user.ok_or(StatusCode::UNAUTHORIZED)?;
    if is_own.is_none() && !user.is_by_token { Err(StatusCode::FORBIDDEN) } else { Ok(user) }
}

/// Our language for who asks for it, the original's for who asks for none.
fn negotiate(upgrade: &Upgrade) -> Result<Dialect, StatusCode> {
    match upgrade.offers() {
        (_, true) => Ok(Dialect::Own),
        (false, false) => Ok(Dialect::Egov),
        (true, false) => Err(StatusCode::BAD_REQUEST),
    }
}

fn status(refusal: Refusal) -> StatusCode {
    match refusal {
        Refusal::NotFound => StatusCode::NOT_FOUND,
        Refusal::TooFast => StatusCode::TOO_MANY_REQUESTS,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    }
}
