//! The order of a Korean address book: CLDR's collation, which browsers use in `Intl.Collator("ko")`.

use std::sync::{Arc, LazyLock};

use icu_collator::{Collator, CollatorBorrowed, CollatorPreferences, preferences::CollationNumericOrdering};

use crate::model::Account;

/// Orders accounts by name, and accounts with the same name by login, so that namesakes are neighbours. A clone shares
/// the key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct NameSortKey(Arc<NameKey>);

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct NameKey {
    sort_key: Vec<u8>,
    name: String,
    login: String,
}

impl NameSortKey {
    pub(super) fn of(account: &Account) -> Self {
        let (name, login) = (account.name.clone(), account.login.clone());
        Self(Arc::new(NameKey { sort_key: sort_key(&account.name), name, login }))
    }
}

/// The collation key of a name: bytes that compare as the names do.
fn sort_key(name: &str) -> Vec<u8> {
    static KOREAN: LazyLock<Option<CollatorBorrowed<'static>>> = LazyLock::new(|| korean(false));
    key_of(&KOREAN, name)
}

/// The same of a department's name: numbers in it count as numbers, so that "2팀" is before "10팀".
pub(super) fn department_sort_key(name: &str) -> Vec<u8> {
    static KOREAN: LazyLock<Option<CollatorBorrowed<'static>>> = LazyLock::new(|| korean(true));
    key_of(&KOREAN, name)
}

fn korean(is_numeric: bool) -> Option<CollatorBorrowed<'static>> {
    let mut preferences = CollatorPreferences::from(icu_locale_core::locale!("ko"));
    preferences.numeric_ordering = is_numeric.then_some(CollationNumericOrdering::True);
    Collator::try_new(preferences, Default::default()).ok()
}

fn key_of(collator: &Option<CollatorBorrowed<'static>>, name: &str) -> Vec<u8> {
    let mut key = Vec::new();
    if let Some(collator) = collator {
        let Ok(()) = collator.write_sort_key_to(name, &mut key);
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
        sorted.sort_by_key(|account| NameSortKey::of(account));
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
