//! Every text for users, in Korean and English, and the format of times.

pub mod date;
pub mod dialog;
pub mod emoji;
mod en;
mod event;
pub mod file;
mod files;
pub mod found;
mod ko;
mod lang;
pub mod organisation;
mod others;
pub mod page;
mod particle;
mod words;

use leptos::prelude::use_context;

use crate::platform;

pub use event::system_event;
pub use lang::Lang;
pub use words::Words;

impl Lang {
    pub fn words(self) -> &'static Words {
        match self {
            Self::Ko => &ko::WORDS,
            Self::En => &en::WORDS,
        }
    }
}

/// The language of the page: the server chooses it, the browser reads it from the document.
pub fn lang() -> Lang {
    use_context::<Lang>().unwrap_or_else(|| Lang::from_code(&platform::page_language()).unwrap_or(Lang::Ko))
}

pub fn words() -> &'static Words {
    lang().words()
}

/// The accessible name of a button that a list repeats for each item: the button's text, then the item's.
pub fn label_of(button: &str, item: &str) -> String {
    format!("{button}: {}", item.chars().take(80).collect::<String>())
}

/// Fills the placeholder of a name.
pub fn with_name(text: &str, name: &str) -> String {
    with_names(text, name, "")
}

/// Fills the placeholder of a number.
pub fn with_count(text: &str, count: impl ToString) -> String {
    with_names(text, &count.to_string(), "")
}

/// Fills all placeholders in one pass, so that braces in a name are not placeholders. A particle after a placeholder
/// gets the form that fits.
pub fn with_names(text: &str, name: &str, others: &str) -> String {
    let mut before = "";
    let part = |part| {
        let (value, end) = match part {
            "name" | "count" => (isolated(name), name),
            "others" => (isolated(others), others),
            _ => (particle::resolved(before, part), ""),
        };
        before = end;
        value
    };
    text.split(['{', '}']).map(part).collect()
}

/// A right-to-left name between U+2068 and U+2069, so that it does not reorder the words around it.
fn isolated(name: &str) -> String {
    let is_right_to_left = |c| matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}' | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}');
    if name.chars().any(is_right_to_left) { format!("\u{2068}{name}\u{2069}") } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use protocol::limit;

    use super::*;

    /// The placeholders of a text, sorted.
    fn placeholders(text: &str) -> Vec<&str> {
        let mut placeholders: Vec<&str> =
            text.split('{').skip(1).map(|part| part.split_once('}').expect("a closing brace").0).collect();
        placeholders.sort_unstable();
        placeholders
    }

    #[test]
    fn both_languages_have_the_same_placeholders() {
        let all = |lang: Lang| {
            let parts = [
                lang.words().all(),
                lang.dialog_words().all(),
                lang.emoji_words().all(),
                lang.file_words().all(),
                lang.organisation_words().all(),
            ];
            parts.into_iter().flatten()
        };
        for ((name, korean), (_, english)) in all(Lang::Ko).zip(all(Lang::En)) {
            assert_eq!(placeholders(korean), placeholders(english), "{name}");
            let is_known = |placeholder: &&str| ["name", "others", "count"].contains(placeholder);
            assert!(placeholders(korean).iter().all(is_known), "{name}");
        }
    }

    #[test]
    fn the_tables_of_parts_have_the_other_texts_of_their_own_language() {
        for lang in Lang::ALL {
            assert_eq!(lang.dialog_words().settings, lang.words().settings);
            assert_eq!(lang.file_words().settings, lang.words().settings);
        }
    }

    #[test]
    fn texts_name_the_limits_of_the_protocol() {
        let both = |range: std::ops::RangeInclusive<usize>| vec![*range.start(), *range.end()];
        for lang in Lang::ALL {
            let words = lang.words();
            for (text, limits) in [
                (words.body_too_long, vec![limit::BODY_CHARS]),
                (lang.page_words().invalid_login, both(limit::LOGIN_CHARS)),
                (lang.page_words().login_rule, both(limit::LOGIN_CHARS)),
                (lang.page_words().password_rule, vec![*limit::PASSWORD_CHARS.start()]),
                (words.invalid_name, vec![limit::NAME_CHARS]),
                (words.invalid_password, both(limit::PASSWORD_CHARS)),
                (words.invalid_title, vec![limit::TITLE_CHARS]),
                (words.invalid_profile, vec![limit::PROFILE_CHARS]),
                (words.invalid_query, vec![limit::QUERY_CHARS]),
            ] {
                let plain = text.replace(',', "");
                let numbers: Vec<usize> =
                    plain.split(|c: char| !c.is_ascii_digit()).filter_map(|number| number.parse().ok()).collect();
                assert!(limits.iter().all(|limit| numbers.contains(limit)), "{text}: {limits:?}");
            }
        }
    }

    #[test]
    fn a_particle_behind_a_placeholder_has_both_forms() {
        for (name, text) in Lang::Ko.words().all().into_iter().chain(Lang::Ko.dialog_words().all()) {
            for after in text.split('}').skip(1) {
                let after = after.trim_start_matches(['’', '”']);
                let is_bare = |particle| after.starts_with(particle);
                let bare = ["이 ", "가 ", "을 ", "를 ", "은 ", "는 ", "와 ", "과 ", "로 ", "으로 "];
                assert!(!bare.into_iter().any(is_bare), "{name}: {text}");
            }
        }
    }

    #[test]
    fn names_are_filled_in_once_whatever_they_contain() {
        let words = Lang::Ko.words();
        assert_eq!(
            with_names(words.event_invited, "{others}", "{name} {count}"),
            "{others}님이 {name} {count}님을 초대했습니다."
        );
        assert_eq!(with_name(words.talking_with, "}{name}{"), "}{name}{님과 대화중입니다.");
        assert_eq!(
            with_names(words.event_renamed, "나", "변수 {name}"),
            "나님이 그룹 이름을 ‘변수 {name}’로 바꿨습니다."
        );
        assert_eq!(with_count(words.people_count, 3), "3명");
    }

    #[test]
    fn a_name_from_right_to_left_is_isolated() {
        assert_eq!(with_name("{name}님이 나갔습니다.", "שרה 2"), "\u{2068}שרה 2\u{2069}님이 나갔습니다.");
        assert_eq!(with_name("{name} left.", "Zoë"), "Zoë left.");
    }
}
