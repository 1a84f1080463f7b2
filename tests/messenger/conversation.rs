//! Two users in the native dialect: presence, invitations, posts, cut connections, resuming.

use protocol::{
    cursor::Cursor,
    error::Refusal,
    ids::{MessageId, RoomId, UserId},
    limit::{BODY_CHARS, PAGE_MESSAGES},
    lobby_socket::LobbyEvent,
    room::{RoomDelta, RoomSnapshot},
    room_socket::{Post, RoomCommand, RoomEvent},
};

use crate::stage::{Socket, Stage, snapshot, unlimited};

fn welcome(event: RoomEvent) -> Option<RoomSnapshot> {
    if let RoomEvent::Welcome(snapshot) = event { Some(snapshot) } else { None }
}

fn refusal(event: RoomEvent) -> Option<(Refusal, Option<MessageId>)> {
    if let RoomEvent::Refused { error, id } = event { Some((error, id)) } else { None }
}

/// Whether a member has the room open, from a `members_changed`.
fn here(user: UserId) -> impl Fn(RoomEvent) -> Option<bool> {
    move |event| match event {
        RoomEvent::MembersChanged { members } => {
            members.iter().find(|member| member.id == user).map(|member| member.is_present)
        }
        _ => None,
    }
}

fn entered(event: LobbyEvent) -> Option<RoomId> {
    if let LobbyEvent::Entered { room } = event { Some(room) } else { None }
}

#[tokio::test]
async fn opening_a_direct_room_tells_the_other_nothing_and_both_can_post() {
    let stage = Stage::new().await;
    let (minsu, younghee) = (stage.person("minsu", "김민수").await, stage.person("younghee", "이영희").await);
    let (mut minsus, mut younghees) = (minsu.lobby().await, younghee.lobby().await);
    younghees.lobby_event(snapshot).await;
    minsus.open_direct(younghee.id).await;
    let room = minsus.lobby_event(entered).await;
    let is_other = |frame: &String| !frame.contains("users_changed");
    assert_eq!(younghees.rest().await.into_iter().filter(is_other).collect::<Vec<_>>(), Vec::<String>::new());

    let (mut minsus, mut younghees) = (minsu.chat(room).await, younghee.chat(room).await);
    assert_eq!(minsus.chat_event(welcome).await.details.members.len(), 2);
    younghees.chat_event(welcome).await;
    assert!(minsus.chat_event(here(younghee.id)).await);

    let id = minsus.post("안녕하세요. <b>.</b>").await;
    let (received, _) = younghees.message().await;
    assert_eq!((received.id, received.author, received.body.as_str()), (id, minsu.id, "안녕하세요. <b>.</b>"));
    assert_eq!(minsus.message().await.0, received, "the acknowledgement is the same message");
    younghees.post("네!").await;
    assert_eq!(minsus.message().await.0.body, "네!");

    drop(younghees);
    assert!(!minsus.chat_event(here(younghee.id)).await);
}

#[tokio::test]
async fn only_the_changed_member_is_sent_when_a_window_opens() {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = stage.pair().await;
    let mut minsus = minsu.chat(room).await;
    assert!(minsus.chat_event(here(minsu.id)).await, "a member receives their own change, too");
    let _younghees = younghee.chat(room).await;
    let matching = |event| if let RoomEvent::MembersChanged { members } = event { Some(members) } else { None };
    let changed: Vec<_> =
        minsus.chat_event(matching).await.into_iter().map(|member| (member.id, member.is_present)).collect();
    assert_eq!(changed, [(younghee.id, true)]);
}

#[tokio::test]
async fn opening_again_leads_to_the_same_room_and_an_unknown_user_is_refused() {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = stage.pair().await;
    let (mut minsus, mut younghees) = (minsu.lobby().await, younghee.lobby().await);
    minsus.open_direct(younghee.id).await;
    assert_eq!(minsus.lobby_event(entered).await, room);
    younghees.open_direct(minsu.id).await;
    assert_eq!(younghees.lobby_event(entered).await, room);
    minsus.open_direct(UserId::new()).await;
    let refused = |event| if let LobbyEvent::Refused { error, .. } = event { Some(error) } else { None };
    assert_eq!(minsus.lobby_event(refused).await, Refusal::NotFound);
}

#[tokio::test]
async fn messages_to_an_offline_user_wait_for_them() {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = stage.pair().await;
    let mut minsus = minsu.chat(room).await;
    minsus.post("자리에 안 계시네요").await;
    minsus.message().await;

    let mut lobby = younghee.lobby().await;
    let listed = lobby.lobby_event(snapshot).await.rooms;
    assert_eq!((listed[0].id, listed[0].unread), (room, 1));
    assert_eq!(listed[0].last.as_ref().map(|last| last.body.as_str()), Some("자리에 안 계시네요"));

    let mut younghees = younghee.chat(room).await;
    let seen = younghees.chat_event(welcome).await;
    assert_eq!(seen.messages.len(), 1);
    younghees.command(&RoomCommand::Read { seq: seen.messages[0].seq }).await;
    let read = |event| if let RoomEvent::Read { users, seq } = event { Some((users, seq)) } else { None };
    assert_eq!(minsus.chat_event(read).await, (vec![younghee.id], seen.messages[0].seq));
    let unread = |event| if let LobbyEvent::RoomChanged { room } = event { Some(room.unread) } else { None };
    assert_eq!(lobby.lobby_event(unread).await, 0);
}

#[tokio::test]
async fn read_receipts_of_a_group_are_coalesced_and_only_the_readers_list_changes() {
    let stage = Stage::new().await;
    let (minsu, reader) = (stage.person("minsu", "김민수").await, stage.person("reader", "읽는이").await);
    let mut readers = vec![reader];
    for number in 1..20 {
        readers.push(stage.person(&format!("reader{number}"), &format!("읽는이 {number}")).await);
    }
    let ids: Vec<UserId> = readers.iter().map(|reader| reader.id).collect();
    let room = stage.messenger.rooms().open_group(minsu.actor(), ids.clone(), None).await.unwrap();
    let (mut minsus, mut list) = (minsu.chat(room).await, readers[0].lobby().await);
    list.lobby_event(snapshot).await;
    let seq = {
        minsus.post("모두 읽어 주세요").await;
        minsus.message().await.0.seq
    };
    let unread = |event| if let LobbyEvent::RoomChanged { room } = event { Some(room.unread) } else { None };
    assert_eq!(list.lobby_event(unread).await, 2, "with the invitation");

    let reading = ids[1..].iter().map(|id| stage.messenger.messages().mark_read(crate::stage::actor(*id), room, seq));
    futures::future::try_join_all(reading).await.unwrap();
    let read = |event| if let RoomEvent::Read { users, .. } = event { Some(users) } else { None };
    let (mut known, mut frames) = (Vec::new(), 0);
    while known.len() < ids.len() - 1 {
        known.extend(minsus.chat_event(read).await);
        frames += 1;
    }
    known.sort_unstable();
    let mut expected = ids[1..].to_vec();
    expected.sort_unstable();
    assert_eq!(known, expected, "each once");
    assert!(frames < 10, "{frames} frames for {} readers", known.len());

    // Longer than a tick.
    tokio::time::sleep(std::time::Duration::from_millis(400)).await;
    stage.messenger.messages().mark_read(crate::stage::actor(ids[0]), room, seq).await.unwrap();
    assert_eq!(list.lobby_event(unread).await, 0, "read marks of others do not change this list");
}

#[tokio::test]
async fn a_read_mark_never_moves_back_nor_past_the_newest_message() {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = stage.pair().await;
    let mut minsus = minsu.chat(room).await;
    for body in ["1", "2", "3"] {
        minsus.post(body).await;
        minsus.message().await;
    }
    let mut younghees = younghee.chat(room).await;
    for (seq, known) in [(2, 2), (1, 2), (u64::MAX, 3)] {
        younghees.command(&RoomCommand::Read { seq }).await;
        younghees.settle().await;
        let members = stage.messenger.rooms().members(minsu.actor(), room).await.unwrap();
        assert_eq!(members.iter().find(|member| member.id == younghee.id).unwrap().last_read, known);
    }
}

#[tokio::test]
async fn every_tab_of_a_user_receives_the_list_and_the_messages() {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = stage.pair().await;
    let (mut first, mut second) = (minsu.lobby().await, minsu.lobby().await);
    assert_eq!(first.lobby_event(snapshot).await.users.len(), 2);
    assert_eq!(second.lobby_event(snapshot).await.users.len(), 2);
    let (mut window, mut other_window, mut younghees) =
        (minsu.chat(room).await, minsu.chat(room).await, younghee.chat(room).await);
    for socket in [&mut window, &mut other_window, &mut younghees] {
        socket.chat_event(welcome).await;
    }
    younghees.post("두 창 모두에게").await;
    assert_eq!(window.message().await, other_window.message().await);
    drop(first);
    younghees.settle().await;
    assert!(stage.messenger.people().is_online(minsu.id), "one tab closed is not a departure");
}

#[tokio::test]
async fn the_same_id_twice_is_stored_once_and_acknowledged_twice() {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = stage.pair().await;
    let (mut minsus, mut younghees) = (minsu.chat(room).await, younghee.chat(room).await);
    younghees.chat_event(welcome).await;
    let post = RoomCommand::Post(Post::new(MessageId::new(), "한 번만"));
    minsus.command(&post).await;
    let (stored, _) = minsus.message().await;
    minsus.command(&post).await;
    assert_eq!(minsus.message().await.0, stored);
    let received = younghees.rest().await;
    assert_eq!(received.iter().filter(|text| text.contains(r#""type":"message""#)).count(), 1, "{received:?}");
    assert_eq!(stage.messenger.rooms().snapshot(minsu.actor(), room).await.unwrap().messages, [stored]);
}

#[tokio::test]
async fn the_same_id_with_another_body_author_or_room_is_refused() {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = stage.pair().await;
    let jiwoo = stage.person("jiwoo", "최지우").await;
    let other_room = stage.messenger.rooms().open_direct(minsu.actor(), jiwoo.id).await.unwrap();
    let (mut minsus, mut younghees, mut elsewhere) =
        (minsu.chat(room).await, younghee.chat(room).await, minsu.chat(other_room).await);
    let id = minsus.post("처음 말").await;
    minsus.message().await;
    for (socket, body) in [(&mut minsus, "다른 말"), (&mut younghees, "처음 말"), (&mut elsewhere, "처음 말")]
    {
        socket.command(&RoomCommand::Post(Post::new(id, body))).await;
        assert_eq!(socket.chat_event(refusal).await, (Refusal::IdConflict, Some(id)));
    }
    assert_eq!(stage.messenger.rooms().snapshot(minsu.actor(), room).await.unwrap().messages.len(), 1);
}

#[tokio::test]
async fn after_a_cut_a_resume_brings_exactly_the_missed_events() {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = stage.pair().await;
    let (mut minsus, mut younghees) = (minsu.chat(room).await, younghee.chat(room).await);
    minsus.post("들은 말").await;
    let (_, cursor) = younghees.message().await;
    minsus.message().await;
    drop(younghees);
    let mut missed = Vec::new();
    for body in ["놓친 말 1", "놓친 말 2"] {
        minsus.post(body).await;
        missed.push(minsus.message().await.0);
    }
    let resumed = |event| match event {
        RoomEvent::Resumed(RoomDelta { messages, details }) => Some((messages, details.cursor)),
        RoomEvent::Welcome(_) => panic!("a usable cursor was not used"),
        _ => None,
    };
    let (messages, now) = younghee.chat_since(room, cursor).await.chat_event(resumed).await;
    assert_eq!(messages, missed);
    assert_eq!(now.version, cursor.version + 2);
    let (messages, _) = younghee.chat_since(room, now).await.chat_event(resumed).await;
    assert!(messages.is_empty());
}

#[tokio::test]
async fn an_unusable_cursor_brings_a_fresh_snapshot() {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = stage.pair().await;
    let mut minsus = minsu.chat(room).await;
    let start = minsus.chat_event(welcome).await.details.cursor;
    for number in 0..=PAGE_MESSAGES {
        minsus.post(&number.to_string()).await;
    }
    for _ in 0..=PAGE_MESSAGES {
        minsus.message().await;
    }
    let ahead = Cursor { version: start.version + 1000, ..start };
    let other_epoch = Cursor { epoch: uuid::Uuid::now_v7(), version: 1 };
    for unusable in [start, ahead, other_epoch] {
        let first = |event| Some(matches!(event, RoomEvent::Welcome(_)));
        assert!(younghee.chat_since(room, unusable).await.chat_event(first).await, "{unusable}");
    }
    let path = format!("/chat/{room}?since=nonsense");
    let snapshot = Socket::open(minsu.own_request(&path)).await.chat_event(welcome).await;
    assert_eq!((snapshot.messages.len(), snapshot.has_earlier), (PAGE_MESSAGES, true));
}

#[tokio::test]
async fn history_is_paged_backwards_without_gaps() {
    let stage = Stage::new().await;
    let (minsu, _, room) = stage.pair().await;
    let total = PAGE_MESSAGES * 2 + 7;
    for number in 0..total {
        stage.post(&minsu, room, &number.to_string()).await;
    }
    let mut minsus = minsu.chat(room).await;
    let snapshot = minsus.chat_event(welcome).await;
    let (mut messages, mut has_earlier) = (snapshot.messages, snapshot.has_earlier);
    while has_earlier {
        minsus.command(&RoomCommand::Earlier { before: messages[0].seq }).await;
        let earlier = |event| match event {
            RoomEvent::Earlier { messages, has_earlier } => Some((messages, has_earlier)),
            _ => None,
        };
        let (mut page, more) = minsus.chat_event(earlier).await;
        page.append(&mut messages);
        (messages, has_earlier) = (page, more);
    }
    let bodies: Vec<usize> = messages.iter().map(|message| message.body.parse().unwrap()).collect();
    assert_eq!(bodies, (0..total).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_page_of_the_longest_messages_arrives() {
    let stage = Stage::new().await;
    let (minsu, _, room) = stage.pair().await;
    // The character that needs the most bytes in JSON.
    let longest = format!("가{}", "\u{1}".repeat(BODY_CHARS - 1));
    for _ in 0..PAGE_MESSAGES * 2 {
        stage.post(&minsu, room, &longest).await;
    }
    let mut minsus = minsu.chat(room).await;
    let snapshot = minsus.chat_event(welcome).await;
    assert!(snapshot.messages.len() == PAGE_MESSAGES && snapshot.messages[0].body == longest);
    minsus.command(&RoomCommand::Earlier { before: snapshot.messages[0].seq }).await;
    let earlier = |event| if let RoomEvent::Earlier { messages, .. } = event { Some(messages.len()) } else { None };
    assert_eq!(minsus.chat_event(earlier).await, PAGE_MESSAGES);
}

#[tokio::test]
async fn everybody_sees_one_order_of_messages() {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = stage.pair().await;
    let (mut minsus, mut younghees) = (minsu.chat(room).await, younghee.chat(room).await);
    minsus.chat_event(welcome).await;
    younghees.chat_event(welcome).await;
    for number in 0..100 {
        minsus.post(&format!("민수 {number}")).await;
        younghees.post(&format!("영희 {number}")).await;
    }
    let (mut seen_by_minsu, mut seen_by_younghee) = (Vec::new(), Vec::new());
    for _ in 0..200 {
        seen_by_minsu.push(minsus.message().await.0);
        seen_by_younghee.push(younghees.message().await.0);
    }
    assert_eq!(seen_by_minsu, seen_by_younghee);
    let versions: Vec<u64> = seen_by_minsu.iter().map(|message| message.version).collect();
    assert_eq!(versions, (1..=200).collect::<Vec<_>>(), "one counter, without holes");
}

#[tokio::test]
async fn invalid_bodies_are_refused_and_all_others_arrive_unchanged() {
    let stage = Stage::new().await;
    let (minsu, _, room) = stage.pair().await;
    let mut minsus = minsu.chat(room).await;
    for (body, expected) in [
        (String::new(), Refusal::EmptyBody),
        (" \n\t ".into(), Refusal::EmptyBody),
        ("가".repeat(BODY_CHARS + 1), Refusal::BodyTooLong),
    ] {
        let id = minsus.post(&body).await;
        assert_eq!(minsus.chat_event(refusal).await, (expected, Some(id)));
    }
    let longest = "😀".repeat(BODY_CHARS);
    for body in [longest.as_str(), "줄\n바꿈\t과 \"따옴표\" \\ <script>&amp;\u{0}\u{202E}", "."] {
        minsus.post(body).await;
        assert_eq!(minsus.message().await.0.body, body);
    }
}

#[tokio::test]
async fn a_rate_limit_refuses_its_own_user_only() {
    let stage = Stage::with(server::messenger::Policy { messages_per_second: 5, ..unlimited() }).await;
    let (minsu, younghee, room) = stage.pair().await;
    let (mut minsus, mut again, mut younghees) =
        (minsu.chat(room).await, minsu.chat(room).await, younghee.chat(room).await);
    for number in 0..30 {
        let socket = if number % 2 == 0 { &mut minsus } else { &mut again };
        socket.post(&number.to_string()).await;
    }
    let (error, id) = minsus.chat_event(refusal).await;
    assert_eq!(error, Refusal::TooFast);
    assert!(id.is_some(), "the refusal names the message");
    let id = younghees.post("나는 괜찮지요?").await;
    let mine =
        |event| if let RoomEvent::Message { message, .. } = event { (message.id == id).then_some(()) } else { None };
    younghees.chat_event(mine).await;
    let stored = stage.messenger.rooms().snapshot(minsu.actor(), room).await.unwrap().messages.len();
    assert!((10..20).contains(&stored), "two windows share one allowance: {stored}");
}
