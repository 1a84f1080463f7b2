//! The tree of departments: how many users each has, and its own users in their order. Disabled accounts are not in it.

use std::sync::Arc;

use rpds::{HashTrieMapSync, RedBlackTreeMapSync, RedBlackTreeSetSync, VectorSync};
use uuid::Uuid;

use crate::{
    messenger::{
        order::{NameSortKey, department_sort_key},
        search_keys::key_bytes,
    },
    model::Account,
};
use protocol::ids::UserId;

/// Separates the parts of a path.
const SEPARATOR: char = '/';

/// The number of a department: as long as the process runs it belongs to this path.
pub(super) type DepartmentNumber = u32;

/// The whole organisation, with the empty path. Its own users are those without a department.
pub(super) const ROOT: DepartmentNumber = 0;

/// A persistent structure: a clone is a snapshot, and an update copies O(log n) nodes.
#[derive(Clone, Debug)]
pub(super) struct Departments {
    nodes: HashTrieMapSync<Arc<str>, DepartmentNode>,
    /// By number. Paths without users stay: their number is not given again.
    paths: VectorSync<DepartmentPath>,
    /// Departments that have users, here or below, by the department above them.
    children: RedBlackTreeSetSync<(DepartmentNumber, DepartmentRank)>,
    members: RedBlackTreeSetSync<(DepartmentNumber, RankInDepartment)>,
}

/// A path and its search keys.
#[derive(Clone, Debug)]
pub(super) struct DepartmentPath {
    pub(super) path: Arc<str>,
    pub(super) keys: Arc<[u8]>,
}

#[derive(Clone, Debug)]
struct DepartmentNode {
    number: DepartmentNumber,
    /// Of its own name.
    sort_key: Arc<[u8]>,
    /// The users of this department and of those below it.
    people: u32,
    /// How many of them give it each order.
    orders: RedBlackTreeMapSync<u32, u32>,
}

impl DepartmentNode {
    fn new(number: DepartmentNumber, path: &str) -> Self {
        let name = path.rsplit(SEPARATOR).next().unwrap_or_default();
        Self { number, sort_key: department_sort_key(name).into(), people: 0, orders: RedBlackTreeMapSync::new_sync() }
    }

    /// Adds to the number of users, and of those who give this order.
    fn count(&mut self, order: Option<u32>, change: i32) {
        self.people = self.people.saturating_add_signed(change);
        let Some(order) = order else { return };
        match self.orders.get(&order).copied().unwrap_or(0).saturating_add_signed(change) {
            0 => drop(self.orders.remove_mut(&order)),
            count => self.orders.insert_mut(order, count),
        }
    }
}

/// The rank of a department among those of the same parent: by the lowest order that a user of it or of those below
/// gives it, then by name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct DepartmentRank {
    order: u64,
    sort_key: Arc<[u8]>,
    path: Arc<str>,
}

/// The rank of a user in a department: by their order, then by name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct RankInDepartment {
    order: u64,
    name: Option<NameSortKey>,
    user: UserId,
}

impl Default for Departments {
    fn default() -> Self {
        let mut nodes = HashTrieMapSync::new_sync();
        nodes.insert_mut("".into(), DepartmentNode::new(ROOT, ""));
        Self {
            nodes,
            paths: std::iter::once(DepartmentPath { path: "".into(), keys: Arc::new([]) }).collect(),
            children: RedBlackTreeSetSync::new_sync(),
            members: RedBlackTreeSetSync::new_sync(),
        }
    }
}

impl Departments {
    /// Moves an account that is new or changed to its department and rank.
    pub(super) fn replace(&mut self, former: Option<(&Account, &NameSortKey)>, account: &Account, name: &NameSortKey) {
        let former = former.filter(|(former, _)| !former.disabled);
        if let Some((former, name)) = former {
            let number = self.number_of(path_of(former)).unwrap_or(ROOT);
            self.members.remove_mut(&(number, rank(former, name)));
        }
        if !account.disabled {
            let number = self.number_or_new(path_of(account));
            self.members.insert_mut((number, rank(account, name)));
        }
        let counted = |account: &Account| (path_of(account).to_owned(), account.department_order);
        let (before, after) =
            (former.map(|(former, _)| counted(former)), (!account.disabled).then(|| counted(account)));
        if before != after {
            before.into_iter().for_each(|(path, order)| self.count(&path, order, -1));
            after.into_iter().for_each(|(path, order)| self.count(&path, order, 1));
        }
    }

    /// Adds to the number of users of a department and of all above it.
    fn count(&mut self, path: &str, order: Option<u32>, change: i32) {
        let lineage: Vec<&str> = lineage(path).collect();
        for (depth, path) in lineage.iter().enumerate() {
            let number = self.number_or_new(path);
            let before = self.rank_of(path);
            if let Some(node) = self.nodes.get_mut(*path) {
                node.count(order, change);
            }
            let after = self.rank_of(path);
            if number == ROOT || before == after {
                continue;
            }
            let above = self.number_of(lineage[depth - 1]).unwrap_or(ROOT);
            if let Some(before) = before {
                self.children.remove_mut(&(above, before));
            }
            if let Some(after) = after {
                self.children.insert_mut((above, after));
            }
        }
    }

    /// `None` without users.
    fn rank_of(&self, path: &str) -> Option<DepartmentRank> {
        let node = self.nodes.get(path).filter(|node| node.people > 0)?;
        let order = node.orders.first().map_or(u64::MAX, |(order, _)| u64::from(*order));
        Some(DepartmentRank { order, sort_key: node.sort_key.clone(), path: self.path(node.number)?.clone() })
    }

    fn number_or_new(&mut self, path: &str) -> DepartmentNumber {
        if let Some(number) = self.number_of(path) {
            return number;
        }
        let (number, keys) = (self.paths.len() as DepartmentNumber, key_bytes(path).into());
        let path = Arc::<str>::from(path);
        self.paths.push_back_mut(DepartmentPath { path: path.clone(), keys });
        let node = DepartmentNode::new(number, &path);
        self.nodes.insert_mut(path, node);
        number
    }

    /// `None` for a path that no user ever had.
    pub(super) fn number_of(&self, path: &str) -> Option<DepartmentNumber> {
        self.nodes.get(path).map(|node| node.number)
    }

    pub(super) fn path(&self, number: DepartmentNumber) -> Option<&Arc<str>> {
        self.paths.get(number as usize).map(|path| &path.path)
    }

    /// All paths by number, of departments without users, too.
    pub(super) fn paths(&self) -> impl Iterator<Item = &DepartmentPath> {
        self.paths.iter()
    }

    /// The number of users of a department and of those below it.
    pub(super) fn people(&self, path: &str) -> u32 {
        self.nodes.get(path).map_or(0, |node| node.people)
    }

    /// The paths of the departments directly below one.
    pub(super) fn below(&self, number: DepartmentNumber) -> impl Iterator<Item = &Arc<str>> {
        let first = (number, DepartmentRank { order: 0, sort_key: Arc::new([]), path: "".into() });
        self.children.range(first..).take_while(move |(above, _)| *above == number).map(|(_, rank)| &rank.path)
    }

    /// The paths of the departments that have an order, in their order, each before those below it.
    pub(super) fn ordered(&self) -> Vec<String> {
        let (mut ordered, mut open) = (Vec::new(), vec![ROOT]);
        while let Some(number) = open.pop() {
            let node = self.path(number).and_then(|path| self.nodes.get(path));
            if number != ROOT && node.is_some_and(|node| !node.orders.is_empty()) {
                ordered.extend(self.path(number).map(ToString::to_string));
            }
            let below: Vec<DepartmentNumber> = self.below(number).filter_map(|path| self.number_of(path)).collect();
            open.extend(below.into_iter().rev());
        }
        ordered
    }

    /// A department's own users, from the first one or after one of them.
    pub(super) fn members(
        &self,
        number: DepartmentNumber,
        after: Option<(&Account, &NameSortKey)>,
    ) -> impl Iterator<Item = UserId> {
        let first = RankInDepartment { order: 0, name: None, user: Uuid::nil().into() };
        let start = after.map_or(first, |(account, name)| rank(account, name));
        let is_after = move |user: &UserId| after.is_none_or(|(account, _)| account.id != *user);
        let members = self.members.range((number, start)..).take_while(move |(of, _)| *of == number);
        members.map(|(_, rank)| rank.user).filter(is_after)
    }

    /// The numbers of an account's department and of all above it, from the root.
    pub(super) fn lineage(&self, account: &Account) -> Vec<DepartmentNumber> {
        lineage(path_of(account)).filter_map(|path| self.number_of(path)).collect()
    }
}

/// The path of an account's department; empty without one.
pub(super) fn path_of(account: &Account) -> &str {
    account.profile.department.as_deref().unwrap_or_default()
}

/// The path of the department above.
pub(super) fn above(path: &str) -> Option<&str> {
    if path.is_empty() { None } else { Some(path.rsplit_once(SEPARATOR).map_or("", |(above, _)| above)) }
}

/// A path and those above it, from the root.
fn lineage(path: &str) -> impl Iterator<Item = &str> {
    let ends = path.match_indices(SEPARATOR).map(|(end, _)| end).filter(|end| *end > 0);
    let whole = (!path.is_empty()).then_some(path.len());
    std::iter::once(0).chain(ends).chain(whole).map(|end| &path[..end])
}

fn rank(account: &Account, name: &NameSortKey) -> RankInDepartment {
    let order = account.profile.order.map_or(u64::MAX, u64::from);
    RankInDepartment { order, name: Some(name.clone()), user: account.id }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::user::Profile;

    fn account(login: &str, name: &str, department: &str, order: Option<u32>) -> Account {
        let department = Some(department.to_owned()).filter(|path| !path.is_empty());
        let profile = Profile { department, order, ..Profile::default() };
        Account { profile, ..Account::new(UserId::new(), login.into(), name.into()) }
    }

    fn of(accounts: &[Account]) -> Departments {
        let mut departments = Departments::default();
        accounts.iter().for_each(|account| departments.replace(None, account, &NameSortKey::of(account)));
        departments
    }

    /// The paths directly below a department, each with the number of its users.
    fn below(departments: &Departments, path: &str) -> Vec<String> {
        let number = departments.number_of(path).unwrap();
        departments.below(number).map(|path| format!("{path} {}", departments.people(path))).collect()
    }

    #[test]
    fn a_department_counts_those_below_it_and_stands_in_the_order_of_names() {
        let paths = ["기획국/총무과", "기획국/총무과", "기획국", "가정과", "", "기획국/예산과/계약팀"];
        let accounts: Vec<Account> = paths.iter().map(|path| account("x", "김민수", path, None)).collect();
        let departments = of(&accounts);
        assert_eq!(departments.people(""), 6);
        assert_eq!(below(&departments, ""), ["가정과 1", "기획국 4"]);
        assert_eq!(below(&departments, "기획국"), ["기획국/예산과 1", "기획국/총무과 2"]);
        assert_eq!(departments.lineage(&accounts[5]).len(), 4);
        assert_eq!(["", "기획국", "기획국/예산과"].map(above), [None, Some(""), Some("기획국")]);
    }

    #[test]
    fn numbers_in_names_of_departments_count_as_numbers() {
        let paths = ["국/10팀", "국/2팀", "국/1팀", "국/제2과 10팀", "국/제2과 9팀", "국/02팀", "국/팀"];
        let accounts: Vec<Account> = paths.iter().map(|path| account("x", "김민수", path, None)).collect();
        let ordered = ["국/1팀", "국/02팀", "국/2팀", "국/10팀", "국/제2과 9팀", "국/제2과 10팀", "국/팀"];
        assert_eq!(below(&of(&accounts), "국"), ordered.map(|path| format!("{path} 1")));
    }

    #[test]
    fn a_moved_and_a_disabled_account_leave_their_department_and_an_empty_one_disappears() {
        let (moved, disabled) = (account("a", "가", "기획국/총무과", None), account("b", "나", "기획국", None));
        let mut departments = of(&[moved.clone(), disabled.clone()]);
        let before = departments.clone();
        let name = NameSortKey::of(&moved);
        let after = account("a", "가", "홍보과", None);
        let after = Account { id: moved.id, ..after };
        departments.replace(Some((&moved, &name)), &after, &name);
        assert_eq!(below(&departments, ""), ["기획국 1", "홍보과 1"]);
        let (name, gone) = (NameSortKey::of(&disabled), Account { disabled: true, ..disabled.clone() });
        departments.replace(Some((&disabled, &name)), &gone, &name);
        assert_eq!((below(&departments, ""), departments.people("")), (vec!["홍보과 1".to_owned()], 1));
        assert_eq!(departments.members(departments.number_of("기획국").unwrap(), None).count(), 0);
        departments.replace(Some((&gone, &name)), &disabled, &name);
        assert_eq!(departments.people("기획국"), 1, "enabled again");
        assert_eq!(below(&before, "기획국"), ["기획국/총무과 1"], "a snapshot stays as it was");
    }

    #[test]
    fn departments_with_an_order_come_first_and_one_above_has_the_lowest_of_those_below() {
        let ranked = |path: &str, department_order| Account { department_order, ..account("x", "가", path, None) };
        let accounts = [
            ranked("가국/과", Some(30)),
            ranked("나국/둘째 과", Some(12)),
            ranked("나국/첫째 과", Some(11)),
            ranked("나국/첫째 과", None),
            ranked("다국", None),
            ranked("라국", Some(20)),
        ];
        let mut departments = of(&accounts);
        assert_eq!(below(&departments, ""), ["나국 3", "라국 1", "가국 1", "다국 1"]);
        assert_eq!(below(&departments, "나국"), ["나국/첫째 과 2", "나국/둘째 과 1"]);
        let ordered = ["나국", "나국/첫째 과", "나국/둘째 과", "라국", "가국", "가국/과"];
        assert_eq!(departments.ordered(), ordered);
        for gone in &accounts[1..3] {
            let (name, after) = (NameSortKey::of(gone), Account { disabled: true, ..gone.clone() });
            departments.replace(Some((gone, &name)), &after, &name);
        }
        assert_eq!(below(&departments, ""), ["라국 1", "가국 1", "나국 1", "다국 1"]);
    }

    #[test]
    fn users_with_an_order_come_first_and_a_page_continues_after_one() {
        let accounts = [
            account("c", "다", "과", None),
            account("b", "가", "과", None),
            account("a", "가", "과", None),
            account("d", "하", "과", Some(2)),
            account("e", "나", "과", Some(2)),
            account("f", "마", "과", Some(0)),
            account("g", "가", "다른 과", Some(0)),
        ];
        let departments = of(&accounts);
        let number = departments.number_of("과").unwrap();
        let login = |id: UserId| accounts.iter().find(|account| account.id == id).unwrap().login.clone();
        let all: String = departments.members(number, None).map(login).collect();
        assert_eq!(all, "fedabc");
        for (after, rest) in [(5, "edabc"), (4, "dabc"), (2, "bc"), (0, "")] {
            let name = NameSortKey::of(&accounts[after]);
            let page: String = departments.members(number, Some((&accounts[after], &name))).map(login).collect();
            assert_eq!(page, rest);
        }
    }
}
