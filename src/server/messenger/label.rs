//! Labels for the original's clients, which know people by names alone. Their page writes a label into an unquoted
//! attribute, looks it up as an id by a `#` selector, sends it back and shows it as HTML: it is made of characters that
//! mean nothing in any of these.

use std::collections::HashMap;

use crate::{
    protocol::ids::UserId,
    server::{messenger::namesakes::Namesakes, store::Account, text},
};

#[derive(Debug, Default)]
pub(super) struct Labels {
    of: HashMap<UserId, Label>,
    owners: HashMap<String, UserId>,
}

#[derive(Clone, Debug)]
struct Label {
    text: String,
    /// Another one, with the login: for who bears the plain one as their own name.
    full: String,
}

/// As an id is compared in a page in quirks mode.
fn key(label: &str) -> String {
    label.to_lowercase()
}

impl Labels {
    /// Labels of these people. Whoever `is_kept` keeps the known one, whatever they are called now, and nobody gets
    /// one that was somebody else's a moment ago.
    pub(super) fn among(
        accounts: &HashMap<UserId, Account>,
        namesakes: &Namesakes,
        known: &Self,
        is_kept: &dyn Fn(UserId) -> bool,
    ) -> Self {
        let mut labels = Self::default();
        let kept = accounts.keys().filter(|user| is_kept(**user));
        for (user, label) in kept.filter_map(|user| Some((*user, known.of.get(user)?.clone()))) {
            labels.put(user, label);
        }
        let mut rest: Vec<&Account> =
            accounts.values().filter(|account| !labels.of.contains_key(&account.id)).collect();
        rest.sort_by_key(|account| account.id);
        let mut bearers: HashMap<String, usize> = HashMap::new();
        for account in &rest {
            *bearers.entry(key(&text::identifier(&account.name))).or_default() += 1;
        }
        for account in rest {
            let plain = text::identifier(&account.name);
            let full = labels.full(account, &plain, known);
            let is_free = labels.is_free(&plain, account.id, known);
            let is_plain = is_free && bearers[&key(&plain)] == 1 && !namesakes.is_ambiguous(account.id);
            let text = if is_plain && !plain.is_empty() { plain } else { full.clone() };
            labels.put(account.id, Label { text, full });
        }
        labels
    }

    /// The name and the login, and a number when somebody made a name of these.
    fn full(&self, account: &Account, plain: &str, known: &Self) -> String {
        let full = text::identifier(&format!("{plain}_{}", account.login));
        let numbered = (2..).map(|number| format!("{full}_{number}"));
        let mut candidates = std::iter::once(full.clone()).chain(numbered);
        candidates.find(|label| self.is_free(label, account.id, known)).unwrap_or_default()
    }

    fn is_free(&self, label: &str, user: UserId, known: &Self) -> bool {
        let key = key(label);
        let is_not_anothers = |owner: Option<&UserId>| owner.is_none_or(|owner| *owner == user);
        is_not_anothers(self.owners.get(&key)) && is_not_anothers(known.owners.get(&key))
    }

    fn put(&mut self, user: UserId, label: Label) {
        self.owners.insert(key(&label.full), user);
        self.owners.insert(key(&label.text), user);
        self.of.insert(user, label);
    }

    /// How a reader of this name is told of somebody else.
    pub(super) fn told_to(&self, reader: &str, user: UserId) -> Option<&str> {
        let label = self.of.get(&user)?;
        Some(if key(&label.text) == key(reader) { &label.full } else { &label.text })
    }

    pub(super) fn owner(&self, label: &str) -> Option<UserId> {
        self.owners.get(&key(label)).copied()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{protocol::user::Profile, server::messenger::Directory};

    fn account(login: &str, name: &str) -> Account {
        let (login, name) = (login.into(), name.into());
        Account { id: UserId::new(), login, name, disabled: false, is_busy: false, profile: Profile::default() }
    }

    fn labels(accounts: &[Account]) -> Vec<String> {
        let directory = Directory::new(accounts.to_vec());
        accounts.iter().map(|account| directory.label("나", account.id).unwrap().to_owned()).collect()
    }

    #[test]
    fn a_label_reads_as_the_name() {
        let names =
            ["김민수", "Ada Lovelace", "홍길동(총무과)", "O'Brien & Söhne", "Jean-Luc", "י. ב", "สมชาย", "7번 창구"];
        let accounts: Vec<_> = names.iter().enumerate().map(|(n, name)| account(&format!("p{n}"), name)).collect();
        let expected =
            ["김민수", "Ada_Lovelace", "홍길동_총무과", "O_Brien_Söhne", "Jean-Luc", "י_ב", "สมชาย", "_7번_창구"];
        assert_eq!(labels(&accounts), expected);
    }

    #[test]
    fn namesakes_and_names_without_letters_have_their_login() {
        let accounts = [account("minsu", "김민수"), account("min.su", "김민수"), account("dots", "<...>")];
        assert_eq!(labels(&accounts), ["김민수_minsu", "김민수_min_su", "dots"]);
        let accounts =
            [account("ada", "Ada Lovelace"), account("ada2", "Ada/Lovelace"), account("ada3", "ada lovelace")];
        assert_eq!(labels(&accounts), ["Ada_Lovelace_ada", "Ada_Lovelace_ada2", "ada_lovelace_ada3"]);
        let accounts = [account("a.b", "x"), account("a_b", "x"), account("a-b", "x")];
        assert_eq!(labels(&accounts), ["x_a_b", "x_a_b_2", "x_a-b"]);
    }

    #[test]
    fn who_is_connected_keeps_the_label_and_a_reader_is_never_told_their_own_name_of_another() {
        let (minsu, mut jiwoo) = (account("minsu", "김민수"), account("jiwoo", "최지우"));
        let directory = Directory::new(vec![minsu.clone(), jiwoo.clone()]);
        jiwoo.name = "김민수".into();
        let renamed = directory.renewed(vec![minsu.clone(), jiwoo.clone()], &|_| true);
        assert_eq!(renamed.label("박철수", minsu.id), Some("김민수"));
        assert_eq!(renamed.label("박철수", jiwoo.id), Some("최지우"));
        assert_eq!(renamed.label("김민수", minsu.id), Some("김민수_minsu"), "as a namesake is told of them");
        assert_eq!(renamed.by_label("김민수_minsu"), Some(minsu.id));
        let left = renamed.renewed(vec![account("third", "박철수"), minsu.clone(), jiwoo.clone()], &|_| false);
        assert_eq!(left.label("박철수", minsu.id), Some("김민수_minsu"));
        assert_eq!(left.label("박철수", jiwoo.id), Some("김민수_jiwoo"));
    }

    proptest! {
        #[test]
        fn a_label_is_safe_unique_and_leads_back(names in proptest::collection::vec("\\PC{0,12}|[ab <>=\"'#.,()1_-]{0,6}|(a|a_a1)( \\((a1)\\))?", 1..12)) {
            let accounts: Vec<_> = names.iter().enumerate().map(|(n, name)| account(&format!("a{n}"), name)).collect();
            let directory = Directory::new(accounts.clone());
            let mut told = std::collections::HashSet::new();
            for account in accounts {
                let label = directory.label("", account.id).unwrap();
                prop_assert_eq!(directory.by_label(label), Some(account.id));
                prop_assert!(told.insert(label.to_lowercase()), "{}", label);
                prop_assert!(!label.is_empty() && !label.starts_with(|c: char| c.is_ascii_digit() || c == '-'), "{}", label);
                let is_safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-') || (c > '\u{a0}' && !c.is_whitespace());
                prop_assert!(label.chars().all(is_safe), "{}", label);
            }
        }
    }
}
