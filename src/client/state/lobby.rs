//! Who is there and which conversations there are: a snapshot, then upserts.

use std::collections::{HashMap, HashSet};

use crate::{
    client::{platform, state::initials},
    protocol::{
        cursor::Cursor,
        ids::{RoomId, UserId},
        lobby::{Hit, LobbyCommand, LobbyEvent, LobbySnapshot},
        message::Message,
        room::Room,
        user::{Presence, User},
    },
};

#[derive(Clone, Debug, PartialEq)]
pub struct Lobby {
    pub me: UserId,
    /// How far people have been seen; a window that comes back asks for what came after.
    cursor: Cursor,
    users: HashMap<UserId, User>,
    rooms: HashMap<RoomId, Room>,
    favourites: HashSet<UserId>,
    /// Those who share their name with somebody.
    namesakes: HashSet<UserId>,
    /// Who was here when the list's order was held still; none while it follows.
    held: Option<HashSet<UserId>>,
    search: Option<Search>,
}

/// What is looked for in the messages, and what was found so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    pub query: String,
    /// Newest first; none before the first answer.
    pub hits: Option<Vec<Hit>>,
    /// What asks for the older ones.
    before: Option<u64>,
}

/// Something a person may want to be told of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// Somebody wants to talk.
    Invited { room: RoomId, by: UserId },
    /// Somebody wrote.
    Wrote { room: RoomId, by: UserId, body: String },
}

impl From<LobbySnapshot> for Lobby {
    fn from(snapshot: LobbySnapshot) -> Self {
        Self {
            me: snapshot.me,
            cursor: snapshot.cursor,
            namesakes: namesakes(&snapshot.users),
            users: snapshot.users.into_iter().map(|user| (user.id, user)).collect(),
            rooms: snapshot.rooms.into_iter().map(|room| (room.id, room)).collect(),
            favourites: snapshot.favourites.into_iter().collect(),
            held: None,
            search: None,
        }
    }
}

impl Lobby {
    /// Takes in what happened; gives back what the person may want to be told of.
    pub fn apply(&mut self, event: LobbyEvent) -> Vec<Notice> {
        match event {
            LobbyEvent::Welcome(snapshot) => {
                let is_partial = snapshot.since.is_some();
                let mut before = std::mem::replace(self, snapshot.into());
                self.search = before.search.take();
                self.held = before.held.take();
                if is_partial {
                    let changed = std::mem::replace(&mut self.users, std::mem::take(&mut before.users));
                    self.namesakes = std::mem::take(&mut before.namesakes);
                    self.take_users(changed.into_values().collect());
                }
                return self.rooms.values().filter_map(|room| before.news_of(room)).collect();
            }
            LobbyEvent::UsersChanged { users, cursor } => {
                self.take_users(users);
                self.cursor = cursor;
            }
            LobbyEvent::RoomChanged { room } => {
                let news = self.news_of(&room);
                self.rooms.insert(room.id, room);
                return news.into_iter().collect();
            }
            LobbyEvent::RoomGone { room } => drop(self.rooms.remove(&room)),
            LobbyEvent::Favourites { users } => self.favourites = users.into_iter().collect(),
            LobbyEvent::Found { query, hits, before } => self.take_found(query, hits, before),
            LobbyEvent::Invited { room, by } => return vec![Notice::Invited { room, by }],
            LobbyEvent::Entered { .. }
            | LobbyEvent::Delivered { .. }
            | LobbyEvent::Refused { .. }
            | LobbyEvent::Pong => {}
        }
        Vec::new()
    }

    fn take_users(&mut self, users: Vec<User>) {
        let is_named_anew = |user: &User| self.user(user.id).is_none_or(|known| known.name != user.name);
        let has_new_names = users.iter().any(is_named_anew);
        self.users.extend(users.into_iter().map(|user| (user.id, user)));
        if has_new_names {
            self.namesakes = namesakes(self.users.values());
        }
    }

    /// A notice when `room` has unread messages that the known one had not.
    fn news_of(&self, room: &Room) -> Option<Notice> {
        let known = self.rooms.get(&room.id).map_or(0, |known| known.unread);
        let is_news = |last: &&Message| {
            room.unread > known && last.author != self.me && last.line.is_none() && last.recalled.is_none()
        };
        let last = room.last.as_ref().filter(|last| is_news(last) && !room.is_muted)?;
        Some(Notice::Wrote { room: room.id, by: last.author, body: last.body.clone() })
    }

    pub fn cursor(&self) -> Cursor {
        self.cursor
    }

    pub fn user(&self, user: UserId) -> Option<&User> {
        self.users.get(&user)
    }

    /// Their name; among namesakes with their login, so that nobody writes to the wrong one.
    pub fn called(&self, user: UserId) -> Option<String> {
        let User { id, name, login, .. } = self.user(user)?;
        Some(if self.namesakes.contains(id) { format!("{name} ({login})") } else { name.clone() })
    }

    pub fn my_name(&self) -> &str {
        self.user(self.me).map_or("", |user| &user.name)
    }

    pub fn presence(&self, user: UserId) -> Presence {
        self.user(user).map_or(Presence::Away, |user| user.presence)
    }

    pub fn is_here(&self, user: UserId) -> bool {
        self.presence(user).is_here()
    }

    /// Everybody with an account that is not disabled, in no order.
    pub fn users(&self) -> impl Iterator<Item = &User> {
        self.users.values().filter(|user| user.presence != Presence::Disabled)
    }

    /// Whoever looks at this is here, also before their socket is.
    pub fn is_shown_here(&self, user: &User) -> bool {
        user.id == self.me || user.presence.is_here()
    }

    /// Holds the order of the list still, or lets it catch up with who is here now.
    pub fn hold(&mut self, is_held: bool) {
        if is_held != self.is_held() {
            let here = || self.users().filter(|user| self.is_shown_here(user)).map(|user| user.id).collect();
            self.held = is_held.then(here);
        }
    }

    pub fn is_held(&self) -> bool {
        self.held.is_some()
    }

    /// Whether the list's order counts somebody among those who are here.
    pub fn is_listed_here(&self, user: &User) -> bool {
        self.held.as_ref().map_or_else(|| self.is_shown_here(user), |held| held.contains(&user.id))
    }

    pub fn is_favourite(&self, user: UserId) -> bool {
        self.favourites.contains(&user)
    }

    /// My conversations whose name fits what was typed, the most recently active first. What was hidden
    /// shows when it is looked for.
    pub fn rooms(&self, query: &str) -> Vec<Room> {
        let query = platform::lower(query.trim());
        let fits = |room: &&Room| {
            if query.is_empty() {
                return !room.is_hidden;
            }
            initials::contains(&platform::lower(&self.room_name(room)), &query)
        };
        let mut rooms: Vec<Room> = self.rooms.values().filter(fits).cloned().collect();
        rooms.sort_by_key(|room| (!room.is_pinned, std::cmp::Reverse(room.active_at), room.id));
        rooms
    }

    pub fn room(&self, room: RoomId) -> Option<&Room> {
        self.rooms.get(&room)
    }

    /// A group's title, or who else is in the conversation.
    pub fn room_name(&self, room: &Room) -> String {
        let name = |other: &UserId| self.called(*other).unwrap_or_else(|| "…".to_owned());
        let names = || room.others.iter().map(name).collect::<Vec<_>>().join(", ");
        room.title.clone().unwrap_or_else(names)
    }

    /// The other person of a conversation of two.
    pub fn other_in(&self, room: RoomId) -> Option<UserId> {
        self.rooms.get(&room).filter(|room| !room.is_group)?.others.first().copied()
    }

    /// Everybody else with an account, by name.
    pub fn others(&self) -> Vec<User> {
        let others = self.users().filter(|user| user.id != self.me);
        sorted(others.collect(), &|user| (false, &user.name, &user.login)).into_iter().cloned().collect()
    }

    /// Begins to look for something in the messages; none when there is nothing to look for.
    pub fn ask_search(&mut self, query: &str) -> Option<LobbyCommand> {
        let query = query.trim();
        self.search = None;
        if query.is_empty() {
            return None;
        }
        self.search = Some(Search { query: query.to_owned(), hits: None, before: None });
        Some(LobbyCommand::Search { query: query.to_owned(), before: None })
    }

    /// Asks for older messages of the same search; none when there are none.
    pub fn ask_older_hits(&mut self) -> Option<LobbyCommand> {
        let search = self.search.as_mut()?;
        let before = search.before.take()?;
        Some(LobbyCommand::Search { query: search.query.clone(), before: Some(before) })
    }

    pub fn search(&self) -> Option<&Search> {
        self.search.as_ref()
    }

    fn take_found(&mut self, query: String, hits: Vec<Hit>, before: Option<u64>) {
        if let Some(search) = self.search.as_mut().filter(|search| search.query == query) {
            search.hits.get_or_insert_default().extend(hits);
            search.before = before;
        }
    }

    /// Messages of others that were not read, in all conversations of which one wants to be told.
    pub fn unread(&self) -> u32 {
        self.rooms.values().filter(|room| !room.is_muted).map(|room| room.unread).sum()
    }

    pub fn has_unread(&self, room: RoomId) -> bool {
        self.rooms.get(&room).is_some_and(|room| room.unread > 0)
    }
}

impl Search {
    pub fn has_older(&self) -> bool {
        self.before.is_some()
    }
}

/// In the order of a key. One function for all keys: each sorting is code of its own to download.
pub fn sorted<'a>(mut users: Vec<&'a User>, key: &dyn Fn(&'a User) -> (bool, &'a str, &'a str)) -> Vec<&'a User> {
    users.sort_by(|one, other| key(one).cmp(&key(other)));
    users
}

fn namesakes<'a>(users: impl IntoIterator<Item = &'a User>) -> HashSet<UserId> {
    let users = sorted(users.into_iter().collect(), &|user| (false, &user.name, ""));
    let pairs = users.windows(2).filter(|pair| pair[0].name == pair[1].name);
    pairs.flat_map(|pair| [pair[0].id, pair[1].id]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        client::state::people::here_count,
        protocol::{ids::MessageId, user::Profile},
    };

    fn user(login: &str, name: &str, presence: Presence) -> User {
        User { id: UserId::new(), login: login.into(), name: name.into(), presence, profile: Profile::default() }
    }

    fn room(other: UserId, unread: u32, active_at: i64) -> Room {
        let last = Message::new(MessageId::new(), 1, other, "네".into(), active_at);
        Room {
            id: RoomId::new(),
            is_group: false,
            title: None,
            others: vec![other],
            size: 2,
            last: Some(last),
            unread,
            active_at,
            is_muted: false,
            is_hidden: false,
            is_pinned: false,
        }
    }

    fn lobby(users: &[User], rooms: Vec<Room>) -> Lobby {
        snapshot(users, rooms).into()
    }

    fn snapshot(users: &[User], rooms: Vec<Room>) -> LobbySnapshot {
        let cursor = Cursor::default();
        LobbySnapshot { me: users[0].id, cursor, since: None, users: users.to_vec(), rooms, favourites: vec![] }
    }

    #[test]
    fn arrivals_and_departures_move_people() {
        let users = [user("minsu", "김민수", Presence::Here), user("jiwoo", "최지우", Presence::Away)];
        let mut lobby = lobby(&users, vec![]);
        let arrived = User { presence: Presence::Here, ..users[1].clone() };
        lobby.apply(LobbyEvent::UsersChanged { users: vec![arrived], cursor: Cursor::default() });
        assert_eq!(here_count(&lobby), 2);
        lobby.apply(LobbyEvent::UsersChanged { users: vec![users[1].clone()], cursor: Cursor::default() });
        assert_eq!(here_count(&lobby), 1);
    }

    #[test]
    fn more_unread_is_news_and_less_is_not() {
        let users = [user("minsu", "김민수", Presence::Here), user("jiwoo", "최지우", Presence::Here)];
        let known = room(users[1].id, 1, 5);
        let mut lobby = lobby(&users, vec![known.clone()]);
        let more = Room { unread: 2, ..known.clone() };
        assert_eq!(lobby.apply(LobbyEvent::RoomChanged { room: more.clone() }).len(), 1);
        assert!(lobby.apply(LobbyEvent::RoomChanged { room: more }).is_empty(), "told once");
        assert!(lobby.apply(LobbyEvent::RoomChanged { room: Room { unread: 0, ..known } }).is_empty());
        assert_eq!(lobby.unread(), 0);
    }

    #[test]
    fn what_came_while_the_connection_was_lost_is_news_too() {
        let users = [user("minsu", "김민수", Presence::Here), user("jiwoo", "최지우", Presence::Here)];
        let known = room(users[1].id, 0, 5);
        let mut lobby = lobby(&users, vec![known.clone()]);
        let rooms = vec![Room { unread: 3, ..known }];
        assert_eq!(lobby.apply(LobbyEvent::Welcome(snapshot(&users, rooms))).len(), 1);
    }

    #[test]
    fn who_comes_back_hears_of_those_who_changed_and_keeps_the_others() {
        let users = [user("minsu", "김민수", Presence::Here), user("jiwoo", "최지우", Presence::Here)];
        let mut lobby = lobby(&users, vec![room(users[1].id, 0, 5)]);
        let cursor = Cursor { version: 7, ..Cursor::default() };
        let changed = vec![User { presence: Presence::Away, name: users[0].name.clone(), ..users[1].clone() }];
        let resumed = LobbySnapshot { cursor, since: Some(lobby.cursor()), users: changed, ..snapshot(&users, vec![]) };
        lobby.apply(LobbyEvent::Welcome(resumed));
        assert_eq!((lobby.users().count(), here_count(&lobby), lobby.rooms.len()), (2, 1, 0));
        assert_eq!(lobby.called(users[0].id).as_deref(), Some("김민수 (minsu)"), "a namesake now");
        assert_eq!(lobby.cursor(), cursor);
        lobby.apply(LobbyEvent::Welcome(snapshot(&users[..1], vec![])));
        assert_eq!(lobby.users().count(), 1, "everybody is told of when the cursor is of no use");
    }
}
