//! Serves until a signal or the failure of an essential task, then shuts down gracefully.

use std::{future::pending, io, net::TcpListener, time::Duration};

use tokio::{signal, sync::oneshot, time::sleep};

use server::{app::AppState, messenger::Messenger, supervisor::TaskFailure};

use crate::http::router;

/// How long sockets may take to receive the close frame: a part of the ten seconds of a shutdown.
const SOCKET_TIMEOUT: Duration = Duration::from_secs(4);

/// How long a server that drains serves everything while its health check fails: a balancer that asks every two seconds
/// takes it out after the second refusal.
const UNHEALTHY_BEFORE_CLOSING: Duration = Duration::from_secs(5);

/// Serves until SIGTERM or Ctrl-C, or until an essential task fails. After a signal it drains for `drain_time`, unless
/// that is zero. Then it shuts down gracefully: stops accepting, closes the sockets with 1001, commits the writer's
/// queue, and returns.
///
/// # Errors
/// If the listener cannot be used; [`TaskFailure`] if an essential task failed.
pub async fn run(listener: TcpListener, app: AppState, drain_time: Duration) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let messenger = app.messenger.clone();
    let (stop, stopped) = oneshot::channel::<()>();
    let (serving, served) = oneshot::channel::<()>();
    messenger.supervisor().spawn_essential("accept loop", async move {
        serve(listener, app, async { drop(stopped.await) }).await;
        drop(serving);
        // Pending until the shutdown cancels it, because an earlier end would count as a failure.
        pending::<()>().await;
    });
    let mut failure = wait_for_stop(&messenger).await;
    if failure.is_none() && !drain_time.is_zero() {
        failure = drain(&messenger, drain_time).await;
    }
    drop(stop);
    // An accept loop that panicked has dropped its sender, too.
    let _ = tokio::join!(messenger.close_sockets(SOCKET_TIMEOUT), served);
    messenger.close().await;
    failure.map_or(Ok(()), |failure| Err(io::Error::other(failure)))
}

/// Lets a balancer take the server out, then closes the sockets over this time. A second signal and the failure of an
/// essential task end it at once.
async fn drain(messenger: &Messenger, over: Duration) -> Option<TaskFailure> {
    tracing::info!(seconds = over.as_secs(), "draining; a second signal ends it at once");
    let draining = async {
        messenger.begin_leaving();
        sleep(UNHEALTHY_BEFORE_CLOSING).await;
        messenger.drain(over).await;
    };
    tokio::select! {
        // The handlers of the second signal are set before anybody sees that the first one arrived.
        biased;
        failure = wait_for_stop(messenger) => failure,
        () = draining => None,
    }
}

async fn wait_for_stop(messenger: &Messenger) -> Option<TaskFailure> {
    tokio::select! {
        () = wait_for_signal() => {
            tracing::info!("stopping");
            None
        }
        failure = messenger.supervisor().failure() => Some(failure),
    }
}

/// Serves until `stop` completes, then lets open requests finish for a moment.
pub async fn serve(listener: tokio::net::TcpListener, app: AppState, stop: impl Future<Output = ()>) {
    server::listener::serve(listener, app.proxies.clone(), router::app(app), stop).await;
}

/// Waits for SIGTERM or Ctrl-C.
pub(super) async fn wait_for_signal() {
    let interrupt = async {
        // Without a handler the signal ends the process, as by default.
        if signal::ctrl_c().await.is_err() {
            pending::<()>().await;
        }
    };
    tokio::select! {
        () = interrupt => {}
        () = terminate() => {}
    }
}

/// Raises the soft limit of open files to the hard limit: each connection needs one, and the usual soft limit is 1,024.
#[cfg(unix)]
pub(super) fn raise_file_limit() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    if limit.current != limit.maximum
        && let Err(error) = setrlimit(Resource::Nofile, raised)
    {
        tracing::warn!(%error, "cannot raise the limit of open files");
    }
}

#[cfg(not(unix))]
pub(super) fn raise_file_limit() {}

#[cfg(unix)]
async fn terminate() {
    match signal::unix::signal(signal::unix::SignalKind::terminate()) {
        Ok(mut signal) => drop(signal.recv().await),
        Err(_) => pending().await,
    }
}

#[cfg(not(unix))]
async fn terminate() {
    pending().await
}
