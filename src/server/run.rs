//! Serving: from a listening address until somebody says stop.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    time::Duration,
};

use axum_server::{Handle, accept::NoDelayAcceptor};
use tokio::signal;

use crate::server::{app::App, router};

/// How long a client may take to send a request's head: a slow one must not hold a connection open.
const HEAD_PATIENCE: Duration = Duration::from_secs(10);
/// Of the ten seconds that a stop may take, what the sockets get to hear that it is one.
const SOCKET_PATIENCE: Duration = Duration::from_secs(4);
/// What requests under way get to finish.
const REQUEST_PATIENCE: Duration = Duration::from_secs(4);

/// Serves until SIGTERM or Ctrl-C, then stops accepting, closes the sockets with 1001, finishes what is
/// being saved, and returns.
///
/// # Errors
/// When the address cannot be listened on.
pub async fn run(listener: TcpListener, app: App) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let handle = Handle::new();
    let messenger = app.messenger.clone();
    let stopping = tokio::spawn(stop(handle.clone(), app.clone()));
    let mut server = axum_server::from_tcp(listener)?.acceptor(NoDelayAcceptor::new()).handle(handle);
    server.http_builder().http1().header_read_timeout(HEAD_PATIENCE);
    server.serve(router::app(app).into_make_service_with_connect_info::<SocketAddr>()).await?;
    let _ = stopping.await;
    messenger.close().await;
    Ok(())
}

async fn stop(handle: Handle<SocketAddr>, app: App) {
    wait_for_signal().await;
    tracing::info!("stopping");
    handle.graceful_shutdown(Some(REQUEST_PATIENCE));
    app.messenger.close_sockets(SOCKET_PATIENCE).await;
}

/// Waits for SIGTERM or Ctrl-C.
pub(super) async fn wait_for_signal() {
    let interrupt = async {
        // Without a handler there is nobody to tell us; the process then ends as by default.
        if signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        () = interrupt => {}
        () = terminate() => {}
    }
}

/// Each connection is an open file, and most systems give a program 1,024 unless it asks for what it may have.
#[cfg(unix)]
pub(super) fn raise_file_limit() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    if limit.current != limit.maximum
        && let Err(error) = setrlimit(Resource::Nofile, raised)
    {
        tracing::warn!(%error, "the limit of open files stays as it is");
    }
}

#[cfg(not(unix))]
pub(super) fn raise_file_limit() {}

#[cfg(unix)]
async fn terminate() {
    match signal::unix::signal(signal::unix::SignalKind::terminate()) {
        Ok(mut signal) => drop(signal.recv().await),
        Err(_) => std::future::pending().await,
    }
}

#[cfg(not(unix))]
async fn terminate() {
    std::future::pending().await
}
