//! The handshake of both endpoints: it checks who connects and from which page, and chooses the dialect.

use axum::{
    Extension,
    extract::{FromRequestParts, Path, Query, State},
    http::{HeaderMap, StatusCode, request::Parts},
    response::Response,
};
use serde::Deserialize;

use crate::{
    app::AppState,
    messenger::{RoomSubscription, Via},
    origin::Origins,
    refusal_status::refusal_status,
    session::{ClientAddress, CurrentUser},
    socket::{
        connection, egov,
        egov::Reports,
        native,
        upgrade::{Subprotocol, Upgrade},
    },
};
use protocol::{cursor::Cursor, ids::RoomId};

enum DialectKind {
    Native,
    Egov,
}

/// The query of a handshake's URL.
#[derive(Deserialize)]
struct HandshakeQuery {
    /// An unparsable cursor counts as absent: the client gets a full snapshot.
    #[serde(rename = "since")]
    resume_from: Option<String>,
    /// The account that the window was rendered for.
    #[serde(rename = "as")]
    account: Option<String>,
}

/// An authenticated request for a socket. 403 for a foreign page, 401 without a session, 409 if the window belongs to
/// another account than the session, whose cookie may have changed since.
pub struct Handshake {
    user: CurrentUser,
    address: ClientAddress,
    resume_from: Option<Cursor>,
    dialect: DialectKind,
    upgrade: Upgrade,
}

impl FromRequestParts<AppState> for Handshake {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, StatusCode> {
        let query = Query::<HandshakeQuery>::try_from_uri(&parts.uri).map_err(|_| StatusCode::BAD_REQUEST)?;
        let Query(HandshakeQuery { resume_from, account }) = query;
        let Ok(address) = ClientAddress::from_request_parts(parts, app).await;
        let upgrade = Upgrade::from_request_parts(parts, app).await?;
        let user = authenticate(&app.origins, parts.extensions.get().copied(), &parts.headers)?;
        if !user.is(account.as_deref()) {
            return Err(StatusCode::CONFLICT);
        }
        let resume_from = resume_from.and_then(|cursor| cursor.parse().ok());
        Ok(Self { user, address, resume_from, dialect: negotiate(&upgrade)?, upgrade })
    }
}

/// `GET /usersServerEndpoint`: as [`Handshake`], and 429 at a limit of sockets or connections.
pub async fn enter_lobby(
    State(app): State<AppState>,
    Handshake { user, address, resume_from, dialect, upgrade }: Handshake,
) -> Result<Response, StatusCode> {
    let subscription = app.messenger.people().enter_lobby(user.owner(address)).map_err(refusal_status)?;
    Ok(upgrade.start(move |raw| async move {
        match dialect {
            DialectKind::Native => {
                let (actor, window) = (user.actor(Via::Window), subscription.main_window());
                let lobby = native::lobby::LobbyDialect::new(app.messenger, actor, window, resume_from);
                connection::run(raw, subscription, lobby).await
            }
            DialectKind::Egov => {
                let window = subscription.main_window();
                let lobby = egov::EgovLobby::new(app.messenger, user.actor(Via::Legacy), window);
                connection::run(raw, subscription, lobby).await
            }
        }
    }))
}

/// `GET /chat/{room}`: as [`enter_lobby`], and 404 both for a non-member and for an unknown room.
pub async fn enter_room(
    State(app): State<AppState>,
    Extension(reports): Extension<Reports>,
    Path(room): Path<String>,
    Handshake { user, address, resume_from, dialect, upgrade }: Handshake,
) -> Result<Response, StatusCode> {
    let room: RoomId = room.parse().map_err(|_| StatusCode::NOT_FOUND)?;
    let entered = app.messenger.rooms().enter(user.owner(address), room).await;
    let RoomSubscription { subscription, visible_after } = entered.map_err(refusal_status)?;
    Ok(upgrade.start(move |raw| async move {
        match dialect {
            DialectKind::Native => {
                let actor = user.actor(Via::Window);
                let chat = native::room::RoomDialect::new(app.messenger, actor, room, resume_from, visible_after);
                connection::run(raw, subscription, chat).await
            }
            DialectKind::Egov => {
                let host = app.origins.public().map(ToString::to_string).unwrap_or_default();
                let actor = user.actor(Via::Legacy);
                let chat = egov::EgovRoom::new(app.messenger, actor, room, visible_after, reports, host);
                connection::run(raw, subscription, chat).await
            }
        }
    }))
}

/// A browser sends the cookie from any page, so a cookie requires the server's own origin; a bearer token does not.
fn authenticate(origins: &Origins, user: Option<CurrentUser>, headers: &HeaderMap) -> Result<CurrentUser, StatusCode> {
    let is_own = origins.is_own(headers);
    if is_own == Some(false) {
        return Err(StatusCode::FORBIDDEN);
    }
    let user = user.ok_or(StatusCode::UNAUTHORIZED)?;
    if is_own.is_none() && !user.is_by_token { Err(StatusCode::FORBIDDEN) } else { Ok(user) }
}

/// The native dialect for clients that request its subprotocol, the original's for those that request none.
fn negotiate(upgrade: &Upgrade) -> Result<DialectKind, StatusCode> {
    match upgrade.subprotocol() {
        Subprotocol::Native => Ok(DialectKind::Native),
        Subprotocol::None => Ok(DialectKind::Egov),
        Subprotocol::Unknown => Err(StatusCode::BAD_REQUEST),
    }
}
