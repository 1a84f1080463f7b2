//! Searching messages, and jumping to hits.

use protocol::{
    error::Refusal,
    ids::{MessageId, RoomId},
    limit::{PAGE_HITS, PAGE_MESSAGES},
    lobby_socket::{Hit, LobbyCommand, LobbyEvent},
    message::Message,
    room_socket::{RoomCommand, RoomEvent},
};

use crate::stage::{Person, Socket, Stage};

async fn search(socket: &mut Socket, query: &str, before: Option<u64>) -> (Vec<Hit>, Option<u64>) {
    socket.command(&LobbyCommand::Search { query: query.into(), before }).await;
    let found = |event| match event {
        LobbyEvent::Found { query: of, hits, before } if of == query => Some((hits, before)),
        _ => None,
    };
    socket.lobby_event(found).await
}

async fn bodies(person: &Person, query: &str) -> Vec<String> {
    let (hits, _) = search(&mut person.lobby().await, query, None).await;
    hits.into_iter().map(|hit| hit.message.body).collect()
}

#[tokio::test]
async fn parts_of_words_are_found_newest_first_and_hits_follow_every_change() {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = stage.pair().await;
    let first = stage.post(&minsu, room, "오늘 회의를 합니다").await;
    stage.post(&younghee, room, "정기회의 자료입니다 Agenda.pdf").await;
    assert_eq!(bodies(&minsu, "회의").await, ["정기회의 자료입니다 Agenda.pdf", "오늘 회의를 합니다"]);
    assert_eq!(bodies(&younghee, "agenda").await.len(), 1);
    assert_eq!(bodies(&younghee, "료").await.len(), 1);
    assert_eq!(bodies(&younghee, "회의 오늘").await.len(), 1);
    assert!(bodies(&minsu, "의합").await.is_empty(), "words are not run together");

    stage.messenger.messages().edit(minsu.actor(), room, first, "오늘 모임을 합니다".into()).await.unwrap();
    assert_eq!((bodies(&minsu, "회의").await.len(), bodies(&minsu, "모임").await.len()), (1, 1));
    stage.messenger.messages().recall(minsu.actor(), room, first).await.unwrap();
    assert!(bodies(&minsu, "모임").await.is_empty() && bodies(&minsu, "오늘").await.is_empty());
}

#[tokio::test]
async fn a_message_changed_before_it_is_indexed_is_found_in_its_present_state() {
    let stage = Stage::new().await;
    let (minsu, _, room) = stage.pair().await;
    let edited = stage.post(&minsu, room, "첫째 회의").await;
    stage.messenger.messages().edit(minsu.actor(), room, edited, "둘째 모임".into()).await.unwrap();
    let recalled = stage.post(&minsu, room, "셋째 회의").await;
    stage.messenger.messages().recall(minsu.actor(), room, recalled).await.unwrap();
    assert_eq!(bodies(&minsu, "모임").await, ["둘째 모임"]);
    assert!(bodies(&minsu, "회의").await.is_empty());
    stage.post(&minsu, room, "\u{0}\u{1}\"제어\\ 문자\u{7f}\n\t😀 뒤에 있는 말").await;
    assert_eq!(bodies(&minsu, "있는").await.len(), 1);
    // Also with more texts waiting than one write of the indexer takes.
    for number in 0..200 {
        stage.post(&minsu, room, &format!("나머지 {number}번째")).await;
    }
    assert_eq!(bodies(&minsu, "199번째").await, ["나머지 199번째"]);
    stage.messenger.close().await;
    let findings = server::messenger::check(stage.data.path(), None, false).await.unwrap();
    assert!(findings.iter().all(|finding| finding.wrong.is_empty()), "{findings:?}");
}

#[tokio::test]
async fn only_the_users_own_rooms_are_searched() {
    let stage = Stage::new().await;
    let (minsu, _, room) = stage.pair().await;
    let jiwoo = stage.person("jiwoo", "최지우").await;
    stage.post(&minsu, room, "우리만 아는 회의").await;
    assert!(bodies(&jiwoo, "회의").await.is_empty());
    assert_eq!(bodies(&minsu, "회의").await.len(), 1);
}

#[tokio::test]
async fn older_hits_are_paged() {
    let stage = Stage::new().await;
    let (minsu, _, room) = stage.pair().await;
    let total = PAGE_HITS * 2 + 5;
    for number in 0..total {
        stage.post(&minsu, room, &format!("보고 {number}")).await;
    }
    let mut lobby = minsu.lobby().await;
    let (mut found, mut before) = (Vec::new(), None);
    loop {
        let (hits, next) = search(&mut lobby, "보고", before).await;
        found.extend(hits.into_iter().map(|hit| hit.message.body));
        before = next;
        if before.is_none() {
            break;
        }
    }
    let expected: Vec<String> = (0..total).rev().map(|number| format!("보고 {number}")).collect();
    assert_eq!(found, expected);
}

#[tokio::test]
async fn empty_and_too_long_searches_are_refused_and_quotes_are_plain_characters() {
    let stage = Stage::new().await;
    let (minsu, _, room) = stage.pair().await;
    stage.post(&minsu, room, "그는 \"안녕\" 했다 (AND) NEAR* ^x:").await;
    let mut lobby = minsu.lobby().await;
    for query in [String::new(), " \n".into(), "가".repeat(101)] {
        lobby.command(&LobbyCommand::Search { query, before: None }).await;
        let refused = |event| if let LobbyEvent::Refused { error, .. } = event { Some(error) } else { None };
        assert_eq!(lobby.lobby_event(refused).await, Refusal::InvalidQuery);
    }
    for query in ["\"안녕\"", "(and)", "near*", "^x:", "\"", "*"] {
        assert_eq!(search(&mut lobby, query, None).await.0.len(), 1, "{query}");
    }
    for query in ["OR", "\" OR \"", "안녕 -했다", "x OR 안녕"] {
        assert!(search(&mut lobby, query, None).await.0.is_empty(), "{query}");
    }
}

#[tokio::test]
async fn one_conversation_is_searched_from_its_own_socket() {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = stage.pair().await;
    let jiwoo = stage.person("jiwoo", "최지우").await;
    let other = stage.messenger.rooms().open_direct(minsu.actor(), jiwoo.id).await.unwrap();
    let first = stage.post(&minsu, room, "정기회의 자료").await;
    stage.post(&minsu, other, "다른 회의").await;
    let last = stage.post(&younghee, room, "회의는 세 시").await;
    let mut chat = younghee.chat(room).await;
    let found = |event| match event {
        RoomEvent::Found { messages, before, .. } => {
            Some((messages.iter().map(|message| message.id).collect::<Vec<_>>(), before))
        }
        _ => None,
    };
    let search = |query: &str| RoomCommand::Search { query: query.into(), before: None };
    chat.command(&search("회의")).await;
    assert_eq!(chat.chat_event(found).await, (vec![last, first], None));
    stage.messenger.messages().recall(minsu.actor(), room, first).await.unwrap();
    chat.command(&search("회의")).await;
    assert_eq!(chat.chat_event(found).await.0, [last]);
    chat.command(&search(" ")).await;
    assert_eq!(chat.refusal().await, (Refusal::InvalidQuery, None));
    let refused = stage.messenger.search().in_room(jiwoo.actor(), room, "회의", None).await.unwrap_err();
    assert_eq!(refused, Refusal::NotFound, "for a room of others, as for an unknown one");
}

async fn around(socket: &mut Socket, command: RoomCommand) -> (Vec<Message>, bool, bool) {
    socket.command(&command).await;
    let around = |event| match event {
        RoomEvent::Around { messages, has_earlier, has_later } => Some((messages, has_earlier, has_later)),
        _ => None,
    };
    socket.chat_event(around).await
}

async fn post_numbers(stage: &Stage, person: &Person, room: RoomId, count: usize) -> Vec<MessageId> {
    let mut ids = Vec::new();
    for number in 0..count {
        ids.push(stage.post(person, room, &number.to_string()).await);
    }
    ids
}

#[tokio::test]
async fn a_jump_into_the_middle_can_be_read_on_in_both_directions() {
    let stage = Stage::new().await;
    let (minsu, _, room) = stage.pair().await;
    let total = PAGE_MESSAGES * 4;
    post_numbers(&stage, &minsu, room, total).await;
    let mut chat = minsu.chat(room).await;
    let (mut messages, mut has_earlier, mut has_later) = around(&mut chat, RoomCommand::Around { seq: 100 }).await;
    assert!(has_earlier && has_later && messages.iter().any(|message| message.seq == 100));
    while has_later {
        let after = messages.last().unwrap().seq;
        chat.command(&RoomCommand::Later { after }).await;
        let later = |event| match event {
            RoomEvent::Later { messages, has_later } => Some((messages, has_later)),
            _ => None,
        };
        let (page, more) = chat.chat_event(later).await;
        messages.extend(page);
        has_later = more;
    }
    while has_earlier {
        chat.command(&RoomCommand::Earlier { before: messages[0].seq }).await;
        let earlier = |event| match event {
            RoomEvent::Earlier { messages, has_earlier } => Some((messages, has_earlier)),
            _ => None,
        };
        let (mut page, more) = chat.chat_event(earlier).await;
        page.append(&mut messages);
        (messages, has_earlier) = (page, more);
    }
    let seqs: Vec<u64> = messages.iter().map(|message| message.seq).collect();
    assert_eq!(seqs, (1..=total as u64).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_jump_can_go_to_the_ends_and_to_a_day() {
    let stage = Stage::new().await;
    let (minsu, _, room) = stage.pair().await;
    post_numbers(&stage, &minsu, room, PAGE_MESSAGES).await;
    stage.sql("UPDATE messages SET sent_at = seq * 1000").await;
    let mut chat = minsu.chat(room).await;
    let (messages, has_earlier, has_later) = around(&mut chat, RoomCommand::AroundTime { at: 39_001 }).await;
    assert!(messages.iter().any(|message| message.seq == 40) && has_earlier && !has_later);
    let (messages, has_earlier, has_later) = around(&mut chat, RoomCommand::Around { seq: 0 }).await;
    assert_eq!((messages[0].seq, has_earlier, has_later), (1, false, true));
    let (messages, _, has_later) = around(&mut chat, RoomCommand::AroundTime { at: i64::MAX }).await;
    assert_eq!((messages.last().unwrap().seq, has_later), (PAGE_MESSAGES as u64, false));
    let (messages, _, has_later) = around(&mut chat, RoomCommand::Around { seq: u64::MAX }).await;
    assert_eq!((messages.last().unwrap().seq, has_later), (PAGE_MESSAGES as u64, false));
}
