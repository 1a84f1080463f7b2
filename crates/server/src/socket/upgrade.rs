//! The upgrade from HTTP to WebSocket (RFC 6455), which frees HTTP's buffers. axum's own extractor keeps them as long
//! as the socket lives.

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

use crate::{connections::AdmittedSocket, socket::delivery::DeliveryWorkers, watched_stream::Watched};
use protocol::SUBPROTOCOL;

/// The suffix that a server appends to a client's key (RFC 6455, 1.3).
const KEY_SUFFIX: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// A connection after the handshake.
pub(super) struct Raw {
    pub(super) stream: TcpStream,
    /// Bytes that arrived together with the handshake.
    pub(super) early_bytes: Vec<u8>,
    pub(super) delivery: DeliveryWorkers,
    pub(super) admitted: AdmittedSocket,
}

impl Raw {
    /// Drops HTTP's buffer of 8 KiB, which would live as long as the socket.
    fn from(upgraded: Upgraded, delivery: DeliveryWorkers) -> Option<Self> {
        let parts = upgraded.downcast::<TokioIo<Watched>>().ok()?;
        let (stream, admitted) = parts.io.into_inner().into_parts();
        Some(Self { stream, early_bytes: parts.read_buf.to_vec(), delivery, admitted: admitted.into_socket() })
    }
}

/// A request for a WebSocket. 400 if it is malformed, 426 if the connection cannot be upgraded.
pub(super) struct Upgrade {
    accept: HeaderValue,
    on_upgrade: OnUpgrade,
    subprotocol: Subprotocol,
    delivery: DeliveryWorkers,
}

/// Which subprotocol the client requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Subprotocol {
    None,
    Native,
    Unknown,
}

impl Subprotocol {
    fn of(headers: &HeaderMap) -> Self {
        let Some(requested) = headers.get(header::SEC_WEBSOCKET_PROTOCOL) else { return Self::None };
        let requested = requested.to_str().unwrap_or_default();
        let is_native = requested.split(',').any(|protocol| protocol.trim() == SUBPROTOCOL);
        if is_native { Self::Native } else { Self::Unknown }
    }
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
        let subprotocol = Subprotocol::of(headers);
        let on_upgrade = parts.extensions.remove().ok_or(StatusCode::UPGRADE_REQUIRED)?;
        // The router adds the workers to every request for a socket.
        let delivery = parts.extensions.get().cloned().ok_or(StatusCode::INTERNAL_SERVER_ERROR)?;
        Ok(Self { accept, on_upgrade, subprotocol, delivery })
    }
}

impl Upgrade {
    pub(super) fn subprotocol(&self) -> Subprotocol {
        self.subprotocol
    }

    /// Accepts the upgrade, and then runs the connection.
    pub(super) fn start<F>(self, run: impl FnOnce(Raw) -> F + Send + 'static) -> Response
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let Self { accept, on_upgrade, subprotocol, delivery } = self;
        tokio::spawn(async move {
            // The client left during the handshake.
            let Ok(upgraded) = on_upgrade.await else { return };
            match Raw::from(upgraded, delivery) {
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
        if subprotocol == Subprotocol::Native {
            response.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(SUBPROTOCOL));
        }
        response
    }
}

/// Whether a header with a list of tokens contains this one, in any case.
fn names(headers: &HeaderMap, name: HeaderName, word: &str) -> bool {
    let lists = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    lists.flat_map(|list| list.split(',')).any(|listed| listed.trim().eq_ignore_ascii_case(word))
}
