//! Users, rooms and favourites, and how events change them.

use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
    mem,
};

use crate::{
    state::{
        address_book::AddressBook, collected::CollectedHits, keystrokes, message_search::MessageSearch, notice::Notice,
    },
    text::Words,
};
use protocol::{
    cursor::Cursor,
    ids::{RoomId, UserId},
    lobby_socket::{Collection, LobbyEvent, LobbySnapshot},
    people::PeopleCount,
    room::RoomSummary,
    schedule::ScheduledMessage,
    user::{Presence, User},
};

#[derive(Clone, Debug, PartialEq)]
pub struct Lobby {
    pub me: UserId,
    /// The cursor in the changes of users; a new connection resumes from it.
    cursor: Cursor,
    /// The size of a large organisation, in which the client does not know everybody; `None` in a small one.
    pub people: Option<PeopleCount>,
    pub(super) book: AddressBook,
    pub(super) rooms: HashMap<RoomId, RoomSummary>,
    pub(super) favourites: HashSet<UserId>,
    /// Scheduled messages that could not be sent.
    pub unsent_scheduled: Vec<ScheduledMessage>,
    /// The users who count as online while the list's order is frozen; `None` while it follows presence.
    held: Option<HashSet<UserId>>,
    pub(super) search: Option<MessageSearch>,
    pub(super) collection: Option<CollectedHits>,
}

/// Whether to notify the user of an unread mention in a room that they muted except for mentions.
pub(super) fn is_mention_wanted(room: &RoomSummary) -> bool {
    room.mentions_only && room.mentioned.is_some()
}

impl From<LobbySnapshot> for Lobby {
    fn from(snapshot: LobbySnapshot) -> Self {
        Self {
            me: snapshot.me,
            cursor: snapshot.cursor,
            people: snapshot.people,
            book: AddressBook::new(snapshot.users, snapshot.departments),
            rooms: snapshot.rooms.into_iter().map(|room| (room.id, room)).collect(),
            favourites: snapshot.favourites.into_iter().collect(),
            unsent_scheduled: snapshot.unsent,
            held: None,
            search: None,
            collection: None,
        }
    }
}

impl Lobby {
    /// Applies an event; returns the resulting notices.
    pub fn apply(&mut self, event: LobbyEvent) -> Vec<Notice> {
        match event {
            LobbyEvent::Welcome(snapshot) => {
                let is_delta = snapshot.resumed_from.is_some();
                let mut before = mem::replace(self, snapshot.into());
                self.search = before.search.take();
                self.collection = before.collection.take();
                self.held = before.held.take();
                // In a large organisation users who are on demand are not in the snapshot.
                if is_delta || self.people.is_some() {
                    let changed = mem::replace(&mut self.book, mem::take(&mut before.book));
                    self.book.update(changed);
                }
                return self.rooms.values().filter_map(|room| before.notice_of(room)).collect();
            }
            LobbyEvent::UsersChanged { users, cursor } => {
                self.book.upsert(users);
                self.cursor = cursor;
            }
            LobbyEvent::RoomChanged { room } => {
                let notice = self.notice_of(&room);
                self.rooms.insert(room.id, room);
                return notice.into_iter().collect();
            }
            LobbyEvent::RoomGone { room, .. } => drop(self.rooms.remove(&room)),
            LobbyEvent::Favourites { users } => self.favourites = users.into_iter().collect(),
            LobbyEvent::UnsentScheduled { messages } => self.unsent_scheduled = messages,
            LobbyEvent::Found { query, hits, before } => self.add_hits(&query, hits, before),
            LobbyEvent::Bookmarked { id, on: false, .. } => {
                let collection = self.collection.as_mut().filter(|collection| collection.of == Collection::Bookmarks);
                collection.into_iter().for_each(|collection| collection.remove_messages(&[id]));
            }
            LobbyEvent::Collected { of, hits, before } => self.add_collected(of, hits, before),
            LobbyEvent::Invited { room, by, .. } => {
                let notice = Notice::Invited { room, by };
                return self.current_notice(&notice).into_iter().collect();
            }
            LobbyEvent::Recalled { ids, .. } => {
                if let Some(search) = &mut self.search {
                    search.remove_messages(&ids);
                }
                if let Some(collection) = &mut self.collection {
                    collection.remove_messages(&ids);
                }
            }
            LobbyEvent::Bookmarked { .. }
            | LobbyEvent::Settings { .. }
            | LobbyEvent::Presence(_)
            | LobbyEvent::Department { .. }
            | LobbyEvent::PeopleFound { .. }
            | LobbyEvent::Entered { .. }
            | LobbyEvent::Delivered { .. }
            | LobbyEvent::Refused { .. }
            | LobbyEvent::Pong => {}
        }
        Vec::new()
    }

    pub fn cursor(&self) -> Cursor {
        self.cursor
    }

    pub fn user(&self, user: UserId) -> Option<&User> {
        self.book.get(user)
    }

    /// The display name: an ambiguous name with the login, so that nobody writes to the wrong user.
    pub fn display_name(&self, user: UserId) -> Option<String> {
        self.user(user).map(User::display_name)
    }

    pub fn my_name(&self) -> &str {
        self.user(self.me).map_or("", |user| &user.name)
    }

    pub fn presence(&self, user: UserId) -> Presence {
        self.user(user).map_or(Presence::Offline, |user| user.presence)
    }

    /// All users except disabled accounts, in the order of the address book.
    pub fn users(&self) -> impl Iterator<Item = &User> {
        self.book.users().filter(|user| user.presence != Presence::Disabled)
    }

    /// Whether there is no other account.
    pub fn is_alone(&self) -> bool {
        self.people.is_none() && self.users().nth(1).is_none()
    }

    pub fn book(&self) -> &AddressBook {
        &self.book
    }

    /// Whether a user is shown as online: the receiver always is, even before their socket is open.
    pub fn is_shown_online(&self, user: &User) -> bool {
        user.id == self.me || user.presence.is_connected()
    }

    /// Freezes the order of the list, or lets it follow presence again.
    pub fn hold_order(&mut self, is_held: bool) {
        if is_held != self.is_order_held() {
            let online = || self.users().filter(|user| self.is_shown_online(user)).map(|user| user.id).collect();
            self.held = is_held.then(online);
        }
    }

    pub fn is_order_held(&self) -> bool {
        self.held.is_some()
    }

    /// Whether the list's order counts a user as online.
    pub fn is_listed_online(&self, user: &User) -> bool {
        self.held.as_ref().map_or_else(|| self.is_shown_online(user), |held| held.contains(&user.id))
    }

    pub fn is_favourite(&self, user: UserId) -> bool {
        self.favourites.contains(&user)
    }

    /// The rooms whose name matches the query, pinned ones first, then the most recently active. Without a query hidden
    /// rooms are left out.
    pub fn rooms(&self, query: &str, words: &Words) -> Vec<RoomSummary> {
        let query = keystrokes::keys(query);
        let matches = |room: &&RoomSummary| {
            if query.is_empty() {
                return !room.is_hidden;
            }
            keystrokes::contains(&keystrokes::keys(&self.room_name(room, words)), &query)
        };
        let mut rooms: Vec<RoomSummary> = self.rooms.values().filter(matches).cloned().collect();
        rooms.sort_by_key(|room| (!room.is_pinned, Reverse(room.active_at), room.id));
        rooms
    }

    pub fn room(&self, room: RoomId) -> Option<&RoomSummary> {
        self.rooms.get(&room)
    }

    /// The title of a group, or the names of the other members.
    pub fn room_name(&self, room: &RoomSummary, words: &Words) -> String {
        let name = |other: &UserId| self.display_name(*other).unwrap_or_else(|| "…".to_owned());
        words.room_name(room.is_group, room.title.as_ref(), &room.others.iter().map(name).collect::<Vec<_>>())
    }

    /// The other user of a direct room; in notes the receiver themselves.
    pub fn other_in(&self, room: RoomId) -> Option<UserId> {
        let room = self.rooms.get(&room).filter(|room| !room.is_group)?;
        Some(room.others.first().copied().unwrap_or(self.me))
    }

    /// The direct room with this user; for the receiver themselves their notes.
    pub fn direct_with(&self, user: UserId) -> Option<RoomId> {
        self.rooms.keys().copied().find(|room| self.other_in(*room) == Some(user))
    }

    /// The name of a group; `None` for a direct room.
    pub fn group_name(&self, room: RoomId, words: &Words) -> Option<String> {
        self.rooms.get(&room).filter(|room| room.is_group).map(|room| self.room_name(room, words))
    }

    /// All users except the receiver and disabled accounts.
    pub fn others(&self) -> Vec<User> {
        self.users().filter(|user| user.id != self.me).cloned().collect()
    }

    /// The number of unread messages in all rooms that are not muted; a room that is muted except for mentions counts
    /// as one while it has an unread mention.
    pub fn unread(&self) -> u32 {
        let unread = |room: &RoomSummary| match room.is_muted {
            false => room.unread,
            true => u32::from(is_mention_wanted(room)),
        };
        self.rooms.values().map(unread).sum()
    }
}
