//! Limits of open connections. File descriptors are scarce: connections without a sign-in are bounded, per network and
//! in total, and idle ones are evicted when a limit is reached.

use std::{collections::HashMap, net::IpAddr, sync::Arc, time::Instant};

use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::network::Network;

/// Open files that are reserved for the database, its backup and occasional files.
const KEPT_FREE: usize = 32;
/// The assumed limit of open files where the system reports none.
const FILES: usize = 1024;

/// The limits of open connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capacity {
    pub all: usize,
    /// Connections without a sign-in.
    pub anonymous: usize,
    /// Connections without a sign-in from one network.
    pub anonymous_per_network: usize,
}

impl Capacity {
    /// The share of the process's limit of open files that remains for connections.
    pub fn of_this_process() -> Self {
        Self::new(file_limit().saturating_sub(open_files() + KEPT_FREE))
    }

    fn new(all: usize) -> Self {
        let all = all.max(8);
        let anonymous = (all / 4).clamp(4, 2048);
        Self { all, anonymous, anonymous_per_network: (anonymous / 4).max(4) }
    }
}

#[cfg(unix)]
fn file_limit() -> usize {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX))
}

#[cfg(not(unix))]
fn file_limit() -> usize {
    FILES
}

fn open_files() -> usize {
    std::fs::read_dir("/proc/self/fd").map_or(FILES / 16, Iterator::count)
}

#[derive(Clone, Debug)]
pub struct Connections(Arc<ConnectionAdmission>);

#[derive(Debug)]
struct ConnectionAdmission {
    capacity: Capacity,
    state: Mutex<AdmittedConnections>,
}

/// The connections that are open, and what is known of each.
#[derive(Debug, Default)]
struct AdmittedConnections {
    next: u64,
    /// HTTP connections, silent ones included.
    http: HashMap<u64, HttpConnection>,
    /// Connections that were upgraded to WebSocket.
    sockets: usize,
}

#[derive(Debug)]
struct HttpConnection {
    /// `None` for a proxy, because many clients share its address.
    network: Option<Network>,
    is_anonymous: bool,
    is_busy: bool,
    /// When it became idle or busy.
    since: Instant,
    eviction: Arc<Notify>,
}

/// One HTTP connection, counted until it is dropped.
#[derive(Debug)]
pub struct AdmittedConnection {
    id: u64,
    connections: Connections,
    eviction: Arc<Notify>,
}

/// Marks the connection as answering a request until this is dropped.
pub struct Busy(Arc<AdmittedConnection>);

impl Connections {
    pub fn new(capacity: Capacity) -> Self {
        Self(Arc::new(ConnectionAdmission { capacity, state: Mutex::default() }))
    }

    /// Admits a connection; `None` when a limit is reached and no idle connection can be evicted.
    pub fn enter(&self, peer: IpAddr, is_proxy: bool) -> Option<Arc<AdmittedConnection>> {
        let network = (!is_proxy).then(|| Network::from(peer));
        let (id, eviction) = self.0.state.lock().enter(self.0.capacity, network, Instant::now())?;
        Some(Arc::new(AdmittedConnection { id, connections: self.clone(), eviction }))
    }

    /// Evicts the connection that has been idle longest, because the process has run out of file descriptors.
    pub fn evict_idle(&self) {
        self.0.state.lock().evict(|_| true);
    }
}

impl AdmittedConnections {
    fn enter(&mut self, capacity: Capacity, network: Option<Network>, now: Instant) -> Option<(u64, Arc<Notify>)> {
        let anonymous = self.http.values().filter(|connection| connection.is_anonymous);
        let (count, of_network) = anonymous.fold((0, 0), |(count, of_network), connection| {
            (count + 1, of_network + usize::from(network.is_some() && connection.network == network))
        });
        let is_free = if of_network >= capacity.anonymous_per_network {
            self.evict(|connection| connection.is_anonymous && connection.network == network)
        } else if count >= capacity.anonymous {
            let largest_network = self.largest_network();
            self.evict(|connection| connection.is_anonymous && connection.network == largest_network)
                || self.evict(|connection| connection.is_anonymous)
        } else if self.http.len() + self.sockets >= capacity.all {
            self.evict(|connection| connection.is_anonymous) || self.evict(|_| true)
        } else {
            true
        };
        is_free.then(|| self.admit(network, now))
    }

    fn admit(&mut self, network: Option<Network>, now: Instant) -> (u64, Arc<Notify>) {
        let (id, eviction) = (self.next, Arc::<Notify>::default());
        self.next += 1;
        let connection =
            HttpConnection { network, is_anonymous: true, is_busy: false, since: now, eviction: eviction.clone() };
        self.http.insert(id, connection);
        (id, eviction)
    }

    /// The network with the most anonymous connections.
    fn largest_network(&self) -> Option<Network> {
        let mut counts: HashMap<Option<Network>, usize> = HashMap::new();
        for connection in self.http.values().filter(|connection| connection.is_anonymous) {
            *counts.entry(connection.network).or_default() += 1;
        }
        counts.into_iter().max_by_key(|(_, count)| *count).and_then(|(network, _)| network)
    }

    /// Evicts the matching connection that has been idle longest. Its place is free at once. Its file closes a moment
    /// later; the reserve covers that.
    fn evict(&mut self, matches: impl Fn(&HttpConnection) -> bool) -> bool {
        let waiting = self.http.iter().filter(|(_, connection)| !connection.is_busy && matches(connection));
        let Some(id) = waiting.min_by_key(|(_, connection)| connection.since).map(|(id, _)| *id) else { return false };
        if let Some(connection) = self.http.remove(&id) {
            connection.eviction.notify_one();
        }
        true
    }
}

impl AdmittedConnection {
    /// Completes when the connection is evicted.
    pub async fn evicted(&self) {
        self.eviction.notified().await;
    }

    /// A request of a signed-in user has arrived.
    pub fn mark_signed_in(&self) {
        self.change(|connection| connection.is_anonymous = false);
    }

    pub fn busy(self: &Arc<Self>) -> Busy {
        self.change(|connection| (connection.is_busy, connection.since) = (true, Instant::now()));
        Busy(self.clone())
    }

    /// Counts the connection as a WebSocket, which the hub limits and closes.
    pub fn into_socket(self: Arc<Self>) -> AdmittedSocket {
        let mut state = self.connections.0.state.lock();
        state.http.remove(&self.id);
        state.sockets += 1;
        AdmittedSocket(self.connections.clone())
    }

    fn change(&self, change: impl FnOnce(&mut HttpConnection)) {
        self.connections.0.state.lock().http.get_mut(&self.id).map(change);
    }
}

impl Drop for AdmittedConnection {
    fn drop(&mut self) {
        self.connections.0.state.lock().http.remove(&self.id);
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.change(|connection| (connection.is_busy, connection.since) = (false, Instant::now()));
    }
}

/// One WebSocket, counted until it is dropped.
pub struct AdmittedSocket(Connections);

impl Drop for AdmittedSocket {
    fn drop(&mut self) {
        self.0.0.state.lock().sockets -= 1;
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    const ROOM: Capacity = Capacity { all: 8, anonymous: 4, anonymous_per_network: 2 };

    fn from(last: u8) -> IpAddr {
        IpAddr::from([198, 51, 100, last])
    }

    fn is_evicted(admitted: &AdmittedConnection) -> bool {
        admitted.evicted().now_or_never().is_some()
    }

    #[test]
    fn a_new_connection_evicts_the_oldest_idle_one_of_its_network() {
        let connections = Connections::new(ROOM);
        let (other, first) = (connections.enter(from(1), false).unwrap(), connections.enter(from(2), false).unwrap());
        let second = connections.enter(from(2), false).unwrap();
        let third = connections.enter(from(2), false).unwrap();
        assert!(is_evicted(&first) && !is_evicted(&second) && !is_evicted(&third) && !is_evicted(&other));
    }

    #[test]
    fn at_the_limit_the_largest_network_is_evicted_from() {
        let connections = Connections::new(ROOM);
        let admitted: Vec<_> = [1, 2, 2, 3].map(|last| connections.enter(from(last), false).unwrap()).into();
        let new = connections.enter(from(4), false).unwrap();
        assert_eq!(
            admitted.iter().map(|admitted| is_evicted(admitted)).collect::<Vec<_>>(),
            [false, true, false, false]
        );
        assert!(!is_evicted(&new));
    }

    #[test]
    fn a_proxy_may_open_many_connections() {
        let connections = Connections::new(ROOM);
        let admitted: Vec<_> = (0..4).map(|_| connections.enter(from(1), true).unwrap()).collect();
        assert!(admitted.iter().all(|admitted| !is_evicted(admitted)));
    }

    #[test]
    fn busy_and_signed_in_connections_are_not_evicted_for_an_anonymous_one() {
        let connections = Connections::new(ROOM);
        let answered = [1, 2, 3, 4].map(|last| connections.enter(from(last), false).unwrap().busy());
        assert!(connections.enter(from(5), false).is_none(), "every anonymous connection is busy");
        drop(answered);
        let known: Vec<_> = (0..8)
            .map_while(|_| connections.enter(from(1), false))
            .inspect(|admitted| admitted.mark_signed_in())
            .collect();
        assert_eq!(known.len(), 8, "the limits of anonymous connections do not count for them");
        assert!(known.iter().all(|admitted| !is_evicted(admitted)));
    }

    #[test]
    fn sockets_are_not_evicted_and_their_places_are_reused() {
        let connections = Connections::new(ROOM);
        let mut sockets: Vec<_> = (0..8).map(|n| connections.enter(from(n), false).unwrap().into_socket()).collect();
        assert!(connections.enter(from(9), false).is_none());
        sockets.pop();
        assert!(connections.enter(from(9), false).is_some());
    }

    #[test]
    fn the_capacity_has_a_lower_and_an_upper_bound() {
        assert_eq!(Capacity::new(0), Capacity { all: 8, anonymous: 4, anonymous_per_network: 4 });
        assert_eq!(Capacity::new(1_000_000).anonymous, 2048);
        let capacity = Capacity::of_this_process();
        assert!(capacity.all > 8 && capacity.anonymous <= capacity.all / 4 + 4, "{capacity:?}");
    }
}
