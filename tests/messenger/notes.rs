//! A user's notes: a direct room of one.

use protocol::{
    ids::RoomId,
    lobby_socket::LobbyEvent,
    room_socket::{RoomCommand, RoomEvent},
};

use crate::stage::{Person, Stage, refused, snapshot};

fn entered(event: LobbyEvent) -> Option<RoomId> {
    if let LobbyEvent::Entered { room } = event { Some(room) } else { None }
}

async fn notes(person: &Person) -> RoomId {
    let mut lobby = person.lobby().await;
    lobby.open_direct(person.id).await;
    lobby.lobby_event(entered).await
}

#[tokio::test]
async fn notes_are_one_room_that_nobody_else_sees() {
    let stage = Stage::new().await;
    let (minsu, younghee, direct) = stage.pair().await;
    let rooms = futures::future::join_all((0..8).map(|_| notes(&minsu))).await;
    let room = rooms[0];
    assert!(rooms.iter().all(|other| *other == room) && room != direct, "however often they are opened at once");
    assert_ne!(notes(&younghee).await, room);
    let mut chat = minsu.chat(room).await;
    let opened = chat.welcome().await;
    assert_eq!((opened.is_group, opened.details.members.len(), opened.messages.len()), (false, 1, 0));
    chat.post("우유 사기").await;
    assert_eq!(chat.message().await.0.body, "우유 사기");
    let path = format!("/chat/{room}");
    assert_eq!(refused(younghee.own_request(&path)).await, 404);
    let found = stage.messenger.search().messages(younghee.actor(), "우유", None).await.unwrap();
    assert!(found.hits.is_empty());
    let found = stage.messenger.search().messages(minsu.actor(), "우유", None).await.unwrap();
    assert_eq!(found.hits.len(), 1);
    stage.messenger.close().await;
    let findings = server::messenger::check(stage.data.path(), None, false).await.unwrap();
    assert!(findings.iter().all(|finding| finding.wrong.is_empty()), "{findings:?}");
}

#[tokio::test]
async fn notes_are_listed_without_an_unread_count_and_open_no_window_of_legacy_clients() {
    let stage = Stage::new().await;
    let (minsu, _, _) = stage.pair().await;
    let (mut old, mut other) = (minsu.egov_lobby().await, minsu.lobby().await);
    old.egov("allUsers").await;
    other.lobby_event(snapshot).await;
    let room = notes(&minsu).await;
    let listed = |event| match event {
        LobbyEvent::RoomChanged { room: changed } if changed.id == room => Some(changed),
        _ => None,
    };
    let summary = other.lobby_event(listed).await;
    assert_eq!((summary.is_group, summary.others.len(), summary.size), (false, 0, 1));
    stage.post(&minsu, room, "내일 할 일").await;
    let summary = other.lobby_event(|event| listed(event).filter(|room| room.last.is_some())).await;
    assert_eq!(summary.unread, 0);
    let rest = old.rest().await;
    assert!(!rest.iter().any(|text| text.contains("enterChatId")), "{rest:?}");

    // The original's client may still enter the room by its address.
    let mut legacy = minsu.egov_chat(room).await;
    assert_eq!(legacy.egov_typed("UsersMessage").await["users"], serde_json::json!(["김민수"]));
}

#[tokio::test]
async fn notes_grow_into_a_group_and_stay_as_they_are() {
    let stage = Stage::new().await;
    let (minsu, younghee, _) = stage.pair().await;
    let room = notes(&minsu).await;
    stage.post(&minsu, room, "혼자 쓴 글").await;
    let mut chat = minsu.chat(room).await;
    chat.command(&RoomCommand::Invite { users: vec![younghee.id], history: true, title: None }).await;
    let entered = |event| if let RoomEvent::Entered { room } = event { Some(room) } else { None };
    let group = chat.chat_event(entered).await;
    let theirs = younghee.chat(group).await.welcome().await;
    assert_eq!((theirs.details.members.len(), theirs.messages.len()), (2, 1), "nothing of the notes is in it");
    assert_eq!(refused(younghee.own_request(&format!("/chat/{room}"))).await, 404);
}
