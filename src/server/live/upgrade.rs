//! From HTTP to WebSocket: the handshake of RFC 6455, and the connection without what HTTP leaves behind.
//! axum's own extractor keeps HTTP's buffers for as long as the socket lives, which is longer than all else.

use std::future::Future;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::{rt::TokioIo, server::conn::auto::upgrade::downcast};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        handshake::derive_accept_key,
        protocol::{Role, WebSocketConfig},
    },
};

use crate::protocol::{SUBPROTOCOL, limit::FRAME_BYTES};

/// What a connection may read ahead: an idle one should cost little.
const READ_BUFFER_BYTES: usize = 1024;
/// What may wait in the codec to be written: some frames. What is long goes out in pieces.
const WRITE_BUFFER_BYTES: usize = 256 * 1024;

/// What bytes go over: a connection of ours, or whatever else a server in front of us upgraded.
pub(super) trait Line: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Line for T {}

pub(super) type Socket = WebSocketStream<Box<dyn Line>>;

/// A request that asks for a WebSocket. 400 for one that asks wrongly, 426 where it cannot be had.
pub(in crate::server) struct Upgrade {
    accept: HeaderValue,
    on_upgrade: OnUpgrade,
    /// What the client offers to speak; none when it says nothing of it.
    offered: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Upgrade {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        let headers = &parts.headers;
        let is_asked = names(headers, header::CONNECTION, "upgrade")
            && names(headers, header::UPGRADE, "websocket")
            && names(headers, header::SEC_WEBSOCKET_VERSION, "13");
        let key = headers.get(header::SEC_WEBSOCKET_KEY).filter(|_| is_asked).ok_or(StatusCode::BAD_REQUEST)?;
        let accept = derive_accept_key(key.as_bytes()).parse().map_err(|_| StatusCode::BAD_REQUEST)?;
        let offered = headers.get(header::SEC_WEBSOCKET_PROTOCOL);
        let offered = offered.map(|offered| offered.to_str().unwrap_or_default().to_owned());
        let on_upgrade = parts.extensions.remove().ok_or(StatusCode::UPGRADE_REQUIRED)?;
        Ok(Self { accept, on_upgrade, offered })
    }
}

impl Upgrade {
    /// Whether the client asks for a language at all, and whether ours is among them.
    pub(super) fn offers(&self) -> (bool, bool) {
        let is_ours = |offered: &String| offered.split(',').any(|protocol| protocol.trim() == SUBPROTOCOL);
        (self.offered.is_some(), self.offered.as_ref().is_some_and(is_ours))
    }

    /// Answers that the socket may come, and runs it when it has.
    pub(super) fn start<F>(self, run: impl FnOnce(Socket) -> F + Send + 'static) -> Response
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (_, is_ours) = self.offers();
        let (accept, on_upgrade) = (self.accept, self.on_upgrade);
        tokio::spawn(async move {
            // Who goes away in the midst of the handshake wanted nothing.
            if let Ok(upgraded) = on_upgrade.await {
                let socket = Box::pin(socket(upgraded)).await;
                Box::pin(run(socket)).await;
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

async fn socket(upgraded: Upgraded) -> Socket {
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(0)
        .max_write_buffer_size(WRITE_BUFFER_BYTES)
        .max_message_size(Some(FRAME_BYTES))
        .max_frame_size(Some(FRAME_BYTES));
    let (line, heard): (Box<dyn Line>, Vec<u8>) = match downcast::<TokioIo<TcpStream>>(upgraded) {
        Ok(parts) => (Box::new(parts.io.into_inner()), parts.read_buf.to_vec()),
        Err(upgraded) => (Box::new(TokioIo::new(upgraded)), Vec::new()),
    };
    WebSocketStream::from_partially_read(line, heard, Role::Server, Some(config)).await
}

/// Whether a header that lists words has this one among them, in whatever case.
fn names(headers: &HeaderMap, name: HeaderName, word: &str) -> bool {
    let lists = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    lists.flat_map(|list| list.split(',')).any(|listed| listed.trim().eq_ignore_ascii_case(word))
}
