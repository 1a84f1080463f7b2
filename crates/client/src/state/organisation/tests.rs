//! Tests of people on demand.

use crate::state::{
    lobby::Lobby,
    organisation::{BranchState, FindContext, Organisation, PersonSlot},
    people::{Folds, GroupName, online_count},
};
use protocol::{
    cursor::Cursor,
    error::Refusal,
    ids::{MessageId, RoomId, UserId},
    limit::{WATCHED, WATCHED_DEPARTMENTS},
    lobby_socket::{LobbyCommand, LobbyEvent, LobbySnapshot},
    message::Message,
    people::{DepartmentCount, PeopleCount, WatchedPresence},
    room::RoomSummary,
    user::{Presence, Profile, User},
};

fn user(login: &str, name: &str, department: &str) -> User {
    let profile = Profile {
        department: Some(department).filter(|path| !path.is_empty()).map(str::to_owned),
        ..Profile::default()
    };
    let (id, login, name) = (UserId::new(), login.into(), name.into());
    User { id, login, name, is_ambiguous: false, presence: Presence::Offline, profile, absence: None }
}

fn count(path: &str, people: u32, online: u32) -> DepartmentCount {
    DepartmentCount { path: path.into(), people, online }
}

fn snapshot(users: &[User]) -> LobbySnapshot {
    LobbySnapshot {
        me: users[0].id,
        cursor: Cursor::default(),
        resumed_from: None,
        people: Some(PeopleCount { count: 1_000, online: 400, departments: Vec::new() }),
        users: users.to_vec(),
        departments: Vec::new(),
        rooms: Vec::new(),
        favourites: Vec::new(),
        settings: String::new(),
        unsent: Vec::new(),
    }
}

fn room(other: UserId, active_at: i64) -> RoomSummary {
    RoomSummary {
        id: RoomId::new(),
        is_group: false,
        title: None,
        others: vec![other],
        size: 2,
        last: Some(Message::new(MessageId::new(), 1, other, "네".into(), active_at)),
        unread: 0,
        active_at,
        mentioned: None,
        is_muted: false,
        mentions_only: false,
        is_hidden: false,
        is_pinned: false,
    }
}

/// An organisation of 1,000, of which the snapshot has 김민수 and one colleague in 기획국/총무과.
struct Office {
    lobby: Lobby,
    organisation: Organisation,
    folds: Folds,
    users: [User; 2],
}

impl Office {
    fn new() -> Self {
        let users = [user("minsu", "김민수", "기획국/총무과"), user("jiwoo", "최지우", "기획국/총무과")];
        Self::of(snapshot(&users), users)
    }

    fn of(snapshot: LobbySnapshot, users: [User; 2]) -> Self {
        let lobby: Lobby = snapshot.into();
        Self { organisation: Organisation::new(&lobby), folds: Folds::new(&lobby), lobby, users }
    }

    fn apply(&mut self, event: LobbyEvent) {
        self.organisation.apply(&mut self.lobby, event);
    }

    fn answer(
        &mut self,
        path: &str,
        size: (u32, u32),
        below: &[(&str, u32, u32)],
        users: &[User],
        after: Option<UserId>,
    ) {
        let departments = below.iter().map(|(path, people, online)| count(path, *people, *online)).collect();
        let (path, people, online, users) = (path.to_owned(), size.0, size.1, users.to_vec());
        self.apply(LobbyEvent::Department { path, people, online, departments, users, after });
    }

    /// Asks for what is open, once; the paths and pages.
    fn asks(&mut self) -> Vec<(String, Option<UserId>)> {
        let open = self.organisation.open_paths(&self.folds);
        let open = open.iter().filter(|path| self.organisation.needs(path, &self.folds)).cloned().collect::<Vec<_>>();
        open.iter().filter_map(|path| self.organisation.ask_open(path)).map(page_of).collect()
    }

    /// The top of the tree, and the branch of the own department.
    fn open_own(&mut self) {
        assert_eq!(self.asks(), [(String::new(), None)], "the top first");
        self.answer("", (1_000, 400), &[("감사실", 40, 12), ("기획국", 412, 210)], &[], None);
        assert_eq!(self.asks(), [("기획국".to_owned(), None)]);
        let head = user("head", "국장", "기획국");
        self.answer("기획국", (412, 210), &[("기획국/총무과", 2, 1), ("기획국/정보화과", 409, 208)], &[head], None);
        assert!(self.asks().is_empty(), "the snapshot has everybody of the own department");
    }

    fn shown(&self) -> Vec<String> {
        let line = |section: &super::Section| {
            let name = match &section.name {
                GroupName::Department(path) => path.clone(),
                name => format!("{name:?}"),
            };
            let people = section.people.iter().map(|id| self.lobby.user(*id).unwrap().name.clone());
            let size = section.count.map(|(online, people)| format!("{online}/{people}")).unwrap_or_default();
            format!("{name} {size} {} [{}]", people.collect::<Vec<_>>().join(","), section.rows)
        };
        self.organisation.sections(&self.lobby, &self.folds).iter().map(line).collect()
    }

    fn toggle(&mut self, path: &str) {
        self.folds.toggle(&GroupName::Department(path.into()));
    }
}

fn page_of(command: LobbyCommand) -> (String, Option<UserId>) {
    let LobbyCommand::Department { path, after } = command else { panic!("{command:?}") };
    (path, after)
}

#[test]
fn the_page_shows_the_own_branch_and_the_answers_complete_the_tree() {
    let mut office = Office::new();
    assert_eq!(office.shown(), ["기획국   [3]", "기획국/총무과  김민수,최지우 [2]"]);
    office.open_own();
    let tree = [
        "기획국 210/412 국장 [1]",
        "기획국/총무과 1/2 김민수,최지우 [2]",
        "기획국/정보화과 208/409  [0]",
        "감사실 12/40  [0]",
        "NoDepartment 178/548  [0]",
    ];
    assert_eq!(office.shown(), tree, "the own branch first");
    assert_eq!(office.organisation.whole_departments(), ["기획국/총무과"]);
}

#[test]
fn a_page_with_the_tree_leaves_only_what_it_lacks_to_be_asked() {
    let users = [user("minsu", "김민수", "기획국/총무과"), user("jiwoo", "최지우", "기획국/총무과")];
    let departments = vec![
        count("감사실", 40, 12),
        count("기획국", 412, 210),
        count("기획국/총무과", 2, 1),
        count("기획국/정보화과", 410, 209),
    ];
    let people = Some(PeopleCount { count: 452, online: 222, departments });
    let mut office = Office::of(LobbySnapshot { people, ..snapshot(&users) }, users);
    let tree = [
        "기획국 210/412  [0]",
        "기획국/총무과 1/2 김민수,최지우 [2]",
        "기획국/정보화과 209/410  [0]",
        "감사실 12/40  [0]",
    ];
    assert_eq!(office.shown(), tree);
    assert!(office.asks().is_empty(), "everything that is open is known");
    office.toggle("감사실");
    assert_eq!(office.asks(), [("감사실".to_owned(), None)]);
}

#[test]
fn a_new_department_is_asked_for_where_it_belongs() {
    let mut office = Office::new();
    office.open_own();
    let departments = vec![count("신설국", 3, 0), count("기획국/신설과", 2, 0)];
    office.apply(LobbyEvent::Presence(WatchedPresence { departments, ..Default::default() }));
    assert_eq!(office.asks(), [(String::new(), None), ("기획국".to_owned(), None)]);
    office.answer("", (1_003, 400), &[("기획국", 414, 210), ("신설국", 3, 0)], &[], None);
    assert!(office.shown().iter().any(|line| line.starts_with("신설국 0/3")));
    assert!(!office.shown().iter().any(|line| line.starts_with("감사실")), "it has no users any more");
}

#[test]
fn a_department_loads_when_it_opens_and_its_pages_one_after_another() {
    let mut office = Office::new();
    office.open_own();
    office.toggle("감사실");
    assert_eq!(office.asks(), [("감사실".to_owned(), None)]);
    assert!(office.asks().is_empty(), "once");
    assert_eq!(office.shown()[3], "감사실 12/40  [3]", "a few placeholders meanwhile");
    let page: Vec<User> = (0..3).map(|number| user(&format!("u{number}"), "감사", "감사실")).collect();
    let last = page[2].id;
    office.answer("감사실", (40, 12), &[], &page, Some(last));
    let sections = office.organisation.sections(&office.lobby, &office.folds);
    let section = &sections[3];
    assert_eq!((section.rows, section.people.len()), (40, 3), "the height is that of all");
    assert_eq!(section.slots(2, 4), [PersonSlot::Person(last), PersonSlot::Waiting(3)]);
    assert!(office.asks().is_empty());
    assert_eq!(office.organisation.ask_more("감사실").map(page_of), Some(("감사실".to_owned(), Some(last))));
    assert_eq!(office.organisation.ask_more("감사실"), None, "one page at a time");
    let rest: Vec<User> =
        (3..40).map(|number| user(&format!("u{number}"), "감사", "감사실")).chain([page[0].clone()]).collect();
    office.answer("감사실", (40, 13), &[], &rest, None);
    let section = &office.organisation.sections(&office.lobby, &office.folds)[3];
    assert_eq!((section.people.len(), section.count), (40, Some((13, 40))), "nobody twice");
    assert_eq!(office.organisation.ask_more("감사실"), None);
    office.toggle("감사실");
    office.toggle("감사실");
    assert!(office.asks().is_empty(), "opened again it is there");
}

#[test]
fn a_refused_page_can_be_asked_again() {
    let mut office = Office::new();
    office.open_own();
    office.toggle("감사실");
    office.asks();
    office.apply(LobbyEvent::Refused { error: Refusal::TooFast, id: None });
    assert_eq!(office.organisation.sections(&office.lobby, &office.folds)[3].state, BranchState::Failed);
    assert!(office.asks().is_empty() && !office.organisation.is_waiting());
    office.organisation.retry("감사실");
    assert_eq!(office.asks().len(), 1);
}

#[test]
fn after_a_new_connection_the_open_departments_are_asked_again_and_stay_until_then() {
    let mut office = Office::new();
    office.open_own();
    office.toggle("감사실");
    office.asks();
    let auditor = user("auditor", "감사관", "감사실");
    office.answer("감사실", (1, 1), &[], std::slice::from_ref(&auditor), None);
    let before = office.shown();
    let delta = LobbySnapshot { resumed_from: Some(Cursor::default()), users: Vec::new(), ..snapshot(&office.users) };
    office.apply(LobbyEvent::Welcome(delta));
    assert_eq!(office.shown(), before, "nothing moves");
    let asked = office.organisation.ask_names(&office.lobby, &[auditor.id, office.users[1].id]);
    assert_eq!(asked, Some(LobbyCommand::People { users: vec![auditor.id] }), "a delta has the own department only");
    assert_eq!(office.organisation.ask_names(&office.lobby, &[auditor.id]), None);
    assert!(!office.asks().is_empty());
    office.apply(LobbyEvent::Welcome(snapshot(&office.users)));
    assert_eq!(office.shown(), before, "nor with a whole snapshot");
}

#[test]
fn people_who_move_are_listed_where_they_are_now() {
    let mut office = Office::new();
    office.open_own();
    let cursor = Cursor::default();
    let newcomer = user("sora", "한소라", "기획국/총무과");
    office.apply(LobbyEvent::UsersChanged { users: vec![newcomer.clone()], cursor });
    assert_eq!(office.shown()[1], "기획국/총무과 1/2 김민수,최지우,한소라 [3]");
    let moved = User { profile: Profile { department: Some("감사실".into()), ..Profile::default() }, ..newcomer };
    office.apply(LobbyEvent::UsersChanged { users: vec![moved], cursor });
    let disabled = User { presence: Presence::Disabled, ..office.users[1].clone() };
    office.apply(LobbyEvent::UsersChanged { users: vec![disabled], cursor });
    office.apply(LobbyEvent::Presence(WatchedPresence {
        departments: vec![count("기획국/총무과", 1, 1)],
        ..Default::default()
    }));
    assert_eq!(office.shown()[1], "기획국/총무과 1/1 김민수 [1]");
}

#[test]
fn presence_moves_dots_and_counts_but_no_rows() {
    let mut office = Office::new();
    office.open_own();
    let before: Vec<_> = office.shown().iter().map(|line| line.split(' ').nth(2).unwrap().to_owned()).collect();
    let jiwoo = office.users[1].id;
    let departments = vec![count("", 1_000, 401), count("기획국", 412, 211)];
    office.apply(LobbyEvent::Presence(WatchedPresence {
        busy: vec![jiwoo, UserId::new()],
        departments,
        ..Default::default()
    }));
    assert_eq!((office.lobby.presence(jiwoo), online_count(&office.lobby)), (Presence::Busy, 401));
    assert!(office.shown()[0].starts_with("기획국 211/412"));
    let after: Vec<_> = office.shown().iter().map(|line| line.split(' ').nth(2).unwrap().to_owned()).collect();
    assert_eq!(before, after);
}

#[test]
fn the_servers_hits_come_behind_the_known_ones_and_stale_answers_are_dropped() {
    let mut office = Office::new();
    let find = |office: &mut Office, query: &str| office.organisation.find(FindContext::List, query, &office.lobby);
    let found = |office: &Office| {
        let rows = office.organisation.found(FindContext::List);
        rows.iter().map(|id| office.lobby.user(*id).unwrap().name.clone()).collect::<Vec<_>>().join(",")
    };
    find(&mut office, "ㅊㅈ");
    assert_eq!(found(&office), "최지우", "at once");
    let Some(LobbyCommand::FindPeople { query, after: None, .. }) = office.organisation.ask_found(FindContext::List)
    else {
        panic!()
    };
    find(&mut office, "ㅊㅈㅇ");
    office.organisation.ask_found(FindContext::List);
    let (other, jiwoo) = (user("a", "가지우", "감사실"), office.users[1].clone());
    let last = other.id;
    office.apply(LobbyEvent::PeopleFound { query, users: vec![user("x", "최주", "감사실")], after: None });
    assert_eq!(found(&office), "최지우", "an answer to an earlier query");
    assert!(office.organisation.is_searching(FindContext::List));
    office.apply(LobbyEvent::PeopleFound { query: "ㅊㅈㅇ".into(), users: vec![other, jiwoo], after: Some(last) });
    assert_eq!(found(&office), "최지우,가지우", "behind, and nobody twice");
    assert!(
        !office.organisation.is_searching(FindContext::List) && office.organisation.has_more_found(FindContext::List)
    );
    find(&mut office, " ㅊㅈㅇ ");
    assert_eq!(found(&office), "최지우,가지우", "the same query moves nothing");
    assert_eq!(office.organisation.ask_found(FindContext::List), None, "the first page once");
    let more = office.organisation.ask_more_found(FindContext::List);
    assert_eq!(more, Some(LobbyCommand::FindPeople { query: "ㅊㅈㅇ".into(), outside: None, after: Some(last) }));
    find(&mut office, " ");
    assert!(found(&office).is_empty() && office.organisation.ask_found(FindContext::List).is_none());
}

#[test]
fn two_contexts_with_one_query_get_an_answer_each() {
    let mut office = Office::new();
    for context in [FindContext::List, FindContext::Palette] {
        office.organisation.find(context, "감사", &office.lobby);
        assert!(office.organisation.ask_found(context).is_some());
    }
    for context in [FindContext::List, FindContext::Palette] {
        assert!(office.organisation.is_searching(context));
        office.apply(LobbyEvent::PeopleFound {
            query: "감사".into(),
            users: vec![user("a", "감사관", "감사실")],
            after: None,
        });
        assert_eq!(office.organisation.found(context).len(), 1);
    }
}

#[test]
fn what_is_drawn_is_watched_with_partners_and_favourites() {
    let users = [user("minsu", "김민수", "기획국/총무과"), user("jiwoo", "최지우", "감사실")];
    let [partner, favourite, drawn] = [UserId::new(), users[1].id, UserId::new()];
    let rooms = (0..30).map(|at| room(if at == 29 { partner } else { UserId::new() }, at)).collect();
    let mut office = Office::of(LobbySnapshot { rooms, favourites: vec![favourite], ..snapshot(&users) }, users);
    let Some(LobbyCommand::Watch { users, departments }) =
        office.organisation.watch(&office.lobby, &[drawn], &["기획국".into()])
    else {
        panic!()
    };
    assert!([partner, favourite, drawn].iter().all(|user| users.contains(user)));
    assert_eq!((users.len(), departments), (22, vec![String::new(), "기획국".to_owned()]), "20 conversations");
    assert_eq!(
        office.organisation.watch(&office.lobby, &[drawn, drawn], &["".into(), "기획국".into()]),
        None,
        "the same"
    );
    let many: Vec<UserId> = (0..WATCHED + 9).map(|_| UserId::new()).collect();
    let paths: Vec<String> = (0..20).map(|number| format!("{number}과")).collect();
    let Some(LobbyCommand::Watch { users, departments }) = office.organisation.watch(&office.lobby, &many, &paths)
    else {
        panic!()
    };
    assert_eq!((users.len(), departments.len()), (WATCHED, WATCHED_DEPARTMENTS));
    assert!(departments.contains(&String::new()), "the heading's count stays watched");
    office.apply(LobbyEvent::Welcome(snapshot(&office.users.clone())));
    assert!(office.organisation.watch(&office.lobby, &many, &paths).is_some(), "on every connection");
}

#[test]
fn unknown_names_are_asked_once() {
    let mut office = Office::new();
    let stranger = user("who", "나그네", "감사실");
    office.apply(LobbyEvent::RoomChanged { room: room(stranger.id, 5) });
    let asked = office.organisation.ask_names(&office.lobby, &[]);
    assert_eq!(asked, Some(LobbyCommand::People { users: vec![stranger.id] }));
    assert_eq!(office.organisation.ask_names(&office.lobby, &[]), None);
    office.apply(LobbyEvent::UsersChanged { users: vec![stranger.clone()], cursor: Cursor::default() });
    assert_eq!(office.lobby.display_name(stranger.id).as_deref(), Some("나그네"));
}

#[test]
fn only_the_departments_opened_last_open_again() {
    let mut folds = Folds::new(&Office::new().lobby);
    (0..5).for_each(|number| folds.toggle(&GroupName::Department(format!("{number}과"))));
    folds.toggle(&GroupName::Department("기획국".into()));
    folds.keep_newest(2);
    assert_eq!(folds.text(), "+3과\n+4과\n-기획국");
}
