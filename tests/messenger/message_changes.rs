//! Changes of posted messages: edit, recall, reply, react.

use protocol::{
    error::Refusal,
    ids::{MessageId, RoomId},
    lobby_socket::{LobbyCommand, LobbyEvent},
    message::{Quote, Reaction, Recalled},
    room::RoomDelta,
    room_socket::{Post, RoomCommand, RoomEvent},
};
use server::{messenger::Policy, model::Anchor};

use futures::future::join_all;

use crate::stage::{Person, Socket, Stage, unlimited};

/// Two users in their room, each with a window.
async fn direct_room(stage: &Stage) -> (Person, Person, RoomId, Socket, Socket) {
    let (minsu, younghee, room) = stage.pair().await;
    let (mut minsus, mut younghees) = (minsu.chat(room).await, younghee.chat(room).await);
    minsus.welcome().await;
    younghees.welcome().await;
    (minsu, younghee, room, minsus, younghees)
}

async fn edit(socket: &mut Socket, id: MessageId, body: &str) {
    socket.command(&RoomCommand::Edit { id, body: body.into(), mentions: None }).await;
}

async fn react(socket: &mut Socket, id: MessageId, emoji: &str, on: bool) {
    socket.command(&RoomCommand::React { id, emoji: emoji.into(), on }).await;
}

#[tokio::test]
async fn an_edit_keeps_the_seq_and_sets_edited_at() {
    let stage = Stage::new().await;
    let (_, _, _, mut minsus, mut younghees) = direct_room(&stage).await;
    let id = minsus.post("세 시에 봐요").await;
    let posted = younghees.message().await.0;
    minsus.post("네").await;
    edit(&mut minsus, id, "네 시에 봐요").await;
    let edited = loop {
        let message = younghees.change_of(id).await;
        if message.version > posted.version {
            break message;
        }
    };
    assert_eq!((edited.seq, edited.version, edited.body.as_str()), (posted.seq, 3, "네 시에 봐요"));
    assert!(edited.edited_at.is_some() && posted.edited_at.is_none());
    edit(&mut minsus, id, "네 시에 봐요").await;
    minsus.change_of(id).await;
    assert_eq!(
        younghees.rest().await.iter().filter(|text| text.contains("네 시에")).count(),
        0,
        "the same again changes nothing"
    );
}

#[tokio::test]
async fn only_the_author_edits_and_recalls_and_strangers_learn_nothing() {
    let stage = Stage::new().await;
    let (minsu, _, _, mut minsus, mut younghees) = direct_room(&stage).await;
    let jiwoo = stage.person("jiwoo", "최지우").await;
    let elsewhere = stage.messenger.rooms().open_direct(minsu.actor(), jiwoo.id).await.unwrap();
    let mut jiwoos = jiwoo.chat(elsewhere).await;
    let id = minsus.post("제 말입니다").await;
    minsus.message().await;
    edit(&mut younghees, id, "바꿔치기").await;
    assert_eq!(younghees.refusal().await, (Refusal::NotYours, Some(id)));
    younghees.command(&RoomCommand::Recall { id }).await;
    assert_eq!(younghees.refusal().await, (Refusal::NotYours, Some(id)));
    for command in [
        RoomCommand::Edit { id, body: "x".into(), mentions: None },
        RoomCommand::Recall { id },
        RoomCommand::React { id, emoji: "👍".into(), on: true },
    ] {
        jiwoos.command(&command).await;
        assert_eq!(jiwoos.refusal().await, (Refusal::NotFound, Some(id)), "known only in its own room");
    }
}

#[tokio::test]
async fn the_time_limit_for_changes_is_the_operators() {
    let stage = Stage::with(Policy { edit_minutes: 1, recall_minutes: 1, ..unlimited() }).await;
    let (_, _, room, mut minsus, _younghees) = direct_room(&stage).await;
    let id = minsus.post("오래된 말").await;
    minsus.message().await;
    edit(&mut minsus, id, "고친 말").await;
    assert_eq!(minsus.change_of(id).await.body, "고친 말");
    stage.sql("UPDATE messages SET sent_at = sent_at - 61000").await;
    edit(&mut minsus, id, "늦은 말").await;
    assert_eq!(minsus.refusal().await, (Refusal::TooLate, Some(id)));
    minsus.command(&RoomCommand::Recall { id }).await;
    assert_eq!(minsus.refusal().await, (Refusal::TooLate, Some(id)));
    assert_eq!(stage.sql_texts("SELECT body FROM messages").await, ["고친 말"], "in {room}");
}

#[tokio::test]
async fn a_recall_tells_whether_the_message_was_read_and_leaves_no_text() {
    let stage = Stage::new().await;
    let (minsu, younghee, room, mut minsus, mut younghees) = direct_room(&stage).await;
    let secret = "국가기밀입니다만";
    let read = minsus.post(secret).await;
    let seq = minsus.message().await.0.seq;
    react(&mut younghees, read, "👍", true).await;
    younghees.command(&RoomCommand::Read { seq }).await;
    younghees.settle().await;
    let unread = minsus.post(secret).await;
    minsus.change_of(unread).await;
    edit(&mut minsus, unread, "국가기밀이었습니다만").await;
    minsus.change_of(unread).await;
    for (id, expected) in [(unread, Recalled::BeforeRead), (read, Recalled::AfterRead)] {
        minsus.command(&RoomCommand::Recall { id }).await;
        let recalled = loop {
            let message = younghees.change_of(id).await;
            if message.recalled.is_some() {
                break message;
            }
        };
        assert_eq!((recalled.recalled, recalled.body.as_str()), (Some(expected), ""));
        assert!(recalled.reactions.is_empty());
    }
    let mut again = younghee.chat(room).await;
    assert!(again.welcome().await.messages.iter().all(|message| message.body.is_empty()));
    assert!(
        stage.messenger.search().messages(minsu.actor(), "기밀", None).await.is_ok_and(|found| found.hits.is_empty())
    );
    let mut lobby = younghee.lobby().await;
    let unread = |event| if let LobbyEvent::Welcome(snapshot) = event { Some(snapshot.rooms[0].unread) } else { None };
    assert_eq!(lobby.lobby_event(unread).await, 0, "a recalled message is not unread");
    stage.messenger.close().await;
    let file = std::fs::read(stage.data.path().join("daehwa.db")).unwrap();
    for trace in [secret.as_bytes(), "기밀".as_bytes(), b"00ae3000bc00"] {
        assert!(!file.windows(trace.len()).any(|window| window == trace), "a trace in the file: {trace:?}");
    }
}

#[tokio::test]
async fn a_tombstone_does_not_change() {
    let stage = Stage::new().await;
    let (_, _, _, mut minsus, mut younghees) = direct_room(&stage).await;
    let post = RoomCommand::Post(Post::new(MessageId::new(), "잘못 보냄"));
    let RoomCommand::Post(Post { id, .. }) = post else { unreachable!() };
    minsus.command(&post).await;
    minsus.message().await;
    minsus.command(&RoomCommand::Recall { id }).await;
    let recalled = minsus.change_of(id).await;
    edit(&mut minsus, id, "다시").await;
    assert_eq!(minsus.refusal().await, (Refusal::Recalled, Some(id)));
    react(&mut younghees, id, "👍", true).await;
    assert_eq!(younghees.refusal().await, (Refusal::Recalled, Some(id)));
    minsus.command(&RoomCommand::Recall { id }).await;
    assert_eq!(minsus.change_of(id).await, recalled, "again is as once");
    minsus.command(&post).await;
    assert_eq!(minsus.change_of(id).await, recalled, "a late resend finds it, and brings nothing back");
}

#[tokio::test]
async fn a_reply_quotes_the_present_state_of_its_message() {
    let stage = Stage::new().await;
    let (minsu, younghee, room, mut minsus, mut younghees) = direct_room(&stage).await;
    let question = minsus.post("몇 시예요?").await;
    let asked = minsus.message().await.0;
    let id = MessageId::new();
    younghees.command(&RoomCommand::Post(Post { reply_to: Some(question), ..Post::new(id, "세 시요") })).await;
    let quote = Quote { id: question, seq: asked.seq, author: minsu.id, body: "몇 시예요?".into() };
    assert_eq!(minsus.change_of(id).await.reply_to, Some(quote.clone()));
    edit(&mut minsus, question, "몇 시에 만나요?").await;
    minsus.change_of(question).await;
    let seen = younghee.chat(room).await.welcome().await;
    assert_eq!(seen.messages[1].reply_to, Some(Quote { body: "몇 시에 만나요?".into(), ..quote.clone() }));
    minsus.command(&RoomCommand::Recall { id: question }).await;
    minsus.change_of(question).await;
    let seen = younghee.chat(room).await.welcome().await;
    assert_eq!(seen.messages[1].reply_to, Some(Quote { body: String::new(), ..quote }));
    let unknown = MessageId::new();
    younghees.command(&RoomCommand::Post(Post { reply_to: Some(MessageId::new()), ..Post::new(unknown, "네") })).await;
    assert_eq!(younghees.refusal().await, (Refusal::NotFound, Some(unknown)));
}

#[tokio::test]
async fn reactions_are_added_once_per_user_and_removed() {
    let stage = Stage::new().await;
    let (minsu, younghee, _, mut minsus, mut younghees) = direct_room(&stage).await;
    let id = minsus.post("점심은 제가 살게요").await;
    minsus.message().await;
    react(&mut younghees, id, "👍", true).await;
    let given = minsus.change_of(id).await;
    assert_eq!(given.reactions, [Reaction { emoji: "👍".into(), users: vec![younghee.id] }]);
    react(&mut minsus, id, "🎉", true).await;
    react(&mut minsus, id, "👍", true).await;
    minsus.change_of(id).await;
    let both = minsus.change_of(id).await.reactions;
    assert_eq!(both[0], Reaction { emoji: "👍".into(), users: vec![younghee.id, minsu.id] });
    assert_eq!(both[1].emoji, "🎉");
    react(&mut minsus, id, "👍", true).await;
    assert_eq!(minsus.change_of(id).await.reactions, both, "twice is once");
    react(&mut younghees, id, "👍", false).await;
    assert_eq!(minsus.change_of(id).await.reactions[1], Reaction { emoji: "👍".into(), users: vec![minsu.id] });
    for not_one in ["", "a", "좋아요", "👍👍", "<b>", "1"] {
        react(&mut minsus, id, not_one, true).await;
        assert_eq!(minsus.refusal().await, (Refusal::NotAnEmoji, Some(id)), "{not_one}");
    }
}

#[tokio::test]
async fn a_message_has_no_more_than_twenty_different_reactions() {
    let stage = Stage::new().await;
    let (_, _, _, mut minsus, _younghees) = direct_room(&stage).await;
    let id = minsus.post("얼마나 들어가나").await;
    minsus.message().await;
    let faces: Vec<String> = (0x1F600u32..0x1F615).filter_map(char::from_u32).map(String::from).collect();
    for face in &faces[..20] {
        react(&mut minsus, id, face, true).await;
        minsus.change_of(id).await;
    }
    react(&mut minsus, id, &faces[20], true).await;
    assert_eq!(minsus.refusal().await, (Refusal::TooMany, Some(id)));
}

#[tokio::test]
async fn a_resume_contains_the_missed_changes() {
    let stage = Stage::new().await;
    let (_, younghee, room, mut minsus, mut younghees) = direct_room(&stage).await;
    let id = minsus.post("처음").await;
    let (_, cursor) = younghees.message().await;
    drop(younghees);
    edit(&mut minsus, id, "나중").await;
    react(&mut minsus, id, "🙂", true).await;
    minsus.change_of(id).await;
    let last = loop {
        let message = minsus.change_of(id).await;
        if !message.reactions.is_empty() {
            break message;
        }
    };
    let resumed = |event| match event {
        RoomEvent::Resumed(RoomDelta { messages, details }) => Some((messages, details.cursor)),
        _ => None,
    };
    let (messages, cursor) = younghee.chat_since(room, cursor).await.chat_event(resumed).await;
    assert_eq!((messages, cursor.version), (vec![last], 3), "once, as it is now");
}

#[tokio::test]
async fn unsent_messages_of_a_closed_window_are_delivered_by_the_main_window() {
    let stage = Stage::new().await;
    let (_, younghee, room, mut minsus, mut younghees) = direct_room(&stage).await;
    let mut lobby = stage.sign_in("minsu").await.lobby().await;
    let id = MessageId::new();
    let post = RoomCommand::Post(Post::new(id, "아까 쓴 말"));
    for _ in 0..2 {
        lobby.command(&LobbyCommand::Deliver { room, command: post.clone() }).await;
        let delivered = |event| if let LobbyEvent::Delivered { room, id } = event { Some((room, id)) } else { None };
        assert_eq!(lobby.lobby_event(delivered).await, (room, id));
    }
    assert_eq!(younghees.message().await.0.id, id);
    minsus.change_of(id).await;
    let refused = |event| if let LobbyEvent::Refused { error, id } = event { Some((error, id)) } else { None };
    for (command, expected) in [
        (RoomCommand::Post(Post::new(id, "다른 말")), (Refusal::IdConflict, Some(id))),
        (RoomCommand::Leave, (Refusal::Malformed, None)),
    ] {
        lobby.command(&LobbyCommand::Deliver { room, command }).await;
        assert_eq!(lobby.lobby_event(refused).await, expected);
    }
    let jiwoo = stage.person("jiwoo", "최지우").await;
    let mut strangers = jiwoo.lobby().await;
    let id = MessageId::new();
    let command = RoomCommand::Post(Post::new(id, "끼어들기"));
    strangers.command(&LobbyCommand::Deliver { room, command }).await;
    assert_eq!(strangers.lobby_event(refused).await, (Refusal::NotFound, Some(id)));
    drop(younghee);
}

#[tokio::test]
async fn legacy_clients_receive_changes_as_messages() {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = stage.pair().await;
    let mut old = younghee.egov_chat(room).await;
    old.egov_typed("UsersMessage").await;
    let mut new = minsu.chat(room).await;
    new.welcome().await;
    let id = new.post("세 시 회의").await;
    assert_eq!(old.egov_typed("ChatMessage").await["message"], "세 시 회의");
    edit(&mut new, id, "네 시 회의").await;
    let line = old.egov_typed("ChatMessage").await;
    assert_eq!((line["name"].as_str(), line["message"].as_str()), (Some("김민수"), Some("(수정) 네 시 회의")));
    react(&mut new, id, "👍", true).await;
    assert_eq!(old.egov_typed("ChatMessage").await["message"], "👍 (&quot;네 시 회의&quot;)");
    new.command(&RoomCommand::Post(Post { reply_to: Some(id), ..Post::new(MessageId::new(), "갑니다") })).await;
    assert_eq!(old.egov_typed("ChatMessage").await["message"], "(답장: 김민수 &quot;네 시 회의&quot;) 갑니다");
    new.command(&RoomCommand::Recall { id }).await;
    assert_eq!(old.egov_typed("ChatMessage").await["message"], "(메시지를 회수했습니다.)");
}

/// Posts that wait together are inserted in one call, and must still succeed or fail one by one.
#[tokio::test]
async fn many_posts_at_once_are_each_stored_refused_or_recognised_as_repeated() {
    let stage = Stage::with(unlimited()).await;
    let (minsu, younghee, room) = stage.pair().await;
    let stranger = stage.person("jiwoo", "최지우").await;
    let answered = stage.post(&younghee, room, "첫 글").await;
    let first = stage.messenger.messages().page(minsu.actor(), room, Anchor::Newest).await.unwrap().version;
    let ids: Vec<MessageId> = (0..100).map(|_| MessageId::new()).collect();
    let posts = (0..100).map(|number: usize| {
        // Every tenth post repeats the one before it, every eleventh is by a non-member, every seventh is a reply; one
        // contains a NUL.
        let id = if number % 10 == 9 { ids[number - 1] } else { ids[number] };
        let shown = if number % 10 == 9 { number - 1 } else { number };
        let author = if number % 11 == 5 { stranger.id } else { minsu.id };
        let reply_to = (shown % 7 == 3).then_some(answered);
        let body = format!("{shown}{}", if shown == 42 { "\0뒤" } else { "" });
        stage.messenger.messages().post(crate::stage::actor(author), room, Post { reply_to, ..Post::new(id, body) })
    });
    let outcomes = join_all(posts).await;
    let mut stored = 0;
    for (number, outcome) in outcomes.iter().enumerate() {
        let is_again = number % 10 == 9 && (number - 1) % 11 != 5;
        match outcome {
            Err(refusal) => {
                let expected = if is_again { Refusal::IdConflict } else { Refusal::NotFound };
                assert!(*refusal == expected && number % 11 == 5, "{number}: {refusal:?}");
            }
            Ok(Some(_)) => assert!(is_again, "{number} was known"),
            Ok(None) => {
                assert!(number % 11 != 5 && !is_again, "{number} was new");
                stored += 1;
            }
        }
    }
    let messages =
        stage.messenger.messages().page(younghee.actor(), room, Anchor::After(first)).await.unwrap().messages;
    let more = stage
        .messenger
        .messages()
        .page(younghee.actor(), room, Anchor::After(messages.last().unwrap().seq))
        .await
        .unwrap();
    let messages: Vec<_> = messages.into_iter().chain(more.messages).collect();
    assert_eq!(messages.len(), stored);
    let seqs: Vec<u64> = messages.iter().map(|message| message.seq).collect();
    assert_eq!(seqs, (first + 1..=first + stored as u64).collect::<Vec<_>>(), "no hole, none twice");
    let order: Vec<usize> =
        messages.iter().map(|message| ids.iter().position(|id| *id == message.id).unwrap()).collect();
    assert!(order.is_sorted(), "in the order of their posts: {order:?}");
    assert!(messages.iter().any(|message| message.body == "42\0뒤"));
    for message in &messages {
        let number = ids.iter().position(|id| *id == message.id).unwrap();
        assert_eq!(message.reply_to.as_ref().map(|quote| quote.id), (number % 7 == 3).then_some(answered));
    }
}

#[tokio::test]
async fn a_recall_reaches_the_lobbies_of_the_members_and_no_others() {
    let stage = Stage::new().await;
    let (minsu, younghee, room, mut minsus, _younghees) = direct_room(&stage).await;
    let stranger = stage.person("jiwoo", "최지우").await;
    let (mut list, mut own, mut strangers) = (younghee.lobby().await, minsu.lobby().await, stranger.lobby().await);
    let older = minsus.post("계좌 번호").await;
    let newer = minsus.post("그 다음 글").await;
    for id in [older, newer] {
        minsus.command(&RoomCommand::Recall { id }).await;
    }
    let recalled = |event| if let LobbyEvent::Recalled { room, ids } = event { Some((room, ids)) } else { None };
    for lobby in [&mut list, &mut own] {
        let mut gone = Vec::new();
        while gone.len() < 2 {
            let (of, ids) = lobby.lobby_event(recalled).await;
            assert_eq!(of, room);
            gone.extend(ids);
        }
        assert_eq!(gone, [older, newer]);
    }
    assert!(strangers.rest().await.iter().all(|text| !text.contains("recalled")));
}
