//! The order of a Korean address book: CLDR's collation, which browsers use in `Intl.Collator("ko")`.

use std::sync::{Arc, LazyLock};

use icu_collator::{Collator, CollatorBorrowed};

use crate::model::Account;

/// Orders accounts by name, and accounts with the same name by login, so that namesakes are neighbours. A clone shares
/// the key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct NameOrder(Arc<NameKey>);

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct NameKey {
    sort_key: Vec<u8>,
    name: String,
    login: String,
}

impl NameOrder {
    pub(super) fn of(account: &Account) -> Self {
        let (name, login) = (account.name.clone(), account.login.clone());
        Self(Arc::new(NameKey { sort_key: sort_key(&account.name), name, login }))
    }
}

/// The collation key of a name: bytes that compare as the names do.
pub(super) fn sort_key(name: &str) -> Vec<u8> {
    static KOREAN: LazyLock<Option<CollatorBorrowed<'static>>> =
        LazyLock::new(|| Collator::try_new(icu_locale_core::locale!("ko").into(), Default::default()).ok());
    let mut key = Vec::new();
    if let Some(korean) = &*KOREAN {
        let Ok(()) = korean.write_sort_key_to(name, &mut key);
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::ids::UserId;

    fn account(login: &str, name: &str) -> Account {
        Account::new(UserId::new(), login.into(), name.into())
    }

    fn sorted(accounts: &[Account]) -> Vec<&Account> {
        let mut sorted: Vec<&Account> = accounts.iter().collect();
        sorted.sort_by_key(|account| NameOrder::of(account));
        sorted
    }

    #[test]
    fn capitals_and_accents_stand_beside_their_letters_and_hangul_before_latin() {
        let names = ["zoe", "Ödön", "하윤", "otto", "Adam", "가람", "Öde", "éclair", "Eve", "adam", "홍 길동", "홍가"];
        let accounts: Vec<_> = names.iter().map(|name| account("x", name)).collect();
        let sorted: Vec<&str> = sorted(&accounts).iter().map(|account| account.name.as_str()).collect();
        let wanted = "가람 하윤 홍 길동 홍가 adam Adam éclair Eve Öde Ödön otto zoe";
        assert_eq!(sorted.join(" "), wanted);
    }

    #[test]
    fn namesakes_stand_beside_each_other_though_others_differ_by_a_capital() {
        let accounts = [account("a", "Kim"), account("b", "kim"), account("c", "Kim"), account("d", "kim")];
        let logins = sorted(&accounts).into_iter().map(|account| account.login.as_str());
        assert_eq!(logins.collect::<String>(), "bdac");
    }
}
