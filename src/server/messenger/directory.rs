//! Everybody with an account, in memory, and the labels by which a client that knows only names can
//! tell namesakes apart.

use std::{collections::HashMap, sync::OnceLock};

use crate::{
    protocol::{
        ids::UserId,
        user::{Presence, User},
    },
    server::{hub::Standing, messenger::order, store::Account},
};

#[derive(Debug, Default)]
pub struct Directory {
    accounts: HashMap<UserId, Account>,
    labels: HashMap<UserId, String>,
    by_label: HashMap<String, UserId>,
    /// By name; made when it is first asked for.
    order: OnceLock<Vec<UserId>>,
}

impl Directory {
    pub(super) fn new(accounts: Vec<Account>) -> Self {
        let mut namesakes: HashMap<&str, usize> = HashMap::new();
        for account in &accounts {
            *namesakes.entry(&account.name).or_default() += 1;
        }
        let label = |account: &Account| {
            // A name that itself looks like "name (login)" gets its login too, or it could pass for somebody else.
            let is_plain = namesakes[account.name.as_str()] == 1 && !account.name.ends_with(')');
            if is_plain { account.name.clone() } else { format!("{} ({})", account.name, account.login) }
        };
        let labels: HashMap<UserId, String> = accounts.iter().map(|account| (account.id, label(account))).collect();
        let by_label = labels.iter().map(|(id, label)| (label.clone(), *id)).collect();
        let accounts = accounts.into_iter().map(|account| (account.id, account)).collect();
        Self { accounts, labels, by_label, order: OnceLock::new() }
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

    /// A name that belongs to this person alone: the plain name, or "name (login)" among namesakes.
    pub fn label(&self, user: UserId) -> Option<&str> {
        self.labels.get(&user).map(String::as_str)
    }

    /// Whose label this is.
    pub fn by_label(&self, label: &str) -> Option<UserId> {
        self.by_label.get(label).copied()
    }
}

pub(super) fn user(account: &Account, standing: Option<Standing>) -> User {
    let Account { id, login, name, profile, .. } = account.clone();
    let presence = match standing {
        _ if account.disabled => Presence::Disabled,
        None => Presence::Away,
        Some(_) if account.is_busy => Presence::Busy,
        Some(Standing::Idle) => Presence::Idle,
        Some(Standing::Here) => Presence::Here,
    };
    User { id, login, name, presence, profile }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::protocol::user::Profile;

    fn account(login: &str, name: &str) -> Account {
        let (login, name) = (login.into(), name.into());
        Account { id: UserId::new(), login, name, disabled: false, is_busy: false, profile: Profile::default() }
    }

    #[test]
    fn namesakes_get_their_login_and_others_their_plain_name() {
        let accounts = vec![account("minsu", "김민수"), account("minsu2", "김민수"), account("jiwoo", "최지우")];
        let directory = Directory::new(accounts.clone());
        let labels: Vec<_> = accounts.iter().filter_map(|account| directory.label(account.id)).collect();
        assert_eq!(labels, ["김민수 (minsu)", "김민수 (minsu2)", "최지우"]);
    }

    #[test]
    fn a_name_made_to_look_like_a_label_deceives_nobody() {
        let accounts = vec![account("minsu", "김민수"), account("minsu2", "김민수"), account("evil", "김민수 (minsu)")];
        let directory = Directory::new(accounts.clone());
        assert_eq!(directory.by_label("김민수 (minsu)"), Some(accounts[0].id));
        assert_eq!(directory.label(accounts[2].id), Some("김민수 (minsu) (evil)"));
    }

    proptest! {
        #[test]
        fn a_label_always_leads_back_to_its_person(names in proptest::collection::vec("[ab]( \\((a|b)[0-9]\\))?", 1..12)) {
            let accounts: Vec<_> =
                names.iter().enumerate().map(|(index, name)| account(&format!("{}{index}", &name[..1]), name)).collect();
            let directory = Directory::new(accounts.clone());
            for account in accounts {
                let label = directory.label(account.id).unwrap();
                prop_assert_eq!(directory.by_label(label), Some(account.id));
            }
        }
    }
}
