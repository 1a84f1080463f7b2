//! The list of people: who comes, goes, is new, and what a main window is told when it comes back.

use daehwa::{
    client::state::lobby::Lobby,
    protocol::{
        cursor::Cursor,
        ids::UserId,
        lobby::{LobbyCommand, LobbyEvent},
        user::Presence,
    },
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

/// Who is told of, and whether they are all.
fn told_of(event: LobbyEvent) -> Option<(Vec<UserId>, bool)> {
    snapshot(event).map(|snapshot| (snapshot.users.iter().map(|user| user.id).collect(), snapshot.since.is_none()))
}

#[tokio::test]
async fn people_see_each_other_come_and_go() {
    let stage = Stage::new().await;
    let (minsu, younghee) = (stage.person("minsu", "김민수").await, stage.person("younghee", "이영희").await);
    let mut minsus = minsu.lobby().await;
    let first = minsus.lobby_event(snapshot).await;
    assert_eq!((first.me, first.users.len()), (minsu.id, 2));
    assert!(first.users.iter().all(|user| (user.presence == Presence::Here) == (user.id == minsu.id)));

    let younghees = younghee.lobby().await;
    assert_eq!(minsus.lobby_event(presence_of(younghee.id)).await, Presence::Here);
    drop(younghees);
    assert_eq!(minsus.lobby_event(presence_of(younghee.id)).await, Presence::Away);
}

#[tokio::test]
async fn a_main_window_that_comes_back_is_told_of_who_changed_alone() {
    let stage = Stage::new().await;
    let (minsu, younghee) = (stage.person("minsu", "김민수").await, stage.person("younghee", "이영희").await);
    stage.person("cheolsu", "박철수").await;
    let mut window = minsu.lobby().await;
    let cursor = window.lobby_event(snapshot).await.cursor;
    let mut younghees = younghee.lobby().await;
    let told = |event| match event {
        LobbyEvent::UsersChanged { users, cursor } => users.iter().any(|user| user.id == younghee.id).then_some(cursor),
        _ => None,
    };
    let later = window.lobby_event(told).await;
    assert!(later.version > cursor.version && later.epoch == cursor.epoch);

    let (who, is_all) = minsu.lobby_since(cursor).await.lobby_event(told_of).await;
    assert!(who.contains(&younghee.id) && who.len() < 3 && !is_all);
    let unknown = Cursor { version: u64::MAX, ..cursor };
    assert_eq!(minsu.lobby_since(unknown).await.lobby_event(told_of).await.0.len(), 3);
    // Who is not to be listed any more cannot be named as changed.
    stage.messenger.set_disabled("younghee", true).await.unwrap();
    assert_eq!(younghees.close_code().await, 4001);
    let (who, is_all) = minsu.lobby_since(later).await.lobby_event(told_of).await;
    assert!(is_all && who.len() == 2 && !who.contains(&younghee.id));
}

#[tokio::test]
async fn who_comes_right_after_others_sees_them_as_they_are_now() {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = stage.pair().await;
    stage.post(&minsu, room, "안녕하세요").await;
    let mut minsus = minsu.lobby().await;
    minsus.lobby_event(snapshot).await;
    minsus.lobby_event(presence_of(minsu.id)).await;
    // What was written for the first is told to the next, with who came meanwhile.
    let mut cheolsus = stage.person("cheolsu", "박철수").await.lobby().await;
    let mut seen = Lobby::from(cheolsus.lobby_event(snapshot).await);
    cheolsus.lobby_events(&mut seen).await;
    assert_eq!(seen.users().count(), 3);
    assert_eq!(seen.presence(minsu.id), Presence::Here);

    // Who may not sign in any more is there for those only who have a conversation with them.
    stage.messenger.set_disabled("younghee", true).await.unwrap();
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
    assert_eq!(lobby.lobby_event(presence_of(jiwoo.id)).await, Presence::Away);
    lobby.command(&LobbyCommand::Ping).await;
    lobby.lobby_event(|event| matches!(event, LobbyEvent::Pong).then_some(())).await;
}
