//! Members who joined a group without its history: no earlier message reaches them, in any form.

use protocol::{
    ids::{MessageId, RoomId},
    message::{Message, Quote},
    room::RoomDelta,
    room_socket::{Post, RoomCommand, RoomEvent},
};

use crate::stage::{Person, Socket, Stage};

const SECRET: &str = "연봉 협상은 결렬되었습니다";

struct NewcomerScene {
    stage: Stage,
    minsu: Person,
    jiwoo: Person,
    room: RoomId,
    old: Message,
}

impl NewcomerScene {
    /// A group with messages from before Jiwoo joined.
    async fn new() -> Self {
        let stage = Stage::new().await;
        let minsu = stage.person("minsu", "김민수").await;
        let younghee = stage.person("younghee", "이영희").await;
        let jiwoo = stage.person("jiwoo", "최지우").await;
        let room = stage.messenger.rooms().open_group(minsu.actor(), vec![younghee.id], None).await.unwrap();
        let mut minsus = minsu.chat(room).await;
        minsus.welcome().await;
        minsus.post(SECRET).await;
        let old = minsus.message().await.0;
        stage.messenger.rooms().invite(minsu.actor(), room, vec![jiwoo.id], false, None).await.unwrap();
        Self { stage, minsu, jiwoo, room, old }
    }

    async fn answer(&self, minsus: &mut Socket, body: &str) -> MessageId {
        let id = MessageId::new();
        let reply_to = Some(self.old.id);
        minsus.command(&RoomCommand::Post(Post { reply_to, ..Post::new(id, body) })).await;
        minsus.change_of(id).await;
        id
    }
}

/// A reply without its quote.
fn is_masked(message: &Message) -> bool {
    message.answers_hidden && message.reply_to.is_none()
}

#[tokio::test]
async fn a_reply_to_a_hidden_message_has_no_quote() {
    let scene = NewcomerScene::new().await;
    let (mut minsus, mut jiwoos) = (scene.minsu.chat(scene.room).await, scene.jiwoo.chat(scene.room).await);
    let cursor = jiwoos.welcome().await.details.cursor;
    let id = scene.answer(&mut minsus, "유감입니다").await;
    assert!(is_masked(&jiwoos.change_of(id).await), "live");
    minsus.command(&RoomCommand::Edit { id, body: "매우 유감입니다".into(), mentions: None }).await;
    assert!(is_masked(&jiwoos.change_of(id).await), "when the answer is edited");

    let snapshot = scene.jiwoo.chat(scene.room).await.welcome().await;
    assert!(is_masked(snapshot.messages.last().unwrap()), "on entering");
    let resumed =
        |event| if let RoomEvent::Resumed(RoomDelta { messages, .. }) = event { Some(messages) } else { None };
    let missed = scene.jiwoo.chat_since(scene.room, cursor).await.chat_event(resumed).await;
    assert!(is_masked(&missed[0]), "after a cut");
    let pages = |event| match event {
        RoomEvent::Earlier { messages, .. }
        | RoomEvent::Later { messages, .. }
        | RoomEvent::Around { messages, .. } => Some(messages),
        _ => None,
    };
    let seq = snapshot.messages.last().unwrap().seq;
    let around_time = RoomCommand::AroundTime { at: 0 };
    for command in [
        RoomCommand::Earlier { before: u64::MAX },
        RoomCommand::Later { after: 0 },
        RoomCommand::Around { seq },
        around_time,
    ] {
        jiwoos.command(&command).await;
        let messages = jiwoos.chat_event(pages).await;
        assert!(is_masked(messages.last().unwrap()), "{command:?}");
    }
    let found = scene.stage.messenger.search().messages(scene.jiwoo.actor(), "유감", None).await.unwrap();
    let hits = found.hits;
    assert!(is_masked(&hits[0].message), "in a search");
    assert_eq!(
        scene.minsu.chat(scene.room).await.welcome().await.messages.last().unwrap().reply_to,
        Some(Quote::of(&scene.old))
    );
}

#[tokio::test]
async fn a_cursor_of_an_earlier_membership_gets_a_snapshot() {
    for has_history in [false, true] {
        let scene = NewcomerScene::new().await;
        let NewcomerScene { stage, minsu, jiwoo, room, .. } = &scene;
        let seen = jiwoo.chat(*room).await.welcome().await.details.cursor;
        stage.messenger.rooms().leave(jiwoo.actor(), *room).await.unwrap();
        // Up to the version at which they left, and no further.
        let left = minsu.chat(*room).await.welcome().await.details.cursor;
        stage.messenger.rooms().invite(minsu.actor(), *room, vec![jiwoo.id], has_history, None).await.unwrap();
        for cursor in [seen, left] {
            let snapshot = jiwoo.chat_since(*room, cursor).await.welcome().await;
            let fresh = jiwoo.chat(*room).await.welcome().await;
            assert_eq!(snapshot.messages, fresh.messages, "{cursor:?}");
            assert_eq!(snapshot.messages.iter().any(|message| message.body == SECRET), has_history);
        }
    }
}

#[tokio::test]
async fn later_changes_of_a_hidden_message_reach_only_those_who_may_read_it() {
    let scene = NewcomerScene::new().await;
    let (mut minsus, mut jiwoos) = (scene.minsu.chat(scene.room).await, scene.jiwoo.chat(scene.room).await);
    jiwoos.welcome().await;
    let id = scene.answer(&mut minsus, "유감입니다").await;
    jiwoos.change_of(id).await;
    for command in [
        RoomCommand::Edit { id: scene.old.id, body: "연봉 협상은 타결되었습니다".into(), mentions: None },
        RoomCommand::React { id: scene.old.id, emoji: "🎉".into(), on: true },
        RoomCommand::Recall { id: scene.old.id },
    ] {
        minsus.command(&command).await;
        let next = jiwoos.chat_event(|event| match event {
            RoomEvent::Advanced { .. } => Some(true),
            RoomEvent::Message { .. } => Some(false),
            _ => None,
        });
        assert!(next.await, "{command:?}");
    }
    let text = scene.jiwoo.chat(scene.room).await.text().await.unwrap();
    assert!(!text.contains("협상") && text.contains("유감"), "{text}");
}

#[tokio::test]
async fn legacy_clients_do_not_receive_it_either() {
    let scene = NewcomerScene::new().await;
    let mut old = scene.jiwoo.egov_chat(scene.room).await;
    let mut minsus = scene.minsu.chat(scene.room).await;
    scene.answer(&mut minsus, "유감입니다").await;
    let text = old.until_message("유감").await;
    assert_eq!(text, "(초대받기 전 메시지에 대한 답장) 유감입니다");
}
