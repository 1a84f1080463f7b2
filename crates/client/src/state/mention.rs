//! Mentions in a text: "@" and the name of a member. They are derived from the text alone, so a draft, a reload and
//! another window lose nothing.

use crate::state::{
    conversation::Conversation,
    keystrokes::{contains, keys},
};
use protocol::{ids::UserId, message::Mentions, room::Member};

/// The names that mention everybody in a group, in each language.
pub const EVERYBODY: [&str; 2] = ["모두", "everyone"];
/// Characters of the longest name in a query.
const QUERY_CHARS: usize = 30;
/// Candidates that are offered at once.
const OFFERED: usize = 8;

/// A name that is marked in a text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MentionMark {
    pub name: String,
    /// Whether it mentions this user.
    pub is_mine: bool,
}

/// A candidate for a mention.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Candidate {
    /// `None` for everybody.
    pub user: Option<UserId>,
    pub name: String,
    pub login: String,
}

/// The longest of these names at the beginning of a text, after its "@"; `before`: the character before.
pub fn name_at<'n>(text: &str, before: Option<char>, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let rest = text.strip_prefix('@').filter(|_| begins_word(before))?;
    let ends_word = |name: &str| {
        let ascii = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        !(ascii(name.chars().next_back()) && ascii(rest[name.len()..].chars().next()))
    };
    names.filter(|name| !name.is_empty() && rest.starts_with(*name) && ends_word(name)).max_by_key(|name| name.len())
}

/// An "@" after a Latin letter or a digit belongs to an e-mail address.
fn begins_word(before: Option<char>) -> bool {
    !before.is_some_and(|c| c.is_ascii_alphanumeric() || "._-+".contains(c))
}

/// The name that is being typed at the end of a text, after its "@"; `None` if there is none.
pub fn query_at(text: &str) -> Option<&str> {
    let at = text.rfind('@')?;
    let query = &text[at + 1..];
    let is_name = !query.contains('\n')
        && !query.starts_with(' ')
        && !query.ends_with(' ')
        && query.chars().count() <= QUERY_CHARS;
    Some(query).filter(|_| is_name && begins_word(text[..at].chars().next_back()))
}

impl Conversation {
    /// The mentions in a text of this user.
    pub fn mentions_in(&self, text: &str) -> Mentions {
        let everybody = EVERYBODY.iter().copied().filter(|_| self.is_group);
        let names: Vec<&str> = everybody.chain(self.others().map(|member| member.name.as_str())).collect();
        let mut mentions = Mentions::default();
        for (at, _) in text.match_indices('@') {
            let Some(name) = name_at(&text[at..], text[..at].chars().next_back(), names.iter().copied()) else {
                continue;
            };
            match self.others().find(|member| member.name == name) {
                Some(member) if !mentions.users.contains(&member.id) => mentions.users.push(member.id),
                Some(_) => {}
                None => mentions.all = true,
            }
        }
        mentions
    }

    /// The names to mark in a message with these mentions.
    pub fn marks_of(&self, mentions: &Mentions, author: UserId) -> Vec<MentionMark> {
        let everybody = EVERYBODY.iter().filter(|_| mentions.all);
        let everybody = everybody.map(|name| MentionMark { name: (*name).to_owned(), is_mine: author != self.me });
        let named = mentions.users.iter().filter_map(|user| self.member(*user));
        let named = named.map(|member| MentionMark { name: member.name.clone(), is_mine: member.id == self.me });
        everybody.chain(named).collect()
    }

    /// The candidates that match a query, those whose name begins with it first; `everybody`: the name that mentions
    /// everybody.
    pub fn candidates(&self, query: &str, everybody: &str) -> Vec<Candidate> {
        let query = keys(query);
        let finds =
            |candidate: &Candidate| contains(&keys(&format!("{}\n{}", candidate.name, candidate.login)), &query);
        let all = self.is_group.then(|| Candidate { user: None, name: everybody.to_owned(), login: String::new() });
        let members = self.others().filter(|member| !member.is_disabled).map(candidate);
        let mut found: Vec<Candidate> = members.chain(all).filter(finds).collect();
        found.sort_by_key(|candidate| !keys(&candidate.name).starts_with(&query));
        found.truncate(OFFERED);
        found
    }
}

fn candidate(member: &Member) -> Candidate {
    Candidate { user: Some(member.id), name: member.name.clone(), login: member.login.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::{
        cursor::Cursor,
        ids::RoomId,
        room::{RoomDetails, RoomSnapshot},
    };

    fn member(login: &str, name: &str, is_ambiguous: bool) -> Member {
        Member { is_ambiguous, ..Member::new(UserId::new(), login.to_owned(), name.to_owned()) }
    }

    fn group(is_group: bool) -> (Conversation, Vec<UserId>) {
        let members = vec![
            member("me", "나", false),
            member("minsu", "김민수", true),
            member("minsu2", "김민수", true),
            member("kim", "김민", false),
            member("ann", "Ann", false),
            member("anna", "Anna Lee", false),
        ];
        let ids: Vec<UserId> = members.iter().map(|member| member.id).collect();
        let snapshot = RoomSnapshot {
            room: RoomId::new(),
            is_group,
            details: RoomDetails::new(members, Cursor { epoch: uuid::Uuid::nil(), version: 0 }),
            messages: Vec::new(),
            has_earlier: false,
            has_later: false,
        };
        (Conversation::new(ids[0], snapshot), ids)
    }

    #[test]
    fn a_text_mentions_the_longest_name_at_each_sign() {
        let (conversation, ids) = group(true);
        for (text, expected) in [
            ("@김민님 확인 부탁드립니다", &[3][..]),
            ("안녕@김민수 (minsu)과 @김민수 (minsu2)!", &[1, 2]),
            ("@김민수", &[3]),
            ("@Anna Lee", &[5]),
            ("@Ann, @Ann!", &[4]),
            ("@Annabel x@Ann.kr @ Ann ＠Ann @나", &[]),
        ] {
            let expected: Vec<UserId> = expected.iter().map(|index| ids[*index]).collect();
            let mentions = conversation.mentions_in(text);
            assert_eq!((mentions.users, mentions.all), (expected, false), "{text}");
        }
        assert!(conversation.mentions_in("@모두 봐 주세요").all && conversation.mentions_in("(@everyone)").all);
        assert!(!group(false).0.mentions_in("@모두").all, "two people have no everybody");
    }

    #[test]
    fn a_name_is_looked_for_while_it_is_written() {
        for (text, query) in [
            ("@", Some("")),
            ("안녕 @ㄱㅁ", Some("ㄱㅁ")),
            ("(@Anna L", Some("Anna L")),
            ("@김민수 ", None),
            ("@ 3시", None),
            ("a@b", None),
            ("@김\n", None),
            ("없음", None),
        ] {
            assert_eq!(query_at(text), query, "{text}");
        }
    }

    #[test]
    fn members_are_found_by_consonants_logins_and_the_other_keyboard() {
        let (conversation, _) = group(true);
        let found = |query: &str| {
            let found = conversation.candidates(query, "모두");
            found.into_iter().map(|candidate| candidate.name).collect::<Vec<_>>().join(" / ")
        };
        assert_eq!(found("ㄱㅁㅅ"), "김민수 (minsu) / 김민수 (minsu2)");
        assert_eq!(found("rlaals"), "김민수 (minsu) / 김민수 (minsu2) / 김민");
        assert_eq!(found("ㅁ"), "모두 / 김민수 (minsu) / 김민수 (minsu2) / 김민");
        assert_eq!(found("lee"), "Anna Lee");
        assert_eq!(found("나"), "", "nobody mentions themselves");
        assert_eq!(found("").split(" / ").count(), 6);
    }

    #[test]
    fn marks_name_the_mentioned_and_ones_own() {
        let (conversation, ids) = group(true);
        let marks = conversation.marks_of(&Mentions { users: vec![ids[0], ids[4]], all: false }, ids[1]);
        let marks: Vec<(&str, bool)> = marks.iter().map(|mark| (mark.name.as_str(), mark.is_mine)).collect();
        assert_eq!(marks, [("나", true), ("Ann", false)]);
        let all = conversation.marks_of(&Mentions { users: vec![], all: true }, ids[0]);
        assert!(all.iter().all(|mark| !mark.is_mine), "the author is not mentioned by their own @모두");
    }
}
