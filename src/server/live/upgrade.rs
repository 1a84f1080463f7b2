//! From HTTP to WebSocket: the handshake of RFC 6455, and the connection without what HTTP leaves behind.
//! axum's own extractor keeps HTTP's buffers for as long as the socket lives, which is longer than all else.

use std::future::Future;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use data_encoding::BASE64;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use sha1::{Digest, Sha1};
use tokio::net::TcpStream;

use crate::{
    protocol::SUBPROTOCOL,
    server::{doors::Seated, live::postmen::Postmen, stream::Watched},
};

/// What a server appends to a client's key (RFC 6455, 1.3).
const KEY_SUFFIX: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// A connection after the handshake.
pub(super) struct Raw {
    pub(super) stream: TcpStream,
    /// What came behind the handshake already.
    pub(super) heard: Vec<u8>,
    pub(super) postmen: Postmen,
    pub(super) place: Seated,
}

impl Raw {
    /// HTTP's buffer ends here: 8 KiB that would live as long as the socket.
    fn from(upgraded: Upgraded, postmen: Postmen) -> Option<Self> {
        let parts = upgraded.downcast::<TokioIo<Watched>>().ok()?;
        let (stream, place) = parts.io.into_inner().into_parts();
        Some(Self { stream, heard: parts.read_buf.to_vec(), postmen, place: place.becomes_socket() })
    }
}

/// A request that asks for a WebSocket. 400 for one that asks wrongly, 426 where it cannot be had.
pub(in crate::server) struct Upgrade {
    accept: HeaderValue,
    on_upgrade: OnUpgrade,
    /// What the client offers to speak; none when it says nothing of it.
    offered: Option<String>,
    postmen: Postmen,
}

impl<S: Send + Sync> FromRequestParts<S> for Upgrade {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        let headers = &parts.headers;
        let is_asked = names(headers, header::CONNECTION, "upgrade")
            && names(headers, header::UPGRADE, "websocket")
            && names(headers, header::SEC_WEBSOCKET_VERSION, "13");
        let key = headers.get(header::SEC_WEBSOCKET_KEY).filter(|_| is_asked).ok_or(StatusCode::BAD_REQUEST)?;
        let accept = BASE64.encode(&Sha1::new().chain_update(key).chain_update(KEY_SUFFIX).finalize());
        let accept = accept.parse().map_err(|_| StatusCode::BAD_REQUEST)?;
        let offered = headers.get(header::SEC_WEBSOCKET_PROTOCOL);
        let offered = offered.map(|offered| offered.to_str().unwrap_or_default().to_owned());
        let on_upgrade = parts.extensions.remove().ok_or(StatusCode::UPGRADE_REQUIRED)?;
        // The router lays them beside every request for a socket.
        let postmen = parts.extensions.get().cloned().ok_or(StatusCode::INTERNAL_SERVER_ERROR)?;
        Ok(Self { accept, on_upgrade, offered, postmen })
    }
}

impl Upgrade {
    /// Whether the client asks for a language at all, and whether ours is among them.
    pub(super) fn offers(&self) -> (bool, bool) {
        let is_ours = |offered: &String| offered.split(',').any(|protocol| protocol.trim() == SUBPROTOCOL);
        (self.offered.is_some(), self.offered.as_ref().is_some_and(is_ours))
    }

    /// Answers that the socket may come, and runs it when it has.
    pub(super) fn start<F>(self, run: impl FnOnce(Raw) -> F + Send + 'static) -> Response
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (_, is_ours) = self.offers();
        let Self { accept, on_upgrade, postmen, .. } = self;
        tokio::spawn(async move {
            // Who goes away in the midst of the handshake wanted nothing.
            let Ok(upgraded) = on_upgrade.await else { return };
            match Raw::from(upgraded, postmen) {
                Some(raw) => Box::pin(run(raw)).await,
                None => tracing::error!("a connection that is not TCP was upgraded"),
            }
        });
        let mut response = (
            StatusCode::SWITCHING_PROTOCOLS,
            [
                (header::CONNECTION, HeaderValue::from_static("upgrade")),
                (header::UPGRADE, HeaderValue::from_static("websocket")),
                (header::SEC_WEBSOCKET_ACCEPT, accept),
            ],
        )
            .into_response();
        if is_ours {
            response.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(SUBPROTOCOL));
        }
        response
    }
}

/// Whether a header that lists words has this one among them, in whatever case.
fn names(headers: &HeaderMap, name: HeaderName, word: &str) -> bool {
    let lists = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    lists.flat_map(|list| list.split(',')).any(|listed| listed.trim().eq_ignore_ascii_case(word))
}
