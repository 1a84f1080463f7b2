//! Serving: from a listening address until somebody says stop.

use std::{io, net::TcpListener, time::Duration};

use tokio::{signal, sync::oneshot};

use crate::server::{app::App, serve::serve};

/// Of the ten seconds that a stop may take, what the sockets get to hear that it is one.
const SOCKET_PATIENCE: Duration = Duration::from_secs(4);

/// Serves until SIGTERM or Ctrl-C, then stops accepting, closes the sockets with 1001, finishes what is
/// being saved, and returns.
///
/// # Errors
/// When the address cannot be listened on.
pub async fn run(listener: TcpListener, app: App) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let messenger = app.messenger.clone();
    let (stop, stopped) = oneshot::channel::<()>();
    let stopping = tokio::spawn({
        let messenger = messenger.clone();
        async move {
            wait_for_signal().await;
            tracing::info!("stopping");
            drop(stop);
            messenger.close_sockets(SOCKET_PATIENCE).await;
        }
    });
    serve(listener, app, async { drop(stopped.await) }).await;
    let _ = stopping.await;
    messenger.close().await;
    Ok(())
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
