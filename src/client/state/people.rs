//! The people as the list shows them: favourites first, then by department where people have one, else by
//! who is here.

use crate::{
    client::{
        platform,
        state::{
            initials,
            lobby::{Lobby, sorted},
        },
    },
    protocol::{
        ids::UserId,
        user::{Presence, User},
    },
};

/// What divides the parts of a department's path.
const STEP: char = '/';

/// A person as a row of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub id: UserId,
    /// With their login among namesakes.
    pub name: String,
    pub presence: Presence,
    /// Their own line.
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
    /// Those that are drawn.
    pub people: Vec<UserId>,
    /// How many there are.
    pub size: usize,
}

/// People that are drawn at first, and how many more at a time: among thousands one types.
pub const DRAWN: usize = 200;

/// Leaves of these groups the first `most` people, and nobody in folded departments.
pub fn draw(groups: &mut [Group], folded: &[String], mut most: usize) {
    for group in groups {
        group.people.truncate(if group.name.is_in(folded) { 0 } else { most });
        most -= group.people.len();
    }
}

/// How many people of these groups are not drawn, those in folded departments apart.
pub fn left_out(groups: &[Group], folded: &[String]) -> usize {
    groups.iter().filter(|group| !group.name.is_in(folded)).map(|group| group.size - group.people.len()).sum()
}

impl Group {
    /// Whether it has its place in the list: it is empty by itself, or somebody of it is drawn.
    pub fn is_drawn(&self) -> bool {
        self.size == 0 || !self.people.is_empty()
    }
}

impl GroupName {
    /// How deep it lies in the tree.
    pub fn depth(&self) -> usize {
        if let Self::Department(path) = self { path.matches(STEP).count() } else { 0 }
    }

    /// Whether it is a department that is folded up, or lies below one.
    pub fn is_in(&self, folded: &[String]) -> bool {
        self.is_below(folded) || matches!(self, Self::Department(path) if folded.contains(path))
    }

    /// Whether it lies below a department that is folded up.
    pub fn is_below(&self, folded: &[String]) -> bool {
        let Self::Department(path) = self else { return false };
        folded.iter().any(|above| path.strip_prefix(above.as_str()).is_some_and(|rest| rest.starts_with(STEP)))
    }
}

impl Lobby {
    /// The people that fit what was typed, in groups; oneself first, then who is here, then by name.
    pub fn groups<'a>(&'a self, query: &str) -> Vec<Group> {
        let found = self.users().filter(|user| matches(user, query)).collect();
        // Whoever looks at this stands before everybody, as no name does that is empty.
        let name = |user: &'a User| if user.id == self.me { "" } else { &user.name };
        let users = sorted(found, &|user| (!self.is_listed_here(user), name(user), &user.login));
        let people = |is_in: &dyn Fn(&User) -> bool| -> Vec<UserId> {
            users.iter().filter(|user| is_in(user)).map(|user| user.id).collect()
        };
        let group = |name, people: Vec<UserId>| Group { name, size: people.len(), people };
        let mut groups = vec![group(GroupName::Favourites, people(&|user| self.is_favourite(user.id)))];
        if self.users().any(|user| user.profile.department.is_some()) {
            groups.extend(departments(&users).into_iter().map(|path| {
                let people = people(&|user| user.profile.department.as_ref() == Some(&path));
                group(GroupName::Department(path), people)
            }));
            groups.push(group(GroupName::NoDepartment, people(&|user| user.profile.department.is_none())));
        } else {
            groups.push(group(GroupName::Here, people(&|user| self.is_listed_here(user))));
            groups.push(group(GroupName::Away, people(&|user| !self.is_listed_here(user))));
        }
        groups.retain(|group| !group.people.is_empty() || matches!(group.name, GroupName::Department(_)));
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
        Some(Person { id, name: self.called(id)?, presence, status: profile.status.clone(), place, is_me })
    }
}

fn last_part(path: Option<&str>) -> Option<String> {
    path?.rsplit(STEP).next().map(str::to_owned)
}

/// Every department that somebody of these is in, and those above them, in the tree's order.
fn departments(users: &[&User]) -> Vec<String> {
    let mut paths: Vec<Vec<&str>> = Vec::new();
    for path in users.iter().filter_map(|user| user.profile.department.as_ref()) {
        let parts: Vec<&str> = path.split(STEP).collect();
        paths.extend((1..=parts.len()).map(|depth| parts[..depth].to_vec()));
    }
    // By their parts: "가/나" comes before "가나".
    paths.sort_unstable();
    paths.dedup();
    paths.into_iter().map(|parts| parts.join("/")).collect()
}

/// Whether a person is found by what was typed: a part of the name, its initial consonants, the login, the
/// department or the post.
pub fn matches(user: &User, query: &str) -> bool {
    let query = platform::lower(query.trim());
    let has =
        |text: &Option<String>| text.as_ref().is_some_and(|text| initials::contains(&platform::lower(text), &query));
    query.is_empty()
        || initials::contains(&platform::lower(&user.name), &query)
        || user.login.contains(&query)
        || has(&user.profile.department)
        || has(&user.profile.title)
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
        User { id: UserId::new(), login: login.into(), name: name.into(), presence, profile }
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
            user("cheolsu", "박철수", Presence::Here, None),
            user("kang", "강하늘", Presence::Busy, None),
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
        let lobby = lobby(&users, vec![users[1].id]);
        let all = [
            "Favourites: 최지우",
            r#"Department("기획국"): "#,
            r#"Department("기획국/정보화과"): 김민수,최지우"#,
            r#"Department("기획국장실"): 박철수"#,
            "NoDepartment: 한소라",
        ];
        assert_eq!(shown(&lobby, ""), all);
        assert_eq!(shown(&lobby, "국장"), [r#"Department("기획국장실"): 박철수"#]);
        let deep = GroupName::Department("기획국/정보화과".into());
        assert!(deep.is_below(&["기획국".into()]) && !deep.is_below(&["기획".into()]) && deep.depth() == 1);
        assert!(!GroupName::Department("기획국장실".into()).is_below(&["기획국".into()]));
    }

    #[test]
    fn of_many_people_the_first_are_drawn_and_the_others_counted() {
        let department = |path: &str, size: usize| Group {
            name: GroupName::Department(path.into()),
            people: (0..size).map(|_| UserId::new()).collect(),
            size,
        };
        let drawn = |folded: &[String], most| {
            let mut groups = [department("가", 0), department("가/나", 3), department("다", 4), department("라", 2)];
            draw(&mut groups, folded, most);
            let left_out = left_out(&groups, folded);
            (groups.map(|group| group.people.len()), left_out)
        };
        assert_eq!(drawn(&[], 9), ([0, 3, 4, 2], 0));
        assert_eq!(drawn(&[], 5), ([0, 3, 2, 0], 4));
        assert_eq!(drawn(&["가".into()], 5), ([0, 0, 4, 1], 1));
        assert_eq!(drawn(&["다".into()], 4), ([0, 3, 0, 1], 1));
    }

    #[test]
    fn namesakes_show_their_login() {
        let users = [
            user("minsu", "김민수", Presence::Here, None),
            user("minsu2", "김민수", Presence::Here, None),
            user("jiwoo", "최지우", Presence::Here, None),
        ];
        let mut lobby = lobby(&users, vec![]);
        assert_eq!(shown(&lobby, ""), ["Here: 김민수 (minsu),김민수 (minsu2),최지우"]);
        let renamed = User { name: "최지우".into(), ..users[1].clone() };
        lobby.apply(LobbyEvent::UsersChanged { users: vec![renamed], cursor: Cursor::default() });
        assert_eq!(shown(&lobby, ""), ["Here: 김민수,최지우 (jiwoo),최지우 (minsu2)"]);
    }
}
