//! Accepting connections and speaking HTTP/1.1 on them, each for as long as it says something. axum's own `serve` and
//! axum-server wait without end for a first byte, and for a client that does not read.

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

use crate::server::{
    address::Proxies,
    app::App,
    doors::{Doors, Place, Room},
    router,
    stream::Watched,
};

/// For how long a connection may be silent before a request, and take to send its head.
const HEAD_PATIENCE: Duration = Duration::from_secs(10);
/// A head at most, and what waits to be written of an answer: thousands of strangers may hold as much.
const BUFFER_BYTES: usize = 64 * 1024;
/// What requests under way get to finish when the server stops.
const REQUEST_PATIENCE: Duration = Duration::from_secs(4);
/// How long nobody is let in when the process has run out of files.
const FILES_PATIENCE: Duration = Duration::from_millis(100);
/// What is said to who comes when there is no room.
const NO_ROOM: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

/// Serves until `stop` completes; then what is under way has a moment to finish.
pub async fn serve(listener: TcpListener, app: App, stop: impl Future<Output = ()>) {
    serve_router(listener, app.proxies.clone(), router::app(app), stop).await;
}

pub(super) async fn serve_router(
    listener: TcpListener,
    proxies: Proxies,
    router: Router,
    stop: impl Future<Output = ()>,
) {
    let router = TowerToHyperService::new(router);
    let doors = Doors::new(Room::of_this_process());
    let (stopping, stopped) = watch::channel(());
    let mut stop = pin!(stop);
    loop {
        let (stream, peer) = tokio::select! {
            () = &mut stop => break,
            accepted = accept(&listener, &doors) => accepted,
        };
        match doors.enter(peer.ip(), proxies.trust(peer.ip())) {
            Some(place) => {
                let connection = Connection { stream, peer, place, router: router.clone() };
                tokio::spawn(connection.serve(stopped.clone()));
            }
            // As much as fits; it is closed in any case.
            None => drop(stream.try_write(NO_ROOM)),
        }
    }
    drop((listener, stopped));
    // Connections end when they see that nothing is sent here any more.
    let _ = stopping.send(());
    let _ = timeout(REQUEST_PATIENCE, stopping.closed()).await;
}

async fn accept(listener: &TcpListener, doors: &Doors) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) if is_of_one(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "nobody can be let in");
                doors.make_room();
                sleep(FILES_PATIENCE).await;
            }
        }
    }
}

/// Whether it concerns the one connection that was to be accepted, which is gone.
fn is_of_one(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

struct Connection {
    stream: TcpStream,
    peer: SocketAddr,
    place: Arc<Place>,
    router: TowerToHyperService<Router>,
}

impl Connection {
    async fn serve(self, mut stopped: watch::Receiver<()>) {
        let Self { stream, peer, place, router } = self;
        // Answers are written whole; waiting for more would only be late.
        let _ = stream.set_nodelay(true);
        let own = place.clone();
        let service = service_fn(move |request| answer(router.clone(), request, peer, own.clone()));
        let io = TokioIo::new(Watched::new(stream, place.clone()));
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(HEAD_PATIENCE).max_buf_size(BUFFER_BYTES);
        let mut connection = pin!(http.serve_connection(io, service).with_upgrades());
        let mut is_stopping = false;
        loop {
            tokio::select! {
                // A connection that broke has nobody to tell.
                _ = connection.as_mut() => return,
                () = place.asked_to_leave() => return,
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
    place: Arc<Place>,
) -> Result<axum::response::Response, Infallible> {
    let _busy = place.busy();
    request.extensions_mut().insert(ConnectInfo(peer));
    request.extensions_mut().insert(place);
    router.call(request.map(Body::new)).await
}
