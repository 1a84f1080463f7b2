//! Typing indicators: who receives them, and who sends none.

use protocol::room_socket::{RoomCommand, RoomEvent};

use crate::stage::Stage;

#[tokio::test]
async fn a_typing_indicator_reaches_the_others_and_not_its_sender() {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = stage.pair().await;
    let (mut minsus, mut younghees) = (minsu.chat(room).await, younghee.chat(room).await);
    younghees.welcome().await;
    minsus.command(&RoomCommand::Typing).await;
    let typing = |event| if let RoomEvent::Typing { user } = event { Some(user) } else { None };
    assert_eq!(younghees.chat_event(typing).await, minsu.id);
    minsus.command(&RoomCommand::Ping).await;
    assert!(!minsus.rest().await.iter().any(|text| text.contains("typing")));
}

#[tokio::test]
async fn a_typing_indicator_of_a_user_without_a_window_of_the_room_reaches_nobody() {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = stage.pair().await;
    let stranger = stage.person("sora", "소라").await;
    let (mut younghees, _main_window) = (younghee.chat(room).await, stranger.lobby().await);
    younghees.welcome().await;
    for user in [&minsu, &stranger] {
        stage.messenger.messages().typing(user.actor(), room);
    }
    younghees.command(&RoomCommand::Ping).await;
    assert!(!younghees.rest().await.iter().any(|text| text.contains("typing")));
}
