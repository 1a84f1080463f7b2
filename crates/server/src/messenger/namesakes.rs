//! Users with an ambiguous name: one that looks like another user's name, or that contains a login or the mark of the
//! reader's own name in parentheses, as labels do.

use std::collections::BTreeSet;

use rpds::{HashTrieMapSync, HashTrieSetSync};

use crate::{
    messenger::grouping::Grouping,
    model::Account,
    text::{Skeleton, claims, is_own_mark},
};
use protocol::ids::UserId;

/// A persistent index: a clone is a snapshot. Disabled accounts count, because rooms still show their names.
#[derive(Clone, Debug)]
pub(super) struct Namesakes {
    appearances: HashTrieMapSync<UserId, Appearance>,
    by_skeleton: Grouping<Skeleton>,
    by_claim: Grouping<Skeleton>,
    logins: Grouping<Skeleton>,
    ambiguous: HashTrieSetSync<UserId>,
}

impl Default for Namesakes {
    fn default() -> Self {
        Self {
            appearances: HashTrieMapSync::new_sync(),
            by_skeleton: Grouping::default(),
            by_claim: Grouping::default(),
            logins: Grouping::default(),
            ambiguous: HashTrieSetSync::new_sync(),
        }
    }
}

/// The appearance of a name, computed once for each name.
#[derive(Clone, Debug)]
struct Appearance {
    skeleton: Skeleton,
    claims: Vec<Skeleton>,
}

impl Namesakes {
    /// Replaces the name of an account, which is new or was renamed, and returns the users whose ambiguity may change.
    pub(super) fn replace(&mut self, account: &Account) -> BTreeSet<UserId> {
        let mut affected = BTreeSet::from([account.id]);
        match self.appearances.get(&account.id).cloned() {
            Some(former) => affected.extend(self.remove(account.id, former)),
            None => affected.extend(self.insert_login(account)),
        }
        affected.extend(self.insert(account));
        affected
    }

    fn remove(&mut self, user: UserId, Appearance { skeleton, claims }: Appearance) -> Option<UserId> {
        claims.into_iter().for_each(|claim| self.by_claim.remove(claim, user));
        self.by_skeleton.remove(skeleton.clone(), user);
        self.by_skeleton.only_other(&skeleton, user)
    }

    /// A login never changes. Names that contained it before it existed become ambiguous.
    fn insert_login(&mut self, account: &Account) -> Vec<UserId> {
        let login = Skeleton::of(&account.login);
        let claimants = self.by_claim.group(&login).collect();
        self.logins.insert(login, account.id);
        claimants
    }

    fn insert(&mut self, account: &Account) -> Option<UserId> {
        let (skeleton, claims) = (Skeleton::of(&account.name), claims(&account.name));
        claims.iter().for_each(|claim| self.by_claim.insert(claim.clone(), account.id));
        self.by_skeleton.insert(skeleton.clone(), account.id);
        let other = self.by_skeleton.only_other(&skeleton, account.id);
        self.appearances.insert_mut(account.id, Appearance { skeleton, claims });
        other
    }

    /// Decides again which of these users are ambiguous, and returns those for whom it changed.
    pub(super) fn decide(&mut self, affected: &BTreeSet<UserId>) -> Vec<UserId> {
        let decided = affected.iter().map(|user| (*user, self.looks_ambiguous(*user)));
        let changed: Vec<_> =
            decided.filter(|(user, is_ambiguous)| self.is_ambiguous(*user) != *is_ambiguous).collect();
        for (user, is_ambiguous) in &changed {
            if *is_ambiguous {
                self.ambiguous.insert_mut(*user);
            } else {
                self.ambiguous.remove_mut(user);
            }
        }
        changed.into_iter().map(|(user, _)| user).collect()
    }

    fn looks_ambiguous(&self, user: UserId) -> bool {
        let is_taken = |claim: &Skeleton| is_own_mark(claim) || self.logins.group(claim).next().is_some();
        self.appearances
            .get(&user)
            .is_some_and(|name| self.by_skeleton.is_shared(&name.skeleton) || name.claims.iter().any(is_taken))
    }

    pub(super) fn is_ambiguous(&self, user: UserId) -> bool {
        self.ambiguous.contains(&user)
    }
}
