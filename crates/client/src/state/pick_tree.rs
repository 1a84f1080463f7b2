//! The users of a picker as the tree of their departments: its rows, and the fewest chips for the chosen users.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::state::{
    address_book::{SEPARATOR, found_by, keys_of},
    keystrokes::{contains, keys},
};
use protocol::{ids::UserId, user::User};

/// Rows of users shown at once; a query finds the others.
const ROWS: usize = 100;
/// In a larger organisation the departments are initially folded.
const LARGE: usize = 50;

/// A row of the picker.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PickRow {
    /// A department by its path, with its depth in the tree.
    Department(String, usize),
    /// A user, with the depth of the department.
    Person(UserId, usize),
}

/// A chip for chosen users.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PickChip {
    /// A whole department with those below it, by its path.
    Department(String),
    Person(UserId),
}

/// Users by department. Users without one come last.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PickTree {
    users: HashMap<UserId, User>,
    search_keys: HashMap<UserId, Vec<u32>>,
    /// In the order of the address book.
    order: Vec<UserId>,
    /// The users of each department itself.
    own: BTreeMap<String, Vec<UserId>>,
    /// The users of each department and of those below it.
    all: HashMap<String, Vec<UserId>>,
    outside: Vec<UserId>,
}

impl From<Vec<User>> for PickTree {
    fn from(users: Vec<User>) -> Self {
        let mut tree = Self { order: users.iter().map(|user| user.id).collect(), ..Self::default() };
        for user in users {
            match user.profile.department.as_deref().filter(|path| !path.is_empty()) {
                Some(path) => tree.insert(path, user.id),
                None => tree.outside.push(user.id),
            }
            tree.search_keys.insert(user.id, keys_of(&user));
            tree.users.insert(user.id, user);
        }
        tree
    }
}

impl PickTree {
    fn insert(&mut self, path: &str, user: UserId) {
        let ends = path.match_indices(SEPARATOR).map(|(end, _)| end).chain([path.len()]);
        for end in ends {
            self.own.entry(path[..end].to_owned()).or_default();
            self.all.entry(path[..end].to_owned()).or_default().push(user);
        }
        self.own.entry(path.to_owned()).or_default().push(user);
    }

    pub fn user(&self, id: UserId) -> Option<&User> {
        self.users.get(&id)
    }

    pub fn is_empty(&self) -> bool {
        self.users.is_empty()
    }

    /// The users of a department and of those below it.
    pub fn members(&self, path: &str) -> &[UserId] {
        self.all.get(path).map_or(&[], Vec::as_slice)
    }

    /// The departments that are initially open.
    pub fn first_open(&self) -> HashSet<String> {
        if self.users.len() > LARGE { HashSet::new() } else { self.own.keys().cloned().collect() }
    }

    /// The rows, and whether there are more users than rows. A query matches users, and departments by their own name.
    pub fn rows(&self, query: &str, open: &HashSet<String>) -> (Vec<PickRow>, bool) {
        let query = keys(query.trim());
        let mut rows = Vec::new();
        if !query.is_empty() || self.own.is_empty() {
            let is_found = |path: &&String| !query.is_empty() && contains(&keys(name_of(path)), &query);
            let departments = self.own.keys().filter(is_found);
            rows.extend(departments.map(|path| PickRow::Department(path.clone(), 0)));
            let found = |id: &UserId| Some((found_by(self.search_keys.get(id)?, &query)?, *id));
            let mut people: Vec<(usize, UserId)> = self.order.iter().filter_map(found).collect();
            people.sort_by_key(|(by, _)| *by);
            return limited(rows, people.into_iter().map(|(_, id)| PickRow::Person(id, 0)));
        }
        let mut people = Vec::new();
        for (path, own) in &self.own {
            if path.match_indices(SEPARATOR).all(|(end, _)| open.contains(&path[..end])) {
                let depth = path.matches(SEPARATOR).count();
                people.push(PickRow::Department(path.clone(), depth));
                let shown = own.iter().filter(|_| open.contains(path));
                people.extend(shown.map(|id| PickRow::Person(*id, depth + 1)));
            }
        }
        people.extend(self.outside.iter().map(|id| PickRow::Person(*id, 0)));
        limited(rows, people.into_iter())
    }

    /// The fewest chips for the chosen users: whole departments of several users, then the others in the order of
    /// choice.
    pub fn chips(&self, picked: &[UserId]) -> Vec<PickChip> {
        let chosen: HashSet<UserId> = picked.iter().copied().collect();
        let mut covered: HashSet<UserId> = HashSet::new();
        let mut chips = Vec::new();
        // A department comes before those below it.
        for path in self.own.keys() {
            let members = self.members(path);
            let is_whole = members.len() > 1 && members.iter().all(|id| chosen.contains(id));
            if is_whole && !members.iter().all(|id| covered.contains(id)) {
                covered.extend(members);
                chips.push(PickChip::Department(path.clone()));
            }
        }
        let others = picked.iter().filter(|id| !covered.contains(*id));
        chips.extend(others.map(|id| PickChip::Person(*id)));
        chips
    }
}

/// The rows with at most [`ROWS`] users, and whether there are more.
fn limited(mut rows: Vec<PickRow>, further: impl Iterator<Item = PickRow>) -> (Vec<PickRow>, bool) {
    let mut people = 0;
    for row in further {
        let is_person = matches!(row, PickRow::Person(..));
        people += usize::from(is_person);
        // Later departments stay: they are few, and the user may be looking for one.
        if people <= ROWS || !is_person {
            rows.push(row);
        }
    }
    (rows, people > ROWS)
}

/// The innermost part of a department's path.
pub fn name_of(path: &str) -> &str {
    path.rsplit(SEPARATOR).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use protocol::user::{Presence, Profile};

    use super::*;

    fn user(login: &str, name: &str, department: Option<&str>) -> User {
        let profile = Profile { department: department.map(str::to_owned), ..Profile::default() };
        let (login, name) = (login.to_owned(), name.to_owned());
        User { id: UserId::new(), login, name, is_ambiguous: false, presence: Presence::Online, profile, absence: None }
    }

    fn office() -> (PickTree, [UserId; 4]) {
        let users = vec![
            user("minsu", "김민수", Some("기획국/정보화과")),
            user("cheolsu", "박철수", Some("기획국")),
            user("jiwoo", "최지우", Some("기획국/정보화과")),
            user("ada", "Ada", None),
        ];
        let ids = [users[0].id, users[1].id, users[2].id, users[3].id];
        (users.into(), ids)
    }

    fn department(path: &str, depth: usize) -> PickRow {
        PickRow::Department(path.to_owned(), depth)
    }

    #[test]
    fn rows_are_the_open_branches_of_the_tree() {
        let (tree, [minsu, cheolsu, jiwoo, ada]) = office();
        let folded = tree.rows("", &HashSet::new()).0;
        assert_eq!(folded, [department("기획국", 0), PickRow::Person(ada, 0)]);
        let open = tree.rows("", &tree.first_open()).0;
        let inner = [PickRow::Person(minsu, 2), PickRow::Person(jiwoo, 2), PickRow::Person(ada, 0)];
        let outer = [department("기획국", 0), PickRow::Person(cheolsu, 1), department("기획국/정보화과", 1)];
        assert_eq!(open, [outer.as_slice(), &inner].concat());
    }

    #[test]
    fn a_query_finds_people_by_initial_consonants_and_departments_by_name() {
        let (tree, [minsu, _, jiwoo, _]) = office();
        assert_eq!(tree.rows("ㅊㅈㅇ", &HashSet::new()).0, [PickRow::Person(jiwoo, 0)]);
        let found = tree.rows("정보화", &HashSet::new()).0;
        assert_eq!(found, [department("기획국/정보화과", 0), PickRow::Person(minsu, 0), PickRow::Person(jiwoo, 0)]);
    }

    #[test]
    fn people_found_by_name_come_before_those_of_a_department() {
        let users =
            vec![user("ada", "가온", Some("민원국")), user("b", "박철수", Some("기획국")), user("c", "한민원", None)];
        let [first, last] = [users[2].id, users[0].id];
        let rows = PickTree::from(users).rows("민원", &HashSet::new()).0;
        assert_eq!(rows, [department("민원국", 0), PickRow::Person(first, 0), PickRow::Person(last, 0)]);
    }

    #[test]
    fn chips_name_whole_departments_and_the_others_one_by_one() {
        let (tree, [minsu, cheolsu, jiwoo, ada]) = office();
        assert_eq!(tree.chips(&[jiwoo, ada]), [PickChip::Person(jiwoo), PickChip::Person(ada)]);
        let inner = PickChip::Department("기획국/정보화과".into());
        assert_eq!(tree.chips(&[ada, jiwoo, minsu]), [inner, PickChip::Person(ada)]);
        assert_eq!(
            tree.chips(&[ada, jiwoo, minsu, cheolsu]),
            [PickChip::Department("기획국".into()), PickChip::Person(ada)]
        );
    }

    #[test]
    fn a_large_organisation_starts_folded_and_shows_a_part() {
        let users: Vec<User> =
            (0..1_000).map(|number| user(&format!("p{number}"), "사람", Some(&format!("국{}", number % 4)))).collect();
        let tree = PickTree::from(users);
        assert_eq!(tree.rows("", &tree.first_open()).0.len(), 4);
        let (rows, has_more) = tree.rows("", &HashSet::from(["국0".to_owned()]));
        assert_eq!((rows.len(), has_more), (ROWS + 4, true));
        assert!(tree.rows("사람", &HashSet::new()).1);
    }
}
