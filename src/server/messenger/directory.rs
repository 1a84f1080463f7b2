//! Everybody with an account, in memory, with what is computed from all names together.

use std::{
    collections::HashMap,
    sync::{Arc, OnceLock},
};

use crate::{
    protocol::{
        ids::UserId,
        user::{Presence, User},
    },
    server::{
        hub::Standing,
        messenger::{label::Labels, namesakes::Namesakes, order},
        store::Account,
    },
};

#[derive(Debug, Default)]
pub struct Directory {
    accounts: HashMap<UserId, Account>,
    namesakes: Arc<Namesakes>,
    labels: Arc<Labels>,
    /// By name; made when it is first asked for.
    order: OnceLock<Vec<UserId>>,
}

impl Directory {
    pub(super) fn new(accounts: Vec<Account>) -> Self {
        Self::default().renewed(accounts, &|_| false)
    }

    /// The directory of these accounts; it takes over what is computed from names that stay. Whoever `is_kept` keeps
    /// the label by which the original's clients know them.
    pub(super) fn renewed(&self, accounts: Vec<Account>, is_kept: &dyn Fn(UserId) -> bool) -> Self {
        let accounts: HashMap<UserId, Account> = accounts.into_iter().map(|account| (account.id, account)).collect();
        if self.namesakes.are_of(&accounts) {
            let (namesakes, labels) = (self.namesakes.clone(), self.labels.clone());
            return Self { accounts, namesakes, labels, order: OnceLock::new() };
        }
        let namesakes = Namesakes::among(&accounts, &self.namesakes);
        let labels = Labels::among(&accounts, &namesakes, &self.labels, is_kept);
        Self { accounts, namesakes: namesakes.into(), labels: labels.into(), order: OnceLock::new() }
    }

    /// In no order.
    pub fn accounts(&self) -> impl Iterator<Item = &Account> {
        self.accounts.values()
    }

    /// In the order of an address book.
    pub fn by_name(&self) -> impl Iterator<Item = &Account> {
        let order = self.order.get_or_init(|| order::by_name(self.accounts()));
        order.iter().filter_map(|user| self.account(*user))
    }

    pub fn account(&self, user: UserId) -> Option<&Account> {
        self.accounts.get(&user)
    }

    /// How a client of the original's, whose reader bears the name `reader`, is told of somebody else: a label that
    /// belongs to this person alone and is safe wherever that client puts it.
    pub fn label(&self, reader: &str, user: UserId) -> Option<&str> {
        self.labels.told_to(reader, user)
    }

    /// Whose label this is.
    pub fn by_label(&self, label: &str) -> Option<UserId> {
        self.labels.owner(label)
    }

    /// Whether a name alone may be taken for somebody else's.
    pub fn is_ambiguous(&self, user: UserId) -> bool {
        self.namesakes.is_ambiguous(user)
    }

    /// Whose name is ambiguous now and was not before, or the other way round.
    pub(super) fn told_apart_since(&self, before: &Self) -> Vec<UserId> {
        self.namesakes.differing(&before.namesakes)
    }

    /// An account as everybody may see it.
    pub(super) fn user(&self, account: &Account, standing: Option<Standing>) -> User {
        let Account { id, login, name, profile, .. } = account.clone();
        let presence = match standing {
            _ if account.disabled => Presence::Disabled,
            None => Presence::Away,
            Some(_) if account.is_busy => Presence::Busy,
            Some(Standing::Idle) => Presence::Idle,
            Some(Standing::Here) => Presence::Here,
        };
        User { id, login, name, is_ambiguous: self.is_ambiguous(id), presence, profile }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::user::Profile;

    fn account(login: &str, name: &str) -> Account {
        let (login, name) = (login.into(), name.into());
        Account { id: UserId::new(), login, name, disabled: false, is_busy: false, profile: Profile::default() }
    }

    fn ambiguous(accounts: &[Account]) -> Vec<bool> {
        let directory = Directory::new(accounts.to_vec());
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
    fn what_is_known_of_names_is_renewed_with_them() {
        let (first, mut second) = (account("minsu", "김민수"), account("jiwoo", "최지우"));
        let directory = Directory::new(vec![first.clone(), second.clone()]);
        second.is_busy = true;
        let busy = directory.renewed(vec![first.clone(), second.clone()], &|_| false);
        assert!(Arc::ptr_eq(&busy.namesakes, &directory.namesakes), "names are as they were");
        second.name = "김민수".into();
        let renamed = busy.renewed(vec![first.clone(), second.clone()], &|_| false);
        assert!(renamed.is_ambiguous(first.id) && renamed.is_ambiguous(second.id));
        let alone = renamed.renewed(vec![first.clone()], &|_| false);
        assert!(!alone.is_ambiguous(first.id));
    }
}
