//! Tests of the lobby's state.

use crate::{
    state::{lobby::Lobby, notice::Notice, people::online_count, toast::Toasts},
    text::Lang,
};
use protocol::{
    cursor::Cursor,
    ids::{MessageId, RoomId, UserId},
    lobby_socket::{Hit, LobbyEvent, LobbySnapshot},
    message::Message,
    room::RoomSummary,
    user::{Presence, Profile, User},
};

fn user(login: &str, name: &str, presence: Presence) -> User {
    let (id, login, name) = (UserId::new(), login.into(), name.into());
    User { id, login, name, is_ambiguous: false, presence, profile: Profile::default(), absence: None }
}

fn room(other: UserId, unread: u32, active_at: i64) -> RoomSummary {
    let last = Message::new(MessageId::new(), 1, other, "네".into(), active_at);
    RoomSummary {
        id: RoomId::new(),
        is_group: false,
        title: None,
        others: vec![other],
        size: 2,
        last: Some(last),
        unread,
        active_at,
        mentioned: None,
        is_muted: false,
        mentions_only: false,
        is_hidden: false,
        is_pinned: false,
    }
}

fn lobby(users: &[User], rooms: Vec<RoomSummary>) -> Lobby {
    snapshot(users, rooms).into()
}

fn snapshot(users: &[User], rooms: Vec<RoomSummary>) -> LobbySnapshot {
    let cursor = Cursor::default();
    LobbySnapshot {
        me: users[0].id,
        cursor,
        resumed_from: None,
        people: None,
        users: users.to_vec(),
        departments: Vec::new(),
        rooms,
        favourites: vec![],
        settings: String::new(),
        unsent: vec![],
    }
}

#[test]
fn presence_changes_move_people_between_online_and_offline() {
    let users = [user("minsu", "김민수", Presence::Online), user("jiwoo", "최지우", Presence::Offline)];
    let mut lobby = lobby(&users, vec![]);
    let arrived = User { presence: Presence::Online, ..users[1].clone() };
    lobby.apply(LobbyEvent::UsersChanged { users: vec![arrived], cursor: Cursor::default() });
    assert_eq!(online_count(&lobby), 2);
    lobby.apply(LobbyEvent::UsersChanged { users: vec![users[1].clone()], cursor: Cursor::default() });
    assert_eq!(online_count(&lobby), 1);
}

#[test]
fn more_unread_messages_give_a_notice_and_fewer_do_not() {
    let users = [user("minsu", "김민수", Presence::Online), user("jiwoo", "최지우", Presence::Online)];
    let known = room(users[1].id, 1, 5);
    let mut lobby = lobby(&users, vec![known.clone()]);
    let more = RoomSummary { unread: 2, ..known.clone() };
    assert_eq!(lobby.apply(LobbyEvent::RoomChanged { room: more.clone() }).len(), 1);
    assert!(lobby.apply(LobbyEvent::RoomChanged { room: more.clone() }).is_empty(), "one notice per message");
    let next = Message::new(MessageId::new(), 2, users[1].id, "또".into(), 6);
    let counted_no_further = RoomSummary { last: Some(next), ..more };
    assert_eq!(lobby.apply(LobbyEvent::RoomChanged { room: counted_no_further }).len(), 1);
    assert!(lobby.apply(LobbyEvent::RoomChanged { room: RoomSummary { unread: 0, ..known } }).is_empty());
    assert_eq!(lobby.unread(), 0);
}

fn wrote(room: &RoomSummary) -> Notice {
    let last = room.last.as_ref().unwrap();
    Notice::Wrote { room: room.id, by: last.author, id: last.id, body: last.body.clone(), files: last.files.clone() }
}

#[test]
fn a_muted_room_gives_no_notice_of_an_invitation_either() {
    let users = [user("minsu", "김민수", Presence::Online), user("jiwoo", "최지우", Presence::Online)];
    let muted = RoomSummary { is_muted: true, ..room(users[1].id, 0, 5) };
    let loud = room(users[1].id, 0, 5);
    let mut lobby = lobby(&users, vec![muted.clone(), loud.clone()]);
    let invited = |room| LobbyEvent::Invited { room, by: users[1].id, is_direct: false };
    assert!(lobby.apply(invited(muted.id)).is_empty());
    assert_eq!(lobby.apply(invited(loud.id)).len(), 1);
    assert_eq!(lobby.apply(invited(RoomId::new())).len(), 1, "a room that the list does not know yet");
    let notice = Notice::Invited { room: loud.id, by: users[1].id };
    lobby.apply(LobbyEvent::RoomChanged { room: RoomSummary { is_muted: true, ..loud } });
    assert_eq!(lobby.current_notice(&notice), None, "muted after the invitation");
}

#[test]
fn a_room_that_is_muted_except_for_mentions_gives_notice_of_them_alone() {
    let users = [user("minsu", "김민수", Presence::Online), user("jiwoo", "최지우", Presence::Online)];
    let known = RoomSummary { is_muted: true, mentions_only: true, ..room(users[1].id, 0, 5) };
    let mut lobby = lobby(&users, vec![known.clone()]);
    let unread = RoomSummary { unread: 1, ..known };
    assert!(lobby.apply(LobbyEvent::RoomChanged { room: unread.clone() }).is_empty());
    assert_eq!(lobby.unread(), 0);
    let mentioned = RoomSummary { unread: 2, mentioned: Some(9), ..unread };
    let notices = lobby.apply(LobbyEvent::RoomChanged { room: mentioned.clone() });
    assert_eq!((notices.len(), lobby.unread()), (1, 1));
    assert_eq!(lobby.current_notice(&notices[0]).as_ref(), Some(&notices[0]));
    let more = RoomSummary { unread: 3, ..mentioned.clone() };
    assert!(lobby.apply(LobbyEvent::RoomChanged { room: more }).is_empty(), "the mention is known");
    let muted = RoomSummary { mentions_only: false, ..mentioned };
    lobby.apply(LobbyEvent::RoomChanged { room: RoomSummary { mentioned: Some(11), ..muted } });
    assert_eq!((lobby.current_notice(&notices[0]), lobby.unread()), (None, 0), "muted wholly");
}

#[test]
fn a_notice_follows_its_room() {
    let users = [user("minsu", "김민수", Presence::Online), user("jiwoo", "최지우", Presence::Online)];
    let known = room(users[1].id, 1, 5);
    let mut lobby = lobby(&users, vec![known.clone()]);
    let mut toasts = Toasts::default();
    toasts.add(wrote(&known));
    assert!(!toasts.refresh(&lobby));
    let next = Message::new(MessageId::new(), 2, users[1].id, "둘".into(), 6);
    let more = RoomSummary { unread: 2, last: Some(next.clone()), ..known.clone() };
    lobby.apply(LobbyEvent::RoomChanged { room: more.clone() });
    assert!(toasts.refresh(&lobby));
    assert_eq!(toasts.list()[0].notice, wrote(&more), "the newest message");
    let line = Message { system_event: Some(protocol::message::SystemEvent::Left), ..next.clone() };
    let line = Message { id: MessageId::new(), ..line };
    lobby.apply(LobbyEvent::RoomChanged { room: RoomSummary { last: Some(line), ..more.clone() } });
    assert!(!toasts.refresh(&lobby), "a system event does not replace the notice");
    let recalled = Message { recalled: Some(protocol::message::Recalled::BeforeRead), body: String::new(), ..next };
    lobby.apply(LobbyEvent::RoomChanged { room: RoomSummary { last: Some(recalled), ..more.clone() } });
    assert!(toasts.refresh(&lobby) && toasts.list().is_empty(), "recalled");
    toasts.add(wrote(&more));
    toasts.remove_messages(&[MessageId::new()]);
    assert_eq!(toasts.list().len(), 1);
    toasts.remove_messages(&[wrote_id(&more)]);
    assert!(toasts.list().is_empty());
    lobby.apply(LobbyEvent::RoomChanged { room: RoomSummary { unread: 0, ..more.clone() } });
    assert_eq!(lobby.current_notice(&wrote(&more)), None, "read in another window");
}

fn wrote_id(room: &RoomSummary) -> MessageId {
    room.last.as_ref().unwrap().id
}

#[test]
fn recalled_messages_leave_the_hits() {
    let users = [user("minsu", "김민수", Presence::Online), user("jiwoo", "최지우", Presence::Online)];
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
fn a_group_that_everybody_else_left_has_a_name() {
    let users = [user("minsu", "김민수", Presence::Online), user("jiwoo", "최지우", Presence::Online)];
    let lobby = lobby(&users, vec![]);
    let group = RoomSummary { is_group: true, others: vec![], size: 1, ..room(users[1].id, 0, 5) };
    let name = |room: &RoomSummary| lobby.room_name(room, Lang::Ko.words());
    assert_eq!(name(&group), "나만 남은 그룹");
    assert_eq!(name(&RoomSummary { title: Some("점심".into()), ..group.clone() }), "점심");
    assert_eq!(name(&RoomSummary { others: vec![users[1].id], ..group }), "최지우");
}

#[test]
fn notes_are_the_direct_room_with_oneself() {
    let users = [user("minsu", "김민수", Presence::Online), user("jiwoo", "최지우", Presence::Online)];
    let notes = RoomSummary { others: vec![], size: 1, ..room(users[0].id, 0, 5) };
    let other = room(users[1].id, 0, 6);
    let mut lobby = lobby(&users, vec![notes.clone(), other.clone()]);
    assert_eq!(lobby.room_name(&notes, Lang::Ko.words()), "나와의 대화");
    assert_eq!((lobby.direct_with(users[0].id), lobby.direct_with(users[1].id)), (Some(notes.id), Some(other.id)));
    assert_eq!((lobby.other_in(notes.id), lobby.group_name(notes.id, Lang::Ko.words())), (Some(users[0].id), None));
    let changed = LobbyEvent::RoomChanged { room: RoomSummary { active_at: 9, ..notes } };
    assert!(lobby.apply(changed).is_empty() && lobby.unread() == 0, "no notice of what one writes oneself");
}

#[test]
fn messages_posted_while_the_connection_was_lost_give_a_notice() {
    let users = [user("minsu", "김민수", Presence::Online), user("jiwoo", "최지우", Presence::Online)];
    let known = room(users[1].id, 0, 5);
    let mut lobby = lobby(&users, vec![known.clone()]);
    let rooms = vec![RoomSummary { unread: 3, ..known }];
    assert_eq!(lobby.apply(LobbyEvent::Welcome(snapshot(&users, rooms))).len(), 1);
}

#[test]
fn a_resumed_lobby_applies_the_delta_and_keeps_the_other_people() {
    let users = [user("minsu", "김민수", Presence::Online), user("jiwoo", "최지우", Presence::Online)];
    let mut lobby = lobby(&users, vec![room(users[1].id, 0, 5)]);
    let cursor = Cursor { version: 7, ..Cursor::default() };
    let changed = vec![User { presence: Presence::Offline, is_ambiguous: true, ..users[1].clone() }];
    let resumed =
        LobbySnapshot { cursor, resumed_from: Some(lobby.cursor()), users: changed, ..snapshot(&users, vec![]) };
    lobby.apply(LobbyEvent::Welcome(resumed));
    assert_eq!((lobby.users().count(), online_count(&lobby), lobby.rooms.len()), (2, 1, 0));
    assert_eq!(lobby.display_name(users[1].id).as_deref(), Some("최지우 (jiwoo)"), "ambiguous now");
    assert_eq!(lobby.cursor(), cursor);
    lobby.apply(LobbyEvent::Welcome(snapshot(&users[..1], vec![])));
    assert_eq!(lobby.users().count(), 1, "a full snapshot replaces everybody");
}
