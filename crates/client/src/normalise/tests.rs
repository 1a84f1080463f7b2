//! Random pages: the browser decodes exactly the struct that the server renders.

use proptest::{collection::vec, option, prelude::*};
use uuid::Uuid;

use super::*;
use crate::decode::decode;
use protocol::{
    cursor::Cursor,
    error::Refusal,
    ids::{FileId, MessageId, RoomId, UserId},
    message::{Forwarded, Mentions, PinnedMessage, Recalled},
    people::{DepartmentCount, PeopleCount},
    user::Presence,
};

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[\u{0}\r\n가<&\"]{0,6}", any::<String>()]
}

fn uuid() -> impl Strategy<Value = Uuid> {
    any::<u128>().prop_map(Uuid::from_u128)
}

fn user_id() -> impl Strategy<Value = UserId> {
    uuid().prop_map(UserId::from)
}

fn cursor() -> impl Strategy<Value = Cursor> {
    (uuid(), any::<u64>()).prop_map(|(epoch, version)| Cursor { epoch, version })
}

fn system_event() -> impl Strategy<Value = SystemEvent> {
    prop_oneof![
        Just(SystemEvent::Made),
        Just(SystemEvent::Left),
        vec(user_id(), 0..3).prop_map(|users| SystemEvent::Invited { users }),
        option::of(text()).prop_map(|title| SystemEvent::Renamed { title }),
    ]
}

fn quote() -> impl Strategy<Value = Quote> {
    (uuid(), any::<u64>(), user_id(), text()).prop_map(|(id, seq, author, body)| Quote {
        id: MessageId::from(id),
        seq,
        author,
        body,
    })
}

fn pin() -> impl Strategy<Value = PinnedMessage> {
    (quote(), user_id(), any::<bool>()).prop_map(|(Quote { id, seq, author, body }, by, is_announcement)| {
        PinnedMessage { id, seq, author, body, by, is_announcement }
    })
}

fn file() -> impl Strategy<Value = Attachment> {
    (uuid(), text(), text(), any::<u64>(), option::of(text())).prop_map(|(id, name, media_type, size, text)| {
        Attachment { id: FileId::from(id), name, media_type, size, preview: None, text }
    })
}

prop_compose! {
    fn message()(
        (id, author, body, system_event) in (uuid(), user_id(), text(), option::of(system_event())),
        (seq, version, sent_at, edited_at) in any::<(u64, u64, i64, Option<i64>)>(),
        recalled in option::of(prop_oneof![Just(Recalled::BeforeRead), Just(Recalled::AfterRead)]),
        files in vec(file(), 0..3),
        (reply_to, answers_hidden) in (option::of(quote()), any::<bool>()),
        forwarded in option::of(option::of(user_id()).prop_map(|author| Forwarded { author })),
        mentions in (vec(user_id(), 0..3), any::<bool>()).prop_map(|(users, all)| Mentions { users, all }),
        reactions in vec((text(), vec(user_id(), 0..3)).prop_map(|(emoji, users)| Reaction { emoji, users }), 0..3),
    ) -> Message {
        let id = MessageId::from(id);
        Message { id, seq, version, author, body, sent_at, edited_at, recalled, reply_to, answers_hidden, mentions, forwarded, confirmations: None, files, reactions, system_event }
    }
}

prop_compose! {
    fn user()(
        (id, login, name, is_ambiguous) in (user_id(), text(), text(), any::<bool>()),
        presence in prop_oneof![Just(Presence::Online), Just(Presence::Busy), Just(Presence::Disabled)],
        (department, title, email, status) in (option::of(text()), option::of(text()), option::of(text()), option::of(text())),
        (order, status_until) in any::<(Option<u32>, Option<i64>)>(),
        absence in option::of((option::of(text()), any::<i64>(), any::<i64>())),
    ) -> User {
        let absence = absence.map(|(text, from, until)| Absence { from, until, text, is_now: from < until });
        User { id, login, name, is_ambiguous, presence, profile: Profile { department, title, email, status, status_until, order }, absence }
    }
}

prop_compose! {
    fn summary()(
        (id, others, title, last) in (uuid(), vec(user_id(), 0..3), option::of(text()), option::of(message())),
        (is_group, is_muted, is_hidden, is_pinned) in any::<(bool, bool, bool, bool)>(),
        (size, unread, active_at) in any::<(u32, u32, i64)>(),
        (mentioned, mentions_only) in any::<(Option<u64>, bool)>(),
    ) -> RoomSummary {
        let id = RoomId::from(id);
        RoomSummary { id, is_group, title, others, size, last, unread, mentioned, active_at, is_muted, mentions_only, is_hidden, is_pinned }
    }
}

prop_compose! {
    fn member()(
        (id, login, name, last_read, joined) in (user_id(), text(), text(), any::<u64>(), any::<u64>()),
        (is_ambiguous, is_present, has_left, is_disabled) in any::<(bool, bool, bool, bool)>(),
    ) -> Member {
        Member { id, login, name, is_ambiguous, is_present, last_read, joined, has_left, is_disabled }
    }
}

prop_compose! {
    fn scheduled()(
        (id, room, body, at) in (uuid(), uuid(), text(), any::<i64>()),
        reply_to in option::of(uuid().prop_map(MessageId::from)),
        (is_failed, asks_confirmation) in any::<(bool, bool)>(),
    ) -> ScheduledMessage {
        let (id, room, failed) = (id.into(), room.into(), is_failed.then_some(Refusal::NotFound));
        ScheduledMessage { id, room, at, body, reply_to, mentions: Mentions::default(), asks_confirmation, failed }
    }
}

prop_compose! {
    fn room()(
        (room, title, cursor) in (uuid(), option::of(text()), cursor()),
        (members, messages) in (vec(member(), 0..3), vec(message(), 0..4)),
        (pins, pins_by_maker) in (vec(pin(), 0..3), any::<bool>()),
        (bookmarks, scheduled) in (vec(uuid().prop_map(MessageId::from), 0..3), vec(scheduled(), 0..3)),
        (is_group, is_muted, mentions_only, has_earlier, has_later) in any::<(bool, bool, bool, bool, bool)>(),
    ) -> RoomSnapshot {
        let room = RoomId::from(room);
        let details = RoomDetails { title, is_muted, mentions_only, pins, pins_by_maker, bookmarks, scheduled, members, cursor };
        RoomSnapshot { room, is_group, details, messages, has_earlier, has_later }
    }
}

prop_compose! {
    fn department_count()((path, people, online) in (text(), any::<u32>(), any::<u32>())) -> DepartmentCount {
        DepartmentCount { path, people, online }
    }
}

prop_compose! {
    fn people_count()((count, online) in any::<(u32, u32)>(), departments in vec(department_count(), 0..3)) -> PeopleCount {
        PeopleCount { count, online, departments }
    }
}

prop_compose! {
    fn lobby()(
        (me, cursor, resumed_from) in (user_id(), cursor(), option::of(cursor())),
        (users, rooms, favourites, settings) in (vec(user(), 0..3), vec(summary(), 0..3), vec(user_id(), 0..3), text()),
        unsent in vec(scheduled(), 0..3),
        (people, departments) in (option::of(people_count()), vec(text(), 0..3)),
    ) -> LobbySnapshot {
        LobbySnapshot { me, cursor, resumed_from, people, users, departments, rooms, favourites, settings, unsent }
    }
}

fn page() -> impl Strategy<Value = LivePage> {
    prop_oneof![
        (lobby(), option::of(room())).prop_map(|(lobby, room)| LivePage::Main { lobby, room }),
        (user_id(), room()).prop_map(|(me, room)| LivePage::Room { me, room }),
        lobby().prop_map(|lobby| LivePage::Aside { lobby }),
    ]
}

proptest! {
    #[test]
    fn the_browser_decodes_what_the_server_renders(page in page()) {
        let json = serde_json::to_string(&page).unwrap();
        let mut rendered = page;
        rendered.normalise();
        prop_assert_eq!(decode::<LivePage>(&json), Some(rendered.clone()));
        prop_assert_eq!(decode::<LivePage>(&serde_json::to_string(&rendered).unwrap()), Some(rendered));
    }
}
