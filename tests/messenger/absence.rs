//! Absence over sockets: its beginning and its end for everybody, and the automatic answers.

use protocol::{
    error::Refusal,
    ids::MessageId,
    lobby_socket::{LobbyCommand, LobbyEvent},
    message::{Message, SystemEvent},
    room_socket::{Post, RoomCommand},
    user::Absence,
};
use server::store::now_ms;

use crate::stage::{Person, Socket, Stage};

const HOUR: i64 = 60 * 60 * 1000;

fn absence(from: i64, until: i64) -> Option<Absence> {
    Some(Absence { from, until, text: Some("휴가입니다".to_owned()), is_now: false })
}

/// The next absence of a user that the lobby socket receives.
async fn next_absence(list: &mut Socket, person: &Person) -> Option<Absence> {
    let of = |event| match event {
        LobbyEvent::UsersChanged { users, .. } => users.into_iter().find(|user| user.id == person.id),
        _ => None,
    };
    list.lobby_event(of).await.absence
}

async fn post(socket: &mut Socket, body: &str) -> Message {
    socket.command(&RoomCommand::Post(Post::new(MessageId::new(), body))).await;
    let (message, _) = socket.message().await;
    message
}

#[tokio::test]
async fn everybody_sees_an_absence_begin_and_end_by_itself() {
    let stage = Stage::new().await;
    let (minsu, younghee, _) = stage.pair().await;
    let (mut mine, mut hers) = (minsu.lobby().await, younghee.lobby().await);
    let (from, until) = (now_ms() + 2_500, now_ms() + 5_000);
    hers.command(&LobbyCommand::Absence { absence: absence(from, until) }).await;
    let seen = loop {
        if let Some(absence) = next_absence(&mut mine, &younghee).await {
            break absence;
        }
    };
    assert_eq!((seen.from, seen.until, seen.text.as_deref(), seen.is_now), (from, until, Some("휴가입니다"), false));
    let begun = loop {
        let absence = next_absence(&mut mine, &younghee).await.unwrap();
        if absence.is_now {
            break now_ms();
        }
    };
    assert!((from..until).contains(&begun), "{begun} is not in {from}..{until}");
    while next_absence(&mut mine, &younghee).await.is_some() {}
    assert!(now_ms() >= until);

    hers.command(&LobbyCommand::Absence { absence: absence(from, until) }).await;
    let refused = |event| if let LobbyEvent::Refused { error, .. } = event { Some(error) } else { None };
    assert_eq!(hers.lobby_event(refused).await, Refusal::InvalidTime, "it is over");
}

#[tokio::test]
async fn the_text_of_an_absence_is_one_line_of_a_limited_length() {
    let stage = Stage::new().await;
    let minsu = stage.person("minsu", "김민수").await;
    let set = async |text: &str| {
        let absence = Absence { text: Some(text.to_owned()), ..absence(now_ms(), now_ms() + HOUR).unwrap() };
        stage.messenger.people().set_absence(minsu.actor(), Some(absence)).await
    };
    for text in ["가".repeat(101), "\u{202e}거꾸로".into(), "두\n줄".into()] {
        assert_eq!(set(&text).await, Err(Refusal::InvalidProfile), "{text}");
    }
    set(&"가".repeat(100)).await.unwrap();
}

/// Checks that no automatic answer arrives.
async fn is_not_answered(socket: &mut Socket) {
    let frames = socket.rest().await;
    assert!(frames.iter().all(|frame| !frame.contains("absent")), "{frames:?}");
}

#[tokio::test]
async fn a_legacy_client_reads_the_answer_in_words() {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = stage.pair().await;
    let absence = absence(now_ms() - HOUR, now_ms() + HOUR);
    stage.messenger.people().set_absence(younghee.actor(), absence).await.unwrap();
    let mut list = minsu.lobby().await;
    while !next_absence(&mut list, &younghee).await.is_some_and(|absence| absence.is_now) {}
    let mut legacy = minsu.egov_chat(room).await;
    for text in ["들어갑니다", "계세요?"] {
        legacy.send_text(&serde_json::json!({ "message": text, "room": room }).to_string()).await;
    }
    let line = legacy.until_message("(자동 응답:").await;
    assert!(line.contains("까지 부재 중입니다. 휴가입니다"), "{line}");
}

#[tokio::test]
async fn a_direct_message_is_answered_once_and_two_absent_people_do_not_talk() {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = stage.pair().await;
    for person in [&minsu, &younghee] {
        let absence = absence(now_ms() - HOUR, now_ms() + HOUR);
        stage.messenger.people().set_absence(person.actor(), absence).await.unwrap();
    }
    let mut list = minsu.lobby().await;
    while !next_absence(&mut list, &younghee).await.is_some_and(|absence| absence.is_now) {}
    let mut socket = minsu.chat(room).await;
    post(&mut socket, "(회의 중입니다.)").await;
    is_not_answered(&mut socket).await;
    post(&mut socket, "자료 받으셨어요?").await;
    let (answer, _) = socket.message().await;
    assert_eq!(answer.author, younghee.id);
    assert!(
        matches!(&answer.system_event, Some(SystemEvent::Absent { text: Some(text), .. }) if text == "휴가입니다"),
        "{answer:?}"
    );
    post(&mut socket, "아, 휴가시군요").await;
    // Once a day; and the other absent user does not answer the answer.
    is_not_answered(&mut socket).await;

    let mut hers = younghee.chat(room).await;
    hers.welcome().await;
    post(&mut hers, "네, 다음 주에 봬요").await;
    let (answer, _) = hers.message().await;
    assert_eq!((answer.author, answer.system_event.is_some()), (minsu.id, true), "a person who is absent may write");
}
