//! The room list: its order, its rooms, and unread counts that agree with the rooms.

use protocol::{
    ids::{RoomId, UserId},
    lobby_socket::LobbyEvent,
    room::RoomSummary,
    room_socket::{RoomCommand, RoomEvent},
    user::Presence,
};
use server::messenger::Messenger;

use crate::stage::{Person, Stage, snapshot, unlimited};

async fn rooms(person: &Person) -> Vec<RoomSummary> {
    person.lobby().await.lobby_event(snapshot).await.rooms
}

#[tokio::test]
async fn the_list_follows_the_order_of_posts_even_when_the_clock_goes_back() {
    let stage = Stage::new().await;
    let (minsu, _, first) = stage.pair().await;
    let jiwoo = stage.person("jiwoo", "최지우").await;
    let second = stage.messenger.rooms().open_direct(minsu.actor(), jiwoo.id).await.unwrap();
    stage.post(&minsu, first, "시계가 하루 빨랐을 때").await;
    stage.messenger.close().await;
    let ahead = 86_400_000;
    stage
        .sql(&format!(
            "UPDATE rooms SET active_at = active_at + {ahead}; UPDATE messages SET sent_at = sent_at + {ahead}"
        ))
        .await;

    let messenger = Messenger::open(stage.data.path(), unlimited()).await.unwrap();
    let post = async |room: RoomId| {
        let message = protocol::room_socket::Post::new(Default::default(), "말");
        messenger.messages().post(minsu.actor(), room, message).await.unwrap();
    };
    for newest in [second, first, second] {
        post(newest).await;
        let listed = messenger.people().lobby(minsu.actor(), None).await.unwrap().rooms;
        assert_eq!(listed[0].id, newest);
        assert!(listed[0].active_at > listed[1].active_at, "a client that sorts by it sees the same");
        assert!(listed[0].last.as_ref().unwrap().sent_at < listed[0].active_at, "what is read is the clock's time");
    }
    let group = messenger.rooms().open_group(minsu.actor(), vec![jiwoo.id], None).await.unwrap();
    assert_eq!(messenger.people().lobby(jiwoo.actor(), None).await.unwrap().rooms[0].id, group, "a new one, too");
}

#[tokio::test]
async fn a_direct_room_enters_the_others_list_with_its_first_message() {
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
    let empty = stage.messenger.rooms().open_direct(jiwoo.actor(), younghee.id).await.unwrap();
    assert_eq!(rooms(&younghee).await.len(), 1);
    assert_eq!(stage.messenger.rooms().open_direct(younghee.actor(), jiwoo.id).await.unwrap(), empty);
    assert_eq!(rooms(&younghee).await.len(), 2, "she opened it herself");
}

#[tokio::test]
async fn a_hidden_room_counts_nothing_until_the_next_message() {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = stage.pair().await;
    for body in ["하나", "둘", "셋"] {
        stage.post(&minsu, room, body).await;
    }
    assert_eq!(rooms(&younghee).await[0].unread, 3);
    stage.messenger.rooms().hide(younghee.actor(), room).await.unwrap();
    let hidden = rooms(&younghee).await;
    assert_eq!((hidden[0].is_hidden, hidden[0].unread), (true, 0));
    stage.post(&minsu, room, "넷").await;
    let back = rooms(&younghee).await;
    assert_eq!((back[0].is_hidden, back[0].unread), (false, 4), "nothing was passed off as read");
}

fn disabled_in(event: RoomEvent, user: UserId) -> Option<bool> {
    let RoomEvent::MembersChanged { members } = event else { return None };
    members.iter().find(|member| member.id == user).map(|member| member.is_disabled)
}

#[tokio::test]
async fn a_disabled_member_is_not_counted_as_unread_and_keeps_their_name() {
    let stage = Stage::new().await;
    let (minsu, younghee, direct) = stage.pair().await;
    let room = stage.messenger.rooms().open_group(minsu.actor(), vec![younghee.id], None).await.unwrap();
    let (mut chat, mut list) = (minsu.chat(room).await, minsu.lobby().await);
    chat.welcome().await;
    let before = list.lobby_event(snapshot).await.cursor;
    for (is_disabled, presence) in [(true, Presence::Disabled), (false, Presence::Offline)] {
        stage.messenger.accounts().set_disabled("younghee", is_disabled).await.unwrap();
        assert_eq!(
            chat.chat_event(|event| disabled_in(event, younghee.id).filter(|is| *is == is_disabled)).await,
            is_disabled
        );
        let matching = |event| match event {
            LobbyEvent::UsersChanged { users, .. } => users
                .iter()
                .find(|user| user.id == younghee.id)
                .map(|user| user.presence)
                .filter(|matching| *matching == presence),
            _ => None,
        };
        list.lobby_event(matching).await;
        let snapshot = minsu.chat(room).await.welcome().await;
        let member = snapshot.details.members.iter().find(|member| member.id == younghee.id).unwrap();
        assert_eq!(member.is_disabled, is_disabled);
        let lobby = stage.messenger.people().lobby(minsu.actor(), Some(before)).await.unwrap();
        assert!(lobby.rooms.iter().any(|room| room.id == direct && room.others == [younghee.id]));
        let other = lobby.users.iter().find(|user| user.id == younghee.id).unwrap();
        assert_eq!((other.name.as_str(), other.presence), ("이영희", presence));
    }
    chat.command(&RoomCommand::Ping).await;
}
