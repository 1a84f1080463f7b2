//! The list of users: presence, new accounts, and the delta of a lobby that resumes.

use client::state::lobby::Lobby;
use protocol::{
    cursor::Cursor,
    ids::UserId,
    lobby_socket::{LobbyCommand, LobbyEvent},
    user::Presence,
};

use crate::stage::{Stage, snapshot};

fn presence_of(user: UserId) -> impl Fn(LobbyEvent) -> Option<Presence> {
    move |event| match event {
        LobbyEvent::UsersChanged { users, .. } => {
            users.iter().find(|other| other.id == user).map(|other| other.presence)
        }
        _ => None,
    }
}

/// The users of a `welcome`, and whether it is a full snapshot.
fn users_of(event: LobbyEvent) -> Option<(Vec<UserId>, bool)> {
    snapshot(event)
        .map(|snapshot| (snapshot.users.iter().map(|user| user.id).collect(), snapshot.resumed_from.is_none()))
}

#[tokio::test]
async fn users_see_each_other_come_online_and_go_offline() {
    let stage = Stage::new().await;
    let (minsu, younghee) = (stage.person("minsu", "김민수").await, stage.person("younghee", "이영희").await);
    let mut minsus = minsu.lobby().await;
    let first = minsus.lobby_event(snapshot).await;
    assert_eq!((first.me, first.users.len()), (minsu.id, 2));
    assert!(first.users.iter().all(|user| (user.presence == Presence::Online) == (user.id == minsu.id)));

    let younghees = younghee.lobby().await;
    assert_eq!(minsus.lobby_event(presence_of(younghee.id)).await, Presence::Online);
    drop(younghees);
    assert_eq!(minsus.lobby_event(presence_of(younghee.id)).await, Presence::Offline);
}

#[tokio::test]
async fn a_lobby_that_resumes_receives_only_changed_users() {
    let stage = Stage::new().await;
    let (minsu, younghee) = (stage.person("minsu", "김민수").await, stage.person("younghee", "이영희").await);
    stage.person("cheolsu", "박철수").await;
    let mut window = minsu.lobby().await;
    let cursor = window.lobby_event(snapshot).await.cursor;
    let mut younghees = younghee.lobby().await;
    let matching = |event| match event {
        LobbyEvent::UsersChanged { users, cursor } => users.iter().any(|user| user.id == younghee.id).then_some(cursor),
        _ => None,
    };
    let later = window.lobby_event(matching).await;
    assert!(later.version > cursor.version && later.epoch == cursor.epoch);

    let (who, is_all) = minsu.lobby_since(cursor).await.lobby_event(users_of).await;
    assert!(who.contains(&younghee.id) && who.len() < 3 && !is_all);
    let unknown = Cursor { version: u64::MAX, ..cursor };
    assert_eq!(minsu.lobby_since(unknown).await.lobby_event(users_of).await.0.len(), 3);
    // An unlisted user cannot be part of a delta.
    stage.messenger.accounts().set_disabled("younghee", true).await.unwrap();
    assert_eq!(younghees.close_code().await, 4001);
    let (who, is_all) = minsu.lobby_since(later).await.lobby_event(users_of).await;
    assert!(is_all && who.len() == 2 && !who.contains(&younghee.id));
}

#[tokio::test]
async fn a_lobby_that_connects_within_the_cached_second_sees_the_present_state() {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = stage.pair().await;
    stage.post(&minsu, room, "안녕하세요").await;
    let mut minsus = minsu.lobby().await;
    minsus.lobby_event(snapshot).await;
    minsus.lobby_event(presence_of(minsu.id)).await;
    // The cached list of the first is sent to the next, followed by later arrivals.
    let mut cheolsus = stage.person("cheolsu", "박철수").await.lobby().await;
    let mut seen = Lobby::from(cheolsus.lobby_event(snapshot).await);
    cheolsus.lobby_events(&mut seen).await;
    assert_eq!(seen.users().count(), 3);
    assert_eq!(seen.presence(minsu.id), Presence::Online);

    // A disabled user is sent only to users who share a room with them.
    stage.messenger.accounts().set_disabled("younghee", true).await.unwrap();
    let jiwoo = stage.person("jiwoo", "최지우").await;
    for (person, expected) in [(&minsu, true), (&jiwoo, false)] {
        let mut window = person.lobby().await;
        let mut seen = Lobby::from(window.lobby_event(snapshot).await);
        window.lobby_events(&mut seen).await;
        assert_eq!(seen.user(younghee.id).is_some(), expected, "{:?}", person.id);
        assert!(seen.users().count() >= 3, "everybody else is there");
    }
}

#[tokio::test]
async fn a_new_account_appears_in_every_list() {
    let stage = Stage::new().await;
    let minsu = stage.person("minsu", "김민수").await;
    let mut lobby = minsu.lobby().await;
    lobby.lobby_event(snapshot).await;
    let jiwoo = stage.person("jiwoo", "최지우").await;
    assert_eq!(lobby.lobby_event(presence_of(jiwoo.id)).await, Presence::Offline);
    lobby.command(&LobbyCommand::Ping).await;
    lobby.lobby_event(|event| matches!(event, LobbyEvent::Pong).then_some(())).await;
}
