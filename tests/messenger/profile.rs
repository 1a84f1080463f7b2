//! Status, favourites, pins and idle windows of a user, and accounts imported from a table.

use std::fs;

use protocol::{
    error::Refusal,
    ids::RoomId,
    lobby_socket::{LobbyCommand, LobbyEvent},
    user::{Presence, Profile, User},
};

use server::{model::Status, store::now_ms};

use crate::{
    daemon::{daehwa, user},
    stage::{PASSWORD, Person, Stage},
};

/// The next matching update of this user.
fn encode(of: &Person, fits: impl Fn(&User) -> bool) -> impl Fn(LobbyEvent) -> Option<User> {
    let id = of.id;
    move |event| match event {
        LobbyEvent::UsersChanged { users, .. } => users.into_iter().find(|user| user.id == id && fits(user)),
        _ => None,
    }
}

fn refused(event: LobbyEvent) -> Option<Refusal> {
    if let LobbyEvent::Refused { error, .. } = event { Some(error) } else { None }
}

#[tokio::test]
async fn busy_and_a_status_are_seen_by_everybody_and_persist() {
    let stage = Stage::new().await;
    let (minsu, younghee, _) = stage.pair().await;
    let (mut mine, mut hers) = (minsu.lobby().await, younghee.lobby().await);
    mine.command(&LobbyCommand::Status { busy: true, text: Some(" 회의 중 ~ 15:00 ".into()), until: None }).await;
    let seen = hers.lobby_event(encode(&minsu, |user| user.presence == Presence::Busy)).await;
    assert_eq!(seen.profile.status.as_deref(), Some("회의 중 ~ 15:00"));
    mine.command(&LobbyCommand::Status { busy: false, text: None, until: None }).await;
    let seen = hers.lobby_event(encode(&minsu, |user| user.presence == Presence::Online)).await;
    assert_eq!(seen.profile, Profile::default());
    for text in ["가".repeat(101), "\u{202e}거꾸로".into()] {
        mine.command(&LobbyCommand::Status { busy: false, text: Some(text), until: None }).await;
        assert_eq!(mine.lobby_event(refused).await, Refusal::InvalidProfile);
    }
}

#[tokio::test]
async fn a_status_ends_by_itself_and_everybody_sees_it() {
    let stage = Stage::new().await;
    let (minsu, younghee, _) = stage.pair().await;
    let (mut mine, mut hers) = (minsu.lobby().await, younghee.lobby().await);
    let over = LobbyCommand::Status { busy: true, text: Some("회의 중".into()), until: Some(now_ms()) };
    mine.command(&over).await;
    assert_eq!(mine.lobby_event(refused).await, Refusal::InvalidProfile);
    let until = Some(now_ms() + 1_500);
    mine.command(&LobbyCommand::Status { busy: true, text: Some("회의 중".into()), until }).await;
    let seen = hers.lobby_event(encode(&minsu, |user| user.presence == Presence::Busy)).await;
    assert_eq!((seen.profile.status.as_deref(), seen.profile.status_until), (Some("회의 중"), until));
    for window in [&mut mine, &mut hers] {
        let seen = window.lobby_event(encode(&minsu, |user| user.presence == Presence::Online)).await;
        assert_eq!(seen.profile, Profile::default());
    }
    // An end without anything to end is none.
    let nothing = Status { is_busy: false, text: None, until: Some(i64::MAX) };
    stage.messenger.people().set_status(minsu.actor(), nothing).await.unwrap();
    let ends = stage.sql_texts("SELECT CAST(status_until AS TEXT) FROM users WHERE status_until IS NOT NULL").await;
    assert!(ends.is_empty(), "{ends:?}");
    mine.command(&LobbyCommand::Status { busy: false, text: Some("외근".into()), until: None }).await;
    let seen = hers.lobby_event(encode(&minsu, |user| user.profile.status.is_some())).await;
    assert_eq!(seen.profile.status_until, None);
}

#[tokio::test]
async fn settings_are_sent_to_the_windows_of_their_user_alone() {
    let stage = Stage::new().await;
    let (minsu, younghee, _) = stage.pair().await;
    let (mut mine, mut hers) = (minsu.lobby().await, younghee.lobby().await);
    let people = stage.messenger.people();
    for nonsense in ["theme=dark; path=/", "theme.<b>", &"a".repeat(501)] {
        assert_eq!(people.change_settings(minsu.actor(), nonsense).await, Err(Refusal::Malformed), "{nonsense}");
    }
    people.change_settings(minsu.actor(), "theme.dark&enter.break").await.unwrap();
    let settings = |event| if let LobbyEvent::Settings { settings } = event { Some(settings) } else { None };
    assert_eq!(mine.lobby_event(settings).await, "theme.dark&enter.break");
    people.change_settings(younghee.actor(), "theme.light").await.unwrap();
    assert_eq!(hers.lobby_event(settings).await, "theme.light");
    // Two windows that do not know each other's changes.
    let (one, two) = tokio::join!(
        people.change_settings(minsu.actor(), "keys.off"),
        people.change_settings(minsu.actor(), "motion.off")
    );
    assert_eq!((one, two), (Ok(()), Ok(())));
    let kept = people.lobby(minsu.actor(), None).await.unwrap().settings;
    let mut kept: Vec<&str> = kept.split('&').collect();
    kept.sort_unstable();
    assert_eq!(kept, ["enter.break", "keys.off", "motion.off", "theme.dark"]);
}

#[tokio::test]
async fn a_room_is_muted_and_hidden_from_the_list() {
    let stage = Stage::new().await;
    let (minsu, _, room) = stage.pair().await;
    let mut mine = minsu.lobby().await;
    let listed = |event| match event {
        LobbyEvent::RoomChanged { room: changed } if changed.id == room => Some(changed),
        _ => None,
    };
    mine.command(&LobbyCommand::Mute { room, on: true, mentions_only: true }).await;
    let changed = mine.lobby_event(listed).await;
    assert!(changed.is_muted && changed.mentions_only);
    mine.command(&LobbyCommand::Hide { room }).await;
    assert!(mine.lobby_event(listed).await.is_hidden);
    let unknown = RoomId::new();
    mine.command(&LobbyCommand::Mute { room: unknown, on: true, mentions_only: false }).await;
    assert_eq!(mine.lobby_event(refused).await, Refusal::NotFound);
}

#[tokio::test]
async fn a_user_is_idle_when_all_their_windows_are() {
    let stage = Stage::new().await;
    let (minsu, younghee, _) = stage.pair().await;
    let mut hers = younghee.lobby().await;
    let (mut one, mut other) = (minsu.lobby().await, minsu.lobby().await);
    hers.lobby_event(encode(&minsu, |user| user.presence == Presence::Online)).await;
    one.command(&LobbyCommand::Idle { on: true }).await;
    one.settle().await;
    assert_eq!(stage.messenger.people().user(minsu.id).unwrap().presence, Presence::Online, "the other window is used");
    other.command(&LobbyCommand::Idle { on: true }).await;
    hers.lobby_event(encode(&minsu, |user| user.presence == Presence::Idle)).await;
    other.command(&LobbyCommand::Idle { on: false }).await;
    hers.lobby_event(encode(&minsu, |user| user.presence == Presence::Online)).await;
    drop(one);
    other.command(&LobbyCommand::Idle { on: true }).await;
    hers.lobby_event(encode(&minsu, |user| user.presence == Presence::Idle)).await;
}

#[tokio::test]
async fn favourites_and_pins_belong_to_a_user_and_reach_all_their_windows() {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = stage.pair().await;
    stage.post(&minsu, room, "네").await;
    let (mut one, mut other, mut hers) = (minsu.lobby().await, minsu.lobby().await, younghee.lobby().await);
    one.command(&LobbyCommand::Favour { user: younghee.id, on: true }).await;
    let favourites = |event| if let LobbyEvent::Favourites { users } = event { Some(users) } else { None };
    assert_eq!(other.lobby_event(favourites).await, [younghee.id]);
    one.command(&LobbyCommand::Pin { room, on: true }).await;
    let pinned = |event| if let LobbyEvent::RoomChanged { room } = event { Some(room.is_pinned) } else { None };
    assert!(other.lobby_event(pinned).await);
    hers.settle().await;
    let snapshot = stage.messenger.people().lobby(minsu.actor(), None).await.unwrap();
    assert_eq!((snapshot.favourites, snapshot.rooms[0].is_pinned), (vec![younghee.id], true));
    let hers = stage.messenger.people().lobby(younghee.actor(), None).await.unwrap();
    assert_eq!((hers.favourites, hers.rooms[0].is_pinned), (vec![], false));
    one.command(&LobbyCommand::Favour { user: minsu.id, on: true }).await;
    assert_eq!(one.lobby_event(refused).await, Refusal::Oneself);
    one.command(&LobbyCommand::Favour { user: younghee.id, on: false }).await;
    assert_eq!(other.lobby_event(favourites).await, []);
}

const TABLE: &str = "\u{feff}login,name,department,title,email,password\n\
    minsu,김민수,기획국/정보화기획과,주무관,minsu@example.org,correct horse\n\
    younghee,이영희,총무과,팀장,,\n";

#[test]
fn a_table_of_people_is_imported_and_again_changes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let (data, file) = (directory.path().join("data"), directory.path().join("people.csv"));
    fs::write(&file, TABLE).unwrap();
    let import = |more: &[&str]| {
        let output = user(&data, &[&["import", file.to_str().unwrap()], more].concat(), "");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(import(&["--dry-run"]).starts_with("2 would be made, 0 would be changed, 0 unchanged"));
    assert!(!String::from_utf8(user(&data, &["list"], "").stdout).unwrap().contains("minsu"), "nothing was done");
    let output = import(&[]);
    assert!(output.starts_with("2 made, 0 changed, 0 unchanged") && output.contains("passwd): younghee"), "{output}");
    assert!(import(&[]).starts_with("0 made, 0 changed, 2 unchanged"));
    fs::write(&file, TABLE.replace("팀장", "과장")).unwrap();
    assert!(import(&[]).starts_with("0 made, 1 changed, 1 unchanged"));
}

#[test]
fn invalid_rows_are_reported_by_line_and_nothing_is_imported() {
    let directory = tempfile::tempdir().unwrap();
    let (data, file) = (directory.path().join("data"), directory.path().join("people.csv"));
    let rows =
        "login,name,email\nminsu,김민수,\n1,이영희,\nminsu,또 김민수,\njiwoo,,\ncheolsu,박철수,no address\nsora\n";
    fs::write(&file, rows).unwrap();
    let output = user(&data, &["import", file.to_str().unwrap()], "");
    let table = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<&str> = table.lines().map(|line| line.split(':').nth(1).unwrap()).collect();
    assert_eq!(lines, ["3", "4", "5", "6", "7"], "{table}");
    assert!(!output.status.success() && String::from_utf8_lossy(&output.stderr).contains("no account was changed"));
    assert!(user(&data, &["list"], "").stdout.trim_ascii().is_empty());
    let missing = daehwa(&data).args(["user", "import", "/nowhere.csv"]).output().unwrap();
    assert!(String::from_utf8_lossy(&missing.stderr).contains("/nowhere.csv: there is no such file"));
}

#[tokio::test]
async fn a_table_can_set_the_order_of_a_department() {
    let stage = Stage::new().await;
    stage.import("아이디,이름,부서,정렬 순서,비밀번호\nminsu,김민수,총무과,20,correct horse\nsora,한소라,총무과,3,\nkang,강하늘,총무과,,\n").await;
    let minsu = stage.sign_in("minsu").await;
    let order = |login: &str| {
        let accounts = stage.messenger.people().directory();
        accounts.accounts().find(|account| account.login == login).unwrap().profile.order
    };
    assert_eq!(["minsu", "sora", "kang"].map(order), [Some(20), Some(3), None]);
    stage.import("login,order\nsora,\nkang,7\n").await;
    assert_eq!(
        ["minsu", "sora", "kang"].map(order),
        [Some(20), Some(3), Some(7)],
        "an empty field leaves what is known"
    );
    assert_eq!(stage.messenger.people().user(minsu.id).unwrap().profile.order, Some(20));
    let wrong =
        server::messenger::PeopleTable::read("login,order\nsora,셋째\n".as_bytes()).unwrap().plan(&[]).unwrap_err();
    assert_eq!(wrong.len(), 1);
}

#[tokio::test]
async fn an_imported_user_signs_in_and_one_without_a_password_cannot() {
    let stage = Stage::new().await;
    stage.import(TABLE).await;
    let minsu = stage.sign_in("minsu").await;
    let profile = stage.messenger.people().user(minsu.id).unwrap().profile;
    assert_eq!(profile.department.as_deref(), Some("기획국/정보화기획과"));
    for password in ["", "!", PASSWORD] {
        assert!(
            stage.messenger.accounts().sign_in("younghee", password, crate::stage::HERE).await.is_err(),
            "{password}"
        );
    }
}
