//! All users in the order of the address book, and their departments. The server sends users in this order; the client
//! inserts later ones.

use std::{cmp::Ordering, collections::HashMap, sync::OnceLock};

use crate::{
    state::keystrokes::{find, keys},
    unicode,
};
use protocol::{ids::UserId, user::User};

/// Separates the parts of a department's path.
pub const SEPARATOR: char = '/';

#[derive(Clone, Debug, Default, PartialEq)]
pub struct AddressBook {
    entries: HashMap<UserId, BookEntry>,
    /// By name.
    order: Vec<UserId>,
    /// Every department with users, and those above it, in the order of the tree.
    departments: Vec<String>,
    /// The departments that the operator put into an order. The others follow, by name.
    ordered: Vec<String>,
}

#[derive(Clone, Debug, PartialEq)]
struct BookEntry {
    user: User,
    /// The index in `departments`.
    department: Option<usize>,
    /// The search keys, computed at the first search.
    keys: OnceLock<Vec<u32>>,
}

impl From<Vec<User>> for AddressBook {
    /// From users in the order of the address book.
    fn from(users: Vec<User>) -> Self {
        Self::new(users, Vec::new())
    }
}

impl AddressBook {
    /// `ordered`: the paths of departments, in the operator's order.
    pub fn new(users: Vec<User>, ordered: Vec<String>) -> Self {
        let order = users.iter().map(|user| user.id).collect();
        let entry = |user: User| (user.id, BookEntry { user, department: None, keys: OnceLock::new() });
        let mut book = Self { entries: users.into_iter().map(entry).collect(), order, ordered, ..Self::default() };
        book.find_departments();
        book
    }

    /// Takes over a newer order of departments and newer users.
    pub fn update(&mut self, newer: Self) {
        let is_same_order = self.ordered == newer.ordered;
        self.upsert(newer.users().cloned().collect());
        if !is_same_order {
            self.ordered = newer.ordered;
            self.find_departments();
        }
    }

    pub fn get(&self, user: UserId) -> Option<&User> {
        self.entries.get(&user).map(|entry| &entry.user)
    }

    /// All users in the order of the address book.
    pub fn users(&self) -> impl Iterator<Item = &User> {
        self.order.iter().filter_map(|id| self.get(*id))
    }

    pub fn departments(&self) -> &[String] {
        &self.departments
    }

    /// Whether another known department ends with the same name.
    pub fn has_twin(&self, path: &str) -> bool {
        let has_name = |other: &&String| innermost(other) == innermost(path);
        self.departments.iter().filter(has_name).nth(1).is_some()
    }

    /// The index of a user's department in [`Self::departments`].
    pub fn department_of(&self, user: UserId) -> Option<usize> {
        self.entries.get(&user).and_then(|entry| entry.department)
    }

    /// Whether a query's keys match a user.
    pub fn finds(&self, user: UserId, query: &[u32]) -> bool {
        query.is_empty() || self.found_by(user, query).is_some()
    }

    /// Which of a user's texts a query matches, as [`found_by`].
    pub fn found_by(&self, user: UserId, query: &[u32]) -> Option<usize> {
        self.entries.get(&user).and_then(|entry| found_by(entry.keys.get_or_init(|| keys_of(&entry.user)), query))
    }

    /// Adds new users and updates changed ones.
    pub fn upsert(&mut self, users: Vec<User>) {
        let mut has_new_departments = false;
        for user in users {
            let known = self.get(user.id);
            let is_same = |of: fn(&User) -> &str| known.is_some_and(|known| of(known) == of(&user));
            let same_name = is_same(|user| &user.name) && is_same(|user| &user.login);
            let same_department = known.is_some_and(|known| known.profile.department == user.profile.department);
            let same_title = known.is_some_and(|known| known.profile.title == user.profile.title);
            if !same_name {
                self.insert_by_name(&user);
            }
            has_new_departments |= !same_department;
            let known = self.entries.get(&user.id);
            let keys = known.filter(|_| same_name && same_department && same_title).map(|known| known.keys.clone());
            let department = known.and_then(|known| known.department);
            self.entries.insert(user.id, BookEntry { department, keys: keys.unwrap_or_default(), user });
        }
        if has_new_departments {
            self.find_departments();
        }
    }

    fn insert_by_name(&mut self, user: &User) {
        self.order.retain(|id| *id != user.id);
        let is_before = |id: &UserId| self.get(*id).is_some_and(|other| by_name(other, user).is_lt());
        let index = self.order.partition_point(is_before);
        self.order.insert(index, user.id);
    }

    fn find_departments(&mut self) {
        let mut paths: Vec<&str> = self.users().filter_map(|user| user.profile.department.as_deref()).collect();
        paths.sort_unstable();
        paths.dedup();
        let mut departments: Vec<String> = Vec::new();
        for path in paths {
            let above = path.match_indices(SEPARATOR).map(|(end, _)| &path[..end]);
            for path in above.chain([path]) {
                let index = departments.partition_point(|known| by_path(known, path, &self.ordered).is_lt());
                if departments.get(index).is_none_or(|known| known != path) {
                    departments.insert(index, path.to_owned());
                }
            }
        }
        for entry in self.entries.values_mut() {
            let path = entry.user.profile.department.as_ref();
            entry.department =
                path.and_then(|path| departments.binary_search_by(|known| by_path(known, path, &self.ordered)).ok());
        }
        self.departments = departments;
    }
}

/// The last part of a department's path.
pub fn innermost(path: &str) -> &str {
    path.rsplit(SEPARATOR).next().unwrap_or_default()
}

/// Equal names are neighbours, ordered by login.
fn by_name(one: &User, other: &User) -> Ordering {
    unicode::compare_names(&one.name, &other.name)
        .then_with(|| one.name.cmp(&other.name))
        .then_with(|| one.login.cmp(&other.login))
}

/// The order of the tree: each department before those below it, and "가/나" before "가나". Of two departments side by
/// side, those in `ordered` come first, in that order, then the others by name, "2팀" before "10팀".
fn by_path(one: &str, other: &str, ordered: &[String]) -> Ordering {
    let (mut parts, mut other_parts) = (one.split(SEPARATOR), other.split(SEPARATOR));
    let mut at = 0;
    loop {
        match (parts.next(), other_parts.next()) {
            (Some(part), Some(other_part)) if part != other_part => {
                let rank = |path: &str, part: &str| {
                    ordered.iter().position(|known| *known == path[..at + part.len()]).unwrap_or(usize::MAX)
                };
                return rank(one, part)
                    .cmp(&rank(other, other_part))
                    .then_with(|| unicode::compare_departments(part, other_part))
                    .then_with(|| part.cmp(other_part));
            }
            (Some(part), Some(_)) => at += part.len() + SEPARATOR.len_utf8(),
            (part, other_part) => return part.is_some().cmp(&other_part.is_some()),
        }
    }
}

/// The search keys of a user: name, login, job title and department, separated.
pub fn keys_of(user: &User) -> Vec<u32> {
    let profile = &user.profile;
    let parts = [Some(&user.name), Some(&user.login), profile.title.as_ref(), profile.department.as_ref()];
    keys(&parts.map(|part| part.map_or("", String::as_str)).join("\n"))
}

/// The department among the texts of [`keys_of`].
pub const DEPARTMENT: usize = 3;

/// Which text of a user's search keys a query matches: 0 for the name, then login, job title, department. Lists show
/// matches of the name first.
pub fn found_by(text: &[u32], query: &[u32]) -> Option<usize> {
    let before = if query.is_empty() { 0 } else { find(text, query)? };
    Some(text[..before].iter().filter(|key| **key == u32::from('\n')).count())
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::user::{Presence, Profile};

    fn user(login: &str, name: &str, department: Option<&str>) -> User {
        let profile = Profile { department: department.map(str::to_owned), ..Profile::default() };
        let (id, login, name) = (UserId::new(), login.into(), name.into());
        User { id, login, name, is_ambiguous: false, presence: Presence::Offline, profile, absence: None }
    }

    fn names(book: &AddressBook) -> String {
        book.users().map(|user| user.name.as_str()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_servers_order_is_kept_and_new_people_are_inserted_by_name() {
        let [first, last] = [user("a", "한별", None), user("b", "다나", None)];
        let mut book = AddressBook::from(vec![first.clone(), last]);
        assert_eq!(names(&book), "한별 다나", "as it was sent");
        book.upsert(vec![User { name: "가온".into(), ..first.clone() }]);
        let newcomers = ["Étienne", "evan", "Eugene", "마루", "ada", "Ezra"];
        book.upsert(newcomers.iter().enumerate().map(|(at, name)| user(&format!("n{at}"), name, None)).collect());
        assert_eq!(names(&book), "가온 다나 마루 ada Étienne Eugene evan Ezra");
        book.upsert(vec![User { presence: Presence::Online, name: "바다".into(), ..first }]);
        assert_eq!(names(&book), "다나 마루 바다 ada Étienne Eugene evan Ezra");
    }

    #[test]
    fn departments_follow_a_person_who_moves() {
        let moved = user("a", "가", Some("국/과"));
        let mut book =
            AddressBook::from(vec![moved.clone(), user("b", "나", Some("Lab")), user("c", "다", Some("국 A"))]);
        assert_eq!(book.departments(), ["국", "국/과", "국 A", "Lab"]);
        assert_eq!(book.department_of(moved.id), Some(1));
        book.upsert(vec![user("d", "라", Some("가나/다/라"))]);
        assert_eq!(book.departments(), ["가나", "가나/다", "가나/다/라", "국", "국/과", "국 A", "Lab"]);
        assert_eq!(book.department_of(moved.id), Some(4));
        book.upsert(vec![User { profile: Profile::default(), ..moved.clone() }]);
        assert_eq!((book.department_of(moved.id), book.departments().len()), (None, 5));
    }

    #[test]
    fn numbers_in_names_of_departments_count_as_numbers() {
        let paths = ["국/10팀", "국/2팀", "국/1팀", "국/제2과 10팀", "국/제2과 9팀", "국/02팀", "국/팀"];
        let book = AddressBook::from(paths.map(|path| user(path, "이름", Some(path))).to_vec());
        let ordered = ["국", "국/1팀", "국/02팀", "국/2팀", "국/10팀", "국/제2과 9팀", "국/제2과 10팀", "국/팀"];
        assert_eq!(book.departments(), ordered);
    }

    #[test]
    fn departments_of_one_name_are_known_to_be_several() {
        let mut book =
            AddressBook::from(vec![user("a", "가", Some("기획국/총무과")), user("b", "나", Some("기획국/예산과"))]);
        assert!(!book.has_twin("기획국/총무과"));
        book.upsert(vec![user("c", "다", Some("시설국/총무과"))]);
        assert!(book.has_twin("기획국/총무과") && book.has_twin("시설국/총무과") && !book.has_twin("기획국/예산과"));
    }

    #[test]
    fn departments_keep_the_operators_order_before_the_names() {
        let users = ["나국/가과", "가국", "나국/다과", "다국", "나국/나과"].map(|path| user(path, "이름", Some(path)));
        let ordered = ["다국", "나국", "나국/다과", "없는국"].map(str::to_owned);
        let mut book = AddressBook::new(users.to_vec(), ordered.to_vec());
        let tree = ["다국", "나국", "나국/다과", "나국/가과", "나국/나과", "가국"];
        assert_eq!(book.departments(), tree);
        book.upsert(vec![user("new", "이름", Some("나국/다과/가팀"))]);
        assert_eq!(book.departments()[3], "나국/다과/가팀");
        book.update(AddressBook::new(Vec::new(), vec!["가국".to_owned()]));
        assert_eq!(book.departments()[..3], ["가국", "나국", "나국/가과"], "a new order");
        assert_eq!(book.departments()[book.department_of(users[3].id).unwrap()], "다국");
    }

    #[test]
    fn a_changed_person_is_found_by_their_present_texts() {
        let person = user("kang", "강하늘", Some("총무과"));
        let mut book = AddressBook::from(vec![person.clone()]);
        let finds = |book: &AddressBook, query| book.finds(person.id, &keys(query));
        assert!(finds(&book, "ㄱㅎㄴ") && finds(&book, "총무") && finds(&book, "kang") && !finds(&book, "팀장"));
        let mut promoted = person.clone();
        promoted.profile.title = Some("팀장".into());
        book.upsert(vec![promoted]);
        assert!(finds(&book, "팀장") && finds(&book, "강ㅎ"));
        book.upsert(vec![User { name: "한바다".into(), profile: Profile::default(), ..person.clone() }]);
        assert!(finds(&book, "ㅎㅂㄷ") && !finds(&book, "강하") && !finds(&book, "총무"));
        assert!(!finds(&book, "늘kang"), "a match does not span two texts");
    }
}
