//! What the search of the list has found, and the sentence that says so to screen readers.

use crate::text::{dialog::DialogWords, with_count, with_name};

#[derive(Clone, Copy)]
pub enum ListFindings {
    People(usize),
    Conversations {
        /// Conversations and messages.
        count: usize,
        /// Whether there are more messages than these.
        has_older: bool,
        /// Whether the messages were searched; without a connection they are not.
        is_complete: bool,
        /// Whether users match, or may match.
        has_people: bool,
    },
}

impl ListFindings {
    pub fn is_nothing(self) -> bool {
        matches!(self, Self::People(0) | Self::Conversations { count: 0, .. })
    }
}

impl DialogWords {
    pub fn findings(&self, findings: ListFindings) -> String {
        match findings {
            ListFindings::People(0) => self.nobody_found.to_owned(),
            ListFindings::People(count) => with_count(self.people_found, count),
            ListFindings::Conversations { count: 0, is_complete: false, .. } => self.searched_later.to_owned(),
            ListFindings::Conversations { count: 0, has_people: true, .. } => self.only_in_people.to_owned(),
            ListFindings::Conversations { count: 0, .. } => self.none_found.to_owned(),
            ListFindings::Conversations { count, has_older, is_complete, .. } => {
                let found = with_count(self.hit_count, format!("{count}{}", if has_older { "+" } else { "" }));
                if is_complete { found } else { found + ". " + self.searched_later }
            }
        }
    }
}

/// A line on what was found, continued by the name of the first match; `first_found`: the text for that.
pub fn with_first(line: &str, first_found: &str, first: &str) -> String {
    if line.is_empty() || first.is_empty() {
        return line.to_owned();
    }
    format!("{}. {}", line.trim_end_matches('.'), with_name(first_found, first))
}

#[cfg(test)]
mod tests {
    use crate::text::Lang;

    use super::*;

    /// In the conversations, with a connection.
    fn sentence(count: usize, has_older: bool, has_people: bool) -> String {
        let findings = ListFindings::Conversations { count, has_older, is_complete: true, has_people };
        Lang::Ko.dialog_words().findings(findings)
    }

    #[test]
    fn nothing_is_said_before_the_way_to_the_people() {
        assert_eq!(sentence(0, false, true), "대화와 메시지에는 없습니다. 사람에서 찾을 수 있습니다.");
        assert_eq!(sentence(0, false, false), "맞는 결과가 없습니다. 다른 말로 찾아보세요.");
        assert_eq!(sentence(3, false, true), "3개 찾음");
    }

    #[test]
    fn a_first_page_of_messages_is_not_the_total() {
        assert_eq!(sentence(31, true, false), "31+개 찾음");
    }

    #[test]
    fn messages_that_were_not_searched_are_not_missing() {
        let sentence = |count| {
            let findings =
                ListFindings::Conversations { count, has_older: false, is_complete: false, has_people: true };
            Lang::Ko.dialog_words().findings(findings)
        };
        assert_eq!(sentence(0), "연결되면 메시지도 찾습니다.");
        assert_eq!(sentence(2), "2개 찾음. 연결되면 메시지도 찾습니다.");
    }

    #[test]
    fn people_are_counted_in_the_words_of_large_organisations() {
        for lang in Lang::ALL {
            assert_eq!(
                lang.dialog_words().findings(ListFindings::People(2)),
                with_count(lang.organisation_words().has_found, 2)
            );
            assert_eq!(lang.dialog_words().findings(ListFindings::People(0)), lang.words().nobody_found);
        }
    }
}
