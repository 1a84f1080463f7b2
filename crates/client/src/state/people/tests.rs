//! Tests of the list of users.

use crate::state::{
    lobby::Lobby,
    people::{Folds, GroupName, online_count},
};
use protocol::{
    cursor::Cursor,
    ids::UserId,
    lobby_socket::{LobbyEvent, LobbySnapshot},
    user::{Presence, Profile, User},
};

fn user(login: &str, name: &str, presence: Presence, department: Option<&str>) -> User {
    let profile = Profile { department: department.map(str::to_owned), ..Profile::default() };
    let (id, login, name) = (UserId::new(), login.into(), name.into());
    User { id, login, name, is_ambiguous: false, presence, profile, absence: None }
}

fn snapshot(users: &[User], favourites: Vec<UserId>) -> LobbySnapshot {
    let (me, cursor) = (users[0].id, Cursor::default());
    LobbySnapshot {
        me,
        cursor,
        resumed_from: None,
        people: None,
        users: users.to_vec(),
        departments: Vec::new(),
        rooms: vec![],
        favourites,
        settings: String::new(),
        unsent: vec![],
    }
}

fn lobby(users: &[User], favourites: Vec<UserId>) -> Lobby {
    snapshot(users, favourites).into()
}

fn shown(lobby: &Lobby, query: &str) -> Vec<String> {
    let name = |id: &UserId| lobby.person(*id).unwrap().name;
    let names = |people: &[UserId]| people.iter().map(name).collect::<Vec<_>>().join(",");
    lobby.groups(query).iter().map(|group| format!("{:?}: {}", group.name, names(&group.people))).collect()
}

#[test]
fn the_person_comes_first_and_the_others_by_name() {
    let users = [
        user("minsu", "김민수", Presence::Offline, None),
        user("kang", "강하늘", Presence::Busy, None),
        user("cheolsu", "박철수", Presence::Online, None),
        user("jiwoo", "최지우", Presence::Offline, None),
    ];
    let lobby = lobby(&users, vec![]);
    assert_eq!(shown(&lobby, ""), ["Online: 김민수,강하늘,박철수", "Offline: 최지우"]);
    assert_eq!(shown(&lobby, "ㅂㅊ"), ["Online: 박철수"]);
    assert_eq!(shown(&lobby, "KANG"), ["Online: 강하늘"]);
    assert_eq!(online_count(&lobby), 3);
}

#[test]
fn a_held_list_keeps_its_order_while_presence_changes() {
    let users = [
        user("minsu", "김민수", Presence::Online, None),
        user("cheolsu", "박철수", Presence::Online, None),
        user("jiwoo", "최지우", Presence::Offline, None),
    ];
    let mut lobby = lobby(&users, vec![]);
    lobby.hold_order(true);
    let gone = User { presence: Presence::Offline, ..users[1].clone() };
    lobby.apply(LobbyEvent::UsersChanged { users: vec![gone], cursor: Cursor::default() });
    lobby.hold_order(true);
    let welcome = users.clone().map(|user| User { presence: Presence::Busy, ..user });
    assert_eq!(shown(&lobby, ""), ["Online: 김민수,박철수", "Offline: 최지우"]);
    assert_eq!(lobby.person(users[1].id).unwrap().presence, Presence::Offline, "the row shows the present presence");
    lobby.apply(LobbyEvent::Welcome(snapshot(&welcome, vec![])));
    assert_eq!(shown(&lobby, ""), ["Online: 김민수,박철수", "Offline: 최지우"], "after a new snapshot, too");
    lobby.hold_order(false);
    assert_eq!(shown(&lobby, ""), ["Online: 김민수,박철수,최지우"]);
}

#[test]
fn a_row_names_the_whole_department_where_another_could_be_meant() {
    let mut users = ["기획국/총무과", "시설국/총무과", "기획국/예산과", "기획국/홍보과"]
        .map(|path| user(path, "이름", Presence::Offline, Some(path)));
    users[3].is_ambiguous = true;
    let lobby = lobby(&users, vec![]);
    let workplaces = users.each_ref().map(|user| lobby.person(user.id).unwrap().workplace);
    assert_eq!(workplaces, ["기획국 › 총무과", "시설국 › 총무과", "예산과", "기획국 › 홍보과"]);
}

#[test]
fn departments_are_a_tree_with_favourites_above_it() {
    let users = [
        user("minsu", "김민수", Presence::Online, Some("기획국/정보화과")),
        user("jiwoo", "최지우", Presence::Offline, Some("기획국/정보화과")),
        user("cheolsu", "박철수", Presence::Online, Some("기획국장실")),
        user("sora", "한소라", Presence::Online, None),
    ];
    let snapshot = snapshot(&users, vec![users[1].id]);
    let lobby: Lobby = snapshot.clone().into();
    let all = [
        "Favourites: 최지우",
        r#"Department("기획국"): "#,
        r#"Department("기획국/정보화과"): 김민수,최지우"#,
        r#"Department("기획국장실"): 박철수"#,
        "NoDepartment: 한소라",
    ];
    assert_eq!(shown(&lobby, ""), all);
    assert_eq!(shown(&lobby, "국장"), [r#"Department("기획국장실"): 박철수"#]);
    assert_eq!(department("기획국/정보화과").depth(), 1);
    let names = |me| shown(&LobbySnapshot { me, ..snapshot.clone() }.into(), "").concat();
    assert!(
        names(users[2].id).starts_with("Favourites: 최지우Department(\"기획국장실\"): 박철수Department(\"기획국\"): ")
    );
    assert!(names(users[3].id).ends_with("NoDepartment: 한소라"), "without a department no branch comes first");
}

fn department(path: &str) -> GroupName {
    GroupName::Department(path.into())
}

#[test]
fn a_large_organisation_starts_folded_except_the_own_department() {
    let of = |number: usize, department| user(&format!("u{number}"), "이름", Presence::Offline, department);
    let mut users = vec![of(0, Some("기획국/정보화과"))];
    users.extend((1..60).map(|number| of(number, Some(if number % 2 == 0 { "총무국/인사과" } else { "기획국" }))));
    users.push(of(60, None));
    let folds = Folds::new(&lobby(&users, vec![]));
    let open = ["기획국", "기획국/정보화과"].map(department);
    let folded = [department("총무국"), department("기획"), department("기획국/정보"), GroupName::NoDepartment];
    assert!(open.iter().all(|name| folds.is_open(name)) && !folded.iter().any(|name| folds.is_open(name)));
    assert!(folds.shows(&open[1]) && folds.shows(&folded[0]) && !folds.shows(&department("총무국/인사과")));
    assert!(folds.is_open(&GroupName::Favourites));
    let small = Folds::new(&lobby(&users[..50], vec![]));
    assert!(small.is_open(&department("총무국")) && small.is_open(&GroupName::NoDepartment));
}

#[test]
fn choices_survive_being_saved_and_read() {
    let mut folds = Folds { is_large: true, own: "가".into(), ..Folds::default() };
    let names = ["가", "나", "나/다"].map(department);
    names.iter().for_each(|name| folds.toggle(name));
    assert_eq!(names.clone().map(|name| folds.is_open(&name)), [false, true, true]);
    let mut again = Folds { is_large: true, own: "가".into(), ..Folds::default() };
    again.read(&folds.text());
    assert_eq!(again, folds);
    again.toggle(&names[1]);
    assert!(!again.is_open(&names[1]) && !again.shows(&names[2]) && again.is_open(&names[2]));
    again.read("\n나\n김+\n-");
    assert!(again.is_open(&names[0]) && !again.is_open(&names[1]), "unknown text does no harm");
}

#[test]
fn rank_goes_before_presence_and_name() {
    let of = |login, name, presence, order| {
        let person = user(login, name, presence, Some("총무과"));
        User { profile: Profile { order, ..person.profile }, ..person }
    };
    let users = [
        of("a", "가온", Presence::Online, None),
        of("b", "나래", Presence::Offline, Some(30)),
        of("c", "다솜", Presence::Online, Some(30)),
        of("d", "라온", Presence::Offline, Some(1)),
        of("e", "마루", Presence::Offline, None),
        of("f", "바다", Presence::Online, Some(200)),
    ];
    let lobby = lobby(&users, vec![users[5].id, users[3].id]);
    let all = ["Favourites: 바다,라온", r#"Department("총무과"): 라온,다솜,나래,바다,가온,마루"#];
    assert_eq!(shown(&lobby, ""), all);
    assert_eq!(shown(&lobby, "ㄴ"), [r#"Department("총무과"): 나래"#]);
}

#[test]
fn names_are_found_before_titles_and_titles_before_departments() {
    let of = |login, name, department, title: &str| {
        let person = user(login, name, Presence::Online, department);
        User { profile: Profile { title: Some(title.into()), ..person.profile }, ..person }
    };
    let users = [
        of("me", "정나라", Some("기획국"), "주무관"),
        of("a", "강하늘", Some("정보국/총무과"), "과장"),
        of("b", "박철수", Some("기획국"), "총무 담당"),
        of("jung", "한별", Some("기획국"), "과장"),
        of("c", "김총무", Some("기획국"), "주무관"),
    ];
    let lobby = lobby(&users, vec![users[1].id]);
    let names = |query, count| {
        let name = |id: UserId| lobby.user(id).unwrap().name.clone();
        lobby.found(query, count).into_iter().map(name).collect::<Vec<_>>()
    };
    assert_eq!(names("총무", 9), ["김총무", "박철수", "강하늘"]);
    assert_eq!(names("총무", 2), ["김총무", "박철수"]);
    assert_eq!(names("jung", 9), ["한별"], "by login; the person themselves is not found");
    assert!(names(" ", 9).is_empty());
    let by_department = |user: &User| lobby.is_found_by_department(user.id, " 총무 ");
    let of_department: Vec<&str> = users.iter().filter(|user| by_department(user)).map(|user| &*user.name).collect();
    assert_eq!(of_department, ["강하늘"], "the palette lists them after the conversations");
}

#[test]
fn a_department_counts_the_departments_below_it() {
    let users = [
        user("a", "가", Presence::Online, Some("국/과/팀")),
        user("b", "나", Presence::Offline, Some("국/과")),
        user("c", "다", Presence::Busy, Some("국장실")),
        user("d", "라", Presence::Offline, None),
    ];
    let groups = lobby(&users, vec![users[2].id]).groups("");
    let counts: Vec<_> = groups.iter().map(|group| (group.name.path(), group.online, group.size)).collect();
    let of = Some;
    assert_eq!(
        counts,
        [
            (None, 1, 1),
            (of("국"), 1, 2),
            (of("국/과"), 1, 2),
            (of("국/과/팀"), 1, 1),
            (of("국장실"), 1, 1),
            (of(""), 0, 1)
        ]
    );
}

#[test]
fn ambiguous_names_show_their_login() {
    let ambiguous = |login| User { is_ambiguous: true, ..user(login, "김민수", Presence::Online, None) };
    let users = [ambiguous("minsu"), ambiguous("minsu2"), user("jiwoo", "최지우", Presence::Online, None)];
    let mut lobby = lobby(&users, vec![]);
    assert_eq!(shown(&lobby, ""), ["Online: 김민수 (minsu),김민수 (minsu2),최지우"]);
    let alone = User { is_ambiguous: false, ..users[0].clone() };
    lobby.apply(LobbyEvent::UsersChanged { users: vec![alone], cursor: Cursor::default() });
    assert_eq!(shown(&lobby, ""), ["Online: 김민수,김민수 (minsu2),최지우"]);
}
