//! Who is there and which conversations there are: a snapshot, then upserts.

use std::collections::HashMap;

use crate::{
    client::state::initials,
    protocol::{
        ids::{RoomId, UserId},
        lobby::{LobbyEvent, LobbySnapshot},
        room::Room,
        user::{Presence, User},
    },
};

#[derive(Clone, Debug, PartialEq)]
pub struct Lobby {
    pub me: UserId,
    users: HashMap<UserId, User>,
    rooms: HashMap<RoomId, Room>,
}

/// A person as a row of the list.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Person {
    pub id: UserId,
    pub name: String,
    pub login: String,
    pub is_me: bool,
    /// Somebody else has this name too, so that the login must be shown.
    pub has_namesake: bool,
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
            users: snapshot.users.into_iter().map(|user| (user.id, user)).collect(),
            rooms: snapshot.rooms.into_iter().map(|room| (room.id, room)).collect(),
        }
    }
}

impl Lobby {
    /// Takes in what happened; gives back what the person may want to be told of.
    pub fn apply(&mut self, event: LobbyEvent) -> Vec<Notice> {
        match event {
            LobbyEvent::Welcome(snapshot) => {
                let before = std::mem::replace(self, snapshot.into());
                return self.rooms.values().filter_map(|room| before.news_of(room)).collect();
            }
            LobbyEvent::UsersChanged { users } => self.users.extend(users.into_iter().map(|user| (user.id, user))),
            LobbyEvent::RoomChanged { room } => {
                let news = self.news_of(&room);
                self.rooms.insert(room.id, room);
                return news.into_iter().collect();
            }
            LobbyEvent::Invited { room, by } => return vec![Notice::Invited { room, by }],
            LobbyEvent::Entered { .. } | LobbyEvent::Refused { .. } | LobbyEvent::Pong => {}
        }
        Vec::new()
    }

    /// A notice when `room` has unread messages that the known one had not.
    fn news_of(&self, room: &Room) -> Option<Notice> {
        let known = self.rooms.get(&room.id).map_or(0, |known| known.unread);
        let last = room.last.as_ref().filter(|last| room.unread > known && last.author != self.me)?;
        Some(Notice::Wrote { room: room.id, by: last.author, body: last.body.clone() })
    }

    pub fn user(&self, user: UserId) -> Option<&User> {
        self.users.get(&user)
    }

    pub fn my_name(&self) -> &str {
        self.user(self.me).map_or("", |user| &user.name)
    }

    pub fn is_here(&self, user: UserId) -> bool {
        self.user(user).is_some_and(|user| user.presence == Presence::Here)
    }

    /// How many people are here, oneself included.
    pub fn here_count(&self) -> usize {
        self.users.keys().filter(|user| self.is_shown_here(**user)).count()
    }

    /// Whoever looks at this is here, also before their socket is.
    fn is_shown_here(&self, user: UserId) -> bool {
        user == self.me || self.is_here(user)
    }

    /// The people here or away that fit what was typed; oneself first, then by name.
    pub fn people(&self, here: bool, query: &str) -> Vec<Person> {
        let fits = |user: &&User| self.is_shown_here(user.id) == here && matches(user, query);
        let mut users: Vec<&User> = self.users.values().filter(fits).collect();
        users.sort_by_key(|user| (user.id != self.me, &user.name, &user.login));
        let bearers = self.bearers();
        let person = |user: &User| Person {
            id: user.id,
            name: user.name.clone(),
            login: user.login.clone(),
            is_me: user.id == self.me,
            has_namesake: bearers.get(user.name.as_str()).is_some_and(|count| *count > 1),
        };
        users.into_iter().map(person).collect()
    }

    /// How many people bear each name.
    fn bearers(&self) -> HashMap<&str, usize> {
        self.users.values().fold(HashMap::new(), |mut bearers, user| {
            *bearers.entry(user.name.as_str()).or_default() += 1;
            bearers
        })
    }

    /// My conversations, the most recently active first.
    pub fn rooms(&self) -> Vec<Room> {
        let mut rooms: Vec<Room> = self.rooms.values().cloned().collect();
        rooms.sort_by_key(|room| (std::cmp::Reverse(room.active_at), room.id));
        rooms
    }

    /// The other person of a conversation.
    pub fn other_in(&self, room: RoomId) -> Option<UserId> {
        self.rooms.get(&room)?.others.first().copied()
    }

    /// Messages of others that were not read, in all conversations.
    pub fn unread(&self) -> u32 {
        self.rooms.values().map(|room| room.unread).sum()
    }

    pub fn has_unread(&self, room: RoomId) -> bool {
        self.rooms.get(&room).is_some_and(|room| room.unread > 0)
    }
}

fn matches(user: &User, query: &str) -> bool {
    let query = query.trim().to_lowercase();
    query.is_empty() || initials::contains(&user.name.to_lowercase(), &query) || user.login.contains(&query)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{ids::MessageId, message::Message};

    fn user(login: &str, name: &str, presence: Presence) -> User {
        User { id: UserId::new(), login: login.into(), name: name.into(), presence }
    }

    fn room(other: UserId, unread: u32, active_at: i64) -> Room {
        let last =
            Message { id: MessageId::new(), seq: 1, version: 1, author: other, body: "네".into(), sent_at: active_at };
        Room { id: RoomId::new(), others: vec![other], last: Some(last), unread, active_at }
    }

    fn lobby(users: &[User], rooms: Vec<Room>) -> Lobby {
        LobbySnapshot { me: users[0].id, users: users.to_vec(), rooms }.into()
    }

    fn logins(people: &[Person]) -> Vec<&str> {
        people.iter().map(|person| person.login.as_str()).collect()
    }

    #[test]
    fn oneself_comes_first_and_the_others_by_name() {
        let users = [
            user("minsu", "김민수", Presence::Away),
            user("cheolsu", "박철수", Presence::Here),
            user("kang", "강하늘", Presence::Here),
            user("jiwoo", "최지우", Presence::Away),
        ];
        let lobby = lobby(&users, vec![]);
        assert_eq!(logins(&lobby.people(true, "")), ["minsu", "kang", "cheolsu"]);
        assert_eq!(logins(&lobby.people(false, "")), ["jiwoo"]);
        assert_eq!(logins(&lobby.people(true, "ㅂㅊ")), ["cheolsu"]);
        assert_eq!(logins(&lobby.people(true, "KANG")), ["kang"]);
    }

    #[test]
    fn arrivals_and_departures_move_people() {
        let users = [user("minsu", "김민수", Presence::Here), user("jiwoo", "최지우", Presence::Away)];
        let mut lobby = lobby(&users, vec![]);
        let arrived = User { presence: Presence::Here, ..users[1].clone() };
        lobby.apply(LobbyEvent::UsersChanged { users: vec![arrived] });
        assert_eq!(lobby.here_count(), 2);
        lobby.apply(LobbyEvent::UsersChanged { users: vec![users[1].clone()] });
        assert_eq!(lobby.here_count(), 1);
    }

    #[test]
    fn namesakes_are_known_as_such() {
        let users = [
            user("minsu", "김민수", Presence::Here),
            user("minsu2", "김민수", Presence::Here),
            user("jiwoo", "최지우", Presence::Here),
        ];
        let lobby = lobby(&users, vec![]);
        let namesakes = lobby.people(true, "").into_iter().map(|person| (person.login, person.has_namesake));
        let expected =
            [("minsu", true), ("minsu2", true), ("jiwoo", false)].map(|(login, has)| (login.to_owned(), has));
        assert_eq!(namesakes.collect::<Vec<_>>(), expected);
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
        let welcome = LobbySnapshot { me: users[0].id, users: users.to_vec(), rooms };
        assert_eq!(lobby.apply(LobbyEvent::Welcome(welcome)).len(), 1);
    }
}
