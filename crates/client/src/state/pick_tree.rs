//! The users of a picker as the tree of their departments: its rows, and the fewest chips for the chosen users.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::state::{
    address_book::{SEPARATOR, found_by, innermost, keys_of},
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
    /// The outermost department of the user, whose branch comes first, as in the list of users.
    own_branch: Option<String>,
    /// Some departments only, none above another.
    is_partial: bool,
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
    /// Some of the users. Of the departments only the `whole` ones, of which everybody is known: to choose another one
    /// would be to choose a part of it.
    pub fn partial(users: Vec<User>, whole: &[String]) -> Self {
        let order = users.iter().map(|user| user.id).collect();
        let mut tree = Self { is_partial: true, order, ..Self::default() };
        for user in users {
            match user.profile.department.as_ref().filter(|path| whole.contains(path)) {
                Some(path) => {
                    tree.own.entry(path.clone()).or_default().push(user.id);
                    tree.all.entry(path.clone()).or_default().push(user.id);
                }
                None => tree.outside.push(user.id),
            }
            tree.search_keys.insert(user.id, keys_of(&user));
            tree.users.insert(user.id, user);
        }
        tree
    }

    /// The same tree with the branch of a department, the user's own, before the others.
    pub fn with_own_first(self, department: Option<&str>) -> Self {
        let own_branch = department.and_then(|path| path.split(SEPARATOR).next()).map(str::to_owned);
        Self { own_branch, ..self }
    }

    /// The departments, each before those below it.
    fn departments(&self) -> impl Iterator<Item = &String> {
        let is_own = |path: &&String| path.split(SEPARATOR).next() == self.own_branch.as_deref();
        self.own.keys().filter(is_own).chain(self.own.keys().filter(move |path| !is_own(path)))
    }

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

    pub fn size(&self) -> usize {
        self.users.len()
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
    /// `known`: the number of users when the query began; those who came later are behind them, so that no row moves.
    pub fn rows(&self, query: &str, open: &HashSet<String>, known: usize) -> (Vec<PickRow>, bool) {
        let query = keys(query.trim());
        let mut rows = Vec::new();
        if !query.is_empty() || self.own.is_empty() {
            let is_found = |path: &&String| !query.is_empty() && contains(&keys(innermost(path)), &query);
            let departments = self.departments().filter(is_found);
            rows.extend(departments.map(|path| PickRow::Department(path.clone(), 0)));
            let found = |(index, id): (usize, &UserId)| {
                let by = found_by(self.search_keys.get(id)?, &query)?;
                Some(((index >= known, by), *id))
            };
            let mut people: Vec<_> = self.order.iter().enumerate().filter_map(found).collect();
            people.sort_by_key(|(by, _)| *by);
            return limited(rows, people.into_iter().map(|(_, id)| PickRow::Person(id, 0)));
        }
        let mut people = Vec::new();
        for path in self.departments() {
            let is_shown = |(end, _): (usize, &str)| self.is_partial || open.contains(&path[..end]);
            if path.match_indices(SEPARATOR).all(is_shown) {
                let depth = if self.is_partial { 0 } else { path.matches(SEPARATOR).count() };
                people.push(PickRow::Department(path.clone(), depth));
                let shown = self.own[path].iter().filter(|_| open.contains(path));
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
        for path in self.departments() {
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
    fn a_partial_tree_has_the_departments_that_are_known_whole() {
        let users = [
            user("a", "박철수", Some("기획국/총무과")),
            user("b", "최지우", Some("감사실")),
            user("c", "한별", Some("기획국/총무과")),
        ];
        let ids = [users[0].id, users[1].id, users[2].id];
        let tree = PickTree::partial(users.to_vec(), &["기획국/총무과".to_owned()]);
        assert_eq!(tree.members("기획국/총무과"), [ids[0], ids[2]]);
        let rows = tree.rows("", &HashSet::new(), usize::MAX).0;
        assert_eq!(rows, [PickRow::Department("기획국/총무과".into(), 0), PickRow::Person(ids[1], 0)]);
        assert_eq!(
            tree.rows("감사실", &HashSet::new(), usize::MAX).0,
            [PickRow::Person(ids[1], 0)],
            "no part of a department"
        );
    }

    #[test]
    fn users_who_are_found_later_stay_behind_the_known_ones() {
        let known = [user("a", "박철수", Some("정보화과")), user("b", "최지우", Some("총무과"))];
        let later = [user("c", "정보라", None)];
        let ids = [known[0].id, known[1].id, later[0].id];
        let tree = PickTree::partial(known.into_iter().chain(later).collect(), &[]);
        let found = |query, known| tree.rows(query, &HashSet::new(), known).0;
        assert_eq!(found("", 2), ids.map(|id| PickRow::Person(id, 0)), "without departments");
        assert_eq!(
            found("정보", 2),
            [ids[0], ids[2]].map(|id| PickRow::Person(id, 0)),
            "behind, though the name matches"
        );
        assert_eq!(
            found("정보", 3),
            [ids[2], ids[0]].map(|id| PickRow::Person(id, 0)),
            "at the next query by the match"
        );
    }

    #[test]
    fn rows_are_the_open_branches_of_the_tree() {
        let (tree, [minsu, cheolsu, jiwoo, ada]) = office();
        let folded = tree.rows("", &HashSet::new(), usize::MAX).0;
        assert_eq!(folded, [department("기획국", 0), PickRow::Person(ada, 0)]);
        let open = tree.rows("", &tree.first_open(), usize::MAX).0;
        let inner = [PickRow::Person(minsu, 2), PickRow::Person(jiwoo, 2), PickRow::Person(ada, 0)];
        let outer = [department("기획국", 0), PickRow::Person(cheolsu, 1), department("기획국/정보화과", 1)];
        assert_eq!(open, [outer.as_slice(), &inner].concat());
    }

    #[test]
    fn the_branch_of_the_own_department_comes_first() {
        let users = vec![
            user("a", "박철수", Some("감사실")),
            user("b", "최지우", Some("기획국/정보화과")),
            user("c", "한별", Some("기획국장실")),
        ];
        let tree = PickTree::from(users).with_own_first(Some("기획국/총무과"));
        let departments = |query: &str| {
            let rows = tree.rows(query, &HashSet::new(), usize::MAX).0.into_iter();
            rows.filter(|row| matches!(row, PickRow::Department(..))).collect::<Vec<_>>()
        };
        assert_eq!(departments(""), ["기획국", "감사실", "기획국장실"].map(|path| department(path, 0)));
        assert_eq!(departments("실"), ["감사실", "기획국장실"].map(|path| department(path, 0)));
        let open = tree.rows("", &tree.first_open(), usize::MAX).0;
        assert_eq!(open[1], department("기획국/정보화과", 1), "the branch stays together");
    }

    #[test]
    fn a_query_finds_people_by_initial_consonants_and_departments_by_name() {
        let (tree, [minsu, _, jiwoo, _]) = office();
        assert_eq!(tree.rows("ㅊㅈㅇ", &HashSet::new(), usize::MAX).0, [PickRow::Person(jiwoo, 0)]);
        let found = tree.rows("정보화", &HashSet::new(), usize::MAX).0;
        assert_eq!(found, [department("기획국/정보화과", 0), PickRow::Person(minsu, 0), PickRow::Person(jiwoo, 0)]);
    }

    #[test]
    fn people_found_by_name_come_before_those_of_a_department() {
        let users =
            vec![user("ada", "가온", Some("민원국")), user("b", "박철수", Some("기획국")), user("c", "한민원", None)];
        let [first, last] = [users[2].id, users[0].id];
        let rows = PickTree::from(users).rows("민원", &HashSet::new(), usize::MAX).0;
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
        assert_eq!(tree.rows("", &tree.first_open(), usize::MAX).0.len(), 4);
        let (rows, has_more) = tree.rows("", &HashSet::from(["국0".to_owned()]), usize::MAX);
        assert_eq!((rows.len(), has_more), (ROWS + 4, true));
        assert!(tree.rows("사람", &HashSet::new(), usize::MAX).1);
    }
}
