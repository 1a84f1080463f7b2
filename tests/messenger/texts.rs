//! Which texts are accepted, and that an accepted text is the same everywhere.

use argon2::PasswordHasher;
use protocol::{
    error::Refusal,
    ids::MessageId,
    lobby_socket::{LobbyCommand, LobbyEvent},
    room_socket::{Post, RoomCommand, RoomEvent},
};
use server::model::Status;
use unicode_normalization::UnicodeNormalization;

use crate::stage::{HERE, Stage, snapshot};

const INVISIBLE: [&str; 6] =
    ["\u{0}", "\u{200b}\n\u{feff}", "\u{3164}\u{115f}", "\u{2800}\u{ad}", "\u{202e}\u{e0061}", "\u{301}\u{fe0f}"];

fn refused(event: RoomEvent) -> Option<Refusal> {
    if let RoomEvent::Refused { error, .. } = event { Some(error) } else { None }
}

fn refused_in_list(event: LobbyEvent) -> Option<Refusal> {
    if let LobbyEvent::Refused { error, .. } = event { Some(error) } else { None }
}

#[tokio::test]
async fn a_body_without_a_visible_character_is_refused_on_every_path() {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = stage.pair().await;
    let (mut list, mut chat) = (minsu.lobby().await, minsu.chat(room).await);
    let (mut old, mut hers) = (minsu.egov_chat(room).await, younghee.chat(room).await);
    let id = stage.post(&minsu, room, "보이는 말").await;
    for body in INVISIBLE {
        chat.post(body).await;
        assert_eq!(chat.chat_event(refused).await, Refusal::EmptyBody, "{body:?}");
        chat.command(&RoomCommand::Edit { id, body: body.into(), mentions: None }).await;
        assert_eq!(chat.chat_event(refused).await, Refusal::EmptyBody, "{body:?}");
        let command = RoomCommand::Post(Post::new(MessageId::new(), body));
        list.command(&LobbyCommand::Deliver { room, command }).await;
        assert_eq!(list.lobby_event(refused_in_list).await, Refusal::EmptyBody, "{body:?}");
        list.command(&LobbyCommand::Search { query: body.into(), before: None }).await;
        assert_eq!(list.lobby_event(refused_in_list).await, Refusal::InvalidQuery, "{body:?}");
        old.send_text(&serde_json::json!({ "message": body, "room": room }).to_string()).await;
    }
    chat.post("끝").await;
    let received = |event| if let RoomEvent::Message { message, .. } = event { Some(message.body) } else { None };
    assert_eq!((hers.chat_event(received).await, hers.chat_event(received).await), ("보이는 말".into(), "끝".into()));
}

#[tokio::test]
async fn a_body_is_the_same_live_stored_quoted_and_found() {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = stage.pair().await;
    let (mut minsus, mut hers) = (minsu.chat(room).await, younghee.chat(room).await);
    let family = "👨‍👩‍👧‍👦".repeat(18);
    for (body, quoted) in [
        ("\r\n첫째\r둘째\u{85}셋째", None),
        ("밑\u{0}줄", None),
        ("\u{fffe}\u{fdd0}끝\u{7f}\u{9b}", None),
        (family.as_str(), Some("👨‍👩‍👧‍👦".repeat(17))),
    ] {
        let asked = minsus.post(body).await;
        assert_eq!(minsus.change_of(asked).await.body, body);
        let id = MessageId::new();
        hers.command(&RoomCommand::Post(Post { reply_to: Some(asked), ..Post::new(id, "답") })).await;
        let quoted = quoted.as_deref().unwrap_or(body);
        assert_eq!(hers.change_of(id).await.reply_to.unwrap().body, quoted);
        let stored = stage.messenger.rooms().snapshot(younghee.actor(), room).await.unwrap().messages;
        let find = |id| stored.iter().find(|message| message.id == id).unwrap();
        assert_eq!((find(asked).body.as_str(), find(id).reply_to.as_ref().unwrap().body.as_str()), (body, quoted));
        minsus.command(&RoomCommand::Post(Post::new(asked, body))).await;
        assert_eq!(minsus.change_of(asked).await.body, body, "the same id and text again are the same message");
    }
    let found = stage.messenger.search().messages(minsu.actor(), "줄", None).await.unwrap();
    assert_eq!(found.hits.len(), 1, "what stands behind U+0000 is found");
}

#[tokio::test]
async fn emoji_are_accepted_in_titles_statuses_and_names() {
    let stage = Stage::new().await;
    let (minsu, younghee, _) = stage.pair().await;
    for text in ["휴가 🏖️", "👩‍🔬 실험실", "2️⃣조", "🏳️‍⚧️", "🧑🏽‍💻"] {
        stage.messenger.rooms().open_group(minsu.actor(), vec![younghee.id], Some(text.into())).await.unwrap();
        stage
            .messenger
            .people()
            .set_status(minsu.actor(), Status { text: Some(text.into()), ..Status::default() })
            .await
            .unwrap();
        stage.messenger.people().rename(minsu.actor(), text).await.unwrap();
        assert_eq!(stage.messenger.people().user(minsu.id).unwrap().name, text);
    }
    assert_eq!(stage.messenger.people().rename(minsu.actor(), "김\u{200d}민수").await, Err(Refusal::InvalidName));
}

#[tokio::test]
async fn confusable_names_are_ambiguous_for_as_long_as_they_are_confusable() {
    let stage = Stage::new().await;
    let (anna, other, room) = stage.pair().await;
    let (mut list, mut chat) = (anna.lobby().await, anna.chat(room).await);
    list.lobby_event(snapshot).await;
    for (name, is_ambiguous) in [("Аnna Lее", true), ("Anne Lee", false), ("비서 (minsu)", true)] {
        stage.messenger.people().rename(anna.actor(), "Anna Lee").await.unwrap();
        stage.messenger.people().rename(other.actor(), name).await.unwrap();
        let in_list = |event| match event {
            LobbyEvent::UsersChanged { users, .. } => users.into_iter().find(|user| user.name == name),
            _ => None,
        };
        assert_eq!(list.lobby_event(in_list).await.is_ambiguous, is_ambiguous, "{name}");
        let in_room = |event| match event {
            RoomEvent::MembersChanged { members } => members.into_iter().find(|member| member.name == name),
            _ => None,
        };
        assert_eq!(chat.chat_event(in_room).await.is_ambiguous, is_ambiguous, "{name}");
    }
    assert!(!stage.messenger.people().user(anna.id).unwrap().is_ambiguous, "her name is unambiguous again");
}

#[tokio::test]
async fn a_password_matches_in_every_unicode_composition_and_old_hashes_still_match() {
    let stage = Stage::new().await;
    let composed = "가을 하늘 공활한데";
    let decomposed: String = composed.nfd().collect();
    stage.messenger.accounts().add("minsu", "김민수", &decomposed, false).await.unwrap();
    let fits = async |password: &str| stage.messenger.accounts().sign_in("minsu", password, HERE).await.is_ok();
    assert!(fits(composed).await && fits(&decomposed).await);
    assert!(!fits(&format!("{composed} ")).await && !fits("가을하늘공활한데").await);
    // A hash from before passwords were normalised.
    let hash = argon2::Argon2::default().hash_password(decomposed.as_bytes()).unwrap();
    stage.sql(&format!("UPDATE users SET password = '{hash}'")).await;
    assert!(fits(&decomposed).await);
}
