//! The texts of pages that work without the program. They are separate from the others, so that browsers do not
//! download them.

mod en;
mod ko;
mod words;

use crate::text::{Lang, lang};
use protocol::error::Refusal;

pub use words::PageWords;

impl Lang {
    pub fn page_words(self) -> &'static PageWords {
        match self {
            Self::Ko => &ko::WORDS,
            Self::En => &en::WORDS,
        }
    }

    /// As [`Words::refusal`](crate::text::Words::refusal), with the refusals that only forms receive.
    pub fn form_refusal(self, refusal: Refusal) -> &'static str {
        let words = self.page_words();
        match refusal {
            Refusal::InvalidLogin => words.invalid_login,
            Refusal::LoginTaken => words.login_taken,
            Refusal::RegistrationClosed => words.registration_closed,
            other => self.words().refusal(other),
        }
    }
}

pub fn page_words() -> &'static PageWords {
    lang().page_words()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{QUIET_FROM, QUIET_TO, SETTINGS};

    #[test]
    fn every_value_of_every_setting_has_a_label() {
        for words in [&ko::WORDS, &en::WORDS] {
            for setting in SETTINGS {
                let (label, values) = words.choice(setting.name);
                let is_labelled = values.len() == setting.values.len() || [QUIET_FROM, QUIET_TO].contains(&setting);
                assert!(!label.is_empty() && is_labelled, "{}", setting.name);
            }
        }
        assert_eq!(ko::WORDS.shortcut_rows.len(), en::WORDS.shortcut_rows.len());
    }
}
