//! A large organisation: windows receive only some users, watch those that they show, and ask for the others.

use std::{collections::BTreeSet, fmt::Write};

use protocol::{
    ids::UserId,
    lobby_socket::{LobbyCommand, LobbyEvent, LobbySnapshot},
    people::{DepartmentCount, WatchedPresence},
    user::{Presence, User},
};
use serde_json::Value;
use server::messenger::Policy;

use crate::{
    connections::main_page,
    stage::{Person, Socket, Stage, snapshot, unlimited},
};

/// A stage whose organisation is large above this number of users.
pub(crate) async fn stage_of(list_everybody: u32) -> Stage {
    Stage::with(Policy { list_everybody, ..unlimited() }).await
}

/// `count` users: `p0` and so on, with names in the order of their numbers, 30 in each of the departments `국/과0`,
/// `국/과1` and so on.
pub(crate) fn table(count: usize) -> String {
    let mut table = "login,name,department\n".to_owned();
    (0..count).for_each(|number| writeln!(table, "p{number},사람{number:05},국/과{}", number / 30).unwrap());
    table
}

/// An organisation of 600, with `minsu` in the department `국/과0`.
pub(crate) async fn large() -> (Stage, Person) {
    let stage = stage_of(20).await;
    stage.import(&table(599)).await;
    let minsu = stage.person("minsu", "김민수").await;
    stage.import("login,department\nminsu,국/과0\n").await;
    (stage, minsu)
}

/// The id of an imported user.
pub(crate) fn id(stage: &Stage, login: &str) -> UserId {
    let directory = stage.messenger.people().directory();
    directory.accounts().find(|account| account.login == login).unwrap().id
}

/// An imported user with a password, signed in.
pub(crate) async fn sign_in(stage: &Stage, login: &str) -> Person {
    stage.messenger.accounts().set_password(login, crate::stage::PASSWORD).await.unwrap();
    stage.sign_in(login).await
}

pub(crate) fn ids(users: &[User]) -> BTreeSet<UserId> {
    users.iter().map(|user| user.id).collect()
}

pub(crate) fn presence(event: LobbyEvent) -> Option<WatchedPresence> {
    if let LobbyEvent::Presence(presence) = event { Some(presence) } else { None }
}

pub(crate) fn changed(event: LobbyEvent) -> Option<Vec<User>> {
    if let LobbyEvent::UsersChanged { users, .. } = event { Some(users) } else { None }
}

fn watch(users: &[UserId], departments: &[&str]) -> LobbyCommand {
    LobbyCommand::Watch { users: users.to_vec(), departments: departments.iter().map(ToString::to_string).collect() }
}

/// Watches users and returns the answer.
pub(crate) async fn watching(socket: &mut Socket, users: &[UserId], departments: &[&str]) -> WatchedPresence {
    socket.command(&watch(users, departments)).await;
    socket.lobby_event(presence).await
}

/// The next event that names a user.
async fn about(socket: &mut Socket, user: UserId) -> LobbyEvent {
    let names = |event| serde_json::to_string(&event).unwrap().contains(&user.to_string()).then_some(event);
    socket.lobby_event(names).await
}

pub(crate) async fn main_window(person: &Person) -> (Socket, LobbySnapshot) {
    let mut socket = person.lobby().await;
    let snapshot = socket.lobby_event(snapshot).await;
    (socket, snapshot)
}

#[tokio::test]
async fn a_small_organisation_receives_all_users_and_all_their_changes() {
    let stage = stage_of(3).await;
    let (minsu, younghee) = (stage.person("minsu", "김민수").await, stage.person("younghee", "이영희").await);
    stage.person("jiwoo", "최지우").await;
    let mut socket = minsu.lobby().await;
    let welcome: Value = serde_json::from_str(&socket.text().await.unwrap()).unwrap();
    assert_eq!(welcome.as_object().unwrap().keys().collect::<Vec<_>>(), ["cursor", "me", "rooms", "type", "users"]);
    assert_eq!(welcome["users"].as_array().unwrap().len(), 3);
    let window = younghee.lobby().await;
    let received = socket.lobby_event(changed).await;
    assert!(received.iter().any(|user| user.presence.is_connected()));
    drop(window);
    loop {
        let frame = socket.text().await.unwrap();
        assert!(frame.contains("users_changed"), "{frame}");
        if frame.contains(&younghee.id.to_string()) && frame.contains("away") {
            break;
        }
    }
    let answer = watching(&mut socket, &[younghee.id], &[""]).await;
    let whole = DepartmentCount { path: String::new(), people: 3, online: 1 };
    assert_eq!((answer.offline, answer.departments), (vec![younghee.id], vec![whole]), "asking works, too");
}

#[tokio::test]
async fn a_welcome_has_the_own_department_favourites_and_others_of_rooms() {
    let (stage, minsu) = large().await;
    let [favourite, partner, member] = ["p400", "p401", "p402"].map(|login| id(&stage, login));
    stage.messenger.people().favour(minsu.actor(), favourite, true).await.unwrap();
    stage.messenger.rooms().open_direct(minsu.actor(), partner).await.unwrap();
    stage.messenger.rooms().open_group(minsu.actor(), vec![member], None).await.unwrap();
    let (_, welcome) = main_window(&minsu).await;
    let mut expected: BTreeSet<UserId> = (0..30).map(|number| id(&stage, &format!("p{number}"))).collect();
    expected.extend([minsu.id, favourite, partner, member]);
    assert_eq!(ids(&welcome.users), expected);
    let count = welcome.people.unwrap();
    assert_eq!((count.count, count.online), (600, 1));
    let names: Vec<&str> = welcome.users.iter().map(|user| user.name.as_str()).collect();
    assert!(names.is_sorted(), "{names:?}");
    let page = stage.messenger.people().lobby(minsu.actor(), None).await.unwrap();
    assert_eq!((ids(&page.users), page.people.unwrap().count), (expected, 600), "the page has the same");
}

#[tokio::test]
async fn presence_is_of_the_watched_alone() {
    let (stage, minsu) = large().await;
    let (watched, other) = (sign_in(&stage, "p500").await, sign_in(&stage, "p501").await);
    let (mut socket, _) = main_window(&minsu).await;
    let answer = watching(&mut socket, &[watched.id, minsu.id, watched.id, UserId::new()], &[]).await;
    assert_eq!((answer.offline, answer.online), (vec![watched.id], vec![minsu.id]));
    let theirs = (watched.lobby().await, other.lobby().await);
    let received = presence(about(&mut socket, watched.id).await).unwrap().online;
    assert!(received.contains(&watched.id) && !received.contains(&other.id), "{received:?}");
    drop(theirs);
    let away = WatchedPresence { offline: vec![watched.id], ..Default::default() };
    assert_eq!(presence(about(&mut socket, watched.id).await), Some(away));
    // The next set replaces the one before.
    let answer = watching(&mut socket, &[other.id], &[]).await;
    assert_eq!(answer, WatchedPresence { offline: vec![other.id], ..Default::default() });
    let _windows = (watched.lobby().await, other.lobby().await);
    assert_eq!(socket.lobby_event(presence).await, WatchedPresence { online: vec![other.id], ..Default::default() });
    let rest = socket.rest().await;
    assert!(rest.iter().all(|frame| !frame.contains(&watched.id.to_string())), "{rest:?}");
}

#[tokio::test]
async fn before_the_first_watch_a_window_hears_of_favourites_and_partners() {
    let (stage, minsu) = large().await;
    let (favourite, colleague) = (sign_in(&stage, "p500").await, sign_in(&stage, "p1").await);
    stage.messenger.people().favour(minsu.actor(), favourite.id, true).await.unwrap();
    let (mut socket, welcome) = main_window(&minsu).await;
    let _windows = (colleague.lobby().await, favourite.lobby().await);
    let received = presence(about(&mut socket, favourite.id).await).unwrap();
    assert!(
        received.online.contains(&favourite.id) && !received.online.contains(&colleague.id),
        "a colleague is not watched"
    );
    // A window that resumes receives their presence, not whole users.
    let mut again = minsu.lobby_since(welcome.cursor).await;
    let delta = again.lobby_event(snapshot).await;
    assert!(delta.resumed_from.is_some() && delta.users.is_empty(), "{:?}", delta.users);
    let mut online = again.lobby_event(presence).await.online;
    online.sort();
    assert_eq!(online, BTreeSet::from([minsu.id, favourite.id]).into_iter().collect::<Vec<_>>());
}

#[tokio::test]
async fn a_changed_account_reaches_who_watches_or_lists_them_or_watches_their_department() {
    let (stage, minsu) = large().await;
    let [watched, partner, colleague, stranger] = ["p500", "p501", "p590", "p450"].map(|login| id(&stage, login));
    stage.messenger.rooms().open_direct(minsu.actor(), partner).await.unwrap();
    let (mut socket, _) = main_window(&minsu).await;
    watching(&mut socket, &[watched], &["국/과19"]).await;
    let renamed = "login,name\np500,바뀜\np501,바뀜\np590,바뀜\np450,바뀜\n";
    stage.import(renamed).await;
    let mut received = BTreeSet::new();
    while received.len() < 3 {
        received.extend(ids(&socket.lobby_event(changed).await));
    }
    assert_eq!(received, [watched, partner, colleague].into());
    let rest = socket.rest().await;
    assert!(rest.iter().all(|frame| !frame.contains(&stranger.to_string())), "{rest:?}");
    // Windows that watch a department receive who arrives in it and who leaves it.
    stage.import("login,department\np450,국/과19\np590,국/과3\n").await;
    let mut moved = BTreeSet::new();
    while moved.len() < 2 {
        moved.extend(ids(&socket.lobby_event(changed).await));
    }
    assert_eq!(moved, [stranger, colleague].into());
}

#[tokio::test]
async fn who_changed_while_nobody_watched_comes_before_the_answer_to_watch() {
    let (stage, minsu) = large().await;
    let [before, after] = ["p500", "p501"].map(|login| id(&stage, login));
    stage.import("login,name\np500,전에\n").await;
    let (mut socket, _) = main_window(&minsu).await;
    stage.import("login,name\np501,후에\n").await;
    for is_news in [true, false] {
        socket.command(&watch(&[before, after], &[])).await;
        let first = about(&mut socket, after).await;
        assert_eq!(changed(first).map(|users| ids(&users)), is_news.then_some([after].into()));
        if is_news {
            assert_eq!(presence(about(&mut socket, after).await).map(|answer| answer.offline.len()), Some(2));
        }
    }
}

#[tokio::test]
async fn a_return_learns_who_of_the_list_changed_and_who_was_disabled() {
    let (stage, minsu) = large().await;
    let (mut window, welcome) = main_window(&minsu).await;
    watching(&mut window, &[id(&stage, "p4")], &[]).await;
    stage.import("login,name\np3,바뀜\np500,바뀜\n").await;
    stage.messenger.accounts().set_disabled("p4", true).await.unwrap();
    let received = about(&mut window, id(&stage, "p4")).await;
    assert_eq!(changed(received).unwrap()[0].presence, Presence::Disabled);
    let mut again = minsu.lobby_since(welcome.cursor).await;
    let delta = again.lobby_event(snapshot).await;
    // The department has 200 users at most: p4 left it, and is of no room.
    assert_eq!(ids(&delta.users), [id(&stage, "p3")].into());
    assert_eq!((delta.resumed_from, delta.people.unwrap().count), (Some(welcome.cursor), 599));
    again.command(&watch(&[id(&stage, "p4")], &[])).await;
    let received = changed(about(&mut again, id(&stage, "p4")).await).unwrap();
    assert_eq!(received[0].presence, Presence::Disabled);
    let answer = presence(about(&mut again, id(&stage, "p4")).await).unwrap();
    assert_eq!(answer.disabled, [id(&stage, "p4")]);
}

#[tokio::test]
async fn a_client_of_the_original_lists_its_department_favourites_and_partners() {
    let (stage, minsu) = large().await;
    let [colleague, partner, stranger] =
        [sign_in(&stage, "p1").await, sign_in(&stage, "p500").await, sign_in(&stage, "p501").await];
    stage.messenger.rooms().open_direct(minsu.actor(), partner.id).await.unwrap();
    let mut theirs = (colleague.egov_lobby().await, partner.lobby().await, stranger.lobby().await);
    let mut list = minsu.egov_lobby().await;
    let names = |value: &Value| {
        let all = value["allUsers"].as_array().unwrap().iter();
        all.map(|name| name.as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&list.egov("allUsers").await), ["김민수", "사람00001", "사람00500"]);
    loop {
        let seen = names(&theirs.0.egov("allUsers").await);
        assert!(!seen.contains(&"사람00500".to_owned()), "a partner of somebody else");
        if seen == ["김민수", "사람00001"] {
            break;
        }
    }
    drop(theirs.1);
    assert_eq!(list.egov("disconnectedUser").await["disconnectedUser"], "사람00500");
}

#[tokio::test]
async fn windows_come_back_when_the_organisation_becomes_large() {
    let stage = stage_of(20).await;
    let minsu = stage.person("minsu", "김민수").await;
    let (mut socket, welcome) = main_window(&minsu).await;
    assert_eq!(welcome.people, None);
    stage.import(&table(30)).await;
    assert_eq!(socket.close_code().await, 1013);
    let mut again = minsu.lobby_since(welcome.cursor).await;
    let whole = again.lobby_event(snapshot).await;
    assert_eq!((whole.resumed_from, whole.people.unwrap().count, whole.users.len()), (None, 31, 1));
}

/// Bytes of an arrival in an organisation of this size: the welcome with the answer to what the window watches, the first
/// page, and the same compressed. Every later frame is a delta.
async fn bytes_of_an_arrival(people: usize) -> [usize; 3] {
    let stage = stage_of(100).await;
    // The departments that the window shows have as many of the next level in both.
    let top = |number: usize| if number < 300 { 0 } else { 1 + number / 300 % 3 };
    let department = |number: usize| format!("국{}/부{}/과{}", top(number), number / 300, number / 30);
    let rows = (0..people).map(|number| format!("p{number},사람{number:05},{}\n", department(number)));
    stage.import(&("login,name,department\n".to_owned() + &rows.collect::<String>())).await;
    let watched: Vec<UserId> = (0..60).map(|number| id(&stage, &format!("p{number}"))).collect();
    let person = sign_in(&stage, "p0").await;
    let mut first = person.lobby().await;
    let mut bytes = first.text_of_type("welcome").await.len();
    first.command(&watch(&watched, &["국0"])).await;
    // A tick may come before the answer, which is the longer one.
    let texts = first.texts_until_pong().await;
    let presence = texts.iter().filter(|text| text.starts_with(r#"{"type":"presence""#));
    bytes += presence.map(String::len).max().unwrap();
    for number in 1..8 {
        sign_in(&stage, &format!("p{number}")).await.lobby().await.settle().await;
    }
    let deltas = first.rest().await;
    assert!(deltas.iter().all(|frame| frame.len() < 2_000), "{deltas:?}");
    let page = async |headers: &[(&'static str, &str)]| main_page(&stage, &person.token, headers).await.1;
    [bytes, page(&[]).await, page(&[("accept-encoding", "gzip")]).await]
}

#[tokio::test]
async fn bytes_of_a_person_do_not_grow_with_the_organisation() {
    let (few, many) = (bytes_of_an_arrival(1_000).await, bytes_of_an_arrival(5_000).await);
    for ((few, many), bound) in few.into_iter().zip(many).zip([30_000, 60_000, 15_000]) {
        assert!(many.abs_diff(few) * 20 < few && few < bound, "{few} {many}");
    }
}
