//! The cost of an idle connection, and its growth: windows of a room and of the lobby, of `BENCH_PEOPLE` users.

use std::{io, path::Path, time::Duration};

use futures::{StreamExt, stream};
use tokio::{
    task::spawn_local,
    time::{sleep, timeout},
};

use crate::{
    peer,
    peer_client::{WELCOME, own},
    settings::{most_connections, numbers},
    table::{Table, cell},
};

const COLUMNS: [&str; 3] = ["window", "connections", "KiB a connection"];
/// Connections opened concurrently.
const AT_ONCE: usize = 32;
/// The pause before the server's memory is read.
const SETTLE: Duration = Duration::from_secs(5);
/// The time limit for all connections.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(240);

/// Writes a row for every number of connections and kind of window.
///
/// # Errors
/// When the rows cannot be written.
pub(crate) async fn measure(out: &Path, machine: &[String], sizes: &str) -> io::Result<()> {
    let mut table = Table::begin(out, "idle", machine, &COLUMNS)?;
    let most = most_connections();
    for size in numbers("BENCH_SIZES", sizes).into_iter().filter(|size| *size <= most) {
        for is_list in [false, true] {
            let window = if is_list { "list of people" } else { "conversation" };
            let which = [window.to_owned(), size.to_string()];
            match timeout(CONNECT_TIMEOUT, each(size, is_list)).await {
                Ok(Ok(kib)) => table.row(&which.into_iter().chain([cell(kib)]).collect::<Vec<_>>())?,
                Ok(Err(error)) => table.without(&which, &error.to_string())?,
                Err(_) => {
                    table.without(&which, &format!("not all were connected after {} s", CONNECT_TIMEOUT.as_secs()))?
                }
            }
        }
    }
    Ok(())
}

/// KiB of resident memory a connection.
async fn each(connections: usize, is_list: bool) -> io::Result<f64> {
    let (process, people, _directory) = peer::group_of(connections).await?;
    let path = if is_list { "/usersServerEndpoint".to_owned() } else { format!("/chat/{}", people.group) };
    // The first connection bears one-time costs of the server.
    let mut first = own(&process.address, &path, &people, 0).await?;
    first.until(WELCOME).await?;
    spawn_local(async move { while first.receive(|_| {}).await.is_ok() {} });
    let before = process.resident();
    let opening = stream::iter(1..=connections).map(|number| {
        let (people, path, address) = (&people, &path, &process.address);
        async move {
            let mut wire = own(address, path, people, number).await?;
            wire.until(WELCOME).await?;
            // Keep reading, because unread frames would stay in the server's memory.
            spawn_local(async move { while wire.receive(|_| {}).await.is_ok() {} });
            io::Result::Ok(())
        }
    });
    opening.buffer_unordered(AT_ONCE).collect::<Vec<_>>().await.into_iter().collect::<io::Result<()>>()?;
    sleep(SETTLE).await;
    Ok(process.resident().saturating_sub(before) as f64 / connections as f64)
}
