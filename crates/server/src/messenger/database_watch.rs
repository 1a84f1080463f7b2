//! Watches whether this node reaches its shared database. When it does not for some seconds, the node closes its sockets,
//! so that their clients go on at another node. It serves again as soon as the database answers.

use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::{hub::CloseReason, messenger::inner::Messenger};

const PERIOD: Duration = Duration::from_secs(1);
/// How long the database may be away before the sockets are closed: most restarts of it are shorter.
const LOST_AFTER: Duration = Duration::from_secs(5);
/// The time over which the sockets are closed.
const SPREAD: Duration = Duration::from_secs(5);

/// Closes the sockets once for each time that the database is lost.
pub(super) async fn watch_database(messenger: Messenger) {
    let (mut reached_at, mut is_cut_off) = (Instant::now(), false);
    loop {
        sleep(PERIOD).await;
        if messenger.0.store.is_reachable().await {
            if is_cut_off {
                tracing::info!("the database can be reached; this node serves again");
            }
            (reached_at, is_cut_off) = (Instant::now(), false);
        } else if !is_cut_off && reached_at.elapsed() >= LOST_AFTER {
            is_cut_off = true;
            let sockets = messenger.sockets();
            tracing::error!(sockets, "the database cannot be reached; the windows of this node are sent to others");
            tokio::select! {
                () = messenger.close_over(SPREAD, CloseReason::CutOff) => {}
                () = messenger.until_reachable() => {}
            }
        }
    }
}

impl Messenger {
    async fn until_reachable(&self) {
        while !self.0.store.is_reachable().await {
            sleep(PERIOD).await;
        }
    }
}
