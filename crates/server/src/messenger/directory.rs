//! All accounts in memory, with everything that depends on all of them together: the order of the list, departments,
//! the search index, ambiguous names, labels.

use std::collections::BTreeSet;

use rpds::HashTrieMapSync;

use crate::{
    hub::Activity,
    messenger::{
        departments::{Departments, ROOT, path_of},
        grouping::Grouping,
        label::Labels,
        namesakes::Namesakes,
        order::NameSortKey,
        people_index::PeopleIndex,
        search_keys::texts,
    },
    model::Account,
    store::now_ms,
};
use protocol::{
    ids::UserId,
    user::{Presence, User},
};

/// A persistent structure: a clone is a snapshot in O(1), and an update costs O(log n) for each changed account.
#[derive(Clone, Debug)]
pub struct Directory {
    entries: HashTrieMapSync<UserId, DirectoryEntry>,
    /// Absences by their end, those that are over included: a query skips those at no cost.
    absences: Grouping<i64>,
    index: PeopleIndex,
    departments: Departments,
    namesakes: Namesakes,
    labels: Labels,
}

/// An account, and its key in the order of the address book.
#[derive(Clone, Debug)]
struct DirectoryEntry {
    account: Account,
    name: NameSortKey,
}

impl Default for Directory {
    fn default() -> Self {
        Self {
            entries: HashTrieMapSync::new_sync(),
            absences: Grouping::default(),
            index: PeopleIndex::default(),
            departments: Departments::default(),
            namesakes: Namesakes::default(),
            labels: Labels::default(),
        }
    }
}

impl Directory {
    pub fn new(accounts: &[Account]) -> Self {
        let mut directory = Self::default();
        directory.update(accounts, &|_| false);
        directory
    }

    /// Adds new and changed accounts, and returns the users whose name became ambiguous or unambiguous. A user for whom
    /// `is_connected` holds keeps the label by which the original's clients know them.
    pub fn update(&mut self, changed: &[Account], is_connected: &dyn Fn(UserId) -> bool) -> Vec<UserId> {
        let (mut looks, mut labels) = (BTreeSet::new(), BTreeSet::new());
        for account in changed {
            let former = self.entries.get(&account.id).cloned();
            let former_account = former.as_ref().map(|former| &former.account);
            if former_account.is_none_or(|former| former.name != account.name) {
                looks.extend(self.namesakes.replace(account));
                labels.extend(self.labels.replace(former_account, account));
            }
            if let Some(former) = former_account.and_then(|former| former.absence.as_ref()) {
                self.absences.remove(former.until, account.id);
            }
            if let Some(absence) = &account.absence {
                self.absences.insert(absence.until, account.id);
            }
            let entry = self.update_entry(former, account);
            self.entries.insert_mut(account.id, entry);
        }
        let ambiguity_changed = self.namesakes.decide(&looks);
        if !labels.is_empty() {
            labels.extend(&ambiguity_changed);
            let account = |user| self.entries.get(&user).map(|entry| entry.account.clone());
            self.labels.assign(labels, &account, &self.namesakes, is_connected);
        }
        ambiguity_changed
    }

    /// Puts an account that is new or changed into the address book and the departments.
    fn update_entry(&mut self, former: Option<DirectoryEntry>, account: &Account) -> DirectoryEntry {
        if let Some(DirectoryEntry { account: former, name }) = &former
            && !is_ranked_anew(former, account)
        {
            return DirectoryEntry { account: account.clone(), name: name.clone() };
        }
        let name = NameSortKey::of(account);
        if let Some(former) = &former {
            self.index.remove(&former.name, account.id);
        }
        let former = former.as_ref().map(|former| (&former.account, &former.name));
        self.departments.replace(former, account, &name);
        let department = self.departments.number_of(path_of(account)).unwrap_or(ROOT);
        self.index.insert(account, name.clone(), department);
        DirectoryEntry { account: account.clone(), name }
    }

    /// In no order.
    pub fn accounts(&self) -> impl Iterator<Item = &Account> {
        self.entries.values().map(|entry| &entry.account)
    }

    /// In the order of a Korean address book.
    pub fn by_name(&self) -> impl Iterator<Item = &Account> {
        self.index.people().filter_map(|user| self.account(user.id))
    }

    /// The users who are absent at a time, UTC milliseconds.
    pub(super) fn absent(&self, now: i64) -> impl Iterator<Item = UserId> {
        let not_over = self.absences.groups_from(now.saturating_add(1));
        let has_begun = move |account: &&Account| account.absence.as_ref().is_some_and(|absence| absence.from <= now);
        let accounts = not_over.filter_map(|user| self.account(user));
        accounts.filter(|account| !account.disabled).filter(has_begun).map(|account| account.id)
    }

    /// The users who are not disabled, in the order of the address book, with their search keys.
    pub(super) fn index(&self) -> &PeopleIndex {
        &self.index
    }

    pub(super) fn departments(&self) -> &Departments {
        &self.departments
    }

    /// The key of a user in the order of the address book.
    pub(super) fn name_sort_key(&self, user: UserId) -> Option<&NameSortKey> {
        self.entries.get(&user).map(|entry| &entry.name)
    }

    pub fn account(&self, user: UserId) -> Option<&Account> {
        self.entries.get(&user).map(|entry| &entry.account)
    }

    /// The label of a user for a client of the original whose reader is called `reader`. It belongs to this user alone
    /// and is safe wherever that client inserts it.
    pub fn label(&self, reader: &str, user: UserId) -> Option<&str> {
        self.labels.shown_to(reader, user)
    }

    /// The owner of a label.
    pub fn by_label(&self, label: &str) -> Option<UserId> {
        self.labels.owner(label)
    }

    /// Whether a reader may mistake this user's name for another user's.
    pub fn is_ambiguous(&self, user: UserId) -> bool {
        self.namesakes.is_ambiguous(user)
    }

    /// The public view of an account. `activity` is `None` for a user without a socket.
    pub(super) fn user(&self, account: &Account, activity: Option<Activity>) -> User {
        let Account { id, login, name, profile, absence, .. } = account.clone();
        let absence = absence.and_then(|absence| absence.seen_at(now_ms()));
        let presence = presence(account, activity);
        User { id, login, name, is_ambiguous: self.is_ambiguous(id), presence, profile, absence }
    }
}

/// The presence of a user; `activity` is `None` without a socket.
pub(super) fn presence(account: &Account, activity: Option<Activity>) -> Presence {
    match activity {
        _ if account.disabled => Presence::Disabled,
        None => Presence::Offline,
        Some(_) if account.is_busy => Presence::Busy,
        Some(Activity::Idle) => Presence::Idle,
        Some(Activity::Active) => Presence::Online,
    }
}

/// Whether an account has another rank in the address book or in the departments, or is found by other texts.
fn is_ranked_anew(former: &Account, account: &Account) -> bool {
    let rank = |account: &Account| (account.disabled, account.profile.order, account.department_order);
    rank(former) != rank(account) || path_of(former) != path_of(account) || texts(former) != texts(account)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use protocol::user::Absence;

    use super::*;

    fn account(login: &str, name: &str) -> Account {
        Account::new(UserId::new(), login.into(), name.into())
    }

    fn ambiguous(accounts: &[Account]) -> Vec<bool> {
        let directory = Directory::new(accounts);
        accounts.iter().map(|account| directory.is_ambiguous(account.id)).collect()
    }

    #[test]
    fn names_that_are_equal_or_look_alike_are_ambiguous() {
        let accounts = [account("minsu", "김민수"), account("minsu2", "김민수"), account("jiwoo", "최지우")];
        assert_eq!(ambiguous(&accounts), [true, true, false]);
        for lookalike in ["Anna Кim", "Аnna Kim", "Anna Ｋim", "Ann\u{430} Kim"] {
            let accounts = [account("anna", "Anna Kim"), account("other", lookalike), account("hanna", "Hanna Kim")];
            assert_eq!(ambiguous(&accounts), [true, true, false], "{lookalike}");
        }
    }

    #[test]
    fn a_name_made_to_look_like_a_label_is_ambiguous() {
        for name in ["최지우 (minsu)", "최지우（Minsu）", "최지우 (mіnsu)", "최지우 (나)"] {
            let accounts = [account("minsu", "김민수"), account("evil", name)];
            assert_eq!(ambiguous(&accounts), [false, true], "{name}");
        }
        let accounts = [account("minsu", "김민수"), account("hong", "홍길동(총무과)"), account("kim", "alert(1)")];
        assert_eq!(ambiguous(&accounts), [false; 3]);
    }

    #[test]
    fn a_rename_changes_the_ambiguity_of_the_former_and_the_new_namesake() {
        let (first, second, third) =
            (account("minsu", "김민수"), account("jiwoo", "김민수"), account("hana", "최하나"));
        let before = Directory::new(&[first.clone(), second.clone(), third.clone()]);
        let mut after = before.clone();
        let renamed = Account { name: "최하나".into(), ..second.clone() };
        let mut ambiguity_changed = after.update(std::slice::from_ref(&renamed), &|_| false);
        ambiguity_changed.sort();
        assert_eq!(ambiguity_changed, [first.id, third.id]);
        assert!(!after.is_ambiguous(first.id) && after.is_ambiguous(second.id) && after.is_ambiguous(third.id));
        assert!(before.is_ambiguous(first.id) && !before.is_ambiguous(third.id), "a snapshot stays as it was");
    }

    #[test]
    fn a_status_leaves_order_names_and_labels_alone() {
        let (first, second) = (account("minsu", "김민수"), account("jiwoo", "김민수"));
        let mut directory = Directory::new(&[first.clone(), second]);
        let busy = Account { is_busy: true, ..first.clone() };
        assert_eq!(directory.update(&[busy], &|_| panic!("no label is made")), []);
        assert!(directory.account(first.id).unwrap().is_busy);
    }

    #[test]
    fn absent_is_whose_absence_has_begun_and_is_not_over() {
        let absent = |from, until| {
            let absence = Some(Absence { from, until, text: None, is_now: false });
            Account { absence, ..account(&format!("a{from}-{until}"), "부재") }
        };
        let [over, now, later] = [absent(0, 10), absent(5, 20), absent(12, 30)];
        let disabled = Account { disabled: true, ..absent(1, 40) };
        let mut directory = Directory::new(&[over.clone(), now.clone(), later.clone(), disabled.clone()]);
        let at = |directory: &Directory, now| directory.absent(now).collect::<BTreeSet<_>>();
        for (time, expected) in
            [(4, vec![&over]), (9, vec![&over, &now]), (10, vec![&now]), (12, vec![&now, &later]), (20, vec![&later])]
        {
            assert_eq!(at(&directory, time), expected.iter().map(|account| account.id).collect(), "{time}");
        }
        let ended = Account { absence: None, ..now.clone() };
        let longer = Account { absence: absent(5, 50).absence, ..over.clone() };
        directory.update(&[ended, longer], &|_| false);
        assert_eq!(at(&directory, 13), [over.id, later.id].into(), "one was ended, another has a later end");
        assert_eq!(at(&directory, 45), [over.id].into());
    }

    #[test]
    fn a_login_that_a_name_claimed_before_makes_the_name_ambiguous() {
        let claimant = account("evil", "최지우 (minsu)");
        let mut directory = Directory::new(std::slice::from_ref(&claimant));
        assert!(!directory.is_ambiguous(claimant.id));
        assert_eq!(directory.update(&[account("minsu", "김민수")], &|_| false), [claimant.id]);
    }

    proptest! {
        #[test]
        fn updates_one_by_one_give_what_all_at_once_gives(
            changes in proptest::collection::vec((0usize..5, "(a|A|а|가|나|a_a1|a/a|<>)( \\((a1|나)\\))?", any::<bool>()), 1..20),
        ) {
            let mut accounts: Vec<Account> = (0..5).map(|n| account(&format!("a{n}"), &format!("이름{n}"))).collect();
            let mut directory = Directory::new(&accounts);
            for (at, name, is_connected) in changes {
                accounts[at].name = name;
                let before = directory.clone();
                let ambiguity_changed = directory.update(&accounts[at..=at], &|_| is_connected);
                let flips = accounts.iter().map(|account| account.id);
                let flips = flips.filter(|id| before.is_ambiguous(*id) != directory.is_ambiguous(*id));
                prop_assert_eq!(flips.collect::<BTreeSet<_>>(), ambiguity_changed.into_iter().collect());
                for account in &accounts {
                    let label = directory.label("", account.id).unwrap();
                    prop_assert_eq!(directory.by_label(label), Some(account.id));
                    let is_anothers = before.by_label(label).is_some_and(|owner| owner != account.id);
                    prop_assert!(!is_anothers, "{} was another user's a moment ago", label);
                }
            }
            let fresh = Directory::new(&accounts);
            let order = |directory: &Directory| directory.by_name().map(|account| account.id).collect::<Vec<_>>();
            prop_assert_eq!(order(&directory), order(&fresh));
            for account in &accounts {
                prop_assert_eq!(directory.is_ambiguous(account.id), fresh.is_ambiguous(account.id));
            }
        }
    }
}
