//! Labels for the original's clients, which know users by name alone. Their page writes a label into an unquoted
//! attribute, looks it up as an id with a `#` selector, sends it back and shows it as HTML. So a label has only
//! characters that have no special meaning in any of these.

use std::collections::BTreeSet;

use rpds::HashTrieMapSync;

use crate::{
    messenger::{grouping::Grouping, namesakes::Namesakes},
    model::Account,
    text,
};
use protocol::ids::UserId;

/// A persistent index: a clone is a snapshot. No two users own the same label at a time.
#[derive(Clone, Debug)]
pub(super) struct Labels {
    of: HashTrieMapSync<UserId, Label>,
    owners: HashTrieMapSync<String, UserId>,
    /// Users by the label that their name alone would give.
    by_plain: Grouping<String>,
    /// Users who were connected when their label should have changed.
    outdated: BTreeSet<UserId>,
}

impl Default for Labels {
    fn default() -> Self {
        Self {
            of: HashTrieMapSync::new_sync(),
            owners: HashTrieMapSync::new_sync(),
            by_plain: Grouping::default(),
            outdated: BTreeSet::new(),
        }
    }
}

#[derive(Clone, Debug)]
struct Label {
    text: String,
    /// The label with the login, for a reader whose name is `text`.
    full: String,
}

impl Label {
    fn keys(&self) -> [String; 2] {
        [key(&self.text), key(&self.full)]
    }
}

/// An id as a page in quirks mode compares it.
fn key(label: &str) -> String {
    label.to_lowercase()
}

fn plain(name: &str) -> String {
    key(&text::identifier(name))
}

impl Labels {
    /// Replaces the name of an account, which is new or was renamed, and returns the users whose label may change.
    pub(super) fn replace(&mut self, former: Option<&Account>, account: &Account) -> BTreeSet<UserId> {
        let mut affected = BTreeSet::from([account.id]);
        if let Some(former) = former {
            let plain = plain(&former.name);
            self.by_plain.remove(plain.clone(), account.id);
            affected.extend(self.by_plain.only_other(&plain, account.id));
        }
        let plain = plain(&account.name);
        self.by_plain.insert(plain.clone(), account.id);
        affected.extend(self.by_plain.only_other(&plain, account.id));
        affected
    }

    /// Assigns new labels to these accounts. A user for whom `is_connected` holds keeps the old label until an update
    /// after they disconnect. A label that a user loses in an update is not assigned to another in the same update.
    pub(super) fn assign(
        &mut self,
        affected: BTreeSet<UserId>,
        account: &dyn Fn(UserId) -> Option<Account>,
        namesakes: &Namesakes,
        is_connected: &dyn Fn(UserId) -> bool,
    ) {
        let mut due = std::mem::take(&mut self.outdated);
        due.extend(affected);
        let mut given_up = Vec::new();
        for user in due {
            let former = self.of.get(&user).cloned();
            if former.is_some() && is_connected(user) {
                self.outdated.insert(user);
            } else if let Some(account) = account(user) {
                given_up.extend(former.iter().flat_map(Label::keys).map(|key| (key, user)));
                self.put(user, self.label(&account, namesakes));
            }
        }
        for (key, user) in given_up {
            if self.of.get(&user).is_some_and(|label| !label.keys().contains(&key)) {
                self.owners.remove_mut(&key);
            }
        }
    }

    fn label(&self, account: &Account, namesakes: &Namesakes) -> Label {
        let plain = text::identifier(&account.name);
        let full = self.full(account, &plain);
        let is_unique = !self.by_plain.is_shared(&key(&plain)) && !namesakes.is_ambiguous(account.id);
        let is_plain = is_unique && self.is_free(&plain, account.id) && !plain.is_empty();
        Label { text: if is_plain { plain } else { full.clone() }, full }
    }

    /// The name and the login, with a number if another user owns that label.
    fn full(&self, account: &Account, plain: &str) -> String {
        let full = text::identifier(&format!("{plain}_{}", account.login));
        let numbered = (2..).map(|number| format!("{full}_{number}"));
        let mut candidates = std::iter::once(full.clone()).chain(numbered);
        candidates.find(|label| self.is_free(label, account.id)).unwrap_or_default()
    }

    fn is_free(&self, label: &str, user: UserId) -> bool {
        self.owners.get(&key(label)).is_none_or(|owner| *owner == user)
    }

    fn put(&mut self, user: UserId, label: Label) {
        label.keys().into_iter().for_each(|key| self.owners.insert_mut(key, user));
        self.of.insert_mut(user, label);
    }

    /// The label of a user for a reader with this name; it never equals the reader's name.
    pub(super) fn shown_to(&self, reader: &str, user: UserId) -> Option<&str> {
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
    use crate::messenger::Directory;

    fn account(login: &str, name: &str) -> Account {
        Account::new(UserId::new(), login.into(), name.into())
    }

    fn labels(accounts: &[Account]) -> Vec<String> {
        let directory = Directory::new(accounts);
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
    fn a_connected_user_keeps_the_label_and_no_reader_gets_their_own_name_as_a_label_of_another() {
        let (minsu, mut jiwoo) = (account("minsu", "김민수"), account("jiwoo", "최지우"));
        let directory = Directory::new(&[minsu.clone(), jiwoo.clone()]);
        jiwoo.name = "김민수".into();
        let mut renamed = directory;
        renamed.update(std::slice::from_ref(&jiwoo), &|_| true);
        assert_eq!(renamed.label("박철수", minsu.id), Some("김민수"));
        assert_eq!(renamed.label("박철수", jiwoo.id), Some("최지우"));
        assert_eq!(renamed.label("김민수", minsu.id), Some("김민수_minsu"), "to a namesake");
        assert_eq!(renamed.by_label("김민수_minsu"), Some(minsu.id));
        let mut left = renamed;
        left.update(&[account("third", "박철수")], &|_| false);
        assert_eq!(left.label("박철수", minsu.id), Some("김민수_minsu"));
        assert_eq!(left.label("박철수", jiwoo.id), Some("김민수_jiwoo"));
    }

    proptest! {
        #[test]
        fn a_label_is_safe_unique_and_leads_back(names in proptest::collection::vec("\\PC{0,12}|[ab <>=\"'#.,()1_-]{0,6}|(a|a_a1)( \\((a1)\\))?", 1..12)) {
            let accounts: Vec<_> = names.iter().enumerate().map(|(n, name)| account(&format!("a{n}"), name)).collect();
            let directory = Directory::new(&accounts);
            let mut labels = std::collections::HashSet::new();
            for account in accounts {
                let label = directory.label("", account.id).unwrap();
                prop_assert_eq!(directory.by_label(label), Some(account.id));
                prop_assert!(labels.insert(label.to_lowercase()), "{}", label);
                prop_assert!(!label.is_empty() && !label.starts_with(|c: char| c.is_ascii_digit() || c == '-'), "{}", label);
                let is_safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-') || (c > '\u{a0}' && !c.is_whitespace());
                prop_assert!(label.chars().all(is_safe), "{}", label);
            }
        }
    }
}
