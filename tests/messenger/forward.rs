//! Forwarding over sockets: several messages to several rooms and users, with a comment.

use protocol::{
    error::Refusal,
    ids::{MessageId, RoomId},
    limit::{FORWARD_TARGETS, FORWARDED},
    message::Forwarded,
    room_socket::{Forward, Post, RoomCommand, RoomEvent},
};

use server::messenger::Policy;

use crate::stage::{Socket, Stage, unlimited};

/// Direct rooms that a user may open at once.
const OPENED: usize = 2 * FORWARD_TARGETS;

fn forward(ids: &[MessageId]) -> Forward {
    Forward { id: MessageId::new(), ids: ids.to_vec(), rooms: vec![], users: vec![], comment: None }
}

/// Forwards, and returns the rooms that the answer names.
async fn forwarded(socket: &mut Socket, command: &Forward) -> Vec<RoomId> {
    socket.command(&RoomCommand::Forward(command.clone())).await;
    let rooms = |event| match event {
        RoomEvent::Forwarded { id, rooms } if id == command.id => Some(rooms),
        RoomEvent::Refused { error, .. } => panic!("{error:?}"),
        _ => None,
    };
    socket.chat_event(rooms).await
}

#[tokio::test]
async fn several_messages_go_to_rooms_and_people_in_their_order() {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = stage.pair().await;
    let jiwoo = stage.person("jiwoo", "최지우").await;
    let group = stage.messenger.rooms().open_group(minsu.actor(), vec![jiwoo.id], None).await.unwrap();
    let ids = [stage.post(&younghee, room, "하나").await, stage.post(&minsu, room, "둘").await];
    let (mut chat, mut groups) = (minsu.chat(room).await, jiwoo.chat(group).await);
    let command =
        Forward { rooms: vec![group], users: vec![jiwoo.id], comment: Some("참고하세요".into()), ..forward(&ids) };
    let rooms = forwarded(&mut chat, &command).await;
    assert!(rooms.len() == 2 && rooms.contains(&group));
    let mut seen = Vec::new();
    for _ in 0..3 {
        let (message, _) = groups.message().await;
        assert_eq!(message.author, minsu.id);
        seen.push((message.body, message.forwarded));
    }
    let [unknown, own] = [None, Some(minsu.id)].map(|author| Some(Forwarded { author }));
    assert_eq!(seen, [("참고하세요".into(), None), ("하나".into(), unknown), ("둘".into(), own)]);
    let direct = rooms.into_iter().find(|to| *to != group).unwrap();
    let mut legacy = jiwoo.egov_chat(direct).await;
    assert_eq!(legacy.until_message("하나").await, "(전달) 하나", "the original's client reads what it is");
}

#[tokio::test]
async fn nothing_is_forwarded_when_one_of_it_may_not_be() {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = stage.pair().await;
    let jiwoo = stage.person("jiwoo", "최지우").await;
    let group = stage.messenger.rooms().open_group(minsu.actor(), vec![jiwoo.id], None).await.unwrap();
    let others = stage.messenger.rooms().open_direct(younghee.actor(), jiwoo.id).await.unwrap();
    let id = stage.post(&minsu, room, "말").await;
    let mut chat = minsu.chat(room).await;
    for (command, expected) in [
        (Forward { rooms: vec![group, others], ..forward(&[id]) }, Refusal::NotFound),
        (Forward { rooms: vec![group], ..forward(&[id, MessageId::new()]) }, Refusal::NotFound),
        (Forward { rooms: vec![group], ..forward(&[]) }, Refusal::NotFound),
        (forward(&[id]), Refusal::NotFound),
        (Forward { rooms: vec![group], comment: Some(" ".into()), ..forward(&[id]) }, Refusal::EmptyBody),
        (Forward { rooms: vec![group], ..forward(&vec![id; FORWARDED + 1]) }, Refusal::TooMany),
        (Forward { rooms: vec![group; FORWARD_TARGETS + 1], ..forward(&[id]) }, Refusal::TooMany),
    ] {
        chat.command(&RoomCommand::Forward(command.clone())).await;
        assert_eq!(chat.refusal().await, (expected, Some(command.id)));
    }
    assert_eq!(jiwoo.chat(group).await.welcome().await.messages.len(), 1, "the event of its beginning alone");
}

#[tokio::test]
async fn targets_are_ones_groups_and_everybody_else() {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = stage.pair().await;
    let group =
        stage.messenger.rooms().open_group(minsu.actor(), vec![younghee.id], Some("점심".into())).await.unwrap();
    let mut chat = minsu.chat(room).await;
    chat.command(&RoomCommand::Targets).await;
    let targets = |event| if let RoomEvent::Targets { rooms, users, .. } = event { Some((rooms, users)) } else { None };
    let (rooms, users) = chat.chat_event(targets).await;
    assert_eq!(rooms.iter().map(|room| room.id).collect::<Vec<_>>(), [group]);
    let users: Vec<_> = users.iter().map(|user| user.id).collect();
    assert_eq!(users, [minsu.id, younghee.id], "oneself for one's notes");
}

#[tokio::test]
async fn a_retry_stores_nothing_twice_and_completes_what_is_missing() {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = stage.pair().await;
    let group = stage.messenger.rooms().open_group(minsu.actor(), vec![younghee.id], None).await.unwrap();
    let ids = [stage.post(&younghee, room, "하나").await, stage.post(&minsu, room, "둘").await];
    let command = Forward { rooms: vec![group], comment: Some("참고하세요".into()), ..forward(&ids) };
    let (mut chat, mut reader) = (minsu.chat(room).await, younghee.chat(group).await);
    assert_eq!(forwarded(&mut chat, &command).await, [group]);
    for expected in ["참고하세요", "하나", "둘"] {
        assert_eq!(reader.message().await.0.body, expected);
    }
    stage.messenger.messages().recall(younghee.actor(), room, ids[0]).await.unwrap();
    assert_eq!(forwarded(&mut minsu.chat(room).await, &command).await, [group], "after a cut, on another socket");
    stage.post(&minsu, group, "그다음").await;
    assert_eq!(reader.message().await.0.body, "그다음", "nothing came twice");
    let wider = Forward { users: vec![minsu.id], ids: vec![ids[1]], ..command };
    let rooms = forwarded(&mut chat, &wider).await;
    let notes = rooms.into_iter().find(|to| *to != group).unwrap();
    let bodies: Vec<_> = minsu.chat(notes).await.welcome().await.messages.into_iter().map(|of| of.body).collect();
    assert_eq!(bodies, ["참고하세요", "둘"], "what an attempt left out comes with the next one");
    stage.post(&minsu, group, "끝").await;
    assert_eq!(reader.message().await.0.body, "끝");
}

#[tokio::test]
async fn a_retry_is_charged_for_what_is_missing_alone() {
    let stage = Stage::with(Policy { messages_per_second: 1_000, ..unlimited() }).await;
    let (minsu, younghee, room) = stage.pair().await;
    let mut ids = Vec::new();
    for number in 0..FORWARDED {
        ids.push(stage.post(&younghee, room, &format!("보고 {number}")).await);
    }
    let (mut rooms, mut users) = (Vec::new(), Vec::new());
    for number in 0..3 {
        let person = stage.person(&format!("person{number}"), &format!("사람 {number}")).await;
        rooms.push(stage.messenger.rooms().open_group(minsu.actor(), vec![person.id], None).await.unwrap());
        users.push(person.id);
    }
    let command = Forward { rooms: rooms.clone(), users, ..forward(&ids) };
    assert_eq!(forwarded(&mut minsu.chat(room).await, &command).await.len(), 6);
    let copies = async || minsu.chat(rooms[0]).await.welcome().await.messages.len();
    let before = copies().await;
    for _ in 0..10 {
        assert_eq!(forwarded(&mut minsu.chat(room).await, &command).await.len(), 6, "after a cut, on another socket");
    }
    assert_eq!(copies().await, before, "nothing came twice");
    let another = Forward { id: MessageId::new(), ..command };
    let mut chat = minsu.chat(room).await;
    chat.command(&RoomCommand::Forward(another.clone())).await;
    assert_eq!(chat.refusal().await, (Refusal::TooFast, Some(another.id)));
    assert_eq!(copies().await, before, "nothing of it");
}

#[tokio::test]
async fn a_forward_to_people_is_charged_for_the_rooms_that_it_opens() {
    let stage = Stage::with(Policy { messages_per_second: 1_000, ..unlimited() }).await;
    let (minsu, _, room) = stage.pair().await;
    let id = stage.post(&minsu, room, "보고").await;
    let mut people = Vec::new();
    for number in 0..OPENED {
        people.push(stage.person(&format!("person{number}"), &format!("사람 {number}")).await.id);
    }
    let mut outcomes = Vec::new();
    // The room of the pair was the first one.
    for users in [&people[..FORWARD_TARGETS], &people[FORWARD_TARGETS..OPENED - 1], &people[OPENED - 1..]] {
        let command = Forward { users: users.to_vec(), ..forward(&[id]) };
        let outcome = stage.messenger.messages().forward(minsu.actor(), room, command).await;
        outcomes.push(outcome.map(|rooms| rooms.len()));
    }
    assert_eq!(outcomes, [Ok(FORWARD_TARGETS), Ok(FORWARD_TARGETS - 1), Err(Refusal::TooFast)]);
}

#[tokio::test]
async fn files_are_forwarded_to_who_reads_the_copy_and_outlive_a_recall() {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = stage.pair().await;
    let jiwoo = stage.person("jiwoo", "최지우").await;
    let pending = younghee.begin("나중.txt", 5).await;
    let waits = Post { files: vec![pending], ..Post::new(MessageId::new(), "") };
    let refused = stage.messenger.messages().post(younghee.actor(), room, waits.clone()).await;
    assert_eq!(refused.unwrap_err(), Refusal::NotReady, "a file that nobody has inspected has no message");
    let original = younghee.file("예산.txt").await;
    let id = stage.share(&younghee, room, "", vec![original]).await;
    let mut chat = minsu.chat(room).await;
    for ids in [[id, waits.id].as_slice(), &[waits.id]] {
        let command = Forward { users: vec![jiwoo.id], ..forward(ids) };
        chat.command(&RoomCommand::Forward(command.clone())).await;
        assert_eq!(chat.refusal().await, (Refusal::NotFound, Some(command.id)));
    }
    let command = Forward { users: vec![jiwoo.id], ..forward(&[id]) };
    let to = forwarded(&mut chat, &command).await[0];
    let mut legacy = jiwoo.egov_chat(to).await;
    let copy = jiwoo.chat(to).await.welcome().await.messages.pop().unwrap();
    let file = copy.files[0].id;
    assert_eq!(legacy.until_message("(전달)").await, "(전달)");
    assert!(legacy.until_message("예산.txt").await.starts_with("(파일) 예산.txt – "));
    stage.messenger.messages().recall(younghee.actor(), room, id).await.unwrap();
    assert_eq!(jiwoo.get(file).await.text().await.unwrap(), "예산.txt");
    for (person, id) in [(&younghee, file), (&jiwoo, original), (&minsu, original)] {
        assert_eq!(person.get(id).await.status(), 404);
    }
}
