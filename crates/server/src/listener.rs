//! Accepts connections and serves HTTP/1.1 on them, with timeouts. axum's own `serve` and axum-server wait without
//! limit for a first byte, and for a client that does not read.

use std::{convert::Infallible, future::Future, io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::ConnectInfo, http::Request};
use hyper::{
    body::Incoming,
    server::conn::http1,
    service::{Service, service_fn},
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    time::{sleep, timeout},
};

use crate::{
    address::Proxies,
    connections::{AdmittedConnection, Capacity, Connections},
    watched_stream::Watched,
};

/// How long a connection may be idle before a request, and how long a request's head may take.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// Bytes of a request's head, and of a buffered response: thousands of anonymous clients may cause both.
const BUFFER_BYTES: usize = 64 * 1024;
/// How long requests may finish during a graceful shutdown.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(4);
/// The pause of the accept loop when the process has run out of open files.
const FILES_TIMEOUT: Duration = Duration::from_millis(100);
/// The response when the connection limit is reached.
const UNAVAILABLE: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

/// Serves until `stop` completes, then shuts down gracefully.
pub async fn serve(listener: TcpListener, proxies: Proxies, router: Router, stop: impl Future<Output = ()>) {
    let router = TowerToHyperService::new(router);
    let connections = Connections::new(Capacity::of_this_process());
    let (stopping, stopped) = watch::channel(());
    let mut stop = pin!(stop);
    loop {
        let (stream, peer) = tokio::select! {
            () = &mut stop => break,
            accepted = accept(&listener, &connections) => accepted,
        };
        match connections.enter(peer.ip(), proxies.trust(peer.ip())) {
            Some(admitted) => {
                let connection = Connection { stream, peer, admitted, router: router.clone() };
                tokio::spawn(connection.serve(stopped.clone()));
            }
            // As much as the socket's buffer takes; the connection is closed in any case.
            None => drop(stream.try_write(UNAVAILABLE)),
        }
    }
    drop((listener, stopped));
    // Connections shut down when they receive this.
    let _ = stopping.send(());
    let _ = timeout(REQUEST_TIMEOUT, stopping.closed()).await;
}

async fn accept(listener: &TcpListener, connections: &Connections) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                connections.evict_idle();
                sleep(FILES_TIMEOUT).await;
            }
        }
    }
}

/// Whether the error concerns only the connection that was about to be accepted.
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

struct Connection {
    stream: TcpStream,
    peer: SocketAddr,
    admitted: Arc<AdmittedConnection>,
    router: TowerToHyperService<Router>,
}

impl Connection {
    async fn serve(self, mut stopped: watch::Receiver<()>) {
        let Self { stream, peer, admitted, router } = self;
        // Responses are written whole: Nagle's algorithm would only delay them.
        let _ = stream.set_nodelay(true);
        let shared = admitted.clone();
        let service = service_fn(move |request| answer(router.clone(), request, peer, shared.clone()));
        let io = TokioIo::new(Watched::new(stream, admitted.clone()));
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT).max_buf_size(BUFFER_BYTES);
        let mut connection = pin!(http.serve_connection(io, service).with_upgrades());
        let mut is_stopping = false;
        loop {
            tokio::select! {
                // A broken connection needs no answer.
                _ = connection.as_mut() => return,
                () = admitted.evicted() => return,
                _ = stopped.changed(), if !is_stopping => {
                    is_stopping = true;
                    connection.as_mut().graceful_shutdown();
                }
            }
        }
    }
}

async fn answer(
    router: TowerToHyperService<Router>,
    mut request: Request<Incoming>,
    peer: SocketAddr,
    admitted: Arc<AdmittedConnection>,
) -> Result<axum::response::Response, Infallible> {
    let _busy = admitted.busy();
    request.extensions_mut().insert(ConnectInfo(peer));
    request.extensions_mut().insert(admitted);
    router.call(request.map(Body::new)).await
}
