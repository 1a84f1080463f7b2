//! Confirmations over sockets: who receives which event, also after a cut connection, and in the dialect of the
//! original.

use client::state::conversation::Conversation;
use protocol::{
    error::Refusal,
    ids::{MessageId, RoomId, UserId},
    lobby_socket::{Collection, LobbyCommand, LobbyEvent},
    message::Message,
    room_socket::{Post, RoomCommand, RoomEvent},
};

use server::messenger::Policy;

use crate::stage::{Person, Socket, Stage, actor, unlimited};

const TEXT: &str = "금요일까지 확인해 주세요";

struct RequestScene {
    stage: Stage,
    minsu: Person,
    younghee: Person,
    jiwoo: Person,
    group: RoomId,
    id: MessageId,
}

/// A group of three in which the first user has asked the others for confirmations.
async fn scene() -> RequestScene {
    let stage = Stage::new().await;
    let (minsu, younghee, _) = stage.pair().await;
    let jiwoo = stage.person("jiwoo", "최지우").await;
    let others = vec![younghee.id, jiwoo.id];
    let group = stage.messenger.rooms().open_group(minsu.actor(), others, None).await.unwrap();
    let id = ask(&stage, &minsu, group).await.unwrap();
    RequestScene { stage, minsu, younghee, jiwoo, group, id }
}

async fn ask(stage: &Stage, author: &Person, room: RoomId) -> Result<MessageId, Refusal> {
    let post = Post { asks_confirmation: true, ..Post::new(MessageId::new(), TEXT) };
    let id = post.id;
    stage.messenger.messages().post(author.actor(), room, post).await.map(|_| id)
}

/// The confirming user and the version of the next `confirmed`.
async fn confirmed(socket: &mut Socket) -> (UserId, u64) {
    let user = |event| match event {
        RoomEvent::Confirmed { user, cursor, .. } => Some((user, cursor.version)),
        _ => None,
    };
    socket.chat_event(user).await
}

/// The version of the next change that the socket may not see.
async fn advanced(socket: &mut Socket) -> u64 {
    let version = |event| match event {
        RoomEvent::Advanced { cursor, .. } => Some(cursor.version),
        RoomEvent::Confirmed { .. } => panic!("only its author and who confirms see a confirmation"),
        _ => None,
    };
    socket.chat_event(version).await
}

fn asking(messages: Vec<Message>) -> Message {
    messages.into_iter().find(|message| message.body == TEXT).unwrap()
}

#[tokio::test]
async fn the_author_and_who_confirms_see_it_and_the_others_see_a_version() {
    let RequestScene { stage, minsu, younghee, jiwoo, group, id } = scene().await;
    let (mut author, mut other) = (minsu.chat(group).await, jiwoo.chat(group).await);
    let (mut one, mut two) = (younghee.chat(group).await, younghee.chat(group).await);
    for socket in [&mut author, &mut one, &mut two, &mut other] {
        assert_eq!(asking(socket.welcome().await.messages).confirmations, Some(vec![]));
    }
    one.command(&RoomCommand::Confirm { id }).await;
    let seen = confirmed(&mut author).await;
    assert_eq!(seen.0, younghee.id);
    assert_eq!([confirmed(&mut one).await, confirmed(&mut two).await], [seen, seen], "in all of their windows");
    assert_eq!(advanced(&mut other).await, seen.1);
    two.command(&RoomCommand::Confirm { id }).await;
    assert_eq!(confirmed(&mut two).await, seen, "a retry is answered, and changes nothing");
    author.command(&RoomCommand::Confirm { id }).await;
    assert_eq!(author.refusal().await, (Refusal::Oneself, Some(id)));
    stage.messenger.messages().confirm(jiwoo.actor(), group, id).await.unwrap();
    assert_eq!(confirmed(&mut author).await.0, jiwoo.id);
    assert_eq!(advanced(&mut one).await, seen.1 + 1);
}

#[tokio::test]
async fn nobody_else_learns_who_confirmed() {
    let RequestScene { stage, minsu, younghee, jiwoo, group, id } = scene().await;
    let messages = stage.messenger.messages();
    messages.bookmark(jiwoo.actor(), group, id, true).await.unwrap();
    let (mut other, mut author) = (jiwoo.chat(group).await, minsu.chat(group).await);
    other.welcome().await;
    author.welcome().await;
    messages.confirm(younghee.actor(), group, id).await.unwrap();
    messages.react(minsu.actor(), group, id, "👍", true).await.unwrap();
    assert_eq!(other.change_of(id).await.confirmations, Some(vec![]), "with the whole message after a change");
    assert_eq!(author.change_of(id).await.confirmations, Some(vec![younghee.id]));
    other.command(&RoomCommand::React { id, emoji: "👍".into(), on: true }).await;
    other.change_of(id).await;
    other.command(&RoomCommand::React { id, emoji: "👍".into(), on: true }).await;
    assert_eq!(other.change_of(id).await.confirmations, Some(vec![]), "in the answer to a retry");
    let page = |event| match event {
        RoomEvent::Around { messages, .. } | RoomEvent::Found { messages, .. } => Some(messages),
        _ => None,
    };
    for command in [RoomCommand::Around { seq: 2 }, RoomCommand::Search { query: "금요일".into(), before: None }] {
        other.command(&command).await;
        assert_eq!(asking(other.chat_event(page).await).confirmations, Some(vec![]), "{command:?}");
        author.command(&command).await;
        assert_eq!(asking(author.chat_event(page).await).confirmations, Some(vec![younghee.id]), "{command:?}");
    }
    let hits = |event| match event {
        LobbyEvent::Found { hits, .. } | LobbyEvent::Collected { hits, .. } => Some(hits),
        _ => None,
    };
    let mut lobby = jiwoo.lobby().await;
    for command in [
        LobbyCommand::Search { query: "금요일".into(), before: None },
        LobbyCommand::Collect { of: Collection::Bookmarks, before: None },
    ] {
        lobby.command(&command).await;
        assert_eq!(lobby.lobby_event(hits).await[0].message.confirmations, Some(vec![]), "{command:?}");
    }
    let snapshot = stage.messenger.rooms().snapshot(jiwoo.actor(), group).await.unwrap();
    assert_eq!(asking(snapshot.messages).confirmations, Some(vec![]), "in a page of HTML");
    let own = stage.messenger.rooms().snapshot(younghee.actor(), group).await.unwrap();
    assert_eq!(asking(own.messages).confirmations, Some(vec![younghee.id]), "their own they see");
}

#[tokio::test]
async fn a_resume_brings_what_was_confirmed_meanwhile() {
    let RequestScene { stage, minsu, younghee, jiwoo, group, id } = scene().await;
    let cursor = minsu.chat(group).await.welcome().await.details.cursor;
    for person in [&younghee, &jiwoo] {
        stage.messenger.messages().confirm(person.actor(), group, id).await.unwrap();
    }
    for (person, expected) in
        [(&minsu, vec![younghee.id, jiwoo.id]), (&younghee, vec![younghee.id]), (&jiwoo, vec![jiwoo.id])]
    {
        let mut socket = person.chat_since(group, cursor).await;
        let resumed = |event| if let RoomEvent::Resumed(delta) = event { Some(delta.messages) } else { None };
        assert_eq!(asking(socket.chat_event(resumed).await).confirmations, Some(expected));
    }
}

#[tokio::test]
async fn many_confirmations_at_once_are_few_frames_for_the_others() {
    const OTHERS: usize = 60;
    let stage = Stage::new().await;
    let (minsu, reader, _) = stage.pair().await;
    let rows: String = (0..OTHERS).map(|n| format!("person{n},사람 {n}\n")).collect();
    stage.import(&format!("login,name\n{rows}")).await;
    let others = stage.messenger.people().directory();
    let others: Vec<UserId> =
        others.accounts().map(|account| account.id).filter(|id| ![minsu.id, reader.id].contains(id)).collect();
    let members = others.iter().copied().chain([reader.id]).collect();
    let group = stage.messenger.rooms().open_group(minsu.actor(), members, None).await.unwrap();
    let id = ask(&stage, &minsu, group).await.unwrap();
    let (mut author, mut other) = (minsu.chat(group).await, reader.chat(group).await);
    let mut counting = Conversation::new(minsu.id, author.welcome().await);
    let mut reading = Conversation::new(reader.id, other.welcome().await);
    let confirm = |user: &UserId| stage.messenger.messages().confirm(actor(*user), group, id);
    let confirmed = futures::future::join_all(others.iter().map(confirm)).await;
    assert!(confirmed.iter().all(Result::is_ok));
    // A later change arrives after the confirmations.
    let last = stage.post(&minsu, group, "모두 고맙습니다").await;
    let (to_author, to_other) =
        (follow(&mut author, &mut counting, last).await, follow(&mut other, &mut reading, last).await);
    assert!(!counting.needs_resync() && !reading.needs_resync(), "no gap");
    assert_eq!(counting.cursor(), reading.cursor());
    let of = |conversation: &Conversation| conversation.message(id).unwrap().confirmations.clone();
    assert_eq!((of(&counting).unwrap().len(), of(&reading)), (OTHERS, Some(vec![])));
    assert!(to_other <= OTHERS / 3 && to_author <= OTHERS + to_other, "{to_other} and {to_author} frames");
}

/// Applies events until this message arrives, and counts the frames with confirmations.
async fn follow(socket: &mut Socket, conversation: &mut Conversation, last: MessageId) -> usize {
    let mut frames = 0;
    loop {
        let event = socket.chat_event(Some).await;
        frames += usize::from(matches!(event, RoomEvent::Confirmed { .. } | RoomEvent::Advanced { .. }));
        let is_last = matches!(&event, RoomEvent::Message { message, .. } if message.id == last);
        conversation.apply(event, 0);
        if is_last {
            return frames;
        }
    }
}

#[tokio::test]
async fn requests_have_a_budget_of_their_own() {
    let stage = Stage::with(Policy { messages_per_second: 1_000, ..unlimited() }).await;
    let (minsu, younghee, room) = stage.pair().await;
    let mut asked = 0;
    while asked < 100 && ask(&stage, &minsu, room).await.is_ok() {
        asked += 1;
    }
    assert_eq!(asked, 20);
    assert_eq!(ask(&stage, &minsu, room).await, Err(Refusal::TooFast));
    stage.post(&minsu, room, "다른 글").await;
    ask(&stage, &younghee, room).await.unwrap();
}

#[tokio::test]
async fn confirming_counts_as_a_message() {
    let stage = Stage::with(Policy { messages_per_second: 2, ..unlimited() }).await;
    let (_, younghee, room) = stage.pair().await;
    let messages = stage.messenger.messages();
    let mut outcomes = Vec::new();
    for _ in 0..20 {
        outcomes.push(messages.confirm(younghee.actor(), room, MessageId::new()).await.err());
    }
    assert_eq!(outcomes[0], Some(Refusal::NotFound));
    assert!(outcomes.contains(&Some(Refusal::TooFast)), "{outcomes:?}");
}

#[tokio::test]
async fn the_originals_clients_read_a_request_and_where_to_confirm_it() {
    let RequestScene { stage, minsu, younghee, group, id, .. } = scene().await;
    let (mut reader, mut author) = (younghee.egov_chat(group).await, minsu.egov_chat(group).await);
    assert_eq!(reader.until_message("확인 요청").await, format!("(확인 요청) {TEXT}"));
    let address = format!("/rooms/{group}?at=2");
    assert!(reader.until_message("(확인은").await.ends_with(&format!("{address})")));
    let second = ask(&stage, &minsu, group).await.unwrap();
    assert_eq!(author.until_message("확인 요청").await, format!("(확인 요청) {TEXT}"));
    for id in [id, second] {
        stage.messenger.messages().confirm(younghee.actor(), group, id).await.unwrap();
    }
    assert_eq!(
        author.until_message("(").await,
        format!("(확인했습니다: &quot;{TEXT}&quot;)"),
        "and not where to confirm"
    );
    let rest = reader.rest().await;
    assert!(rest.iter().all(|frame| !frame.contains("확인했습니다")), "{rest:?}");
}
