//! Whose name alone may be taken for somebody else's: it looks like another person's name, or claims a login or the
//! mark of one's own in parentheses, as labels have them.

use std::collections::{HashMap, HashSet};

use crate::{
    protocol::ids::UserId,
    server::{
        store::Account,
        text::{Skeleton, claims, is_own_mark},
    },
};

#[derive(Debug, Default)]
pub(super) struct Namesakes {
    looks: HashMap<UserId, Look>,
    ambiguous: HashSet<UserId>,
}

/// A name, and what it looks like: computed once a name.
#[derive(Clone, Debug)]
struct Look {
    name: String,
    skeleton: Skeleton,
    claims: Vec<Skeleton>,
}

impl Look {
    fn of(name: &str) -> Self {
        Self { name: name.to_owned(), skeleton: Skeleton::of(name), claims: claims(name) }
    }
}

impl Namesakes {
    /// Disabled accounts count: their names stand in conversations.
    pub(super) fn among(accounts: &HashMap<UserId, Account>, known: &Self) -> Self {
        let look = |account: &Account| {
            let look = known.looks.get(&account.id).filter(|look| look.name == account.name);
            look.cloned().unwrap_or_else(|| Look::of(&account.name))
        };
        let looks: HashMap<UserId, Look> = accounts.values().map(|account| (account.id, look(account))).collect();
        let mut bearers: HashMap<&Skeleton, usize> = HashMap::new();
        for look in looks.values() {
            *bearers.entry(&look.skeleton).or_default() += 1;
        }
        let claimed: HashSet<&Skeleton> = looks.values().flat_map(|look| &look.claims).collect();
        let logins: HashSet<Skeleton> = match claimed.is_empty() {
            true => HashSet::new(),
            false => accounts.values().map(|account| Skeleton::of(&account.login)).collect(),
        };
        let is_imitation = |look: &Look| look.claims.iter().any(|claim| is_own_mark(claim) || logins.contains(claim));
        let is_ambiguous = |look: &Look| bearers[&look.skeleton] > 1 || is_imitation(look);
        let ambiguous = looks.iter().filter(|(_, look)| is_ambiguous(look)).map(|(user, _)| *user).collect();
        Self { looks, ambiguous }
    }

    /// Whether these are the namesakes of the same people under the same names.
    pub(super) fn are_of(&self, accounts: &HashMap<UserId, Account>) -> bool {
        let is_known = |account: &Account| self.looks.get(&account.id).is_some_and(|look| look.name == account.name);
        self.looks.len() == accounts.len() && accounts.values().all(is_known)
    }

    /// Who is ambiguous in one of the two alone.
    pub(super) fn differing(&self, other: &Self) -> Vec<UserId> {
        self.ambiguous.symmetric_difference(&other.ambiguous).copied().collect()
    }

    pub(super) fn is_ambiguous(&self, user: UserId) -> bool {
        self.ambiguous.contains(&user)
    }
}
