//! Budgets: how much of each class of command a user may spend, over all their sockets.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

use futures::stream::empty;
use protocol::{
    error::Refusal,
    ids::{FileId, MessageId},
    lobby_socket::{LobbyCommand, LobbyEvent},
    message::Reaction,
    room_socket::{RoomCommand, RoomEvent},
};
use server::{
    messenger::{Actor, Policy, Repeated, TransferRefusal, Via},
    model::NewUpload,
};

use crate::{
    counting_window::CountingWindow,
    stage::{Socket, Stage, snapshot, unlimited},
};

/// A server with budgets, and without the frame limit of a connection.
async fn limited() -> Stage {
    Stage::with(Policy { messages_per_second: 1_000, ..unlimited() }).await
}

/// Sends a frame repeatedly and waits for every answer; returns how many were refused.
async fn refusals(socket: &mut Socket, frame: &str, times: usize) -> usize {
    let mut refused = 0;
    for _ in 0..times {
        socket.send_text(frame).await;
    }
    socket.send_text("that is no frame").await;
    loop {
        let text = socket.text().await.expect("the connection stays");
        match (text.contains(r#""refused""#), text.contains("malformed")) {
            (true, true) => return refused,
            (true, false) => refused += usize::from(text.contains("too_fast")),
            _ => {}
        }
    }
}

#[tokio::test]
async fn each_class_of_command_stops_at_its_budget_over_all_sockets_and_slows_nobody_else() {
    let stage = limited().await;
    let (minsu, younghee, room) = stage.pair().await;
    let (mut chat, mut other_window) = (minsu.chat(room).await, minsu.chat(room).await);
    let (mut list, mut other_list) = (minsu.lobby().await, minsu.lobby().await);
    for (frame, burst) in
        [(r#"{"type":"around_time","at":1}"#, 60), (r#"{"type":"people"}"#, 30), (r#"{"type":"mute","on":true}"#, 40)]
    {
        let first = refusals(&mut chat, frame, burst).await;
        assert_eq!(first, 0, "{frame}");
        assert!(
            refusals(&mut other_window, frame, burst).await > burst / 2,
            "{frame}: another socket has no other budget"
        );
    }
    for (frame, burst) in [(r#"{"type":"status","busy":false,"text":"회의"}"#, 20)] {
        assert_eq!(refusals(&mut list, frame, burst).await, 0, "{frame}");
        assert!(refusals(&mut other_list, frame, burst).await > burst / 2, "{frame}");
    }
    chat.post("글은 그대로 갑니다").await;
    let posted = |event| matches!(event, RoomEvent::Message { .. }).then_some(());
    chat.chat_event(posted).await;
    let mut hers = younghee.chat(room).await;
    assert_eq!(refusals(&mut hers, r#"{"type":"around_time","at":1}"#, 20).await, 0);
}

#[tokio::test]
async fn each_command_about_a_persons_own_state_has_a_budget() {
    let stage = limited().await;
    let (minsu, _, room) = stage.pair().await;
    let id = MessageId::new();
    let in_room = [
        RoomCommand::Mute { on: true, mentions_only: false },
        RoomCommand::Hide,
        RoomCommand::Unschedule { id },
        RoomCommand::Bookmark { id, on: true },
    ];
    let in_lobby = [
        LobbyCommand::Mute { room, on: true, mentions_only: false },
        LobbyCommand::Hide { room },
        LobbyCommand::Pin { room, on: true },
        LobbyCommand::Favour { user: minsu.id, on: true },
        LobbyCommand::Unschedule { id },
        LobbyCommand::Bookmark { room, id, on: true },
        LobbyCommand::Absence { absence: None },
    ];
    let in_room = in_room.iter().map(|command| (true, serde_json::to_string(command).unwrap()));
    let in_lobby = in_lobby.iter().map(|command| (false, serde_json::to_string(command).unwrap()));
    for (number, (is_in_room, frame)) in in_room.chain(in_lobby).enumerate() {
        let person = stage.person(&format!("p{number}"), "사람").await;
        let room = stage.messenger.rooms().open_direct(person.actor(), minsu.id).await.unwrap();
        let mut socket = if is_in_room { person.chat(room).await } else { person.lobby().await };
        assert!(refusals(&mut socket, &frame, 80).await >= 20, "{frame}");
    }
}

/// How often something is done until it is refused for its budget.
async fn until_too_fast(act: impl AsyncFn() -> Option<Refusal>) -> usize {
    for done in 0..5_000 {
        if act().await == Some(Refusal::TooFast) {
            return done;
        }
    }
    panic!("it has no budget");
}

#[tokio::test]
async fn uploads_their_transfers_and_downloads_stop_at_their_budgets() {
    let stage = limited().await;
    let (minsu, younghee, _) = stage.pair().await;
    let (uploads, actor, id) = (stage.messenger.uploads(), minsu.actor(), FileId::new());
    // Each is charged before it is looked at.
    let vast = || NewUpload { name: "a".into(), length: u64::MAX, is_original: false };
    let created = until_too_fast(async || uploads.create(actor, vast()).await.err()).await;
    let asked = until_too_fast(async || uploads.state(actor, id).await.err()).await;
    // To send bytes is charged as the question how far they are.
    let sent = until_too_fast(async || match uploads.append(actor, id, 0, None, empty::<io::Result<_>>()).await {
        Err(TransferRefusal::Refused(refusal)) => Some(refusal),
        _ => None,
    });
    assert!(sent.await < 200);
    let opened = until_too_fast(async || stage.messenger.files().open(actor, id).await.err()).await;
    assert!(created >= 200 && asked >= 400 && opened >= 1_000, "{created} {asked} {opened}");
    assert_eq!(younghee.append(id, "0", "x").await.status(), 404, "another person has another budget");
}

#[tokio::test]
async fn pins_that_everybody_in_the_room_is_sent_stop_at_their_budget() {
    let stage = limited().await;
    let (minsu, _, room) = stage.pair().await;
    let id = stage.post(&minsu, room, "공지로 올릴 글").await;
    let mut chat = minsu.chat(room).await;
    let commands = [
        RoomCommand::Announce { id: Some(id) },
        RoomCommand::Announce { id: None },
        RoomCommand::PinMessage { id, on: true },
        RoomCommand::PinMessage { id, on: false },
    ];
    let mut refused = 0;
    for command in commands.iter().cycle().take(60) {
        refused += refusals(&mut chat, &serde_json::to_string(command).unwrap(), 1).await;
    }
    assert!((20..=40).contains(&refused), "{refused} of 60");
}

#[tokio::test]
async fn many_changes_of_a_status_are_coalesced_and_the_last_one_counts() {
    let stage = limited().await;
    let (minsu, younghee, _) = stage.pair().await;
    let (mut list, mut hers) = (minsu.lobby().await, younghee.lobby().await);
    hers.lobby_event(snapshot).await;
    for number in 1..=20 {
        list.command(&LobbyCommand::Status { busy: false, text: Some(format!("회의 {number}")), until: None }).await;
    }
    let (mut frames, mut last) = (0, String::new());
    while last != "회의 20" {
        last = hers
            .lobby_event(|event| match event {
                LobbyEvent::UsersChanged { users, .. } => {
                    users.into_iter().find(|user| user.id == minsu.id).and_then(|user| user.profile.status)
                }
                _ => None,
            })
            .await;
        frames += 1;
    }
    assert!(frames <= 10, "{frames}");
}

#[tokio::test]
async fn nobody_can_fill_the_list_of_another_user() {
    let stage = limited().await;
    let (eve, victim) = (stage.person("eve", "이브").await, stage.person("victim", "피해자").await);
    let mut list = eve.lobby().await;
    let command = LobbyCommand::OpenGroup { users: vec![victim.id; 300], title: None };
    assert!(refusals(&mut list, &serde_json::to_string(&command).unwrap(), 30).await >= 20);
    let rooms = victim.lobby().await.lobby_event(snapshot).await.rooms;
    assert!((1..=10).contains(&rooms.len()), "{}", rooms.len());
    assert!(rooms.iter().all(|room| room.size == 2));
    let another = stage.person("another", "다른이").await;
    stage.messenger.rooms().open_group(another.actor(), vec![victim.id], None).await.unwrap();
    // Invitations into an existing group count, too.
    let room = rooms[0].id;
    for _ in 0..20 {
        stage.messenger.rooms().leave(victim.actor(), room).await.unwrap();
        if let Err(error) = stage.messenger.rooms().invite(eve.actor(), room, vec![victim.id], false, None).await {
            assert_eq!(error, Refusal::TooFast);
            return;
        }
    }
    panic!("invited twenty times");
}

#[tokio::test]
async fn a_legacy_window_receives_few_invitations_however_often_its_user_is_picked() {
    let stage = limited().await;
    let (minsu, younghee) = (stage.person("minsu", "김민수").await, stage.person("younghee", "이영희").await);
    let mut old = younghee.egov_lobby().await;
    let mut list = minsu.lobby().await;
    let open = serde_json::to_string(&LobbyCommand::OpenDirect { user: younghee.id }).unwrap();
    refusals(&mut list, &open, 60).await;
    let called = old.rest().await.iter().filter(|frame| frame.contains("enterChatId")).count();
    assert_eq!(called, 3);
}

#[tokio::test]
async fn a_legacy_window_that_requests_the_list_repeatedly_receives_it_a_few_times() {
    let stage = limited().await;
    let minsu = stage.person("minsu", "김민수").await;
    let mut old = minsu.egov_lobby().await;
    for _ in 0..100 {
        old.send_text(r#"{"connectionType":"firstConnection","username":"x"}"#).await;
    }
    let lists = old.rest().await.iter().filter(|frame| frame.contains("allUsers")).count();
    assert!((2..50).contains(&lists), "{lists}");
}

#[tokio::test]
async fn repeated_searches_exhaust_their_budget() {
    let stage = limited().await;
    let (minsu, _, room) = stage.pair().await;
    stage.post(&minsu, room, "찾을 말").await;
    let search = || stage.messenger.search().messages(minsu.actor(), "말", None);
    let mut outcomes = Vec::new();
    for _ in 0..400 {
        outcomes.push(search().await.is_ok());
    }
    let done = outcomes.iter().filter(|is_done| **is_done).count();
    assert!((30..400).contains(&done), "{done} of 400 at once");
    assert!(outcomes[0] && !outcomes[399]);
}

#[tokio::test]
async fn above_the_limit_each_reaction_is_sent_alone_and_a_window_shows_what_is_stored() {
    let stage = Stage::new().await;
    let minsu = stage.person("minsu", "김민수").await;
    let mut crowd = Vec::new();
    for number in 0..30 {
        let login = format!("p{number}");
        crowd.push(stage.messenger.accounts().add(&login, "사람", crate::stage::PASSWORD, false).await.unwrap());
    }
    let room = stage.messenger.rooms().open_group(minsu.actor(), crowd.clone(), None).await.unwrap();
    let id = stage.post(&minsu, room, "내일은 쉽니다").await;
    let reader = stage.sign_in("p0").await;
    let (mut window, mut old) = (CountingWindow::open(&minsu, room).await, reader.egov_chat(room).await);
    old.until_message("쉽니다").await;
    for user in &crowd {
        stage.messenger.messages().react(crate::stage::actor(*user), room, id, "👍", true).await.unwrap();
    }
    stage.messenger.messages().react(crate::stage::actor(crowd[3]), room, id, "👍", false).await.unwrap();
    stage.messenger.messages().react(crate::stage::actor(crowd[3]), room, id, "🎉", true).await.unwrap();
    stage.messenger.messages().react(minsu.actor(), room, id, "🎉", true).await.unwrap();
    let stored = minsu.chat(room).await.welcome().await.messages.into_iter().find(|message| message.id == id).unwrap();
    window.until(stored.version).await;
    assert_eq!((window.whole, window.deltas), (24, 9));
    assert_eq!(window.messages[&stored.seq], stored);
    assert_eq!(stored.reactions[1], Reaction { emoji: "🎉".into(), users: vec![crowd[3], minsu.id] });
    for _ in 0..crowd.len() {
        assert_eq!(old.until_message("👍").await, "👍 (&quot;내일은 쉽니다&quot;)");
    }
    assert_eq!(old.until_message("🎉").await, "🎉 (&quot;내일은 쉽니다&quot;)");

    // A repeated reaction changes nothing and is answered to its sender only.
    let again = stage.messenger.messages().react(minsu.actor(), room, id, "🎉", true).await.unwrap();
    assert!(
        matches!(again, Some(Repeated::Reaction { reacted, cursor }) if reacted.on && cursor.version == stored.version)
    );
    // A member who may not see the message receives `advanced`.
    let late = stage.person("late", "나중이").await;
    stage.messenger.rooms().invite(minsu.actor(), room, vec![late.id], false, None).await.unwrap();
    let mut lates = late.chat(room).await;
    lates.welcome().await;
    stage.messenger.messages().react(minsu.actor(), room, id, "🎉", false).await.unwrap();
    let next = |event| match event {
        RoomEvent::Advanced { .. } => Some(true),
        RoomEvent::Reacted { .. } | RoomEvent::Message { .. } => Some(false),
        _ => None,
    };
    assert!(lates.chat_event(next).await);
    let refused = stage.messenger.messages().react(late.actor(), room, id, "👍", true).await;
    assert!(matches!(refused, Err(Refusal::NotFound)));
    let mut chat = minsu.chat(room).await;
    chat.command(&RoomCommand::Ping).await;
}

/// The log that this thread's subscriber writes.
#[derive(Clone, Default)]
struct LogText(Arc<Mutex<Vec<u8>>>);

impl Write for LogText {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_command_over_budget_is_logged_with_the_user_and_the_way_it_came() {
    let stage = limited().await;
    let minsu = stage.person("minsu", "김민수").await;
    let actor = Actor { via: Via::Legacy, ..minsu.actor() };
    let rename = async || stage.messenger.people().rename(actor, "김민수").await;
    // `tracing` knows the call of this line when the subscriber comes: a test without a subscriber that
    // passed it first would silence it.
    while rename().await.is_ok() {}
    let log = LogText::default();
    let shared = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::DEBUG)
        .with_ansi(false)
        .with_writer(move || shared.clone())
        .finish();
    let guard = tracing::subscriber::set_default(subscriber);
    while rename().await.is_ok() {}
    drop(guard);
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let line = text.lines().find(|line| line.contains("over its limit")).unwrap_or_else(|| panic!("{text}"));
    let expected = [format!("user={}", minsu.id), "via=Legacy".into(), "limit=Name".into()];
    assert!(expected.iter().all(|field| line.contains(field)), "{line}");
}
