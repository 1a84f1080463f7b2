//! Connections to the server that has the database.

use std::{io::ErrorKind, str::FromStr, time::Duration};

use futures::{FutureExt, future::BoxFuture};
use sqlx::{
    ConnectOptions, Connection, PgConnection, PgPool,
    pool::PoolConnectionMetadata,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tokio::time::timeout;

use crate::{
    model::{DatabaseUrl, Fault, SharedFault},
    store::postgres::tls,
};

/// How long the server may take to answer a new connection.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// A connection of a pool that was not used for this long is tested before its next use.
const TESTED_AFTER: Duration = Duration::from_secs(1);
/// How long the test may take: the pool tries the next connection then, within [`CONNECT_TIMEOUT`] in all.
const TEST_TIMEOUT: Duration = Duration::from_millis(800);
/// How long the server may take to answer a statement. Later the connection counts as lost: a network that drops every
/// byte would otherwise keep the caller waiting for a quarter of an hour. A statement that the server cancels is
/// answered before.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(12);
/// A write that waits longer for another node's lock is refused.
const LOCK_TIMEOUT: &str = "2s";
/// A statement that runs longer is cancelled. The wait of a COMMIT for a standby does not count.
const STATEMENT_TIMEOUT: &str = "10s";
/// A transaction of a process that hangs is rolled back: it holds the locks of rooms. A post of another node that waits
/// for one of them is stored within three seconds.
const IDLE_TIMEOUT: &str = "2500ms";
/// How long a node waits while another one moves the same bytes: the time to send a file to a bucket.
pub(crate) const LOCK_WAIT: Duration = Duration::from_secs(30);
/// The locks of a machine that is gone end after some ten seconds.
const KEEPALIVE: [(&str, &str); 3] =
    [("tcp_keepalives_idle", "5"), ("tcp_keepalives_interval", "2"), ("tcp_keepalives_count", "3")];
/// As the search's time limit.
const SEARCH_TIMEOUT: &str = "2s";

/// PostgreSQL plans each statement once for a connection. By default it would plan a statement with array parameters at
/// each execution, which takes longer than the execution.
const PLAN_ONCE: (&str, &str) = ("plan_cache_mode", "force_generic_plan");

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Write,
    Read,
    Search,
    /// A transaction that is open as long as its node moves bytes.
    Lock,
    /// A command that reads or copies all rows.
    Whole,
}

/// The options in a URL.
///
/// # Errors
/// [`SharedFault::NotAUrl`]; if it says something wrong about TLS, or names files that cannot be used.
pub(crate) fn options(url: &DatabaseUrl, purpose: Purpose) -> Result<PgConnectOptions, Fault> {
    let is_url = ["postgres://", "postgresql://"].iter().any(|scheme| url.secret().starts_with(scheme));
    let refused = |cause| Fault::Shared { database: url.redacted(), cause };
    if is_url {
        tls::check_words(url).map_err(refused)?;
    }
    let parsed = PgConnectOptions::from_str(url.secret()).ok().filter(|_| is_url);
    // The error of the parser may repeat the password.
    let options = parsed.ok_or_else(|| refused(SharedFault::NotAUrl))?;
    let options = tls::with_tls(options, url)?.application_name("daehwa");
    Ok(match purpose {
        Purpose::Whole => options,
        Purpose::Search => options.options([("statement_timeout", SEARCH_TIMEOUT)]),
        Purpose::Read => options.options([
            ("statement_timeout", STATEMENT_TIMEOUT),
            // Attempts are counted here, too.
            ("default_transaction_isolation", "read committed"),
            PLAN_ONCE,
        ]),
        // A node that hangs keeps its lock: it may go on moving bytes at any time.
        Purpose::Lock => options.options(KEEPALIVE).options([
            ("statement_timeout", "0"),
            ("lock_timeout", &format!("{}s", LOCK_WAIT.as_secs())),
            ("idle_in_transaction_session_timeout", "0"),
            ("default_transaction_isolation", "read committed"),
        ]),
        Purpose::Write => options.options(KEEPALIVE).options([
            ("statement_timeout", STATEMENT_TIMEOUT),
            ("lock_timeout", LOCK_TIMEOUT),
            ("idle_in_transaction_session_timeout", IDLE_TIMEOUT),
            ("default_transaction_isolation", "read committed"),
            PLAN_ONCE,
        ]),
    })
}

pub(crate) async fn connect(options: &PgConnectOptions) -> sqlx::Result<PgConnection> {
    match timeout(CONNECT_TIMEOUT, options.connect()).await {
        Ok(connected) => connected,
        Err(_) => Err(sqlx::Error::PoolTimedOut),
    }
}

/// The answer of the server, or the error of a lost connection.
pub(crate) async fn answered<T>(answer: impl Future<Output = sqlx::Result<T>>) -> sqlx::Result<T> {
    answered_within(ANSWER_TIMEOUT, answer).await
}

/// As [`answered`], for a statement that may wait for a lock.
pub(crate) async fn answered_within<T>(
    limit: Duration,
    answer: impl Future<Output = sqlx::Result<T>>,
) -> sqlx::Result<T> {
    timeout(limit, answer).await.unwrap_or_else(|_| Err(sqlx::Error::Io(ErrorKind::TimedOut.into())))
}

/// As [`answered`] if it is limited.
pub(crate) async fn answered_if<T>(is_limited: bool, answer: impl Future<Output = sqlx::Result<T>>) -> sqlx::Result<T> {
    if is_limited { answered(answer).await } else { answer.await }
}

/// A pool that connects when it is asked for the first connection. A connection that was just used is not tested again:
/// that would double the round trips of most reads.
pub(crate) fn pool(options: PgConnectOptions, connections: u32) -> PgPool {
    let pool = PgPoolOptions::new().max_connections(connections).acquire_timeout(CONNECT_TIMEOUT);
    pool.test_before_acquire(false).before_acquire(tested).connect_lazy_with(options)
}

fn tested(connection: &mut PgConnection, of: PoolConnectionMetadata) -> BoxFuture<'_, sqlx::Result<bool>> {
    let tested = async move {
        if of.idle_for >= TESTED_AFTER {
            answered_within(TEST_TIMEOUT, connection.ping()).await?;
        }
        Ok(true)
    };
    tested.boxed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_ipv6_is_the_name_of_a_server_without_brackets() {
        let url: DatabaseUrl = "postgres://daehwa@[::1]:5433/chat".parse().unwrap();
        assert_eq!(options(&url, Purpose::Read).unwrap().get_host(), "::1");
    }
}
