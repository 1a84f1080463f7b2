//! What the client knows of the organisation, and how events change it.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::state::{
    address_book::SEPARATOR,
    lobby::Lobby,
    notice::Notice,
    organisation::{
        branch::{Branch, BranchPage, BranchState, NextPage},
        found::{FindContext, PeopleHits},
        watched::WatchedSet,
    },
};
use protocol::{
    ids::UserId,
    limit::WATCHED,
    lobby_socket::{LobbyCommand, LobbyEvent},
    people::{DepartmentCount, WatchedPresence},
    user::{Presence, User},
};

/// The path of the whole organisation. Its own users are those without a department.
pub(super) const ROOT: &str = "";
/// Known users that a search lists before the server's.
const KNOWN: usize = 100;
const KNOWN_IN_PALETTE: usize = 6;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Organisation {
    /// The department of the user; empty without one.
    pub(super) own: String,
    pub(super) counts: HashMap<String, DepartmentCount>,
    pub(super) branches: BTreeMap<String, Branch>,
    searches: [PeopleHits; 3],
    /// The last `watch` on this connection.
    pub(super) watched: Option<WatchedSet>,
    /// Users who were asked for by their ids on this connection.
    asked: HashSet<UserId>,
    /// Users who are known from an earlier connection only. A delta does not contain their changes.
    stale: HashSet<UserId>,
}

impl Organisation {
    /// From a snapshot. It contains users of the own department, and all of them if they fit into one page.
    pub fn new(lobby: &Lobby) -> Self {
        let mut organisation = Self { own: own_department(lobby), ..Self::default() };
        organisation.read_snapshot(lobby);
        organisation
    }

    fn read_snapshot(&mut self, lobby: &Lobby) {
        self.own = own_department(lobby);
        let own = self.own.clone();
        self.read_tree(lobby);
        for (end, _) in own.match_indices(SEPARATOR).chain([(own.len(), "")]).filter(|_| !own.is_empty()) {
            let above = self.branches.entry(parent(&own[..end]).to_owned()).or_default();
            above.list(&own[..end]);
        }
        let of_own = own_people(lobby, &own);
        self.branches.entry(own).or_default().people = of_own;
    }

    /// Reads the part of the tree that a snapshot or a delta contains, parents before children.
    fn read_tree(&mut self, lobby: &Lobby) {
        let Some(people) = &lobby.people else { return };
        let (path, count, online) = (ROOT.to_owned(), people.count, people.online);
        self.counts.insert(ROOT.to_owned(), DepartmentCount { path, people: count, online });
        let mut read = HashSet::new();
        for count in &people.departments {
            let above = self.branches.entry(parent(&count.path).to_owned()).or_default();
            if read.insert(parent(&count.path)) {
                (above.departments, above.knows_departments) = (Vec::new(), true);
            }
            above.list(&count.path);
            // Without users there is nothing else to ask again.
            above.is_outdated &= !above.people.is_empty();
            self.counts.insert(count.path.clone(), count.clone());
        }
    }

    /// Applies an event to the lobby and to the organisation; returns the resulting notices.
    pub fn apply(&mut self, lobby: &mut Lobby, event: LobbyEvent) -> Vec<Notice> {
        match event {
            LobbyEvent::Welcome(snapshot) => {
                let is_delta = snapshot.resumed_from.is_some();
                let notices = lobby.apply(LobbyEvent::Welcome(snapshot));
                self.reconnect(lobby, is_delta);
                return notices;
            }
            LobbyEvent::Presence(presence) => self.apply_presence(lobby, presence),
            LobbyEvent::Department { path, people, online, departments, users, after } => {
                let count = DepartmentCount { path: path.clone(), people, online };
                let page = BranchPage { departments: paths(&departments), people: ids(&users), after };
                departments.into_iter().chain([count]).for_each(|count| self.count(lobby, count));
                self.add_known(lobby, users);
                self.branches.entry(path).or_default().add(page);
            }
            LobbyEvent::PeopleFound { query, users, after } => {
                let found = ids(&users);
                self.add_known(lobby, users);
                // Answers come in the order of the questions: the first one is for whoever waits for this query.
                let _ = self.searches.iter_mut().any(|search| search.add(&query, &found, after));
            }
            LobbyEvent::UsersChanged { users, cursor } => {
                users.iter().for_each(|user| self.follow(user));
                return lobby.apply(LobbyEvent::UsersChanged { users, cursor });
            }
            event => {
                if matches!(event, LobbyEvent::Refused { id: None, .. }) {
                    self.fail_awaited();
                }
                return lobby.apply(event);
            }
        }
        Vec::new()
    }

    fn apply_presence(&mut self, lobby: &mut Lobby, presence: WatchedPresence) {
        let groups = [
            (Presence::Online, &presence.online),
            (Presence::Idle, &presence.idle),
            (Presence::Busy, &presence.busy),
            (Presence::Offline, &presence.offline),
            (Presence::Disabled, &presence.disabled),
        ];
        groups.into_iter().for_each(|(presence, users)| lobby.set_presence(users, presence));
        presence.departments.into_iter().for_each(|count| self.count(lobby, count));
    }

    /// Users as they are now.
    fn add_known(&mut self, lobby: &mut Lobby, users: Vec<User>) {
        for user in &users {
            self.stale.remove(&user.id);
        }
        lobby.add_users(users);
    }

    /// The size of a department. That of the whole organisation is also in the lobby.
    fn count(&mut self, lobby: &mut Lobby, count: DepartmentCount) {
        if count.path == ROOT
            && let Some(people) = &mut lobby.people
        {
            (people.count, people.online) = (count.people, count.online);
        }
        let above = self.branches.get_mut(parent(&count.path)).filter(|_| count.path != ROOT);
        if let Some(above) = above
            && above.knows_departments
            && !above.is_outdated
            && !above.departments.contains(&count.path)
        {
            // Only the answer says where a new department belongs.
            above.restart();
        }
        self.counts.insert(count.path.clone(), count);
    }

    /// After a new connection everything on demand is asked again. What is known stays until the answers.
    fn reconnect(&mut self, lobby: &Lobby, is_delta: bool) {
        self.branches.values_mut().for_each(Branch::restart_lost);
        // Snapshots and deltas contain the users of the own department.
        self.branches.entry(self.own.clone()).or_default().is_outdated = false;
        self.searches.iter_mut().for_each(PeopleHits::restart);
        self.asked.clear();
        self.watched = None;
        self.stale = lobby.users_on_demand();
        if is_delta {
            self.read_tree(lobby);
        } else {
            self.read_snapshot(lobby);
        }
    }

    /// A user is new, changed or disabled: they may have left a department, or come into one.
    fn follow(&mut self, user: &User) {
        self.stale.remove(&user.id);
        let is_gone = user.presence == Presence::Disabled;
        let department = user.profile.department.as_deref().unwrap_or(ROOT);
        for (path, branch) in &mut self.branches {
            let is_of = path == department && !is_gone;
            let is_listed = branch.people.contains(&user.id);
            if is_listed && !is_of {
                branch.people.retain(|known| *known != user.id);
            }
            if !is_listed && is_of && branch.next == NextPage::Nothing {
                branch.restart();
            } else if !is_listed && is_of && *path == self.own {
                branch.people.push(user.id);
            }
        }
    }

    /// Marks all pending requests as failed.
    pub fn fail_awaited(&mut self) {
        self.branches.values_mut().for_each(Branch::fail);
        self.searches.iter_mut().for_each(PeopleHits::fail);
    }

    /// Whether there are no departments.
    pub fn is_flat(&self) -> bool {
        self.branches.get(ROOT).is_none_or(|root| root.departments.is_empty())
    }

    /// Whether an answer is awaited.
    pub fn is_waiting(&self) -> bool {
        self.branches.values().any(|branch| branch.state == BranchState::Waiting)
            || self.searches.iter().any(PeopleHits::is_waiting)
    }

    /// Asks for a department again after a failure.
    pub fn retry(&mut self, path: &str) {
        self.branches.entry(path.to_owned()).or_default().retry();
    }

    /// The number of users of the department itself; `None` while it is unknown. When all users of the department and
    /// below it are its own, there is nothing below it.
    pub(super) fn own_size(&self, path: &str) -> Option<usize> {
        let (branch, count) = (self.branches.get(path)?, self.counts.get(path)?);
        let (people, known) = (count.people as usize, branch.people.len());
        if !branch.knows_departments {
            return (people <= known).then_some(known);
        }
        let below = branch.departments.iter().filter_map(|path| self.counts.get(path));
        let below: usize = below.map(|count| count.people as usize).sum();
        Some(people.saturating_sub(below))
    }

    /// The command for the first page of an open department. A department is asked for after the one above it, whose
    /// answer says whether the snapshot already contains everybody in it.
    pub fn ask_open(&mut self, path: &str) -> Option<LobbyCommand> {
        self.counts.get(path)?;
        let own_size = self.own_size(path);
        let branch = self.branches.entry(path.to_owned()).or_default();
        let is_known = own_size.is_some_and(|size| branch.people.len() >= size);
        if branch.next == NextPage::First && (branch.is_outdated || !is_known) { branch.ask(path) } else { None }
    }

    /// The command for the next page of a department.
    pub fn ask_more(&mut self, path: &str) -> Option<LobbyCommand> {
        self.branches.get_mut(path)?.ask(path)
    }

    /// Starts the search of a context; the same query continues. Without a connection only known users are found.
    /// Returns the query without spaces around it.
    pub fn find(&mut self, context: FindContext, query: &str, lobby: &Lobby) -> String {
        // The palette has few rows: the server's must not be behind too many.
        let known = if context == FindContext::Palette { KNOWN_IN_PALETTE } else { KNOWN };
        self.searches[context as usize].start(query, |query| lobby.found(query, known));
        self.query(context).to_owned()
    }

    pub fn query(&self, context: FindContext) -> &str {
        &self.searches[context as usize].query
    }

    /// The command for the first page of a search, once.
    pub fn ask_found(&mut self, context: FindContext) -> Option<LobbyCommand> {
        self.searches[context as usize].ask()
    }

    /// The command for the next page of a search.
    pub fn ask_more_found(&mut self, context: FindContext) -> Option<LobbyCommand> {
        self.searches[context as usize].ask_more()
    }

    /// The users found so far: first the known ones, then the server's.
    pub fn found(&self, context: FindContext) -> &[UserId] {
        &self.searches[context as usize].rows
    }

    pub fn is_searching(&self, context: FindContext) -> bool {
        self.searches[context as usize].is_searching()
    }

    pub fn has_more_found(&self, context: FindContext) -> bool {
        self.searches[context as usize].has_more()
    }

    /// The command for users whom the lobby names and does not know, and for drawn ones who are stale; each is asked for
    /// once a connection.
    pub fn ask_names(&mut self, lobby: &Lobby, drawn: &[UserId]) -> Option<LobbyCommand> {
        let stale = drawn.iter().copied().filter(|user| self.stale.contains(user));
        let wanted = lobby.unknown_users().into_iter().chain(stale).filter(|user| !self.asked.contains(user));
        let users: Vec<UserId> = wanted.take(WATCHED).collect();
        self.asked.extend(&users);
        (!users.is_empty()).then_some(LobbyCommand::People { users })
    }
}

fn paths(departments: &[DepartmentCount]) -> Vec<String> {
    departments.iter().map(|below| below.path.clone()).collect()
}

fn ids(users: &[User]) -> Vec<UserId> {
    users.iter().map(|user| user.id).collect()
}

/// The path of the department above.
pub(super) fn parent(path: &str) -> &str {
    path.rsplit_once(SEPARATOR).map_or(ROOT, |(parent, _)| parent)
}

fn own_department(lobby: &Lobby) -> String {
    lobby.user(lobby.me).and_then(|me| me.profile.department.clone()).unwrap_or_default()
}

/// The known users of a department in the server's order: those with a rank first.
fn own_people(lobby: &Lobby, path: &str) -> Vec<UserId> {
    let is_own = |user: &&User| user.profile.department.as_deref().unwrap_or(ROOT) == path;
    let mut users: Vec<&User> = lobby.users().filter(is_own).collect();
    users.sort_by_key(|user| user.profile.order.unwrap_or(u32::MAX));
    users.into_iter().map(|user| user.id).collect()
}
