//! All users in the order of the address book, with their search keys, in chunks. A clone is a snapshot: it shares the
//! chunks, and an update copies only the chunk that it changes.

use std::sync::Arc;

use memchr::memchr2_iter;

use crate::{
    messenger::{
        departments::DepartmentNumber,
        order::NameSortKey,
        search_keys::{TEXT_END, USER_END, keys_of},
    },
    model::Account,
};
use protocol::{ids::UserId, key_bytes::beginnings, keystrokes::matches_at};

/// Users of one chunk, at most. A change of a user copies the chunk, some 30 KB.
const CHUNK: usize = 512;

#[derive(Clone, Debug, Default)]
pub(super) struct PeopleIndex {
    chunks: Vec<Arc<Chunk>>,
}

#[derive(Clone, Debug, Default)]
struct Chunk {
    people: Vec<IndexedUser>,
    /// The search keys of each user in turn, each followed by [`USER_END`].
    keys: Vec<u8>,
}

#[derive(Clone, Debug)]
pub(super) struct IndexedUser {
    pub(super) name: NameSortKey,
    pub(super) id: UserId,
    pub(super) department: DepartmentNumber,
    /// Bytes of the keys, without the separator. 0 for a disabled account, which no query finds.
    length: u16,
}

/// A user whose texts match a query.
pub(super) struct IndexMatch<'i> {
    pub(super) user: &'i IndexedUser,
    /// 0 for the name, then login, job title; `None` for no match.
    pub(super) text: Option<usize>,
}

impl PeopleIndex {
    pub(super) fn insert(&mut self, account: &Account, name: NameSortKey, department: DepartmentNumber) {
        let keys = keys_of(account);
        let length = keys.len() as u16;
        if self.chunks.is_empty() {
            self.chunks.push(Arc::default());
        }
        let at = self.chunk_of(&name, account.id);
        let chunk = Arc::make_mut(&mut self.chunks[at]);
        chunk.insert(IndexedUser { name, id: account.id, department, length }, &keys);
        if chunk.people.len() > CHUNK {
            let rest = chunk.split();
            self.chunks.insert(at + 1, Arc::new(rest));
        }
    }

    pub(super) fn remove(&mut self, name: &NameSortKey, user: UserId) {
        if self.chunks.is_empty() {
            return;
        }
        let at = self.chunk_of(name, user);
        let chunk = Arc::make_mut(&mut self.chunks[at]);
        chunk.remove(name, user);
        if chunk.people.is_empty() {
            self.chunks.remove(at);
        }
    }

    /// The index of the chunk in which a user is or would be.
    fn chunk_of(&self, name: &NameSortKey, user: UserId) -> usize {
        let begins_before = |chunk: &Arc<Chunk>| chunk.people.first().is_some_and(|first| first.key() <= (name, user));
        self.chunks.partition_point(begins_before).saturating_sub(1)
    }

    /// All users, disabled ones included, in the order of the address book.
    pub(super) fn people(&self) -> impl Iterator<Item = &IndexedUser> {
        self.chunks.iter().flat_map(|chunk| &chunk.people)
    }

    /// Calls `each` with every user who is not disabled, in the order of the address book, and whether and where the
    /// query's keys match, until it returns false. An empty query matches nobody.
    pub(super) fn search(&self, query: &[u8], mut each: impl FnMut(IndexMatch<'_>) -> bool) {
        let is_possible = !query.is_empty() && !query.iter().any(|key| [TEXT_END, USER_END].contains(key));
        if is_possible {
            let _ = self.chunks.iter().all(|chunk| chunk.search(query, &mut each));
        }
    }
}

impl IndexedUser {
    fn key(&self) -> (&NameSortKey, UserId) {
        (&self.name, self.id)
    }
}

impl Chunk {
    fn binary_search(&self, key: (&NameSortKey, UserId)) -> Result<usize, usize> {
        self.people.binary_search_by(|user| user.key().cmp(&key))
    }

    /// Where the keys of the user at an index begin.
    fn keys_at(&self, index: usize) -> usize {
        self.people[..index].iter().map(|user| usize::from(user.length) + 1).sum()
    }

    fn insert(&mut self, user: IndexedUser, keys: &[u8]) {
        let (Ok(index) | Err(index)) = self.binary_search(user.key());
        let at = self.keys_at(index);
        self.keys.splice(at..at, keys.iter().copied().chain([USER_END]));
        self.people.insert(index, user);
    }

    fn remove(&mut self, name: &NameSortKey, user: UserId) {
        if let Ok(index) = self.binary_search((name, user)) {
            let at = self.keys_at(index);
            let removed = self.people.remove(index);
            self.keys.drain(at..=at + usize::from(removed.length));
        }
    }

    /// Removes the second half and returns it.
    fn split(&mut self) -> Self {
        let middle = self.people.len() / 2;
        let keys = self.keys.split_off(self.keys_at(middle));
        Self { people: self.people.split_off(middle), keys }
    }

    fn search(&self, query: &[u8], each: &mut impl FnMut(IndexMatch<'_>) -> bool) -> bool {
        let (one, other) = beginnings(query[0]);
        let mut candidates = memchr2_iter(one, other, &self.keys).peekable();
        let mut begin = 0;
        for user in &self.people {
            let end = begin + usize::from(user.length);
            let keys = &self.keys[begin..end];
            let mut text = None;
            while let Some(at) = candidates.next_if(|at| *at < end) {
                if text.is_none() && matches_at(keys, query, at - begin) {
                    text = Some(keys[..at - begin].iter().filter(|key| **key == TEXT_END).count());
                }
            }
            begin = end + 1;
            if user.length > 0 && !each(IndexMatch { user, text }) {
                return false;
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(number: usize) -> Account {
        Account::new(UserId::new(), format!("u{number:05}"), format!("이름{number:05}"))
    }

    fn logins(index: &PeopleIndex, accounts: &[Account]) -> Vec<String> {
        let login =
            |user: &IndexedUser| accounts.iter().find(|account| account.id == user.id).map(|found| found.login.clone());
        index.people().filter_map(login).collect()
    }

    #[test]
    fn users_stay_in_order_over_many_chunks_and_a_snapshot_stays_as_it_was() {
        // In an order that fills the chunks from all sides.
        let accounts: Vec<Account> = (0..1_300).map(|number| account(number * 7919 % 1_300)).collect();
        let mut index = PeopleIndex::default();
        for account in &accounts {
            index.insert(account, NameSortKey::of(account), 0);
        }
        let mut sorted: Vec<String> = accounts.iter().map(|account| account.login.clone()).collect();
        sorted.sort();
        assert_eq!(logins(&index, &accounts), sorted);
        let snapshot = index.clone();
        for account in &accounts[100..] {
            index.remove(&NameSortKey::of(account), account.id);
        }
        assert_eq!(index.people().count(), 100);
        assert_eq!(logins(&snapshot, &accounts), sorted);
        for account in &accounts[..100] {
            index.remove(&NameSortKey::of(account), account.id);
        }
        assert!(index.chunks.is_empty());
    }
}
