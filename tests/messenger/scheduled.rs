//! Scheduled messages over sockets: sent in time, and across restarts and kills of the server.

use std::{collections::HashMap, time::Duration};

use protocol::{
    error::Refusal,
    ids::{MessageId, RoomId},
    limit::{BODY_CHARS, MENTIONS, SCHEDULED},
    lobby_socket::{LobbyCommand, LobbyEvent},
    message::Mentions,
    room_socket::{Post, RoomCommand, RoomEvent},
    schedule::{Reschedule, Schedule, ScheduledMessage},
};
use server::{
    messenger::{Policy, Repeated},
    store::now_ms,
};

use crate::{
    daemon::{Server, add_people, history, open_room},
    stage::{Socket, Stage, unlimited},
    torture::{check, long_or},
};

const HOUR: i64 = 60 * 60 * 1000;

fn command(at: i64, body: &str) -> (MessageId, RoomCommand) {
    let id = MessageId::new();
    (id, RoomCommand::Schedule(Schedule::new(id, at, body)))
}

async fn scheduled(socket: &mut Socket) -> ScheduledMessage {
    let scheduled = |event| match event {
        RoomEvent::Scheduled { message } => Some(message),
        RoomEvent::Refused { error, .. } => panic!("{error:?}"),
        _ => None,
    };
    socket.chat_event(scheduled).await
}

async fn unscheduled(socket: &mut Socket) -> MessageId {
    socket.chat_event(|event| if let RoomEvent::Unscheduled { id } = event { Some(id) } else { None }).await
}

#[tokio::test]
async fn all_windows_of_the_author_follow_the_list_and_nobody_else_does() {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = stage.pair().await;
    let (mut one, mut other, mut hers) = (minsu.chat(room).await, minsu.chat(room).await, younghee.chat(room).await);
    let (id, schedule) = command(now_ms() + HOUR, "내일 봬요");
    one.command(&schedule).await;
    let before = other.welcome().await;
    for socket in [&mut one, &mut other] {
        assert_eq!(scheduled(socket).await.id, id);
    }
    assert_eq!(minsu.chat(room).await.welcome().await.details.scheduled[0].body, "내일 봬요");
    let resumed = |event| if let RoomEvent::Resumed(delta) = event { Some(delta.details.scheduled) } else { None };
    assert_eq!(minsu.chat_since(room, before.details.cursor).await.chat_event(resumed).await[0].id, id);
    let at = now_ms() + 2 * HOUR;
    let change = Reschedule { id, at, body: "모레 봬요".to_owned(), mentions: Mentions::default() };
    other.command(&RoomCommand::Reschedule(change)).await;
    let changed = scheduled(&mut one).await;
    assert_eq!((changed.at, changed.body.as_str()), (at, "모레 봬요"));
    one.command(&RoomCommand::SendScheduled { id }).await;
    assert_eq!(unscheduled(&mut other).await, id);
    let (second, schedule) = command(now_ms() + HOUR, "지울 글");
    one.command(&schedule).await;
    one.command(&RoomCommand::Unschedule { id: second }).await;
    assert_eq!(unscheduled(&mut other).await, second);
    assert!(minsu.chat(room).await.welcome().await.details.scheduled.is_empty());

    let seen = hers.chat_event(|event| match event {
        RoomEvent::Welcome(snapshot) => Some(snapshot.details.scheduled.len()),
        RoomEvent::Scheduled { .. } | RoomEvent::Unscheduled { .. } => panic!("{event:?}"),
        _ => None,
    });
    assert_eq!(seen.await, 0);
    let last = one.post("그럼 그때 봬요").await;
    for expected in [id, last] {
        let sent = hers.chat_event(|event| match event {
            RoomEvent::Message { message, .. } => Some(message),
            RoomEvent::Scheduled { .. } | RoomEvent::Unscheduled { .. } => panic!("{event:?}"),
            _ => None,
        });
        assert_eq!(sent.await.id, expected);
    }
    assert_eq!(younghee.chat(room).await.welcome().await.details.scheduled.len(), 0);
}

#[tokio::test]
async fn a_scheduled_message_is_checked_as_a_post_when_it_is_scheduled_and_when_it_is_changed() {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = stage.pair().await;
    let messages = stage.messenger.messages();
    let at = now_ms() + HOUR;
    let with = |id, body: &str, mentions| Schedule { mentions, ..Schedule::new(id, at, body) };
    let known = with(MessageId::new(), "내일 봬요", Mentions::default());
    messages.schedule(minsu.actor(), room, known.clone()).await.unwrap();
    let many = Mentions { users: vec![younghee.id; MENTIONS + 1], all: false };
    for (body, mentions, why) in [
        (" \n".to_owned(), Mentions::default(), Refusal::EmptyBody),
        ("가".repeat(BODY_CHARS + 1), Mentions::default(), Refusal::BodyTooLong),
        ("@".to_owned(), many, Refusal::TooMany),
        ("@모두".to_owned(), Mentions { users: Vec::new(), all: true }, Refusal::NotAGroup),
    ] {
        let schedule = with(MessageId::new(), &body, mentions.clone());
        assert_eq!(messages.schedule(minsu.actor(), room, schedule).await.err(), Some(why));
        let change = Reschedule { id: known.id, at, body, mentions };
        assert_eq!(messages.reschedule(minsu.actor(), room, change).await, Err(why));
    }
    let scheduled = minsu.chat(room).await.welcome().await.details.scheduled;
    assert_eq!(scheduled.iter().map(|message| message.body.as_str()).collect::<Vec<_>>(), ["내일 봬요"]);
}

#[tokio::test]
async fn scheduling_and_sending_count_as_messages() {
    let stage = Stage::with(Policy { messages_per_second: 2, ..unlimited() }).await;
    let (minsu, younghee, room) = stage.pair().await;
    let sora = stage.person("sora", "한소라").await;
    let own = stage.messenger.rooms().open_direct(sora.actor(), sora.id).await.unwrap();
    let messages = stage.messenger.messages();
    let schedule = |at| Schedule::new(MessageId::new(), at, "나중에");
    let (mut scheduled, mut changed, mut sent) = (Vec::new(), Vec::new(), Vec::new());
    let known = schedule(now_ms() + HOUR);
    messages.schedule(younghee.actor(), room, known.clone()).await.unwrap();
    for number in 0..10 {
        scheduled.push(messages.schedule(minsu.actor(), room, schedule(now_ms() + HOUR)).await.map(drop));
        let change = Reschedule {
            id: known.id,
            at: now_ms() + HOUR + number,
            body: "고친 글".to_owned(),
            mentions: Mentions::default(),
        };
        changed.push(messages.reschedule(younghee.actor(), room, change).await);
        sent.push(messages.send_scheduled(sora.actor(), own, MessageId::new()).await);
    }
    for outcomes in [scheduled, changed, sent] {
        assert!(outcomes.contains(&Err(Refusal::TooFast)), "{outcomes:?}");
    }
}

#[tokio::test]
async fn a_message_arrives_at_its_time_and_a_time_in_the_past_is_refused() {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = stage.pair().await;
    let (mut mine, mut hers) = (minsu.chat(room).await, younghee.chat(room).await);
    let (id, schedule) = command(now_ms() - 1, "어제");
    mine.command(&schedule).await;
    assert_eq!(mine.refusal().await, (Refusal::InvalidTime, Some(id)));
    let at = now_ms() + 900;
    let (later, schedule) = command(at + 1, "둘");
    mine.command(&schedule).await;
    let (id, schedule) = command(at, "하나");
    mine.command(&schedule).await;
    for (id, body) in [(id, "하나"), (later, "둘")] {
        let (message, _) = hers.message().await;
        assert_eq!((message.id, message.body.as_str()), (id, body));
        assert!(message.sent_at >= at && now_ms() >= at, "not before its time");
        assert!(now_ms() < at + 5_000, "the task was woken: by itself it looks every ten seconds");
    }
}

#[tokio::test]
async fn a_retry_is_answered_to_its_sender_whatever_became_of_the_message() {
    let stage = Stage::new().await;
    let (minsu, _, room) = stage.pair().await;
    let mut mine = minsu.chat(room).await;
    let (id, schedule) = command(now_ms() + HOUR, "내일 봬요");
    for _ in 0..2 {
        mine.command(&schedule).await;
        assert_eq!(scheduled(&mut mine).await.id, id);
    }
    mine.command(&RoomCommand::SendScheduled { id }).await;
    assert_eq!(mine.message().await.0.id, id);
    mine.command(&schedule).await;
    assert_eq!(mine.message().await.0.id, id);
    let (id, schedule) = command(now_ms() + HOUR, "지울 글");
    for command in [&schedule, &RoomCommand::Unschedule { id }, &schedule] {
        mine.command(command).await;
    }
    for _ in 0..2 {
        assert_eq!(unscheduled(&mut mine).await, id);
    }
    assert!(
        minsu.chat(room).await.welcome().await.details.scheduled.is_empty(),
        "what was deleted is not scheduled again"
    );
}

#[tokio::test]
async fn many_failures_come_in_one_list() {
    let stage = Stage::new().await;
    let (minsu, _, room) = stage.pair().await;
    let notes = stage.messenger.rooms().open_direct(minsu.actor(), minsu.id).await.unwrap();
    let schedule = async |room, body: &str| {
        let schedule = Schedule::new(MessageId::new(), now_ms() + HOUR, body);
        stage.messenger.messages().schedule(minsu.actor(), room, schedule).await.unwrap();
    };
    for number in 1..SCHEDULED {
        schedule(room, &format!("보고 {number}")).await;
    }
    let mut list = minsu.lobby().await;
    stage.sql("UPDATE memberships SET left_at = 0 WHERE room IN (SELECT room FROM scheduled)").await;
    stage.sql(&format!("UPDATE scheduled SET due_at = {}", now_ms())).await;
    schedule(notes, "깨우는 글").await;
    let unsent = |event| if let LobbyEvent::UnsentScheduled { messages } = event { Some(messages.len()) } else { None };
    assert_eq!(list.lobby_event(unsent).await, SCHEDULED - 1);
    let more = list.rest().await;
    assert!(!more.iter().any(|frame| frame.contains("unsent")), "{more:?}");
}

#[tokio::test]
async fn messages_to_everybody_are_limited_when_they_go() {
    let stage = Stage::with(Policy { messages_per_second: 1_000, ..unlimited() }).await;
    let (minsu, younghee, _) = stage.pair().await;
    let room = stage.messenger.rooms().open_group(minsu.actor(), vec![younghee.id], None).await.unwrap();
    let (mut mine, mut hers) = (minsu.chat(room).await, younghee.chat(room).await);
    let at = now_ms() + 2_000;
    for number in 0..7 {
        let (_, mut schedule) = command(at, &format!("@모두 {number}"));
        if let RoomCommand::Schedule(schedule) = &mut schedule {
            schedule.mentions.all = true;
        }
        mine.command(&schedule).await;
        assert_eq!(scheduled(&mut mine).await.at, at, "to schedule is free");
    }
    for number in 0..5 {
        assert_eq!(hers.message().await.0.body, format!("@모두 {number}"));
    }
    let later = scheduled(&mut mine).await;
    assert_eq!((later.body.as_str(), later.failed), ("@모두 5", None));
    assert!(later.at > at + 60_000, "it goes when the budget allows it");
    mine.command(&RoomCommand::SendScheduled { id: later.id }).await;
    assert_eq!(mine.refusal().await, (Refusal::AllTooOften, Some(later.id)));
    assert_eq!(minsu.chat(room).await.welcome().await.details.scheduled.len(), 2);
}

#[tokio::test]
async fn plain_scheduled_messages_leave_the_budgets_of_requests_and_of_everybody_alone() {
    let stage = Stage::with(Policy { messages_per_second: 1_000, ..unlimited() }).await;
    let (minsu, younghee, _) = stage.pair().await;
    let room = stage.messenger.rooms().open_group(minsu.actor(), vec![younghee.id], None).await.unwrap();
    let (mut hers, messages) = (younghee.chat(room).await, stage.messenger.messages());
    // More than either budget allows at once: some go by hand, the others at their time.
    for number in 0..50 {
        let at = now_ms() + if number < 25 { HOUR } else { 1_000 };
        let schedule = Schedule::new(MessageId::new(), at, "보고");
        let id = schedule.id;
        messages.schedule(minsu.actor(), room, schedule).await.unwrap();
        if number < 25 {
            messages.send_scheduled(minsu.actor(), room, id).await.unwrap();
        }
    }
    for _ in 0..50 {
        assert_eq!(hers.message().await.0.body, "보고");
    }
    let mentions = Mentions { users: vec![], all: true };
    let post = Post { mentions, asks_confirmation: true, ..Post::new(MessageId::new(), "@모두 확인해 주세요") };
    messages.post(minsu.actor(), room, post).await.unwrap();
}

#[tokio::test]
async fn a_deleted_scheduled_message_is_known_for_a_week() {
    let stage = Stage::new().await;
    let (minsu, _, room) = stage.pair().await;
    let messages = stage.messenger.messages();
    let new = || Schedule::new(MessageId::new(), now_ms() + HOUR, "나중에");
    let delete = async |schedule: &Schedule| {
        messages.schedule(minsu.actor(), room, schedule.clone()).await.unwrap();
        messages.unschedule(minsu.actor(), schedule.id).await.unwrap();
    };
    let again = async |schedule: &Schedule| messages.schedule(minsu.actor(), room, schedule.clone()).await.unwrap();
    let first = new();
    delete(&first).await;
    delete(&new()).await;
    assert!(matches!(again(&first).await, Some(Repeated::Unscheduled(id)) if id == first.id));
    stage.sql("UPDATE unscheduled SET deleted_at = deleted_at - 7 * 86400000 + 3600000").await;
    delete(&new()).await;
    assert!(again(&first).await.is_some(), "an hour is left");
    stage.sql("UPDATE unscheduled SET deleted_at = deleted_at - 3600001").await;
    delete(&new()).await;
    assert!(again(&first).await.is_none(), "the database does not grow with every message that somebody deletes");
}

#[tokio::test]
async fn who_was_removed_learns_in_the_list_why_nothing_was_sent() {
    let stage = Stage::new().await;
    let (minsu, younghee, _) = stage.pair().await;
    let room = stage.messenger.rooms().open_group(minsu.actor(), vec![younghee.id], None).await.unwrap();
    let mut list = younghee.lobby().await;
    let (id, schedule) = command(now_ms() + 1_200, "늦은 글");
    let mut hers = younghee.chat(room).await;
    hers.command(&schedule).await;
    scheduled(&mut hers).await;
    stage.messenger.rooms().remove(minsu.actor(), room, younghee.id).await.unwrap();
    let unsent = |event| if let LobbyEvent::UnsentScheduled { messages } = event { Some(messages) } else { None };
    let messages = list.lobby_event(unsent).await;
    let [message] = &messages[..] else { panic!("{messages:?}") };
    assert_eq!((message.id, message.failed, message.body.as_str()), (id, Some(Refusal::NotFound), "늦은 글"));
    let newest = minsu.chat(room).await.welcome().await.messages.pop().unwrap();
    assert!(newest.system_event.is_some(), "nothing was sent");
    let mut again = younghee.lobby().await;
    let welcome = |event| if let LobbyEvent::Welcome(snapshot) = event { Some(snapshot) } else { None };
    assert_eq!(again.lobby_event(welcome).await.unsent, messages);
    again.command(&LobbyCommand::Unschedule { id }).await;
    assert!(list.lobby_event(unsent).await.is_empty());
}

/// Schedules messages for the next moments and kills the server between them. Returns the acknowledged messages.
async fn schedule_until_killed(server: Server, round: u64) -> Vec<MessageId> {
    let minsu = server.sign_in("minsu").await;
    let room = open_room(&minsu).await;
    let mut socket = minsu.chat(room).await;
    let mut known = Vec::new();
    // Far enough ahead for a busy machine to store them all; together with the last round's they stay below the limit.
    let first = now_ms() + 3_000;
    for number in 0..20_i64 {
        let (_, schedule) = command(first + number * 30, &format!("{round}-{number}"));
        socket.command(&schedule).await;
        known.push(scheduled(&mut socket).await.id);
    }
    let killed_at = first + 100 + 97 * (round as i64 % 5);
    tokio::time::sleep(Duration::from_millis(killed_at.saturating_sub(now_ms()).max(0) as u64)).await;
    server.kill();
    known
}

#[tokio::test]
async fn a_server_killed_while_messages_are_due_sends_each_once_and_late_ones_at_its_start() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    add_people(&data);
    let mut known = Vec::new();
    for round in 0..long_or(20, 3) {
        known.extend(schedule_until_killed(Server::start(&data), round).await);
    }
    let server = Server::start(&data);
    let minsu = server.sign_in("minsu").await;
    let room: RoomId = open_room(&minsu).await;
    let mut socket = minsu.chat(room).await;
    let mut waiting: Vec<MessageId> =
        socket.welcome().await.details.scheduled.into_iter().map(|message| message.id).collect();
    while !waiting.is_empty() {
        let gone = unscheduled(&mut socket).await;
        waiting.retain(|id| *id != gone);
    }
    let stored = history(&minsu, room).await;
    let mut count: HashMap<MessageId, usize> = HashMap::new();
    stored.iter().for_each(|message| *count.entry(message.id).or_default() += 1);
    assert!(known.iter().all(|id| count.get(id) == Some(&1)), "each once");
    let order = |body: &str| body.split('-').map(|part| part.parse::<u32>().unwrap()).collect::<Vec<_>>();
    let sent: Vec<Vec<u32>> = stored.iter().map(|message| order(&message.body)).collect();
    assert!(sent.is_sorted(), "in the order of their times: {sent:?}");
    check(&data);
}
