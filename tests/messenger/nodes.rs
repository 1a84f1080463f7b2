//! Several nodes on one database, without a bus: what one commits, the windows of all others receive, in one order.

use std::time::{Duration, Instant};

use protocol::{
    cursor::Cursor,
    ids::{MessageId, RoomId},
    lobby_socket::{LobbyCommand, LobbyEvent},
    message::SystemEvent,
    room::Member,
    room_socket::{RoomCommand, RoomEvent},
    user::Presence,
};
use server::{
    messenger::Policy,
    model::{DatabaseUrl, Status},
};
use sqlx::Connection;

use crate::{
    cluster::random_cluster_actions,
    daemon::Server,
    stage::{PASSWORD, Person, Socket, Stage, snapshot, unlimited},
    test_server::TestServer,
};

/// Two nodes, two users of a direct room. `minsu` is connected to the first node, `younghee` to the second.
pub(crate) struct Two {
    pub(crate) database: DatabaseUrl,
    pub(crate) nodes: [Stage; 2],
    pub(crate) minsu: Person,
    pub(crate) younghee: Person,
    pub(crate) room: RoomId,
}

impl Two {
    async fn new() -> Self {
        Self::with(unlimited()).await
    }

    pub(crate) async fn with(policy: Policy) -> Self {
        let database = TestServer::get().new_database();
        let nodes = [Stage::node_with(&database, policy.clone()).await, Stage::node_with(&database, policy).await];
        Self::on(database, nodes).await
    }

    pub(crate) async fn on(database: DatabaseUrl, nodes: [Stage; 2]) -> Self {
        let (minsu, younghee, room) = nodes[0].pair().await;
        let younghee = nodes[1].moved(&younghee);
        Self { database, nodes, minsu, younghee, room }
    }

    pub(crate) async fn sql(&self, sql: &'static str) {
        let mut connection = sqlx::PgConnection::connect(self.database.secret()).await.unwrap();
        sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
    }

    pub(crate) async fn texts(&self, sql: &'static str) -> Vec<String> {
        let mut connection = sqlx::PgConnection::connect(self.database.secret()).await.unwrap();
        sqlx::query_scalar(sql).fetch_all(&mut connection).await.unwrap()
    }
}

/// The bodies and versions of the next messages.
async fn messages(socket: &mut Socket, count: usize) -> Vec<(String, u64)> {
    let mut messages = Vec::new();
    while messages.len() < count {
        let (message, cursor) = socket.message().await;
        messages.push((message.body, cursor.version));
    }
    messages
}

/// Matches the event after which a user has this presence.
pub(crate) fn becomes(person: &Person, presence: Presence) -> impl Fn(LobbyEvent) -> Option<()> {
    let id = person.id;
    move |event| match event {
        LobbyEvent::UsersChanged { users, .. } => {
            users.iter().any(|user| user.id == id && user.presence == presence).then_some(())
        }
        _ => None,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn windows_of_both_nodes_receive_every_message_once_in_one_order() {
    const EACH: usize = 150;
    let two = Two::new().await;
    let (mut one, mut other) = (two.minsu.chat(two.room).await, two.younghee.chat(two.room).await);
    let post = async |stage: &Stage, person: &Person| {
        for number in 0..EACH {
            stage.post(person, two.room, &format!("{} {number}", person.id)).await;
        }
    };
    tokio::join!(post(&two.nodes[0], &two.minsu), post(&two.nodes[1], &two.younghee));
    let [received, elsewhere] = [messages(&mut one, 2 * EACH).await, messages(&mut other, 2 * EACH).await];
    assert_eq!(received, elsewhere);
    let versions: Vec<u64> = received.iter().map(|(_, version)| *version).collect();
    assert_eq!(versions, (1..=2 * EACH as u64).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_of_a_message_reach_windows_of_the_other_node() {
    let two = Two::new().await;
    let (mut one, mut other) = (two.minsu.chat(two.room).await, two.younghee.chat(two.room).await);
    let id = one.post("회의는 세 시예요").await;
    assert_eq!(other.message().await.0.body, "회의는 세 시예요");
    one.command(&RoomCommand::Edit { id, body: "회의는 네 시예요".into(), mentions: None }).await;
    assert_eq!(other.change_of(id).await.body, "회의는 네 시예요");
    other.command(&RoomCommand::React { id, emoji: "👍".into(), on: true }).await;
    other.command(&RoomCommand::Read { seq: 1 }).await;
    let seen = |event| match event {
        RoomEvent::Read { users, seq } => Some((users, seq)),
        _ => None,
    };
    assert_eq!(one.chat_event(seen).await, (vec![two.younghee.id], 1));
    other.command(&RoomCommand::Typing).await;
    let typing = |event| if let RoomEvent::Typing { user } = event { Some(user) } else { None };
    assert_eq!(one.chat_event(typing).await, two.younghee.id);
    one.command(&RoomCommand::PinMessage { id, on: true }).await;
    let pins = |event| if let RoomEvent::Pins { pins, .. } = event { Some(pins.len()) } else { None };
    assert_eq!(other.chat_event(pins).await, 1);
    one.command(&RoomCommand::Recall { id }).await;
    assert!(other.change_of(id).await.recalled.is_some());
    let feed = two.texts("SELECT convert_from(changes, 'UTF8') FROM feed").await.concat();
    assert!(feed.contains("posts") && !feed.contains('회'), "the feed holds no text: {feed}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_users_own_changes_reach_their_windows_on_the_other_node() {
    let two = Two::new().await;
    let elsewhere = two.nodes[1].moved(&two.minsu);
    let (mut list, mut window) = (elsewhere.lobby().await, elsewhere.chat(two.room).await);
    let mut here = two.minsu.lobby().await;
    let id = two.nodes[0].post(&two.younghee, two.room, "예산안").await;
    let unread =
        |event| if let LobbyEvent::RoomChanged { room } = event { (room.unread == 1).then_some(()) } else { None };
    list.lobby_event(unread).await;
    here.command(&LobbyCommand::Favour { user: two.younghee.id, on: true }).await;
    let favourites = |event| if let LobbyEvent::Favourites { users } = event { Some(users) } else { None };
    assert_eq!(list.lobby_event(favourites).await, [two.younghee.id]);
    two.nodes[0].messenger.messages().bookmark(two.minsu.actor(), two.room, id, true).await.unwrap();
    let bookmarked = |event| if let RoomEvent::Bookmarked { id, on } = event { Some((id, on)) } else { None };
    assert_eq!(window.chat_event(bookmarked).await, (id, true));
    let schedule = serde_json::json!({ "id": MessageId::new(), "at": now_ms() + 3_600_000, "body": "내일 봬요" });
    let schedule = serde_json::from_value(schedule).unwrap();
    two.nodes[0].messenger.messages().schedule(two.minsu.actor(), two.room, schedule).await.unwrap();
    let scheduled = |event| if let RoomEvent::Scheduled { message } = event { Some(message.body) } else { None };
    assert_eq!(window.chat_event(scheduled).await, "내일 봬요");
    let status = Status { is_busy: true, text: Some("출장".into()), until: None };
    two.nodes[0].messenger.people().set_status(two.younghee.actor(), status).await.unwrap();
    let status = |event| match event {
        LobbyEvent::UsersChanged { users, .. } => users.into_iter().find_map(|user| user.profile.status),
        _ => None,
    };
    assert_eq!(list.lobby_event(status).await, "출장");
}

fn now_ms() -> i64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    i64::try_from(now.as_millis()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_member_who_left_on_one_node_receives_nothing_later_on_the_other() {
    let two = Two::new().await;
    let rooms = two.nodes[0].messenger.rooms();
    let mut list = two.younghee.lobby().await;
    let room = rooms.open_group(two.minsu.actor(), vec![two.younghee.id], Some("점심".into())).await.unwrap();
    let invited = |event| if let LobbyEvent::Invited { room, .. } = event { Some(room) } else { None };
    assert_eq!(list.lobby_event(invited).await, room);
    let mut window = two.younghee.chat(room).await;
    window.welcome().await;
    two.nodes[0].post(&two.minsu, room, "먼저").await;
    two.nodes[0].messenger.rooms().remove(two.minsu.actor(), room, two.younghee.id).await.unwrap();
    two.nodes[0].post(&two.minsu, room, "비밀").await;
    let mut bodies = Vec::new();
    while let Some(text) = window.text_or_close().await {
        if let RoomEvent::Message { message, .. } = serde_json::from_str(&text).unwrap() {
            bodies.push((message.body, message.system_event));
        }
    }
    let removed = SystemEvent::Removed { users: vec![two.younghee.id] };
    assert_eq!(bodies, [("먼저".to_owned(), None), (String::new(), Some(removed))]);
    let gone = |event| if let LobbyEvent::RoomGone { room, .. } = event { Some(room) } else { None };
    assert_eq!(list.lobby_event(gone).await, room);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_window_resumes_on_the_other_node_with_its_cursor() {
    let two = Two::new().await;
    let mut window = two.minsu.chat(two.room).await;
    window.post("하나").await;
    let (_, cursor) = window.message().await;
    drop(window);
    two.nodes[0].post(&two.minsu, two.room, "둘").await;
    let mut resumed = two.nodes[1].moved(&two.minsu).chat_since(two.room, cursor).await;
    let delta = |event| if let RoomEvent::Resumed(delta) = event { Some(delta) } else { None };
    let delta = resumed.chat_event(delta).await;
    assert_eq!(delta.messages.iter().map(|message| &*message.body).collect::<Vec<_>>(), ["둘"]);
    assert_eq!(delta.details.cursor, Cursor { version: 2, ..cursor });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn users_are_online_for_everybody_whichever_node_they_are_connected_to() {
    let two = Two::new().await;
    let mut list = two.minsu.lobby().await;
    let mut window = two.minsu.chat(two.room).await;
    let there = two.younghee.lobby().await;
    list.lobby_event(becomes(&two.younghee, Presence::Online)).await;
    let in_room = two.younghee.chat(two.room).await;
    let is_present = |expected: bool| {
        let id = two.younghee.id;
        move |event| match event {
            RoomEvent::MembersChanged { members } => {
                members.iter().any(|member| member.id == id && member.is_present == expected).then_some(())
            }
            _ => None,
        }
    };
    window.chat_event(is_present(true)).await;
    // A node that begins later learns of them, too.
    let late = Stage::node(&two.database).await;
    let begun = Instant::now();
    loop {
        let welcome = late.moved(&two.minsu).lobby().await.lobby_event(snapshot).await;
        let user = welcome.users.iter().find(|user| user.id == two.younghee.id).unwrap();
        if user.presence == Presence::Online {
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(5), "a node that began later sees nobody");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    drop(in_room);
    window.chat_event(is_present(false)).await;
    drop(there);
    list.lobby_event(becomes(&two.younghee, Presence::Offline)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_ended_session_and_a_disabled_account_close_sockets_of_the_other_node() {
    let two = Two::new().await;
    let [mut list, mut window] = [two.younghee.lobby().await, two.younghee.chat(two.room).await];
    let begun = Instant::now();
    two.nodes[0].messenger.accounts().set_disabled("younghee", true).await.unwrap();
    list.close_code().await;
    window.close_code().await;
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    assert_eq!(crate::stage::refused(two.younghee.own_request("/usersServerEndpoint")).await, 401);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_missed_rows_of_the_feed_has_its_sockets_resume() {
    let two = Two::new().await;
    let mut window = two.younghee.chat(two.room).await;
    let cursor = window.welcome().await.details.cursor;
    two.nodes[0].post(&two.minsu, two.room, "놓친 글").await;
    window.message().await;
    // As after ten minutes during which the node did not run.
    let mut connection = sqlx::PgConnection::connect(two.database.secret()).await.unwrap();
    let later = "UPDATE feed SET seq = seq + 5 WHERE (writer, seq) IN (SELECT writer, seq FROM feed \
                  WHERE convert_from(changes, 'UTF8') LIKE '%posts%' ORDER BY at DESC LIMIT 1)";
    sqlx::raw_sql(later).execute(&mut connection).await.unwrap();
    assert_eq!(window.close_code().await, 1013);
    let mut resumed = two.younghee.chat_since(two.room, cursor).await;
    let delta = |event| if let RoomEvent::Resumed(delta) = event { Some(delta) } else { None };
    assert_eq!(resumed.chat_event(delta).await.messages.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn users_of_a_killed_node_are_offline_soon_and_resume_elsewhere_at_once() {
    let two = Two::new().await;
    let killed = Server::start_with(two.nodes[0].data.path(), "127.0.0.1:0", |command| {
        command.env("DAEHWA_DATABASE", two.database.secret())
    });
    let there = Person { address: killed.address, ..two.younghee.clone() };
    let mut list = two.minsu.lobby().await;
    let [mut lobby, mut window] = [there.lobby().await, there.chat(two.room).await];
    list.lobby_event(becomes(&there, Presence::Online)).await;
    let cursor = window.welcome().await.details.cursor;
    window.post("마지막 글").await;
    window.message().await;
    let begun = Instant::now();
    killed.kill();
    while lobby.text_or_close().await.is_some() {}
    let mut resumed = two.younghee.chat_since(two.room, cursor).await;
    let delta = |event| if let RoomEvent::Resumed(delta) = event { Some(delta) } else { None };
    assert_eq!(resumed.chat_event(delta).await.messages.len(), 1, "acknowledged by the killed node");
    assert!(begun.elapsed() < Duration::from_secs(3));
    drop(resumed);
    list.lobby_event(becomes(&there, Presence::Offline)).await;
    assert!(begun.elapsed() < Duration::from_secs(17), "{:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scheduled_message_is_sent_once_although_every_node_tries() {
    let two = Two::new().await;
    let third = Stage::node(&two.database).await;
    let mut window = third.moved(&two.minsu).chat(two.room).await;
    for number in 0..8 {
        let schedule =
            serde_json::json!({ "id": MessageId::new(), "at": now_ms() + 1_500, "body": format!("예약 {number}") });
        let schedule = serde_json::from_value(schedule).unwrap();
        two.nodes[0].messenger.messages().schedule(two.minsu.actor(), two.room, schedule).await.unwrap();
    }
    let mut received = messages(&mut window, 8).await;
    received.sort();
    assert_eq!(
        received.iter().map(|(body, _)| body.clone()).collect::<Vec<_>>(),
        (0..8).map(|n| format!("예약 {n}")).collect::<Vec<_>>()
    );
    let stored = two.texts("SELECT body FROM messages WHERE body LIKE '예약%'").await;
    assert_eq!(stored.len(), 8);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_window_of_the_other_node_shows_a_member_whose_account_is_new() {
    let two = Two::new().await;
    let rooms = two.nodes[0].messenger.rooms();
    let room = rooms.open_group(two.minsu.actor(), vec![two.younghee.id], None).await.unwrap();
    let jiwoo = two.nodes[0].messenger.accounts().add("jiwoo", "박지우", PASSWORD, false).await.unwrap();
    let rooms = two.nodes[0].messenger.rooms();
    rooms.invite(two.minsu.actor(), room, vec![jiwoo], true, None).await.unwrap();
    // The other node may not know the account when this window opens.
    let mut window = two.younghee.chat(room).await;
    let is_shown = |members: &[Member]| members.iter().any(|member| member.id == jiwoo);
    let shows = |event| match event {
        RoomEvent::Welcome(welcome) => is_shown(&welcome.details.members).then_some(()),
        RoomEvent::MembersChanged { members } => is_shown(&members).then_some(()),
        _ => None,
    };
    window.chat_event(shows).await;
}

/// `make cluster` runs the long form.
#[test]
fn random_actions_over_two_nodes_leave_every_window_equal_to_a_fresh_snapshot() {
    random_cluster_actions::run(2, 4, 30);
}
