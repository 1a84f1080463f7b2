//! People on demand: what the main windows of a large organisation receive, and the answers to what they ask. No answer
//! costs more in a larger organisation, except for the search, which reads the memory of the whole directory.

use std::collections::HashSet;

use crate::{
    hub::{FirstInterests, LobbyHandle},
    messenger::{
        actor::Actor,
        departments::{DepartmentNumber, ROOT},
        directory::{Directory, presence},
        inner::Messenger,
        listed_users::ListedUsers,
        policy::Result,
        services::People,
    },
    model::{Account, DepartmentPage, FoundPeople},
    text,
};
use protocol::{
    cursor::Cursor,
    error::Refusal,
    ids::{RoomId, UserId},
    limit::{PAGE_PEOPLE, QUERY_CHARS, SHOWN_DEPARTMENTS, WATCHED, WATCHED_DEPARTMENTS},
    lobby_socket::LobbySnapshot,
    people::{DepartmentCount, PeopleCount, WatchedPresence},
    user::User,
};

/// The answer to `watch`.
#[derive(Debug)]
pub struct WatchAnswer {
    /// Users whom the window did not watch before, and whose accounts changed since the connection began.
    pub changed: Vec<User>,
    /// The cursor with which the connection began.
    pub began_at: Cursor,
    pub presence: WatchedPresence,
}

impl People<'_> {
    /// The content of the actor's main window in a large organisation. A window receives what follows from now on.
    pub(super) async fn large_lobby(
        self,
        actor: Actor,
        resume_from: Option<Cursor>,
        window: Option<&LobbyHandle>,
    ) -> Result<LobbySnapshot> {
        let log = &self.0.0.user_log;
        let cursor = log.cursor();
        let resumed_from = resume_from.filter(|cursor| log.changed_of(&[], *cursor).is_some());
        let stored = self.0.stored_lobby(actor.user).await?;
        let listed = ListedUsers::of(actor.user, &stored, &self.0.directory());
        // Before the accounts are read: a change in between is sent twice instead of being lost.
        if let Some(window) = window {
            window.begin(listed.first_interests(resumed_from.unwrap_or(cursor)));
        }
        let directory = self.0.directory();
        let mut users = listed.in_order(&directory);
        let is_in_room = stored.rooms.iter().flat_map(|room| &room.others).copied().collect::<HashSet<UserId>>();
        match resumed_from.and_then(|cursor| log.changed_of(&users, cursor)) {
            Some(changed) => users = changed,
            None => users.retain(|user| is_in_room.contains(user) || is_enabled(&directory, *user)),
        }
        let users = self.0.users(&directory, &users);
        let snapshot = stored.into_snapshot(actor.user, (cursor, resumed_from), users);
        Ok(LobbySnapshot { people: Some(self.count(actor.user)), ..snapshot })
    }

    /// The users whom the list of a legacy client shows in a large organisation: the actor's department, favourites and
    /// partners. The window watches them. `None` for all users.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn legacy_list(self, actor: Actor, window: &LobbyHandle) -> Result<Option<Vec<UserId>>> {
        if !self.0.is_large() {
            return Ok(None);
        }
        let mut stored = self.0.stored_lobby(actor.user).await?;
        stored.rooms.retain(|room| !room.is_group);
        let directory = self.0.directory();
        let listed = ListedUsers::of(actor.user, &stored, &directory).in_order(&directory);
        let (watched, began_at) = (listed.clone(), self.0.0.user_log.cursor());
        window.begin(FirstInterests { began_at, listed: watched.clone(), watched });
        Ok(Some(listed))
    }

    /// Those of these users who are online.
    pub fn online_of(self, users: &[UserId]) -> Vec<UserId> {
        let activities = self.0.0.hub.activities(users);
        users.iter().zip(activities).filter(|(_, activity)| activity.is_some()).map(|(user, _)| *user).collect()
    }

    /// The users whom the actor's main window lists in a large organisation, without disabled accounts, in the order of
    /// the address book.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub(super) async fn suggested(self, actor: Actor) -> Result<Vec<User>> {
        let (stored, directory) = (self.0.stored_lobby(actor.user).await?, self.0.directory());
        let mut users = ListedUsers::of(actor.user, &stored, &directory).in_order(&directory);
        users.retain(|user| is_enabled(&directory, *user));
        Ok(self.0.users(&directory, &users))
    }

    /// The size of the organisation, and the tree that a user sees at first: what is below the departments on the path
    /// of their own.
    fn count(self, user: UserId) -> PeopleCount {
        let directory = self.0.directory();
        let DepartmentCount { people, online, .. } = self.0.count(&directory, "", ROOT);
        let account = directory.account(user);
        let open = account.map_or_else(|| vec![ROOT], |account| directory.departments().lineage(account));
        let departments = open.into_iter().flat_map(|number| self.shown_below(&directory, number)).collect();
        PeopleCount { count: people, online, departments }
    }

    /// The departments directly below one; none if there are too many for a `welcome`.
    fn shown_below(self, directory: &Directory, number: DepartmentNumber) -> Vec<DepartmentCount> {
        let below: Vec<_> = directory.departments().below(number).take(SHOWN_DEPARTMENTS + 1).collect();
        if below.len() > SHOWN_DEPARTMENTS {
            return Vec::new();
        }
        below.into_iter().filter_map(|path| self.0.known_count(directory, path)).collect()
    }

    /// Replaces the users and departments that a main window watches. Those that do not exist are ignored.
    ///
    /// # Errors
    /// [`Refusal::TooMany`].
    pub fn watch(self, window: &LobbyHandle, users: Vec<UserId>, mut departments: Vec<String>) -> Result<WatchAnswer> {
        if users.len() > WATCHED || departments.len() > WATCHED_DEPARTMENTS {
            return Err(Refusal::TooMany);
        }
        let directory = self.0.directory();
        let users: Vec<UserId> = users.into_iter().filter(|user| directory.account(*user).is_some()).collect();
        departments.retain(|path| directory.departments().number_of(path).is_some());
        // The state is read after the window watches: a change in between is sent twice instead of being lost.
        let watching = window.watch(users.clone(), departments.clone());
        let began_at = watching.as_ref().map(|(_, began_at)| *began_at);
        let log = &self.0.0.user_log;
        let changed = watching.and_then(|(added, began_at)| log.changed_of(&added, began_at)).unwrap_or_default();
        let directory = self.0.directory();
        let departments = self.0.counts(&directory, &departments);
        Ok(WatchAnswer {
            changed: self.0.users(&directory, &changed),
            began_at: began_at.unwrap_or_else(|| log.beginning()),
            presence: WatchedPresence { departments, ..self.presence_of(&users) },
        })
    }

    /// The presence of these users, each once.
    pub(super) fn presence_of(self, users: &[UserId]) -> WatchedPresence {
        let (directory, activities) = (self.0.directory(), self.0.0.hub.activities(users));
        let (mut watched, mut known) = (WatchedPresence::default(), HashSet::new());
        for (user, activity) in users.iter().zip(activities).filter(|(user, _)| known.insert(**user)) {
            let account = directory.account(*user);
            account.into_iter().for_each(|account| watched.add(*user, presence(account, activity)));
        }
        watched
    }

    /// A page of a department: from its beginning, or after one of its users.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for a department without users, and for a user who does not exist.
    pub fn department(self, path: &str, after: Option<UserId>) -> Result<DepartmentPage> {
        let directory = self.0.directory();
        let departments = directory.departments();
        let number = departments.number_of(path).filter(|number| *number == ROOT || departments.people(path) > 0);
        let number = number.ok_or(Refusal::NotFound)?;
        let after = after.map(|user| known(&directory, user)).transpose()?;
        let start = after.and_then(|account| Some((account, directory.name_sort_key(account.id)?)));
        let mut users: Vec<UserId> = departments.members(number, start).take(PAGE_PEOPLE + 1).collect();
        let has_more = users.len() > PAGE_PEOPLE;
        users.truncate(PAGE_PEOPLE);
        let below = departments.below(number).filter(|_| after.is_none());
        Ok(DepartmentPage {
            count: self.0.count(&directory, path, number),
            departments: below.filter_map(|path| self.0.known_count(&directory, path)).collect(),
            after: users.last().copied().filter(|_| has_more),
            users: self.0.users(&directory, &users),
        })
    }

    /// A page of the users who match a query: from the first one, or after one of them. With `outside`, only users who
    /// are not members of that room of the actor.
    ///
    /// # Errors
    /// [`Refusal::InvalidQuery`] when the query is empty or too long; [`Refusal::NotFound`] for a room that the actor is
    /// not a member of, and for an `after` that does not exist.
    pub async fn find(
        self,
        actor: Actor,
        query: String,
        outside: Option<RoomId>,
        after: Option<UserId>,
    ) -> Result<FoundPeople> {
        if !text::is_visible(&query) || query.chars().count() > QUERY_CHARS {
            return Err(Refusal::InvalidQuery);
        }
        let members = match outside {
            Some(room) => self.0.rooms().members(actor, room).await?,
            None => Vec::new(),
        };
        let members: HashSet<UserId> =
            members.iter().filter(|member| !member.has_left).map(|member| member.id).collect();
        let directory = self.0.directory();
        after.map(|user| known(&directory, user).map(|_| ())).transpose()?;
        let searched = {
            let (directory, query) = (directory.clone(), query.clone());
            // A large directory takes too long for a thread that serves connections.
            tokio::task::spawn_blocking(move || {
                let after = after.and_then(|user| directory.account(user));
                directory.find(&query, after, |user| !members.contains(&user))
            })
        };
        let found = searched.await.map_err(|_| Refusal::Unavailable)?;
        let after = found.users.last().copied().filter(|_| found.has_more);
        Ok(FoundPeople { users: self.0.users(&directory, &found.users), query, after })
    }

    /// These users as they are now, without unknown ids, and the cursor with which the window's connection began.
    ///
    /// # Errors
    /// [`Refusal::TooMany`].
    pub fn by_id(self, window: &LobbyHandle, users: &[UserId]) -> Result<(Vec<User>, Cursor)> {
        if users.len() > WATCHED {
            return Err(Refusal::TooMany);
        }
        let began_at = window.began_at().unwrap_or_else(|| self.0.0.user_log.beginning());
        Ok((self.0.users(&self.0.directory(), users), began_at))
    }
}

impl Messenger {
    /// These users as others see them, in this order, without unknown ids.
    pub(super) fn users(&self, directory: &Directory, users: &[UserId]) -> Vec<User> {
        let seen = users.iter().zip(self.0.hub.activities(users));
        seen.filter_map(|(user, activity)| Some(directory.user(directory.account(*user)?, activity))).collect()
    }

    /// The sizes of departments and of those directly below them, each once.
    fn counts(&self, directory: &Directory, paths: &[String]) -> Vec<DepartmentCount> {
        let departments = directory.departments();
        let mut known = HashSet::new();
        let each = paths.iter().filter_map(|path| Some((path.as_str(), departments.number_of(path)?)));
        let all =
            each.flat_map(|(path, number)| std::iter::once(path).chain(departments.below(number).map(AsRef::as_ref)));
        all.filter(|path| known.insert(*path)).filter_map(|path| self.known_count(directory, path)).collect()
    }

    fn known_count(&self, directory: &Directory, path: &str) -> Option<DepartmentCount> {
        directory.departments().number_of(path).map(|number| self.count(directory, path, number))
    }

    /// The size of a department with all those below it.
    pub(super) fn count(&self, directory: &Directory, path: &str, number: DepartmentNumber) -> DepartmentCount {
        let (people, online) = (directory.departments().people(path), self.0.online_counts.lock().of(number));
        DepartmentCount { path: path.to_owned(), people, online: online.min(people) }
    }
}

fn known(directory: &Directory, user: UserId) -> Result<&Account> {
    directory.account(user).ok_or(Refusal::NotFound)
}

fn is_enabled(directory: &Directory, user: UserId) -> bool {
    directory.account(user).is_some_and(|account| !account.disabled)
}
