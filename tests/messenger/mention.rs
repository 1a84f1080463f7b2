//! Mentions over sockets: who receives them, in which windows, and how often `@모두` is allowed.

use protocol::{
    error::Refusal,
    ids::{MessageId, RoomId, UserId},
    lobby_socket::{Collection, Hit, LobbyCommand, LobbyEvent},
    message::Mentions,
    room::{RoomDelta, RoomSummary},
    room_socket::{Post, RoomCommand, RoomEvent},
};

use crate::stage::{Person, Socket, Stage, unlimited};

fn of(users: &[UserId]) -> Mentions {
    Mentions { users: users.to_vec(), all: false }
}

const ALL: Mentions = Mentions { users: Vec::new(), all: true };

async fn mention(socket: &mut Socket, body: &str, mentions: Mentions) -> MessageId {
    let id = MessageId::new();
    socket.command(&RoomCommand::Post(Post { mentions, ..Post::new(id, body) })).await;
    id
}

async fn group(stage: &Stage) -> (Person, Person, RoomId) {
    let (minsu, younghee, _) = stage.pair().await;
    let room = stage.messenger.rooms().open_group(minsu.actor(), vec![younghee.id], None).await.unwrap();
    (minsu, younghee, room)
}

async fn summary(lobby: &mut Socket, fits: impl Fn(&RoomSummary) -> bool) -> RoomSummary {
    let changed = |event| if let LobbyEvent::RoomChanged { room } = event { Some(room) } else { None };
    lobby.lobby_event(|event| changed(event).filter(&fits)).await
}

async fn collected(lobby: &mut Socket) -> Vec<Hit> {
    lobby.command(&LobbyCommand::Collect { of: Collection::Mentions, before: None }).await;
    let collected = |event| if let LobbyEvent::Collected { hits, .. } = event { Some(hits) } else { None };
    lobby.lobby_event(collected).await
}

#[tokio::test]
async fn a_mention_reaches_the_room_the_list_and_the_collection_and_is_gone_after_a_recall() {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = group(&stage).await;
    let (mut minsus, mut lobby) = (minsu.chat(room).await, younghee.lobby().await);
    let id = mention(&mut minsus, "@이영희 봐 주세요", of(&[younghee.id, minsu.id])).await;
    let (message, cursor) = minsus.message().await;
    assert_eq!((message.id, &message.mentions), (id, &of(&[younghee.id])));
    let row = summary(&mut lobby, |row| row.mentioned == Some(message.seq)).await;
    assert_eq!(row.last.unwrap().mentions, of(&[younghee.id]));
    assert_eq!(collected(&mut lobby).await[0].message, message);
    assert!(collected(&mut minsu.lobby().await).await.is_empty());
    let edit = RoomCommand::Edit { id, body: "봐 주세요".into(), mentions: Some(Mentions::default()) };
    minsus.command(&edit).await;
    assert!(minsus.change_of(id).await.mentions.is_empty());
    summary(&mut lobby, |row| row.mentioned.is_none()).await;

    let again = mention(&mut minsus, "@이영희", of(&[younghee.id])).await;
    minsus.change_of(again).await;
    minsus.command(&RoomCommand::Recall { id: again }).await;
    let recalled = |event| if let LobbyEvent::Recalled { ids, .. } = event { Some(ids) } else { None };
    assert_eq!(lobby.lobby_event(recalled).await, [again]);
    assert!(collected(&mut lobby).await.is_empty());
    let resumed =
        |event| if let RoomEvent::Resumed(RoomDelta { messages, .. }) = event { Some(messages) } else { None };
    let messages = younghee.chat_since(room, cursor).await.chat_event(resumed).await;
    assert!(messages.iter().all(|message| message.mentions.is_empty()), "a resumed window gets the change");
}

#[tokio::test]
async fn a_room_may_be_muted_except_for_mentions() {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = group(&stage).await;
    let (mut hers, mut lobby) = (younghee.chat(room).await, younghee.lobby().await);
    hers.send_text(r#"{"type":"mute","on":true,"mentions_only":true}"#).await;
    let muted = |event| match event {
        RoomEvent::Muted { on, mentions_only } => Some((on, mentions_only)),
        _ => None,
    };
    assert_eq!(hers.chat_event(muted).await, (true, true));
    assert!(summary(&mut lobby, |row| row.is_muted).await.mentions_only);
    assert!(younghee.chat(room).await.welcome().await.details.mentions_only);
    assert!(!minsu.chat(room).await.welcome().await.details.is_muted, "the setting is her own");
    hers.send_text(r#"{"type":"mute","on":true}"#).await;
    assert_eq!(hers.chat_event(muted).await, (true, false), "as an older client mutes");
}

#[tokio::test]
async fn everybody_is_called_in_groups_only_and_not_too_often() {
    let stage = Stage::with(server::messenger::Policy { messages_per_second: 1_000, ..unlimited() }).await;
    let (minsu, younghee, room) = group(&stage).await;
    let direct = stage.messenger.rooms().open_direct(minsu.actor(), younghee.id).await.unwrap();
    let mut chat = minsu.chat(direct).await;
    let refused = mention(&mut chat, "@모두", ALL).await;
    assert_eq!(chat.refusal().await, (Refusal::NotAGroup, Some(refused)));
    let mut chat = minsu.chat(room).await;
    for _ in 0..5 {
        let id = mention(&mut chat, "@모두 회의실로", ALL).await;
        assert!(chat.change_of(id).await.mentions.all);
    }
    let sixth = mention(&mut chat, "@모두 다시", ALL).await;
    assert_eq!(chat.refusal().await, (Refusal::AllTooOften, Some(sixth)));
    let plain = mention(&mut chat, "@이영희", of(&[younghee.id])).await;
    assert_eq!(chat.change_of(plain).await.mentions, of(&[younghee.id]), "a mention by name has no such limit");
    let many = mention(&mut chat, "@…", of(&(0..51).map(|_| UserId::new()).collect::<Vec<_>>())).await;
    assert_eq!(chat.refusal().await, (Refusal::TooMany, Some(many)));
}

#[tokio::test]
async fn the_originals_client_reads_the_names_in_the_text() {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = group(&stage).await;
    let mut legacy = younghee.egov_chat(room).await;
    mention(&mut minsu.chat(room).await, "@이영희 @모두 봐 주세요", Mentions { users: vec![younghee.id], all: true })
        .await;
    assert_eq!(legacy.until_message("봐 주세요").await, "@이영희 @모두 봐 주세요");
}
