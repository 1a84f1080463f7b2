//! A large organisation: what windows ask for — departments, searches, users by id — and what is refused.

use std::fmt::Write;

use protocol::{
    error::Refusal,
    ids::{RoomId, UserId},
    lobby_socket::{LobbyCommand, LobbyEvent},
    people::{DepartmentCount, WatchedPresence},
    room_socket::{RoomCommand, RoomEvent},
};
use server::messenger::Policy;

use crate::{
    people_on_demand::{changed, id, ids, large, main_window, presence, sign_in, stage_of, table, watching},
    stage::{Socket, Stage, unlimited},
};

async fn refusal(socket: &mut Socket, command: &str) -> Refusal {
    socket.send_text(command).await;
    socket.lobby_event(|event| if let LobbyEvent::Refused { error, .. } = event { Some(error) } else { None }).await
}

#[tokio::test]
async fn departments_are_listed_page_by_page_with_their_sizes() {
    let stage = stage_of(20).await;
    let mut people = "login,name,department,order\n".to_owned();
    (0..450).for_each(|number| writeln!(people, "p{number},사람{number:05},국,").unwrap());
    people.push_str("boss,하하하,국,1\nteam,가가가,국/과,\nfree,나나나,,\n");
    stage.import(&people).await;
    let minsu = stage.person("minsu", "김민수").await;
    let (mut socket, _) = main_window(&minsu).await;
    let (mut after, mut all, mut sizes) = (None, Vec::new(), Vec::new());
    loop {
        socket.command(&LobbyCommand::Department { path: "국".into(), after }).await;
        let page = |event| match event {
            LobbyEvent::Department { people, departments, users, after, .. } => {
                Some((people, departments, users, after))
            }
            _ => None,
        };
        let (people, departments, users, next) = socket.lobby_event(page).await;
        assert_eq!((people, departments.len()), (452, usize::from(after.is_none())));
        sizes.push(users.len());
        all.extend(users);
        after = next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(sizes, [200, 200, 51]);
    assert_eq!((all[0].login.as_str(), all[1].login.as_str(), all[450].login.as_str()), ("boss", "p0", "p449"));
    socket.command(&LobbyCommand::Department { path: String::new(), after: None }).await;
    let top = |event| match event {
        LobbyEvent::Department { departments, users, people, online, .. } => Some((departments, users, people, online)),
        _ => None,
    };
    let (departments, users, people, online) = socket.lobby_event(top).await;
    assert_eq!(departments, [DepartmentCount { path: "국".into(), people: 452, online: 0 }]);
    let logins: Vec<&str> = users.iter().map(|user| user.login.as_str()).collect();
    assert_eq!((logins.as_slice(), people, online), (["minsu", "free"].as_slice(), 454, 1));
}

#[tokio::test]
async fn the_sizes_of_watched_departments_follow() {
    let (stage, minsu) = large().await;
    let colleague = sign_in(&stage, "p31").await;
    let (mut socket, _) = main_window(&minsu).await;
    let count = |path: &str, people, online| DepartmentCount { path: path.to_owned(), people, online };
    let answer = watching(&mut socket, &[], &["국", "없음", "국/과1"]).await;
    assert_eq!((answer.departments.len(), &answer.departments[0]), (21, &count("국", 600, 1)));
    assert!(answer.departments.contains(&count("국/과1", 30, 0)), "below it, and once");
    let _window = colleague.lobby().await;
    let has_arrived = |received: &WatchedPresence| received.departments.contains(&count("국/과1", 30, 1));
    let received = socket.lobby_event(|event| presence(event).filter(has_arrived)).await.departments;
    assert!(received.contains(&count("국", 600, 2)), "{received:?}");
}

#[tokio::test]
async fn people_are_found_by_name_initials_login_and_department_outside_a_room_too() {
    let (stage, minsu) = large().await;
    let (mut socket, _) = main_window(&minsu).await;
    let member = id(&stage, "p123");
    let room = stage.messenger.rooms().open_group(minsu.actor(), vec![member], None).await.unwrap();
    let found = |event| match event {
        LobbyEvent::PeopleFound { query, users, after } => Some((query, users, after)),
        _ => None,
    };
    for (query, outside, count, first) in [
        ("ㄱㅁㅅ", None, 1, "minsu"),
        ("사람00123", None, 1, "p123"),
        ("사람00123", Some(room), 0, ""),
        ("p599", None, 0, ""),
        ("과19", None, 29, "p570"),
    ] {
        socket.command(&LobbyCommand::FindPeople { query: query.into(), outside, after: None }).await;
        let (echo, users, after) = socket.lobby_event(found).await;
        let logins: Vec<&str> = users.iter().map(|user| user.login.as_str()).collect();
        assert_eq!((echo.as_str(), users.len(), after), (query, count, None), "{logins:?}");
        assert_eq!(logins.first().copied().unwrap_or_default(), first);
    }
    socket.command(&LobbyCommand::FindPeople { query: "사람".into(), outside: None, after: None }).await;
    let (_, users, after) = socket.lobby_event(found).await;
    assert_eq!((users.len(), after), (50, users.last().map(|user| user.id)));
    let mut chat = minsu.chat(room).await;
    for (outside, count) in [(true, 0), (false, 1)] {
        chat.command(&RoomCommand::FindPeople { query: "사람00123".into(), outside, after: None }).await;
        let found = |event| if let RoomEvent::PeopleFound { users, .. } = event { Some(users.len()) } else { None };
        assert_eq!(chat.chat_event(found).await, count);
    }
    // Suggestions without a query are those of the own list.
    chat.command(&RoomCommand::People).await;
    let invitable =
        |event| if let RoomEvent::People { users, partial: true } = event { Some(users.len()) } else { None };
    assert_eq!(chat.chat_event(invitable).await, 30);
    chat.command(&RoomCommand::Targets).await;
    let targets =
        |event| if let RoomEvent::Targets { users, partial: true, .. } = event { Some(users.len()) } else { None };
    assert_eq!(chat.chat_event(targets).await, 32);
}

#[tokio::test]
async fn unknown_users_come_on_request_and_new_others_before_their_room() {
    let (stage, minsu) = large().await;
    let (mut socket, welcome) = main_window(&minsu).await;
    let stranger = id(&stage, "p333");
    socket.command(&LobbyCommand::People { users: vec![stranger, UserId::new()] }).await;
    let answer = |event| match event {
        LobbyEvent::UsersChanged { users, cursor } => Some((ids(&users), cursor)),
        _ => None,
    };
    assert_eq!(socket.lobby_event(answer).await, ([stranger].into(), welcome.cursor));
    let newcomer = id(&stage, "p334");
    let room = stage.messenger.rooms().open_group(minsu.actor(), vec![newcomer], None).await.unwrap();
    let first = |event| match event {
        LobbyEvent::UsersChanged { users, .. } => Some(ids(&users).contains(&newcomer).then_some(room)),
        LobbyEvent::RoomChanged { .. } => Some(None::<RoomId>),
        _ => None,
    };
    assert_eq!(socket.lobby_event(first).await, Some(room), "the room comes after its users");
    // From now on their changes are sent to this window.
    stage.import("login,name\np334,바뀜\n").await;
    assert_eq!(ids(&socket.lobby_event(changed).await), [newcomer].into());
}

#[tokio::test]
async fn what_is_too_much_or_unknown_is_refused_and_changes_nothing() {
    let (stage, minsu) = large().await;
    let (mut socket, _) = main_window(&minsu).await;
    let watched = id(&stage, "p10");
    watching(&mut socket, &[watched], &["국"]).await;
    let many = serde_json::to_string(&vec![UserId::new(); 301]).unwrap();
    let stranger = UserId::new();
    for (command, error) in [
        (format!(r#"{{"type":"watch","users":{many}}}"#), Refusal::TooMany),
        (format!(r#"{{"type":"watch","departments":{:?}}}"#, [""; 9]), Refusal::TooMany),
        (format!(r#"{{"type":"people","users":{many}}}"#), Refusal::TooMany),
        (r#"{"type":"people"}"#.to_owned(), Refusal::Malformed),
        (r#"{"type":"watch","users":["x"]}"#.to_owned(), Refusal::Malformed),
        (r#"{"type":"department"}"#.to_owned(), Refusal::Malformed),
        (r#"{"type":"department","path":"없는 과"}"#.to_owned(), Refusal::NotFound),
        (format!(r#"{{"type":"department","path":"국","after":"{stranger}"}}"#), Refusal::NotFound),
        (r#"{"type":"find_people","query":" "}"#.to_owned(), Refusal::InvalidQuery),
        (format!(r#"{{"type":"find_people","query":"{}"}}"#, "가".repeat(101)), Refusal::InvalidQuery),
        (format!(r#"{{"type":"find_people","query":"가","outside":"{stranger}"}}"#), Refusal::NotFound),
        (format!(r#"{{"type":"find_people","query":"가","after":"{stranger}"}}"#), Refusal::NotFound),
    ] {
        assert_eq!(refusal(&mut socket, &command).await, error, "{command:.80}");
    }
    stage.import("login,name\np10,바뀜\n").await;
    assert_eq!(ids(&socket.lobby_event(changed).await), [watched].into(), "the set before is still watched");
}

#[tokio::test]
async fn asking_has_a_budget() {
    let stage = Stage::with(Policy { list_everybody: 20, messages_per_second: 1_000, ..unlimited() }).await;
    stage.import(&table(30)).await;
    let minsu = stage.person("minsu", "김민수").await;
    let (mut socket, _) = main_window(&minsu).await;
    for command in [r#"{"type":"watch"}"#, r#"{"type":"find_people","query":"가"}"#] {
        for _ in 0..130 {
            socket.send_text(command).await;
        }
        let refused = |event| match event {
            LobbyEvent::Refused { error, .. } => Some(error),
            _ => None,
        };
        assert_eq!(socket.lobby_event(refused).await, Refusal::TooFast, "{command}");
        socket.settle().await;
    }
}
