//! Who is there and which conversations there are: a snapshot, then upserts.

use std::collections::{HashMap, HashSet};

use crate::{
    client::state::{address_book::AddressBook, keystrokes},
    protocol::{
        cursor::Cursor,
        ids::{MessageId, RoomId, UserId},
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
    book: AddressBook,
    rooms: HashMap<RoomId, Room>,
    favourites: HashSet<UserId>,
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
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Notice {
    /// Somebody wants to talk.
    Invited { room: RoomId, by: UserId },
    /// Somebody wrote; `body` is the beginning of it.
    Wrote { room: RoomId, by: UserId, id: MessageId, body: String },
}

/// A notice has room for no more of a message.
const NOTICE_CHARS: usize = 120;

impl Notice {
    pub fn room(&self) -> RoomId {
        let (Self::Invited { room, .. } | Self::Wrote { room, .. }) = self;
        *room
    }

    pub fn by(&self) -> UserId {
        let (Self::Invited { by, .. } | Self::Wrote { by, .. }) = self;
        *by
    }

    /// Whether it shows the text of one of these messages.
    pub fn shows(&self, messages: &[MessageId]) -> bool {
        matches!(self, Self::Wrote { id, .. } if messages.contains(id))
    }
}

impl From<LobbySnapshot> for Lobby {
    fn from(snapshot: LobbySnapshot) -> Self {
        Self {
            me: snapshot.me,
            cursor: snapshot.cursor,
            book: snapshot.users.into(),
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
                    let changed = std::mem::replace(&mut self.book, std::mem::take(&mut before.book));
                    self.book.take(changed.users().cloned().collect());
                }
                return self.rooms.values().filter_map(|room| before.news_of(room)).collect();
            }
            LobbyEvent::UsersChanged { users, cursor } => {
                self.book.take(users);
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
            LobbyEvent::Invited { room, by } => {
                let notice = Notice::Invited { room, by };
                return self.still(&notice).into_iter().collect();
            }
            LobbyEvent::Recalled { ids, .. } => {
                if let Some(hits) = self.search.as_mut().and_then(|search| search.hits.as_mut()) {
                    hits.retain(|hit| !ids.contains(&hit.message.id));
                }
            }
            LobbyEvent::Entered { .. }
            | LobbyEvent::Delivered { .. }
            | LobbyEvent::Refused { .. }
            | LobbyEvent::Pong => {}
        }
        Vec::new()
    }

    /// A notice when `room` has unread messages that the known one had not.
    fn news_of(&self, room: &Room) -> Option<Notice> {
        let known = self.rooms.get(&room.id).map_or(0, |known| known.unread);
        if room.unread > known { self.newest_in(room) } else { None }
    }

    /// A notice of the newest message of a room, where that is unread, shown and wanted.
    fn newest_in(&self, room: &Room) -> Option<Notice> {
        let is_news = |last: &&Message| last.author != self.me && last.line.is_none() && last.recalled.is_none();
        let last = room.last.as_ref().filter(is_news).filter(|_| room.unread > 0 && !room.is_muted)?;
        let body = last.body.chars().take(NOTICE_CHARS).collect();
        Some(Notice::Wrote { room: room.id, by: last.author, id: last.id, body })
    }

    /// What a notice says by now: none when the room was read, muted or left, or the message recalled.
    pub fn still(&self, notice: &Notice) -> Option<Notice> {
        let room = self.rooms.get(&notice.room());
        if room.is_some_and(|room| room.is_muted) {
            return None;
        }
        let Notice::Wrote { id, .. } = notice else { return Some(notice.clone()) };
        let room = room.filter(|room| room.unread > 0)?;
        let is_newest = room.last.as_ref().is_some_and(|last| last.id == *id);
        // Behind a line about the group, or words of one's own, the notice is still news.
        self.newest_in(room).or_else(|| Some(notice.clone()).filter(|_| !is_newest))
    }

    pub fn cursor(&self) -> Cursor {
        self.cursor
    }

    pub fn user(&self, user: UserId) -> Option<&User> {
        self.book.get(user)
    }

    /// Their name; an ambiguous one with their login, so that nobody writes to the wrong person.
    pub fn called(&self, user: UserId) -> Option<String> {
        self.user(user).map(User::called)
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

    /// Everybody with an account that is not disabled, by name.
    pub fn users(&self) -> impl Iterator<Item = &User> {
        self.book.users().filter(|user| user.presence != Presence::Disabled)
    }

    pub fn book(&self) -> &AddressBook {
        &self.book
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
        let query = keystrokes::keys(query);
        let fits = |room: &&Room| {
            if query.is_empty() {
                return !room.is_hidden;
            }
            keystrokes::contains(&keystrokes::keys(&self.room_name(room)), &query)
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

    /// The conversation of two with this person, where there is one.
    pub fn direct_with(&self, user: UserId) -> Option<RoomId> {
        self.rooms.keys().copied().find(|room| self.other_in(*room) == Some(user))
    }

    /// The name of a group, for whoever hears of one of its members.
    pub fn group_name(&self, room: RoomId) -> Option<String> {
        self.rooms.get(&room).filter(|room| room.is_group).map(|room| self.room_name(room))
    }

    /// Everybody else with an account, by name.
    pub fn others(&self) -> Vec<User> {
        self.users().filter(|user| user.id != self.me).cloned().collect()
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

    /// Begins the same search again; none when there is none.
    pub fn ask_search_again(&mut self) -> Option<LobbyCommand> {
        let query = self.search.as_ref()?.query.clone();
        self.ask_search(&query)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        client::state::{people::here_count, toast::Toasts},
        protocol::{ids::MessageId, user::Profile},
    };

    fn user(login: &str, name: &str, presence: Presence) -> User {
        let (id, login, name) = (UserId::new(), login.into(), name.into());
        User { id, login, name, is_ambiguous: false, presence, profile: Profile::default() }
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

    fn wrote(room: &Room) -> Notice {
        let last = room.last.as_ref().unwrap();
        Notice::Wrote { room: room.id, by: last.author, id: last.id, body: last.body.clone() }
    }

    #[test]
    fn a_muted_conversation_is_quiet_for_invitations_too() {
        let users = [user("minsu", "김민수", Presence::Here), user("jiwoo", "최지우", Presence::Here)];
        let muted = Room { is_muted: true, ..room(users[1].id, 0, 5) };
        let loud = room(users[1].id, 0, 5);
        let mut lobby = lobby(&users, vec![muted.clone(), loud.clone()]);
        let invited = |room| LobbyEvent::Invited { room, by: users[1].id };
        assert!(lobby.apply(invited(muted.id)).is_empty());
        assert_eq!(lobby.apply(invited(loud.id)).len(), 1);
        assert_eq!(lobby.apply(invited(RoomId::new())).len(), 1, "a conversation that the list does not know yet");
        let notice = Notice::Invited { room: loud.id, by: users[1].id };
        lobby.apply(LobbyEvent::RoomChanged { room: Room { is_muted: true, ..loud } });
        assert_eq!(lobby.still(&notice), None, "muted after the invitation came");
    }

    #[test]
    fn a_notice_follows_its_conversation() {
        let users = [user("minsu", "김민수", Presence::Here), user("jiwoo", "최지우", Presence::Here)];
        let known = room(users[1].id, 1, 5);
        let mut lobby = lobby(&users, vec![known.clone()]);
        let mut toasts = Toasts::default();
        toasts.add(wrote(&known));
        assert!(!toasts.follow(&lobby));
        let next = Message::new(MessageId::new(), 2, users[1].id, "둘".into(), 6);
        let more = Room { unread: 2, last: Some(next.clone()), ..known.clone() };
        lobby.apply(LobbyEvent::RoomChanged { room: more.clone() });
        assert!(toasts.follow(&lobby));
        assert_eq!(toasts.list()[0].notice, wrote(&more), "the newest message");
        let line = Message { line: Some(crate::protocol::message::Line::Left), ..next.clone() };
        let line = Message { id: MessageId::new(), ..line };
        lobby.apply(LobbyEvent::RoomChanged { room: Room { last: Some(line), ..more.clone() } });
        assert!(!toasts.follow(&lobby), "a line about the group says nothing new");
        let recalled =
            Message { recalled: Some(crate::protocol::message::Recalled::BeforeRead), body: String::new(), ..next };
        lobby.apply(LobbyEvent::RoomChanged { room: Room { last: Some(recalled), ..more.clone() } });
        assert!(toasts.follow(&lobby) && toasts.list().is_empty(), "recalled");
        toasts.add(wrote(&more));
        toasts.forget(&[MessageId::new()]);
        assert_eq!(toasts.list().len(), 1);
        toasts.forget(&[wrote_id(&more)]);
        assert!(toasts.list().is_empty());
        lobby.apply(LobbyEvent::RoomChanged { room: Room { unread: 0, ..more.clone() } });
        assert_eq!(lobby.still(&wrote(&more)), None, "read in another window");
    }

    fn wrote_id(room: &Room) -> MessageId {
        room.last.as_ref().unwrap().id
    }

    #[test]
    fn what_was_recalled_is_not_among_the_hits() {
        let users = [user("minsu", "김민수", Presence::Here), user("jiwoo", "최지우", Presence::Here)];
        let known = room(users[1].id, 0, 5);
        let mut lobby = lobby(&users, vec![known.clone()]);
        lobby.ask_search("계좌");
        let hit =
            |seq| Hit { room: known.id, message: Message::new(MessageId::new(), seq, users[1].id, "계좌".into(), 5) };
        let hits = vec![hit(3), hit(1)];
        lobby.apply(LobbyEvent::Found { query: "계좌".into(), hits: hits.clone(), before: None });
        lobby.apply(LobbyEvent::Recalled { room: known.id, ids: vec![hits[1].message.id] });
        assert_eq!(lobby.search().unwrap().hits, Some(hits[..1].to_vec()));
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
        let changed = vec![User { presence: Presence::Away, is_ambiguous: true, ..users[1].clone() }];
        let resumed = LobbySnapshot { cursor, since: Some(lobby.cursor()), users: changed, ..snapshot(&users, vec![]) };
        lobby.apply(LobbyEvent::Welcome(resumed));
        assert_eq!((lobby.users().count(), here_count(&lobby), lobby.rooms.len()), (2, 1, 0));
        assert_eq!(lobby.called(users[1].id).as_deref(), Some("최지우 (jiwoo)"), "ambiguous now");
        assert_eq!(lobby.cursor(), cursor);
        lobby.apply(LobbyEvent::Welcome(snapshot(&users[..1], vec![])));
        assert_eq!(lobby.users().count(), 1, "everybody is told of when the cursor is of no use");
    }
}
