//! The announcement, pinned messages and bookmarks over sockets.

use protocol::{
    error::Refusal,
    ids::{MessageId, RoomId},
    lobby_socket::{Collection, LobbyCommand, LobbyEvent},
    message::{PinnedMessage, SystemEvent},
    room::RoomDelta,
    room_socket::{RoomCommand, RoomEvent},
};

use crate::stage::{Person, Socket, Stage};

async fn group(stage: &Stage) -> (Person, Person, RoomId) {
    let (minsu, younghee, _) = stage.pair().await;
    let room = stage.messenger.rooms().open_group(minsu.actor(), vec![younghee.id], None).await.unwrap();
    (minsu, younghee, room)
}

async fn pins(socket: &mut Socket) -> Vec<PinnedMessage> {
    let pins = |event| if let RoomEvent::Pins { pins, .. } = event { Some(pins) } else { None };
    socket.chat_event(pins).await
}

#[tokio::test]
async fn an_announcement_is_live_resumed_and_gone_after_a_recall() {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = group(&stage).await;
    let id = stage.post(&minsu, room, "내일은 휴무입니다").await;
    let (mut minsus, mut hers) = (minsu.chat(room).await, younghee.chat(room).await);
    let before = hers.welcome().await;
    assert!(before.details.pins.is_empty());
    minsus.command(&RoomCommand::Announce { id: Some(id) }).await;
    let (event, _) = hers.message().await;
    assert_eq!((event.author, event.system_event), (minsu.id, Some(SystemEvent::Announced)));
    let announced = pins(&mut hers).await;
    assert_eq!((announced[0].id, announced[0].by, announced[0].is_announcement), (id, minsu.id, true));
    assert_eq!(announced[0].body, "내일은 휴무입니다");
    let resumed = |event| match event {
        RoomEvent::Resumed(RoomDelta { details, messages }) => Some((details.pins, messages)),
        _ => None,
    };
    let (resumed_pins, messages) = younghee.chat_since(room, before.details.cursor).await.chat_event(resumed).await;
    assert_eq!((&resumed_pins, messages.len()), (&announced, 1), "with its system event");
    assert_eq!(younghee.chat(room).await.welcome().await.details.pins, announced);

    hers.command(&RoomCommand::PinMessage { id, on: false }).await;
    assert_eq!(pins(&mut minsus).await, announced);
    assert!(pins(&mut minsus).await.is_empty());
    minsus.command(&RoomCommand::Announce { id: Some(id) }).await;
    minsus.command(&RoomCommand::Recall { id }).await;
    minsus.settle().await;
    assert!(younghee.chat(room).await.welcome().await.details.pins.is_empty());
    minsus.command(&RoomCommand::PinMessage { id, on: true }).await;
    assert_eq!(minsus.refusal().await, (Refusal::Recalled, Some(id)));
}

#[tokio::test]
async fn a_newcomer_without_history_sees_no_older_pins() {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = group(&stage).await;
    let jiwoo = stage.person("jiwoo", "최지우").await;
    let old = stage.post(&minsu, room, "우리끼리 공지").await;
    stage.messenger.rooms().announce(minsu.actor(), room, Some(old)).await.unwrap();
    stage.messenger.rooms().invite(minsu.actor(), room, vec![jiwoo.id], false, None).await.unwrap();
    let mut jiwoos = jiwoo.chat(room).await;
    assert!(jiwoos.welcome().await.details.pins.is_empty());
    let new = stage.post(&minsu, room, "새 안내").await;
    younghee.chat(room).await.command(&RoomCommand::PinMessage { id: new, on: true }).await;
    let seen: Vec<MessageId> = pins(&mut jiwoos).await.iter().map(|pin| pin.id).collect();
    assert_eq!(seen, [new]);
}

#[tokio::test]
async fn the_maker_chooses_who_pins() {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = group(&stage).await;
    let id = stage.post(&younghee, room, "안내").await;
    let (mut minsus, mut hers) = (minsu.chat(room).await, younghee.chat(room).await);
    hers.command(&RoomCommand::LimitPins { on: true }).await;
    assert_eq!(hers.refusal().await.0, Refusal::NotMaker);
    minsus.command(&RoomCommand::LimitPins { on: true }).await;
    let limited = |event| if let RoomEvent::Pins { by_maker, .. } = event { Some(by_maker) } else { None };
    assert!(hers.chat_event(limited).await);
    assert!(younghee.chat(room).await.welcome().await.details.pins_by_maker);
    hers.command(&RoomCommand::PinMessage { id, on: true }).await;
    assert_eq!(hers.refusal().await, (Refusal::NotMaker, Some(id)));
}

#[tokio::test]
async fn the_originals_client_reads_the_announcement_when_it_is_set_and_when_it_enters() {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = group(&stage).await;
    let id = stage.post(&minsu, room, "<b>내일</b> 휴무").await;
    let mut legacy = younghee.egov_chat(room).await;
    stage.messenger.rooms().announce(minsu.actor(), room, Some(id)).await.unwrap();
    assert_eq!(legacy.until_message("(공지)").await, "(공지) &lt;b&gt;내일&lt;/b&gt; 휴무");
    let other = stage.post(&minsu, room, "다른 말").await;
    stage.messenger.rooms().pin_message(minsu.actor(), room, other, true).await.unwrap();
    stage.messenger.rooms().announce(minsu.actor(), room, None).await.unwrap();
    let lines: Vec<String> = legacy.rest().await;
    assert!(lines.iter().all(|line| !line.contains("(공지)")), "once, and no other pin: {lines:?}");
    assert!(lines.iter().any(|line| line.contains("공지를 내렸습니다")));
    stage.messenger.rooms().announce(minsu.actor(), room, Some(other)).await.unwrap();
    assert_eq!(younghee.egov_chat(room).await.until_message("(공지)").await, "(공지) 다른 말");
}

#[tokio::test]
async fn a_bookmark_reaches_all_windows_of_its_owner_and_nobody_else() {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = group(&stage).await;
    let id = stage.post(&younghee, room, "나중에 볼 글").await;
    let (mut chat, mut lobby, mut hers) = (minsu.chat(room).await, minsu.lobby().await, younghee.chat(room).await);
    chat.command(&RoomCommand::Bookmark { id, on: true }).await;
    let in_room = |event| if let RoomEvent::Bookmarked { id, on } = event { Some((id, on)) } else { None };
    let in_lobby = |event| match event {
        LobbyEvent::Bookmarked { room, id, on } => Some((room, id, on)),
        _ => None,
    };
    assert_eq!(chat.chat_event(in_room).await, (id, true));
    assert_eq!(lobby.lobby_event(in_lobby).await, (room, id, true));
    assert_eq!(minsu.chat(room).await.welcome().await.details.bookmarks, [id]);
    lobby.command(&LobbyCommand::Collect { of: Collection::Bookmarks, before: None }).await;
    let hits = |event| if let LobbyEvent::Collected { hits, .. } = event { Some(hits) } else { None };
    assert_eq!(lobby.lobby_event(hits).await[0].message.body, "나중에 볼 글");
    lobby.command(&LobbyCommand::Bookmark { room, id, on: false }).await;
    assert_eq!(chat.chat_event(in_room).await, (id, false));
    assert!(hers.rest().await.iter().all(|frame| !frame.contains("bookmarked")));
    let stranger = stage.person("jiwoo", "최지우").await;
    let mut strangers = stranger.lobby().await;
    strangers.command(&LobbyCommand::Bookmark { room, id, on: true }).await;
    let refused = |event| if let LobbyEvent::Refused { error, .. } = event { Some(error) } else { None };
    assert_eq!(strangers.lobby_event(refused).await, Refusal::NotFound);
}
