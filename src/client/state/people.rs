//! The people as the list shows them: favourites first, then by department where people have one, else by
//! who is here. In a large organisation one's own department is open, and the others when they are asked for.

use crate::{
    client::state::{
        address_book::{STEP, keys_of},
        keystrokes::{contains, keys},
        lobby::Lobby,
    },
    protocol::{
        ids::UserId,
        user::{Presence, User},
    },
};

/// A person as a row of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub id: UserId,
    /// With their login among namesakes.
    pub name: String,
    pub presence: Presence,
    /// Their own line; among namesakes behind their place.
    pub status: Option<String>,
    /// Where they work, and as what.
    pub place: String,
    pub is_me: bool,
}

/// What people of the list have in common.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum GroupName {
    Favourites,
    Here,
    Away,
    /// The whole path; those above it are groups too, perhaps without anybody.
    Department(String),
    NoDepartment,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    pub name: GroupName,
    pub people: Vec<UserId>,
    /// How many there are in it and in what lies below it.
    pub size: usize,
    /// How many of them are here.
    pub here: usize,
}

/// An organisation of more people begins folded up.
const LARGE: usize = 50;

/// Which departments are open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folds {
    /// One's own department; empty without one.
    own: String,
    is_large: bool,
    /// What was opened (`+`) and folded up (`-`) by hand, by path.
    turned: Vec<String>,
}

impl Folds {
    pub fn new(lobby: &Lobby) -> Self {
        let own = lobby.user(lobby.me).and_then(|me| me.profile.department.clone()).unwrap_or_default();
        Self { own, is_large: lobby.users().nth(LARGE).is_some(), turned: Vec::new() }
    }

    /// As [`Self::text`] wrote it.
    pub fn read(&mut self, text: &str) {
        self.turned = text.lines().map(str::to_owned).collect();
    }

    /// What was turned by hand, to be kept.
    pub fn text(&self) -> String {
        self.turned.join("\n")
    }

    pub fn is_open(&self, name: &GroupName) -> bool {
        name.path().is_none_or(|path| {
            let turned = |sign| self.turned.iter().any(|turned| turned.strip_prefix(sign) == Some(path));
            turned('+') || (self.begins_open(path) && !turned('-'))
        })
    }

    fn begins_open(&self, path: &str) -> bool {
        let is_mine = || {
            self.own
                .strip_prefix(path)
                .is_some_and(|rest| rest.is_empty() || (rest.starts_with(STEP) && !path.is_empty()))
        };
        !self.is_large || is_mine()
    }

    /// Whether everything above it is open.
    pub fn shows(&self, name: &GroupName) -> bool {
        let path = name.path().unwrap_or_default();
        path.match_indices(STEP).all(|(end, _)| self.is_open(&GroupName::Department(path[..end].to_owned())))
    }

    /// Opens what is folded up, and folds up what is open.
    pub fn turn(&mut self, name: &GroupName) {
        let (is_open, Some(path)) = (self.is_open(name), name.path()) else { return };
        self.turned.retain(|turned| turned.strip_prefix(['+', '-']) != Some(path));
        self.turned.push(format!("{}{path}", if is_open { '-' } else { '+' }));
    }
}

impl GroupName {
    /// How deep it lies in the tree.
    pub fn depth(&self) -> usize {
        self.path().unwrap_or_default().matches(STEP).count()
    }

    /// By which it is folded up; none for what always is open.
    pub fn path(&self) -> Option<&str> {
        match self {
            Self::Department(path) => Some(path),
            Self::NoDepartment => Some(""),
            _ => None,
        }
    }
}

impl Lobby {
    /// The people that fit what was typed, in groups: one's own department and what is beside it first. In each
    /// oneself first, then who is here, then by name; in departments where people have an order, by that.
    pub fn groups(&self, query: &str) -> Vec<Group> {
        let mut groups = self.empty_groups();
        let last = groups.len() - 1;
        let has_departments = !self.book().departments().is_empty();
        let query = keys(query);
        let users = || self.users().filter(|user| self.book().finds(user.id, &query));
        let (others, here): (Vec<&User>, Vec<&User>) = users().partition(|user| !self.is_listed_here(user));
        let is_me = |user: &&&User| user.id == self.me;
        let me = here.iter().find(is_me).into_iter();
        for user in me.chain(here.iter().filter(|user| !is_me(user))).chain(&others) {
            let place = match self.book().department_of(user.id) {
                Some(place) => 1 + place,
                None if has_departments || !self.is_listed_here(user) => last,
                None => 1,
            };
            let is_here = self.is_shown_here(user);
            let group = &mut groups[place];
            let end = group.people.len();
            let place = if has_departments { self.place_by_order(user, &group.people) } else { end };
            group.add(user.id, place, is_here);
            if self.is_favourite(user.id) {
                let end = groups[0].people.len();
                groups[0].add(user.id, end, is_here);
            }
        }
        count_below(&mut groups);
        groups.retain(|group| group.size > 0);
        self.bring_own_first(&mut groups);
        groups
    }

    /// The place of somebody among people of their department: behind those of the same order, and without one
    /// behind all.
    fn place_by_order(&self, user: &User, people: &[UserId]) -> usize {
        let order = |id: &UserId| self.user(*id).and_then(|user| user.profile.order);
        let is_before = |own: u32| people.partition_point(|id| order(id).is_some_and(|order| order <= own));
        user.profile.order.map_or(people.len(), is_before)
    }

    /// Puts the branch of the tree that one's own department is in before the others.
    fn bring_own_first(&self, groups: &mut [Group]) {
        let root = |path: &str| path.split(STEP).next().unwrap_or_default().to_owned();
        let own = self.user(self.me).and_then(|me| me.profile.department.as_deref()).map(root);
        let is_own = |group: &Group| own.is_some() && group.name.path().map(root) == own;
        let first = groups.iter().position(|group| group.name.path().is_some());
        if let (Some(first), Some(last)) = (first, groups.iter().rposition(is_own)) {
            let count = groups.iter().filter(|group| is_own(group)).count();
            groups[first..=last].rotate_right(count);
        }
    }

    fn empty_groups(&self) -> Vec<Group> {
        let departments = self.book().departments();
        let group = |name| Group { name, people: Vec::new(), size: 0, here: 0 };
        let department = |path: &String| group(GroupName::Department(path.clone()));
        let mut groups = vec![group(GroupName::Favourites)];
        if departments.is_empty() {
            groups.extend([group(GroupName::Here), group(GroupName::Away)]);
        } else {
            groups.extend(departments.iter().map(department));
            groups.push(group(GroupName::NoDepartment));
        }
        groups
    }

    /// Somebody as their row shows them.
    pub fn person(&self, id: UserId) -> Option<Person> {
        let user = self.user(id)?;
        let is_me = id == self.me;
        let profile = &user.profile;
        let place = [last_part(profile.department.as_deref()), profile.title.clone()];
        let place = place.into_iter().flatten().collect::<Vec<_>>().join(" · ");
        let presence = if is_me && user.presence == Presence::Away { Presence::Here } else { user.presence };
        let is_mistakable = user.is_ambiguous && !place.is_empty();
        let line = |status: String| if is_mistakable { format!("{place} · {status}") } else { status };
        Some(Person { id, name: self.called(id)?, presence, status: profile.status.clone().map(line), place, is_me })
    }
}

impl Group {
    fn add(&mut self, user: UserId, place: usize, is_here: bool) {
        self.people.insert(place, user);
        self.size += 1;
        self.here += usize::from(is_here);
    }
}

/// Counts those of each department in what lies above it, too.
fn count_below(groups: &mut [Group]) {
    for place in (0..groups.len()).rev() {
        let above = groups[place].name.path().and_then(|path| path.rsplit_once(STEP)).map(|(above, _)| above);
        if let Some(above) = groups[..place].iter().rposition(|group| above.is_some() && group.name.path() == above) {
            groups[above].size += groups[place].size;
            groups[above].here += groups[place].here;
        }
    }
}

fn last_part(path: Option<&str>) -> Option<String> {
    path?.rsplit(STEP).next().map(str::to_owned)
}

/// Whether somebody is found by what was typed: a part of the name, its initial consonants, the login, the
/// department or the post.
pub fn matches(user: &User, query: &str) -> bool {
    contains(&keys_of(user), &keys(query))
}

/// How many people are here, oneself included.
pub fn here_count(lobby: &Lobby) -> usize {
    lobby.users().filter(|user| lobby.is_shown_here(user)).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{
        cursor::Cursor,
        lobby::{LobbyEvent, LobbySnapshot},
        user::Profile,
    };

    fn user(login: &str, name: &str, presence: Presence, department: Option<&str>) -> User {
        let profile = Profile { department: department.map(str::to_owned), ..Profile::default() };
        let (id, login, name) = (UserId::new(), login.into(), name.into());
        User { id, login, name, is_ambiguous: false, presence, profile }
    }

    fn snapshot(users: &[User], favourites: Vec<UserId>) -> LobbySnapshot {
        let (me, cursor) = (users[0].id, Cursor::default());
        LobbySnapshot { me, cursor, since: None, users: users.to_vec(), rooms: vec![], favourites }
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
    fn oneself_comes_first_and_the_others_by_name() {
        let users = [
            user("minsu", "김민수", Presence::Away, None),
            user("kang", "강하늘", Presence::Busy, None),
            user("cheolsu", "박철수", Presence::Here, None),
            user("jiwoo", "최지우", Presence::Away, None),
        ];
        let lobby = lobby(&users, vec![]);
        assert_eq!(shown(&lobby, ""), ["Here: 김민수,강하늘,박철수", "Away: 최지우"]);
        assert_eq!(shown(&lobby, "ㅂㅊ"), ["Here: 박철수"]);
        assert_eq!(shown(&lobby, "KANG"), ["Here: 강하늘"]);
        assert_eq!(here_count(&lobby), 3);
    }

    #[test]
    fn a_held_list_keeps_its_order_while_people_come_and_go() {
        let users = [
            user("minsu", "김민수", Presence::Here, None),
            user("cheolsu", "박철수", Presence::Here, None),
            user("jiwoo", "최지우", Presence::Away, None),
        ];
        let mut lobby = lobby(&users, vec![]);
        lobby.hold(true);
        let gone = User { presence: Presence::Away, ..users[1].clone() };
        lobby.apply(LobbyEvent::UsersChanged { users: vec![gone], cursor: Cursor::default() });
        lobby.hold(true);
        let welcome = users.clone().map(|user| User { presence: Presence::Busy, ..user });
        assert_eq!(shown(&lobby, ""), ["Here: 김민수,박철수", "Away: 최지우"]);
        assert_eq!(lobby.person(users[1].id).unwrap().presence, Presence::Away, "how somebody is still shows");
        lobby.apply(LobbyEvent::Welcome(snapshot(&welcome, vec![])));
        assert_eq!(shown(&lobby, ""), ["Here: 김민수,박철수", "Away: 최지우"], "after a cut as well");
        lobby.hold(false);
        assert_eq!(shown(&lobby, ""), ["Here: 김민수,박철수,최지우"]);
    }

    #[test]
    fn departments_are_a_tree_with_favourites_above_it() {
        let users = [
            user("minsu", "김민수", Presence::Here, Some("기획국/정보화과")),
            user("jiwoo", "최지우", Presence::Away, Some("기획국/정보화과")),
            user("cheolsu", "박철수", Presence::Here, Some("기획국장실")),
            user("sora", "한소라", Presence::Here, None),
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
            names(users[2].id)
                .starts_with("Favourites: 최지우Department(\"기획국장실\"): 박철수Department(\"기획국\"): ")
        );
        assert!(names(users[3].id).ends_with("NoDepartment: 한소라"), "without a department nothing is brought first");
    }

    fn department(path: &str) -> GroupName {
        GroupName::Department(path.into())
    }

    #[test]
    fn a_large_organisation_begins_folded_up_but_for_ones_own_department() {
        let of = |number: usize, department| user(&format!("u{number}"), "이름", Presence::Away, department);
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
    fn what_was_turned_by_hand_is_kept() {
        let mut folds = Folds { is_large: true, own: "가".into(), ..Folds::default() };
        let names = ["가", "나", "나/다"].map(department);
        names.iter().for_each(|name| folds.turn(name));
        assert_eq!(names.clone().map(|name| folds.is_open(&name)), [false, true, true]);
        let mut again = Folds { is_large: true, own: "가".into(), ..Folds::default() };
        again.read(&folds.text());
        assert_eq!(again, folds);
        again.turn(&names[1]);
        assert!(!again.is_open(&names[1]) && !again.shows(&names[2]) && again.is_open(&names[2]));
        again.read("\n나\n김+\n-");
        assert!(again.is_open(&names[0]) && !again.is_open(&names[1]), "what somebody else wrote there does no harm");
    }

    #[test]
    fn an_order_goes_before_presence_and_name() {
        let of = |login, name, presence, order| {
            let person = user(login, name, presence, Some("총무과"));
            User { profile: Profile { order, ..person.profile }, ..person }
        };
        let users = [
            of("a", "가온", Presence::Here, None),
            of("b", "나래", Presence::Away, Some(30)),
            of("c", "다솜", Presence::Here, Some(30)),
            of("d", "라온", Presence::Away, Some(1)),
            of("e", "마루", Presence::Away, None),
            of("f", "바다", Presence::Here, Some(200)),
        ];
        let lobby = lobby(&users, vec![users[5].id, users[3].id]);
        let all = ["Favourites: 바다,라온", r#"Department("총무과"): 라온,다솜,나래,바다,가온,마루"#];
        assert_eq!(shown(&lobby, ""), all);
        assert_eq!(shown(&lobby, "ㄴ"), [r#"Department("총무과"): 나래"#]);
    }

    #[test]
    fn a_department_counts_what_lies_below_it() {
        let users = [
            user("a", "가", Presence::Here, Some("국/과/팀")),
            user("b", "나", Presence::Away, Some("국/과")),
            user("c", "다", Presence::Busy, Some("국장실")),
            user("d", "라", Presence::Away, None),
        ];
        let groups = lobby(&users, vec![users[2].id]).groups("");
        let counts: Vec<_> = groups.iter().map(|group| (group.name.path(), group.here, group.size)).collect();
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
        let ambiguous = |login| User { is_ambiguous: true, ..user(login, "김민수", Presence::Here, None) };
        let users = [ambiguous("minsu"), ambiguous("minsu2"), user("jiwoo", "최지우", Presence::Here, None)];
        let mut lobby = lobby(&users, vec![]);
        assert_eq!(shown(&lobby, ""), ["Here: 김민수 (minsu),김민수 (minsu2),최지우"]);
        let alone = User { is_ambiguous: false, ..users[0].clone() };
        lobby.apply(LobbyEvent::UsersChanged { users: vec![alone], cursor: Cursor::default() });
        assert_eq!(shown(&lobby, ""), ["Here: 김민수,김민수 (minsu2),최지우"]);
    }
}
