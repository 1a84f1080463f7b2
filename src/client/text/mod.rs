//! Every word a person reads, in Korean and English, and how times are written in them.

pub mod date;
mod en;
mod ko;
pub mod page;

use leptos::prelude::use_context;

use crate::{client::platform, protocol::error::Refusal};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lang {
    Ko,
    En,
}

impl Lang {
    pub const ALL: [Self; 2] = [Self::Ko, Self::En];

    /// The ISO 639-1 code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Ko => "ko",
            Self::En => "en",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|lang| lang.code() == code)
    }

    /// What speakers of the language call it.
    pub fn own_name(self) -> &'static str {
        match self {
            Self::Ko => "한국어",
            Self::En => "English",
        }
    }

    pub fn words(self) -> &'static Words {
        match self {
            Self::Ko => &ko::WORDS,
            Self::En => &en::WORDS,
        }
    }
}

/// The page's language: the server's choice, which the browser reads from the page.
pub fn lang() -> Lang {
    use_context::<Lang>().unwrap_or_else(|| Lang::from_code(&platform::page_language()).unwrap_or(Lang::Ko))
}

pub fn words() -> &'static Words {
    lang().words()
}

/// Puts a name into a text that has a place for one.
pub fn with_name(text: &str, name: &str) -> String {
    with_names(text, name, "")
}

/// Puts a number into a text that has a place for one.
pub fn with_count(text: &str, count: impl ToString) -> String {
    with_names(text, &count.to_string(), "")
}

/// Puts names into the places of a text, all at once: braces in a name are no place.
pub fn with_names(text: &str, name: &str, others: &str) -> String {
    let part = |part| match part {
        "name" | "count" => isolated(name),
        "others" => isolated(others),
        _ => part.to_owned(),
    };
    text.split(['{', '}']).map(part).collect()
}

/// A name that is written from right to left, between U+2068 and U+2069: it does not move the words around it.
fn isolated(name: &str) -> String {
    let is_right_to_left = |c| matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}' | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}');
    if name.chars().any(is_right_to_left) { format!("\u{2068}{name}\u{2069}") } else { name.to_owned() }
}

/// The texts. `{name}`, `{others}` and `{count}` are places for [`with_names`] and [`with_count`].
pub struct Words {
    pub product: &'static str,
    pub messenger: &'static str,

    pub sign_out: &'static str,
    pub registration_closed: &'static str,

    pub people: &'static str,
    pub conversations: &'static str,
    pub find_people: &'static str,
    pub find_all: &'static str,
    pub pick_hint: &'static str,
    pub here: &'static str,
    pub away: &'static str,
    pub here_group: &'static str,
    pub away_group: &'static str,
    pub me: &'static str,
    pub nobody: &'static str,
    pub nobody_hint: &'static str,
    pub nobody_found: &'static str,
    pub find_in_messages: &'static str,
    pub no_conversations: &'static str,
    pub no_messages_yet: &'static str,
    pub mine_prefix: &'static str,
    pub leave_a_message: &'static str,
    pub unread: &'static str,
    pub choose_conversation: &'static str,
    pub choose_hint: &'static str,
    pub opens_window: &'static str,
    pub opens_window_hint: &'static str,

    pub invited: &'static str,
    pub wrote: &'static str,
    pub open: &'static str,
    pub close: &'static str,
    pub notices: &'static str,

    pub talking_with: &'static str,
    pub nobody_here: &'static str,
    pub not_open: &'static str,
    pub back: &'static str,
    pub leave: &'static str,
    pub log: &'static str,
    pub to_composer: &'static str,
    pub earlier: &'static str,
    pub loading: &'static str,
    pub beginning: &'static str,
    pub new_from_here: &'static str,
    pub new_messages: &'static str,
    pub typing: &'static str,
    pub not_read_by: &'static str,
    pub sending: &'static str,
    pub not_sent: &'static str,
    pub send_again: &'static str,
    pub discard: &'static str,
    pub message: &'static str,
    pub message_hint: &'static str,
    pub send: &'static str,
    pub characters_left: &'static str,

    pub lost: &'static str,
    pub retry: &'static str,

    pub today: &'static str,
    pub yesterday: &'static str,

    pub malformed: &'static str,
    pub empty_body: &'static str,
    pub body_too_long: &'static str,
    pub id_conflict: &'static str,
    pub too_fast: &'static str,
    pub no_such: &'static str,
    pub oneself: &'static str,
    pub unavailable: &'static str,
    pub signed_out: &'static str,
    pub credentials: &'static str,
    pub invalid_login: &'static str,
    pub invalid_name: &'static str,
    pub invalid_password: &'static str,
    pub login_taken: &'static str,

    pub messages: &'static str,
    pub searching: &'static str,
    pub nothing_found: &'static str,
    pub older_hits: &'static str,
    pub people_count: &'static str,
    pub muted: &'static str,
    pub group_changed: &'static str,
    pub idle: &'static str,
    pub busy: &'static str,
    pub favourites: &'static str,
    pub favourite: &'static str,
    pub no_department: &'static str,
    pub profile: &'static str,
    pub talk: &'static str,
    pub status: &'static str,
    pub status_hint: &'static str,
    pub pin: &'static str,
    pub draft: &'static str,
    pub find_palette: &'static str,
    pub shortcuts: &'static str,
    pub emoji: &'static str,
    pub settings: &'static str,
    pub new_group: &'static str,
    pub group_title: &'static str,
    pub group_title_hint: &'static str,
    pub with_history: &'static str,
    pub cancel: &'static str,
    pub done: &'static str,
    pub more: &'static str,
    pub mute: &'static str,
    pub unmute: &'static str,
    pub to_date: &'static str,
    pub invite: &'static str,
    pub rename: &'static str,
    pub hide: &'static str,
    pub leave_group: &'static str,
    pub leave_group_sure: &'static str,
    pub no_longer_a_member: &'static str,
    pub message_menu: &'static str,
    pub other_emoji: &'static str,
    pub reply: &'static str,
    pub copy: &'static str,
    pub edit: &'static str,
    pub recall: &'static str,
    pub unfold: &'static str,
    pub recall_sure: &'static str,
    pub edited: &'static str,
    pub recalled_before: &'static str,
    pub recalled_after: &'static str,
    pub answers: &'static str,
    pub editing: &'static str,
    pub line_made: &'static str,
    pub line_left: &'static str,
    pub line_invited: &'static str,
    pub line_renamed: &'static str,
    pub line_unnamed: &'static str,
    pub not_yours: &'static str,
    pub too_late: &'static str,
    pub recalled: &'static str,
    pub not_an_emoji: &'static str,
    pub not_a_group: &'static str,
    pub invalid_title: &'static str,
    pub invalid_profile: &'static str,
    pub too_many: &'static str,
    pub invalid_query: &'static str,
}

impl Words {
    /// What happened and what to do.
    pub fn refusal(&self, refusal: Refusal) -> &'static str {
        match refusal {
            Refusal::Malformed => self.malformed,
            Refusal::EmptyBody => self.empty_body,
            Refusal::BodyTooLong => self.body_too_long,
            Refusal::IdConflict => self.id_conflict,
            Refusal::TooFast => self.too_fast,
            Refusal::NotFound => self.no_such,
            Refusal::Oneself => self.oneself,
            Refusal::Unavailable => self.unavailable,
            // Of the sign-in page alone, which has its own words for a disabled account.
            Refusal::SignedOut | Refusal::Disabled => self.signed_out,
            Refusal::Credentials => self.credentials,
            Refusal::InvalidLogin => self.invalid_login,
            Refusal::InvalidName => self.invalid_name,
            Refusal::InvalidPassword => self.invalid_password,
            Refusal::LoginTaken => self.login_taken,
            Refusal::RegistrationClosed => self.registration_closed,
            Refusal::NotYours => self.not_yours,
            Refusal::TooLate => self.too_late,
            Refusal::Recalled => self.recalled,
            Refusal::NotAnEmoji => self.not_an_emoji,
            Refusal::NotAGroup => self.not_a_group,
            Refusal::InvalidTitle => self.invalid_title,
            Refusal::InvalidProfile => self.invalid_profile,
            Refusal::TooMany => self.too_many,
            Refusal::InvalidQuery => self.invalid_query,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_put_in_once_whatever_they_say() {
        let words = Lang::Ko.words();
        assert_eq!(
            with_names(words.line_invited, "{others}", "{name} {count}"),
            "{others}님이 {name} {count}님을 초대했습니다."
        );
        assert_eq!(with_name(words.talking_with, "}{name}{"), "}{name}{님과 대화중입니다.");
        assert_eq!(
            with_names(words.line_renamed, "나", "변수 {name}"),
            "나님이 그룹 이름을 ‘변수 {name}’(으)로 바꿨습니다."
        );
        assert_eq!(with_count(words.people_count, 3), "3명");
    }

    #[test]
    fn a_name_from_right_to_left_is_isolated() {
        assert_eq!(with_name("{name}님이 나갔습니다.", "שרה 2"), "\u{2068}שרה 2\u{2069}님이 나갔습니다.");
        assert_eq!(with_name("{name} left.", "Zoë"), "Zoë left.");
    }
}
