//! The search of the directory: a page of users whose texts match a query, as clients match those that they know.

use crate::{
    messenger::{
        departments::{ROOT, path_of},
        directory::Directory,
        people_index::IndexMatch,
        search_keys::{decomposed, key_bytes, texts},
    },
    model::Account,
};
use protocol::{
    ids::UserId,
    key_bytes::is_exact,
    keystrokes::{find, keys},
    limit::PAGE_FOUND_PEOPLE,
};

/// The texts of a user in the order of their weight; the last one is the department.
const TEXTS: usize = 4;
const DEPARTMENT: usize = TEXTS - 1;

/// A page of a search.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct SearchedPeople {
    pub(super) users: Vec<UserId>,
    pub(super) has_more: bool,
}

/// A query, and what it is compared with.
struct PeopleQuery {
    /// One byte for a keystroke.
    bytes: Vec<u8>,
    /// The whole keystrokes, if the bytes do not stand for them alone.
    whole: Option<Vec<u32>>,
    /// By number, whether the path of a department matches.
    departments: Vec<bool>,
}

impl Directory {
    /// The users who match a query and are wanted: first those whose name matches, then login, job title, department;
    /// each in the order of the address book. The page begins after `after`, if that user matches, too.
    pub(super) fn find(
        &self,
        query: &str,
        after: Option<&Account>,
        is_wanted: impl Fn(UserId) -> bool,
    ) -> SearchedPeople {
        let query = PeopleQuery::new(query, self);
        let after = after.and_then(|after| Some((query.text_of(after)?, self.name_sort_key(after.id)?, after.id)));
        let first = after.as_ref().map_or(0, |(text, ..)| *text);
        let mut found: [Vec<UserId>; TEXTS] = Default::default();
        self.index().search(&query.bytes, |hit| {
            let is_after = |text: usize| {
                after.as_ref().is_none_or(|(of, name, id)| (text, &hit.user.name, &hit.user.id) > (*of, *name, id))
            };
            if let Some(text) = self.matched_text(&query, &hit).filter(|text| is_after(*text))
                && found[text].len() <= PAGE_FOUND_PEOPLE
                && is_wanted(hit.user.id)
            {
                found[text].push(hit.user.id);
            }
            found[first].len() <= PAGE_FOUND_PEOPLE
        });
        let mut users = found.concat();
        let has_more = users.len() > PAGE_FOUND_PEOPLE;
        users.truncate(PAGE_FOUND_PEOPLE);
        SearchedPeople { users, has_more }
    }

    /// Which text of a user matches.
    fn matched_text(&self, query: &PeopleQuery, hit: &IndexMatch<'_>) -> Option<usize> {
        let is_of_department = || query.departments.get(hit.user.department as usize).is_some_and(|matches| *matches);
        let text = hit.text.or_else(|| is_of_department().then_some(DEPARTMENT))?;
        if query.whole.is_none() { Some(text) } else { query.text_of(self.account(hit.user.id)?) }
    }
}

impl PeopleQuery {
    fn new(query: &str, directory: &Directory) -> Self {
        let bytes = key_bytes(query);
        let is_matching = |keys: &[u8]| !bytes.is_empty() && find(keys, &bytes).is_some();
        let mut departments: Vec<bool> = directory.departments().paths().map(|path| is_matching(&path.keys)).collect();
        departments[ROOT as usize] = false;
        let is_exact = bytes.iter().all(|byte| is_exact(*byte));
        let whole = (!is_exact).then(|| keys(&decomposed(query)));
        Self { bytes, whole, departments }
    }

    /// Which text of an account matches.
    fn text_of(&self, account: &Account) -> Option<usize> {
        let [name, login, title] = texts(account);
        let mut texts = [name, login, title, path_of(account)].into_iter();
        texts.position(|text| match &self.whole {
            Some(query) => find(&keys(&decomposed(text)), query).is_some(),
            None => find(&key_bytes(text), &self.bytes).is_some(),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use protocol::user::Profile;

    fn account(login: &str, name: &str, title: &str, department: &str) -> Account {
        let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let profile = Profile { title: text(title), department: text(department), ..Profile::default() };
        Account { profile, ..Account::new(UserId::new(), login.into(), name.into()) }
    }

    fn logins(directory: &Directory, found: &SearchedPeople) -> String {
        let login = |user: &UserId| directory.account(*user).map(|account| account.login.clone());
        found.users.iter().filter_map(login).collect::<Vec<_>>().join(" ")
    }

    fn found(accounts: &[Account], query: &str) -> String {
        let directory = Directory::new(accounts);
        logins(&directory, &directory.find(query, None, |_| true))
    }

    #[test]
    fn users_are_found_by_name_then_login_title_and_department() {
        let accounts = [
            account("kang", "강하늘", "과장", "기획국/총무과"),
            account("hana", "최하나", "국장", "기획국"),
            account("minsu", "김민수", "주무관", "하늘과"),
            account("haneul", "이영희", "", ""),
            Account { disabled: true, ..account("gone", "하늘", "", "") },
        ];
        assert_eq!(found(&accounts, "하늘"), "kang minsu", "the name before the department");
        assert_eq!(found(&accounts, "ㅎㄴ"), "kang hana minsu");
        assert_eq!(found(&accounts, "HAN"), "haneul hana", "the login");
        assert_eq!(found(&accounts, "총무"), "kang");
        assert_eq!(found(&accounts, "국장"), "hana");
        assert_eq!(found(&accounts, "기획국"), "kang hana");
        assert_eq!(found(&accounts, "rkdgksmf"), "kang", "typed with the keyboard in the other language");
        for nobody in ["없음", "늘k", "하늘\n", "\0", " "] {
            assert_eq!(found(&accounts, nobody), "", "{nobody:?}");
        }
    }

    #[test]
    fn a_character_of_another_script_is_not_taken_for_its_hash() {
        // Two characters with the same hash.
        let twin = char::from_u32(u32::from('金') ^ (1 << 6) ^ 1).unwrap();
        let accounts = [account("one", "金民秀", "", ""), account("other", &format!("{twin}民秀"), "", "金科")];
        assert_eq!(found(&accounts, "金"), "one other");
        assert_eq!(found(&accounts, "金民"), "one");
        assert_eq!(found(&accounts[1..], "金"), "other", "by the department");
    }

    #[test]
    fn pages_continue_until_the_last_and_leave_out_who_is_not_wanted() {
        let accounts: Vec<Account> =
            (0..120).map(|number| account(&format!("u{number:03}"), &format!("김{number:03}"), "", "김해")).collect();
        let directory = Directory::new(&accounts);
        let excluded = accounts[7].id;
        let (mut after, mut all, mut pages) = (None, Vec::new(), 0);
        loop {
            let page = directory.find("ㄱ", after, |user| user != excluded);
            assert!(page.users.len() <= PAGE_FOUND_PEOPLE);
            (after, pages) = (page.users.last().and_then(|user| directory.account(*user)), pages + 1);
            all.extend(page.users);
            if !page.has_more {
                break;
            }
        }
        let wanted: Vec<UserId> = accounts.iter().map(|account| account.id).filter(|id| *id != excluded).collect();
        assert_eq!((all, pages), (wanted, 3));
    }

    fn name() -> impl Strategy<Value = String> {
        "[가-힣김민수]{2,3}|[a-z]{2,6}|[金民秀 A-Z]{1,3}"
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        /// The index finds exactly those whose texts a client would match.
        #[test]
        fn the_index_agrees_with_a_scan_after_any_changes(
            people in proptest::collection::vec((name(), name(), name(), 0u8..3), 1..40),
            changes in proptest::collection::vec((any::<prop::sample::Index>(), name(), name(), any::<bool>()), 0..30),
            query in prop_oneof![name(), "[ㄱ-ㅎ]{1,2}", "[a-z]{1,3}"],
        ) {
            let made = people.iter().enumerate().map(|(number, (name, title, department, _))| {
                account(&format!("u{number}"), name, title, department)
            });
            let mut accounts: Vec<Account> = made.collect();
            let mut directory = Directory::new(&accounts);
            for (which, name, department, disabled) in changes {
                let account = which.get(&accounts).clone();
                let profile = Profile { department: Some(department), ..account.profile.clone() };
                let changed = Account { name, profile, disabled, ..account };
                directory.update(std::slice::from_ref(&changed), &|_| false);
                accounts.retain(|account| account.id != changed.id);
                accounts.push(changed);
            }
            let query_keys = keys(&decomposed(&query));
            let text = |account: &Account| {
                let [name, login, title] = texts(account);
                let matches = |text: &str| !query_keys.is_empty() && find(&keys(&decomposed(text)), &query_keys).is_some();
                [name, login, title, path_of(account)].into_iter().position(matches)
            };
            let hits = accounts.iter().filter(|account| !account.disabled);
            let mut hits: Vec<_> = hits.filter_map(|account| Some((text(account)?, directory.name_sort_key(account.id)?.clone(), account.id))).collect();
            hits.sort();
            let wanted: Vec<UserId> = hits.into_iter().map(|(.., id)| id).take(PAGE_FOUND_PEOPLE).collect();
            prop_assert_eq!(directory.find(&query, None, |_| true).users, wanted);
            let enabled = accounts.iter().filter(|account| !account.disabled).count();
            prop_assert_eq!(directory.departments().people("") as usize, enabled);
        }
    }

    /// The figures of docs/decisions.md: `cargo test --release -p daehwa-server --lib large -- --ignored --nocapture`.
    #[test]
    #[ignore = "a measurement, of an optimized build"]
    fn searches_and_updates_of_large_organisations_take_this_long() {
        use std::time::Instant;

        const FAMILY: [char; 12] = ['김', '이', '박', '최', '정', '강', '조', '윤', '장', '임', '한', '오'];
        const GIVEN: [char; 16] =
            ['민', '수', '영', '희', '지', '훈', '현', '우', '서', '연', '하', '늘', '도', '윤', '주', '원'];
        for count in [100_000, 1_000_000_usize] {
            let made = (0..count).map(|number| {
                let given = |step: usize| GIVEN[number / step % GIVEN.len()];
                let name: String = [FAMILY[number % FAMILY.len()], given(12), given(192)].iter().collect();
                let department = format!("본부{}/국{}/과{}", number % 20, number / 20 % 20, number / 400 % 25);
                account(&format!("user{number}"), &name, "주무관", &department)
            });
            let accounts: Vec<Account> = made.collect();
            let began = Instant::now();
            let mut directory = Directory::new(&accounts);
            println!("{count} users: built in {:?}", began.elapsed());
            for query in ["ㄱㅁㅅ", "김민수", "user999", "본부7", "없는사람", "ㅎ", "과24", "秀"] {
                let began = Instant::now();
                let found = directory.find(query, None, |_| true);
                println!("{count} users: {query} found {} in {:?}", found.users.len(), began.elapsed());
            }
            let began = Instant::now();
            for account in accounts.iter().step_by(count / 1_000) {
                let snapshot = directory.clone();
                let renamed = Account { name: format!("{}a", account.name), ..account.clone() };
                directory.update(&[renamed], &|_| false);
                drop(snapshot);
            }
            println!("{count} users: a rename beside a snapshot in {:?}", began.elapsed() / 1_000);
            let began = Instant::now();
            let number = directory.departments().number_of("본부7/국3/과4").unwrap();
            let members = directory.departments().members(number, None).take(200).count();
            let below = directory.departments().below(ROOT).count();
            println!("{count} users: a page of {members} and {below} departments in {:?}", began.elapsed());
        }
    }
}
