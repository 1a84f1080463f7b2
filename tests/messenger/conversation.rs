//! Two people in our own language: seeing, inviting, talking, losing the connection, coming back.

use daehwa::protocol::{
    chat::{ChatCommand, ChatEvent},
    cursor::Cursor,
    error::Refusal,
    ids::{MessageId, RoomId, UserId},
    limit::{BODY_CHARS, PAGE_MESSAGES},
    lobby::LobbyEvent,
    room::RoomSnapshot,
};
use serde_json::json;

use crate::stage::{Socket, Stage, snapshot, unlimited};

fn welcome(event: ChatEvent) -> Option<RoomSnapshot> {
    if let ChatEvent::Welcome(snapshot) = event { Some(snapshot) } else { None }
}

fn refusal(event: ChatEvent) -> Option<(Refusal, Option<MessageId>)> {
    if let ChatEvent::Refused { error, id } = event { Some((error, id)) } else { None }
}

/// Whether a member has the conversation open, when that is what is told.
fn here(user: UserId) -> impl Fn(ChatEvent) -> Option<bool> {
    move |event| match event {
        ChatEvent::MembersChanged { members } => {
            members.iter().find(|member| member.id == user).map(|member| member.here)
        }
        _ => None,
    }
}

fn invitation(event: LobbyEvent) -> Option<(RoomId, UserId)> {
    if let LobbyEvent::Invited { room, by } = event { Some((room, by)) } else { None }
}

fn entered(event: LobbyEvent) -> Option<RoomId> {
    if let LobbyEvent::Entered { room } = event { Some(room) } else { None }
}

#[tokio::test]
async fn a_click_invites_the_other_and_both_talk() {
    let stage = Stage::new().await;
    let (minsu, younghee) = (stage.person("minsu", "김민수").await, stage.person("younghee", "이영희").await);
    let (mut minsus, mut younghees) = (minsu.lobby().await, younghee.lobby().await);
    younghees.lobby_event(snapshot).await;
    minsus.open_direct(younghee.id).await;
    let room = minsus.lobby_event(entered).await;
    assert_eq!(younghees.lobby_event(invitation).await, (room, minsu.id));

    let (mut minsus, mut younghees) = (minsu.chat(room).await, younghee.chat(room).await);
    assert_eq!(minsus.chat_event(welcome).await.members.len(), 2);
    younghees.chat_event(welcome).await;
    assert!(minsus.chat_event(here(younghee.id)).await);

    let id = minsus.post("안녕하세요. <b>.</b>").await;
    let (heard, _) = younghees.message().await;
    assert_eq!((heard.id, heard.author, heard.body.as_str()), (id, minsu.id, "안녕하세요. <b>.</b>"));
    assert_eq!(minsus.message().await.0, heard, "the acknowledgement is the same message");
    younghees.post("네!").await;
    assert_eq!(minsus.message().await.0.body, "네!");

    drop(younghees);
    assert!(!minsus.chat_event(here(younghee.id)).await);
}

#[tokio::test]
async fn who_comes_into_a_conversation_is_told_alone() {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = stage.pair().await;
    let mut minsus = minsu.chat(room).await;
    assert!(minsus.chat_event(here(minsu.id)).await, "one's own coming is told, too");
    let _younghees = younghee.chat(room).await;
    let told = |event| if let ChatEvent::MembersChanged { members } = event { Some(members) } else { None };
    let changed: Vec<_> = minsus.chat_event(told).await.into_iter().map(|member| (member.id, member.here)).collect();
    assert_eq!(changed, [(younghee.id, true)]);
}

#[tokio::test]
async fn picking_again_leads_to_the_same_room_and_picking_oneself_to_none() {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = stage.pair().await;
    let (mut minsus, mut younghees) = (minsu.lobby().await, younghee.lobby().await);
    minsus.open_direct(younghee.id).await;
    assert_eq!(minsus.lobby_event(entered).await, room);
    younghees.open_direct(minsu.id).await;
    assert_eq!(younghees.lobby_event(entered).await, room);
    for (user, expected) in [(minsu.id, Refusal::Oneself), (UserId::new(), Refusal::NotFound)] {
        minsus.open_direct(user).await;
        let refused = |event| if let LobbyEvent::Refused { error, .. } = event { Some(error) } else { None };
        assert_eq!(minsus.lobby_event(refused).await, expected);
    }
}

#[tokio::test]
async fn what_is_written_to_somebody_away_waits_for_them() {
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
    younghees.command(&ChatCommand::Read { seq: seen.messages[0].seq }).await;
    let read = |event| if let ChatEvent::Read { users, seq } = event { Some((users, seq)) } else { None };
    assert_eq!(minsus.chat_event(read).await, (vec![younghee.id], seen.messages[0].seq));
    let unread = |event| if let LobbyEvent::RoomChanged { room } = event { Some(room.unread) } else { None };
    assert_eq!(lobby.lobby_event(unread).await, 0);
}

#[tokio::test]
async fn what_a_group_reads_at_once_is_told_in_few_frames_and_only_the_reader_s_list_changes() {
    let stage = Stage::new().await;
    let (minsu, reader) = (stage.person("minsu", "김민수").await, stage.person("reader", "읽는이").await);
    let mut readers = vec![reader];
    for number in 1..20 {
        readers.push(stage.person(&format!("reader{number}"), &format!("읽는이 {number}")).await);
    }
    let ids: Vec<UserId> = readers.iter().map(|reader| reader.id).collect();
    let room = stage.messenger.open_group(minsu.id, ids.clone(), None).await.unwrap();
    let (mut minsus, mut list) = (minsu.chat(room).await, readers[0].lobby().await);
    list.lobby_event(snapshot).await;
    let seq = {
        minsus.post("모두 읽어 주세요").await;
        minsus.message().await.0.seq
    };
    let unread = |event| if let LobbyEvent::RoomChanged { room } = event { Some(room.unread) } else { None };
    assert_eq!(list.lobby_event(unread).await, 1);

    let reading = ids[1..].iter().map(|id| stage.messenger.mark_read(*id, room, seq));
    futures::future::try_join_all(reading).await.unwrap();
    let read = |event| if let ChatEvent::Read { users, .. } = event { Some(users) } else { None };
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

    // Longer than a list waits for its next change.
    tokio::time::sleep(std::time::Duration::from_millis(400)).await;
    stage.messenger.mark_read(ids[0], room, seq).await.unwrap();
    assert_eq!(list.lobby_event(unread).await, 0, "what others had read was no news to this list");
}

#[tokio::test]
async fn reading_never_goes_back_nor_beyond_what_was_said() {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = stage.pair().await;
    let mut minsus = minsu.chat(room).await;
    for body in ["1", "2", "3"] {
        minsus.post(body).await;
        minsus.message().await;
    }
    let mut younghees = younghee.chat(room).await;
    for (seq, known) in [(2, 2), (1, 2), (u64::MAX, 3)] {
        younghees.command(&ChatCommand::Read { seq }).await;
        younghees.settle().await;
        let members = stage.messenger.members_for(minsu.id, room).await.unwrap();
        assert_eq!(members.iter().find(|member| member.id == younghee.id).unwrap().last_read, known);
    }
}

#[tokio::test]
async fn every_tab_of_a_person_gets_the_list_and_the_messages() {
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
    assert!(stage.messenger.hub().standing(minsu.id).is_some(), "one tab closed is not a departure");
}

#[tokio::test]
async fn the_same_id_twice_is_stored_once_and_acknowledged_twice() {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = stage.pair().await;
    let (mut minsus, mut younghees) = (minsu.chat(room).await, younghee.chat(room).await);
    younghees.chat_event(welcome).await;
    let post = ChatCommand::Post { id: MessageId::new(), body: "한 번만".into(), reply_to: None };
    minsus.command(&post).await;
    let (stored, _) = minsus.message().await;
    minsus.command(&post).await;
    assert_eq!(minsus.message().await.0, stored);
    let heard = younghees.rest().await;
    assert_eq!(heard.iter().filter(|text| text.contains(r#""type":"message""#)).count(), 1, "{heard:?}");
    assert_eq!(stage.messenger.room(minsu.id, room).await.unwrap().messages, [stored]);
}

#[tokio::test]
async fn the_same_id_with_another_body_author_or_room_is_refused() {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = stage.pair().await;
    let jiwoo = stage.person("jiwoo", "최지우").await;
    let other_room = stage.messenger.open_direct(minsu.id, jiwoo.id).await.unwrap();
    let (mut minsus, mut younghees, mut elsewhere) =
        (minsu.chat(room).await, younghee.chat(room).await, minsu.chat(other_room).await);
    let id = minsus.post("처음 말").await;
    minsus.message().await;
    for (socket, body) in [(&mut minsus, "다른 말"), (&mut younghees, "처음 말"), (&mut elsewhere, "처음 말")]
    {
        socket.command(&ChatCommand::Post { id, body: body.into(), reply_to: None }).await;
        assert_eq!(socket.chat_event(refusal).await, (Refusal::IdConflict, Some(id)));
    }
    assert_eq!(stage.messenger.room(minsu.id, room).await.unwrap().messages.len(), 1);
}

#[tokio::test]
async fn after_a_cut_the_cursor_brings_exactly_what_was_missed() {
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
        ChatEvent::Resumed { messages, cursor, .. } => Some((messages, cursor)),
        ChatEvent::Welcome(_) => panic!("a usable cursor was not used"),
        _ => None,
    };
    let (messages, now) = younghee.chat_since(room, cursor).await.chat_event(resumed).await;
    assert_eq!(messages, missed);
    assert_eq!(now.version, cursor.version + 2);
    let (messages, _) = younghee.chat_since(room, now).await.chat_event(resumed).await;
    assert!(messages.is_empty());
}

#[tokio::test]
async fn a_cursor_that_cannot_be_used_brings_a_fresh_snapshot() {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = stage.pair().await;
    let mut minsus = minsu.chat(room).await;
    let start = minsus.chat_event(welcome).await.cursor;
    for number in 0..=PAGE_MESSAGES {
        minsus.post(&number.to_string()).await;
    }
    for _ in 0..=PAGE_MESSAGES {
        minsus.message().await;
    }
    let ahead = Cursor { version: start.version + 1000, ..start };
    let other_epoch = Cursor { epoch: uuid::Uuid::now_v7(), version: 1 };
    for unusable in [start, ahead, other_epoch] {
        let first = |event| Some(matches!(event, ChatEvent::Welcome(_)));
        assert!(younghee.chat_since(room, unusable).await.chat_event(first).await, "{unusable}");
    }
    let path = format!("/chat/{room}?since=nonsense");
    let snapshot = Socket::open(younghee.own_request(&path)).await.chat_event(welcome).await;
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
        minsus.command(&ChatCommand::Earlier { before: messages[0].seq }).await;
        let earlier = |event| match event {
            ChatEvent::Earlier { messages, has_earlier } => Some((messages, has_earlier)),
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
    // The character that JSON writes with the most bytes.
    let longest = format!("가{}", "\u{1}".repeat(BODY_CHARS - 1));
    for _ in 0..PAGE_MESSAGES * 2 {
        stage.post(&minsu, room, &longest).await;
    }
    let mut minsus = minsu.chat(room).await;
    let snapshot = minsus.chat_event(welcome).await;
    assert!(snapshot.messages.len() == PAGE_MESSAGES && snapshot.messages[0].body == longest);
    minsus.command(&ChatCommand::Earlier { before: snapshot.messages[0].seq }).await;
    let earlier = |event| if let ChatEvent::Earlier { messages, .. } = event { Some(messages.len()) } else { None };
    assert_eq!(minsus.chat_event(earlier).await, PAGE_MESSAGES);
}

#[tokio::test]
async fn everybody_sees_one_order_whoever_speaks() {
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
async fn bodies_that_cannot_be_are_refused_and_the_rest_arrives_as_it_was() {
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
async fn typing_is_told_to_the_other_and_not_to_oneself() {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = stage.pair().await;
    let (mut minsus, mut younghees) = (minsu.chat(room).await, younghee.chat(room).await);
    younghees.chat_event(welcome).await;
    minsus.command(&ChatCommand::Typing).await;
    let typing = |event| if let ChatEvent::Typing { user } = event { Some(user) } else { None };
    assert_eq!(younghees.chat_event(typing).await, minsu.id);
    minsus.say(&json!({ "type": "ping" }).to_string()).await;
    assert!(!minsus.rest().await.iter().any(|text| text.contains("typing")));
}

#[tokio::test]
async fn one_persons_haste_is_refused_and_nobody_elses() {
    let stage = Stage::with(daehwa::server::messenger::Settings { messages_per_second: 5, ..unlimited() }).await;
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
        |event| if let ChatEvent::Message { message, .. } = event { (message.id == id).then_some(()) } else { None };
    younghees.chat_event(mine).await;
    let stored = stage.messenger.room(minsu.id, room).await.unwrap().messages.len();
    assert!((10..20).contains(&stored), "two windows share one allowance: {stored}");
}
