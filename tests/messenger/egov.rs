//! Legacy clients, alone and together with native ones, frame by frame.

use futures::SinkExt;
use protocol::{ids::RoomId, limit::FRAME_BYTES, room_socket::RoomEvent};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message as Frame;

use crate::stage::{Socket, Stage};

fn names(frame: &Value, key: &str) -> Vec<String> {
    frame[key].as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect()
}

async fn pick(socket: &mut Socket, name: &str) {
    socket.send_text(&json!({ "connectionType": "chatConnection", "connectingUser": name }).to_string()).await;
}

fn room_of(entered: &Value) -> RoomId {
    entered["enterChatId"].as_str().unwrap().parse().unwrap()
}

async fn post(socket: &mut Socket, room: RoomId, text: &str) {
    socket.send_text(&json!({ "message": text, "room": room }).to_string()).await;
}

/// Waits for a list of exactly these users.
async fn list_of(socket: &mut Socket, expected: &[&str]) {
    loop {
        let mut all = names(&socket.egov("allUsers").await, "allUsers");
        all.sort();
        if all == expected {
            return;
        }
    }
}

#[tokio::test]
async fn the_list_grows_with_every_arrival_and_reports_who_disconnected() {
    let stage = Stage::new().await;
    let (minsu, younghee) = (stage.person("minsu", "김민수").await, stage.person("younghee", "이영희").await);
    let mut minsus = minsu.egov_lobby().await;
    list_of(&mut minsus, &["김민수"]).await;
    let mut younghees = younghee.egov_lobby().await;
    list_of(&mut younghees, &["김민수", "이영희"]).await;
    list_of(&mut minsus, &["김민수", "이영희"]).await;
    drop(younghees);
    assert_eq!(minsus.egov("disconnectedUser").await, json!({ "disconnectedUser": "이영희" }));
}

#[tokio::test]
async fn two_legacy_clients_chat_as_with_the_original() {
    let stage = Stage::new().await;
    let (minsu, younghee) = (stage.person("minsu", "김민수").await, stage.person("younghee", "이영희").await);
    let (mut minsus, mut younghees) = (minsu.egov_lobby().await, younghee.egov_lobby().await);
    list_of(&mut minsus, &["김민수", "이영희"]).await;
    pick(&mut minsus, "이영희").await;
    let (mine, theirs) = (minsus.egov("enterChatId").await, younghees.egov("enterChatId").await);
    assert_eq!((&mine["username"], &theirs["username"]), (&json!("김민수"), &json!("이영희")));
    assert_eq!(mine["enterChatId"], theirs["enterChatId"]);

    let room = room_of(&mine);
    let mut minsus = minsu.egov_chat(room).await;
    assert_eq!(minsus.egov_typed("UsersMessage").await, json!({ "messageType": "UsersMessage", "users": ["김민수"] }));
    let mut younghees = younghee.egov_chat(room).await;
    let both = json!({ "messageType": "UsersMessage", "users": ["김민수", "이영희"] });
    assert_eq!(younghees.egov_typed("UsersMessage").await, both);
    assert_eq!(minsus.egov_typed("UsersMessage").await, both);

    post(&mut minsus, room, "안녕. 1.5배").await;
    let message = json!({ "messageType": "ChatMessage", "name": "김민수", "message": "안녕. 1.5배" });
    assert_eq!(younghees.egov_typed("ChatMessage").await, message);
    assert_eq!(minsus.egov_typed("ChatMessage").await, message, "the sender receives it, too");
    drop(younghees);
    assert_eq!(minsus.egov_typed("UsersMessage").await["users"], json!(["김민수"]));
}

#[tokio::test]
async fn picking_the_own_or_an_unknown_label_does_nothing() {
    let stage = Stage::new().await;
    let minsu = stage.person("minsu", "김민수").await;
    let mut socket = minsu.egov_lobby().await;
    list_of(&mut socket, &["김민수"]).await;
    for name in ["김민수", "없는 사람", ""] {
        pick(&mut socket, name).await;
    }
    assert!(!socket.rest().await.iter().any(|text| text.contains("enterChatId")));
}

#[tokio::test]
async fn legacy_and_native_clients_share_a_room() {
    let stage = Stage::new().await;
    let (minsu, younghee) = (stage.person("minsu", "김민수").await, stage.person("younghee", "이영희").await);
    let (mut old, mut new) = (minsu.egov_lobby().await, younghee.lobby().await);
    list_of(&mut old, &["김민수", "이영희"]).await;
    pick(&mut old, "이영희").await;
    let room = room_of(&old.egov("enterChatId").await);
    assert!(!new.rest().await.iter().any(|frame| frame.contains(&room.to_string())), "nothing was posted yet");

    let (mut old, mut new) = (minsu.egov_chat(room).await, younghee.chat(room).await);
    new.chat_event(|event| matches!(event, RoomEvent::Welcome(_)).then_some(())).await;
    post(&mut old, room, "옛 창에서").await;
    let (received, _) = new.message().await;
    assert_eq!((received.author, received.body.as_str()), (minsu.id, "옛 창에서"));
    old.egov_typed("ChatMessage").await;
    new.post("새 창에서").await;
    assert_eq!(old.egov_typed("ChatMessage").await["message"], "새 창에서");
}

#[tokio::test]
async fn namesakes_are_two_rows_and_picking_one_reaches_that_user_only() {
    let stage = Stage::new().await;
    let younghee = stage.person("younghee", "이영희").await;
    let (minsu, other_minsu) = (stage.person("minsu", "김민수").await, stage.person("minsu2", "김민수").await);
    let (mut first, mut second) = (minsu.egov_lobby().await, other_minsu.egov_lobby().await);
    let mut younghees = younghee.egov_lobby().await;
    list_of(&mut younghees, &["김민수_minsu", "김민수_minsu2", "이영희"]).await;
    // The reader's own row keeps the plain name: the original marks it with "(me!)" by name.
    list_of(&mut first, &["김민수", "김민수_minsu2", "이영희"]).await;

    pick(&mut younghees, "김민수_minsu2").await;
    let room = room_of(&younghees.egov("enterChatId").await);
    let entered = second.egov("enterChatId").await;
    assert_eq!((room_of(&entered), &entered["username"]), (room, &json!("김민수")));
    assert!(!first.rest().await.iter().any(|text| text.contains("enterChatId")));
    let (mut hers, mut theirs) = (younghee.egov_chat(room).await, other_minsu.egov_chat(room).await);
    post(&mut theirs, room, "저는 감사담당관실입니다").await;
    assert_eq!(hers.egov_typed("ChatMessage").await["name"], "김민수_minsu2");
    assert_eq!(theirs.egov_typed("ChatMessage").await["name"], "김민수", "its page knows its own words by the name");
    drop(second);
    drop(theirs);
    assert_eq!(younghees.egov("disconnectedUser").await, json!({ "disconnectedUser": "김민수_minsu2" }));
}

#[tokio::test]
async fn users_appear_as_labels_and_texts_are_escaped() {
    let stage = Stage::new().await;
    let evil = stage.person("evil", "<img src=x onerror=alert(1)>").await;
    let younghee = stage.person("younghee", "이영희").await;
    let (mut old, _evils) = (younghee.egov_lobby().await, evil.egov_lobby().await);
    let label = "img_src_x_onerror_alert_1";
    list_of(&mut old, &[label, "이영희"]).await;
    pick(&mut old, label).await;
    assert!(old.egov("enterChatId").await["enterChatId"].is_string());
    let room = stage.messenger.rooms().open_direct(evil.actor(), younghee.id).await.unwrap();
    let (mut old, mut new) = (younghee.egov_chat(room).await, evil.chat(room).await);
    old.egov_typed("UsersMessage").await;
    new.post("<script>alert('&')</script>").await;
    let received = old.egov_typed("ChatMessage").await;
    assert_eq!(received["message"], "&lt;script&gt;alert(&#x27;&amp;&#x27;)&lt;/script&gt;");
    assert_eq!(received["name"], label);
    assert_eq!(new.message().await.0.body, "<script>alert('&')</script>");
}

#[tokio::test]
async fn a_label_stays_while_its_user_is_connected() {
    let stage = Stage::new().await;
    let younghee = stage.person("younghee", "이영희").await;
    let minsu = stage.person("minsu", "김민수").await;
    let (mut hers, his) = (younghee.egov_lobby().await, minsu.egov_lobby().await);
    list_of(&mut hers, &["김민수", "이영희"]).await;
    let namesake = stage.person("minsu2", "김민수").await;
    let mut namesakes = namesake.egov_lobby().await;
    list_of(&mut hers, &["김민수", "김민수_minsu2", "이영희"]).await;
    list_of(&mut namesakes, &["김민수_minsu", "김민수_minsu2", "이영희"]).await;
    pick(&mut namesakes, "김민수_minsu").await;
    let room = room_of(&namesakes.egov("enterChatId").await);
    assert!(stage.messenger.rooms().snapshot(minsu.actor(), room).await.is_ok(), "either label leads to him");
    drop(his);
    assert_eq!(hers.egov("disconnectedUser").await, json!({ "disconnectedUser": "김민수" }));
}

#[tokio::test]
async fn a_legacy_client_receives_a_message_about_what_was_not_stored() {
    let settings = server::messenger::Policy { messages_per_second: 5, ..crate::stage::unlimited() };
    let stage = Stage::with(settings).await;
    let (minsu, _, room) = stage.pair().await;
    for (text, word) in [(" \u{200b}".to_owned(), "빈 메시지"), ("가".repeat(4_001), "4,000자")] {
        let mut old = minsu.egov_chat(room).await;
        post(&mut old, room, &text).await;
        let notice = old.egov_typed("ChatMessage").await;
        assert!(notice["message"].as_str().unwrap().contains(word) && notice["name"] == "김민수", "{notice}");
    }
    let mut old = minsu.egov_chat(room).await;
    for number in 0..40 {
        post(&mut old, room, &format!("말 {number}")).await;
    }
    let received = old.rest().await;
    let notice = received.iter().filter(|text| text.contains("너무 빨리")).count();
    assert!((1..=3).contains(&notice), "one line a second: {notice}");
}

#[tokio::test]
async fn a_legacy_client_receives_a_line_about_an_oversized_frame_and_a_flood_and_stays_connected() {
    let policy = server::messenger::Policy { messages_per_second: 20, ..crate::stage::unlimited() };
    let stage = Stage::with(policy).await;
    let (minsu, younghee, room) = stage.pair().await;
    let (mut old, mut other) = (minsu.egov_chat(room).await, younghee.chat(room).await);
    other.welcome().await;
    post(&mut old, room, &"가".repeat(FRAME_BYTES)).await;
    let notice = old.egov_typed("ChatMessage").await;
    assert!(notice["message"].as_str().unwrap().contains("4,000자"), "{notice}");
    post(&mut old, room, "아직 여기").await;
    assert_eq!(other.message().await.0.body, "아직 여기", "the frame was passed over, and the connection goes on");

    let mut old = minsu.egov_chat(room).await;
    for _ in 0..400 {
        old.wire.send(Frame::text("{}")).await.unwrap();
    }
    let notice = old.egov_typed("ChatMessage").await;
    assert!(notice["message"].as_str().unwrap().contains("너무 빨리"), "{notice}");
    post(&mut old, room, "천천히").await;
    assert_eq!(other.message().await.0.body, "천천히", "a flood is slowed and not ended");
}

#[tokio::test]
async fn read_receipts_of_a_legacy_client_are_coalesced_in_a_flood() {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = stage.pair().await;
    let (mut new, _old) = (minsu.chat(room).await, younghee.egov_chat(room).await);
    let _another = younghee.egov_chat(room).await;
    for number in 0..60 {
        new.post(&format!("말 {number}")).await;
    }
    let read = |event| match event {
        RoomEvent::Read { users, seq } if users == [younghee.id] => Some(seq),
        _ => None,
    };
    let mut reports = vec![new.chat_event(read).await];
    while reports.last() != Some(&60) {
        reports.push(new.chat_event(read).await);
    }
    assert!(reports.len() < 30, "{reports:?}");
}

#[tokio::test]
async fn a_late_legacy_client_receives_the_missed_messages_once() {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = stage.pair().await;
    let mut new = minsu.chat(room).await;
    new.post("먼저 한 말").await;
    new.message().await;
    let mut old = younghee.egov_chat(room).await;
    assert_eq!(old.egov_typed("ChatMessage").await["message"], "먼저 한 말");
    new.post("다음 말").await;
    assert_eq!(old.egov_typed("ChatMessage").await["message"], "다음 말");
    drop(old);
    let is_read = |event| matches!(event, RoomEvent::Read { users, seq: 2 } if users == [younghee.id]).then_some(());
    new.chat_event(is_read).await;
    let again = younghee.egov_chat(room).await.rest().await;
    assert!(!again.iter().any(|text| text.contains("ChatMessage")), "{again:?}");
}

#[tokio::test]
async fn frames_outside_the_legacy_dialect_are_ignored() {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = stage.pair().await;
    let mut list = minsu.egov_lobby().await;
    let mut chat = minsu.egov_chat(room).await;
    for text in ["", "{}", "[]", "null", "x", r#"{"connectionType":"x"}"#, r#"{"message":1}"#] {
        list.send_text(text).await;
        chat.send_text(text).await;
    }
    pick(&mut list, "이영희").await;
    assert_eq!(room_of(&list.egov("enterChatId").await), room);
    post(&mut chat, room, "여전히 됩니다").await;
    assert_eq!(chat.egov_typed("ChatMessage").await["message"], "여전히 됩니다");
    drop(younghee);
}
