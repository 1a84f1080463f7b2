//! The order of an address book in Korean: CLDR's, by which browsers sort with `Intl.Collator("ko")`, too.

use std::sync::LazyLock;

use icu_collator::{Collator, CollatorBorrowed};

use crate::{protocol::ids::UserId, server::store::Account};

/// People by name, and namesakes by login. Those who are called the same stand beside each other.
pub(super) fn by_name<'a>(accounts: impl Iterator<Item = &'a Account>) -> Vec<UserId> {
    let mut people: Vec<_> = accounts.map(|account| (sort_key(&account.name), account)).collect();
    people.sort_unstable_by(|(key, account), (other_key, other)| {
        (key, &account.name, &account.login).cmp(&(other_key, &other.name, &other.login))
    });
    people.into_iter().map(|(_, account)| account.id).collect()
}

/// What orders a name among others, as bytes.
fn sort_key(name: &str) -> Vec<u8> {
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
    use crate::protocol::user::Profile;

    fn account(login: &str, name: &str) -> Account {
        let (login, name) = (login.into(), name.into());
        Account { id: UserId::new(), login, name, disabled: false, is_busy: false, profile: Profile::default() }
    }

    #[test]
    fn capitals_and_accents_stand_beside_their_letters_and_hangul_before_latin() {
        let names = ["zoe", "Ödön", "하윤", "otto", "Adam", "가람", "Öde", "éclair", "Eve", "adam", "홍 길동", "홍가"];
        let accounts: Vec<_> = names.iter().map(|name| account("x", name)).collect();
        let sorted: Vec<&str> = by_name(accounts.iter())
            .iter()
            .filter_map(|id| accounts.iter().find(|account| account.id == *id))
            .map(|account| account.name.as_str())
            .collect();
        let wanted = "가람 하윤 홍 길동 홍가 adam Adam éclair Eve Öde Ödön otto zoe";
        assert_eq!(sorted.join(" "), wanted);
    }

    #[test]
    fn namesakes_stand_beside_each_other_though_others_differ_by_a_capital() {
        let accounts = [account("a", "Kim"), account("b", "kim"), account("c", "Kim"), account("d", "kim")];
        let order = by_name(accounts.iter());
        let names = order.iter().filter_map(|id| accounts.iter().find(|account| account.id == *id));
        assert_eq!(names.map(|account| account.login.as_str()).collect::<String>(), "bdac");
    }
}
