//! The list of conversations: its order, which ones stand in it, and that its numbers agree with what is shown.

use daehwa::{
    protocol::{
        chat::{ChatCommand, ChatEvent},
        ids::{RoomId, UserId},
        lobby::LobbyEvent,
        room::Room,
        user::Presence,
    },
    server::messenger::Messenger,
};

use crate::stage::{Person, Stage, snapshot, unlimited};

async fn rooms(person: &Person) -> Vec<Room> {
    person.lobby().await.lobby_event(snapshot).await.rooms
}

#[tokio::test]
async fn the_list_follows_the_order_of_what_was_said_though_the_clock_went_back() {
    let stage = Stage::new().await;
    let (minsu, _, first) = stage.pair().await;
    let jiwoo = stage.person("jiwoo", "최지우").await;
    let second = stage.messenger.open_direct(minsu.id, jiwoo.id).await.unwrap();
    stage.post(&minsu, first, "시계가 하루 빨랐을 때").await;
    stage.messenger.close().await;
    let ahead = 86_400_000;
    stage
        .sql(&format!(
            "UPDATE rooms SET active_at = active_at + {ahead}; UPDATE messages SET sent_at = sent_at + {ahead}"
        ))
        .await;

    let messenger = Messenger::open(stage.data.path(), unlimited()).await.unwrap();
    let say = async |room: RoomId| {
        let message =
            daehwa::server::messenger::NewMessage { id: Default::default(), body: "말".into(), reply_to: None };
        messenger.post(minsu.id, room, message).await.unwrap();
    };
    for newest in [second, first, second] {
        say(newest).await;
        let listed = messenger.lobby(minsu.id, None).await.unwrap().rooms;
        assert_eq!(listed[0].id, newest);
        assert!(listed[0].active_at > listed[1].active_at, "a client that sorts by it sees the same");
        assert!(listed[0].last.as_ref().unwrap().sent_at < listed[0].active_at, "what is read is the clock's time");
    }
    let group = messenger.open_group(minsu.id, vec![jiwoo.id], None).await.unwrap();
    assert_eq!(messenger.lobby(jiwoo.id, None).await.unwrap().rooms[0].id, group, "a new one, too");
}

#[tokio::test]
async fn a_conversation_comes_into_the_others_list_when_something_is_said() {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = stage.pair().await;
    assert_eq!(rooms(&minsu).await.len(), 1, "who opened it sees it");
    let mut list = younghee.lobby().await;
    assert!(list.lobby_event(snapshot).await.rooms.is_empty());
    stage.post(&minsu, room, "안녕하세요").await;
    let listed =
        |event| if let LobbyEvent::RoomChanged { room } = event { Some((room.id, room.is_hidden)) } else { None };
    assert_eq!(list.lobby_event(listed).await, (room, false));

    let jiwoo = stage.person("jiwoo", "최지우").await;
    let empty = stage.messenger.open_direct(jiwoo.id, younghee.id).await.unwrap();
    assert_eq!(rooms(&younghee).await.len(), 1);
    assert_eq!(stage.messenger.open_direct(younghee.id, jiwoo.id).await.unwrap(), empty);
    assert_eq!(rooms(&younghee).await.len(), 2, "she opened it herself");
}

#[tokio::test]
async fn what_is_hidden_counts_nothing_until_something_is_said() {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = stage.pair().await;
    for body in ["하나", "둘", "셋"] {
        stage.post(&minsu, room, body).await;
    }
    assert_eq!(rooms(&younghee).await[0].unread, 3);
    stage.messenger.hide(younghee.id, room).await.unwrap();
    let hidden = rooms(&younghee).await;
    assert_eq!((hidden[0].is_hidden, hidden[0].unread), (true, 0));
    stage.post(&minsu, room, "넷").await;
    let back = rooms(&younghee).await;
    assert_eq!((back[0].is_hidden, back[0].unread), (false, 4), "nothing was passed off as read");
}

fn disabled_in(event: ChatEvent, user: UserId) -> Option<bool> {
    let ChatEvent::MembersChanged { members } = event else { return None };
    members.iter().find(|member| member.id == user).map(|member| member.is_disabled)
}

#[tokio::test]
async fn who_is_disabled_owes_no_reading_and_keeps_their_name() {
    let stage = Stage::new().await;
    let (minsu, younghee, direct) = stage.pair().await;
    let room = stage.messenger.open_group(minsu.id, vec![younghee.id], None).await.unwrap();
    let (mut chat, mut list) = (minsu.chat(room).await, minsu.lobby().await);
    chat.welcome().await;
    let before = list.lobby_event(snapshot).await.cursor;
    for (is_disabled, presence) in [(true, Presence::Disabled), (false, Presence::Away)] {
        stage.messenger.set_disabled("younghee", is_disabled).await.unwrap();
        assert_eq!(
            chat.chat_event(|event| disabled_in(event, younghee.id).filter(|is| *is == is_disabled)).await,
            is_disabled
        );
        let told = |event| match event {
            LobbyEvent::UsersChanged { users, .. } => users
                .iter()
                .find(|user| user.id == younghee.id)
                .map(|user| user.presence)
                .filter(|told| *told == presence),
            _ => None,
        };
        list.lobby_event(told).await;
        let snapshot = minsu.chat(room).await.welcome().await;
        let member = snapshot.members.iter().find(|member| member.id == younghee.id).unwrap();
        assert_eq!(member.is_disabled, is_disabled);
        let lobby = stage.messenger.lobby(minsu.id, Some(before)).await.unwrap();
        assert!(lobby.rooms.iter().any(|room| room.id == direct && room.others == [younghee.id]));
        let other = lobby.users.iter().find(|user| user.id == younghee.id).unwrap();
        assert_eq!((other.name.as_str(), other.presence), ("이영희", presence));
    }
    chat.command(&ChatCommand::Ping).await;
}
