//! Which logins and names may be: what cannot be seen or told apart is refused.

use unicode_normalization::UnicodeNormalization;

use crate::protocol::{
    error::Refusal,
    limit::{LOGIN_CHARS, NAME_CHARS, PROFILE_CHARS, TITLE_CHARS},
};

/// A login in its one form: ASCII lower case, so that no two look alike.
///
/// # Errors
/// [`Refusal::InvalidLogin`] unless it is 2 to 32 of a-z, 0-9, `.`, `_`, `-`, beginning with a letter
/// or a digit: staff numbers are logins too.
pub(super) fn login(text: &str) -> Result<String, Refusal> {
    let login = text.trim().to_ascii_lowercase();
    let is_known = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-');
    let is_valid = (2..=LOGIN_CHARS).contains(&login.len())
        && login.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        && login.chars().all(is_known);
    if is_valid { Ok(login) } else { Err(Refusal::InvalidLogin) }
}

/// A display name in Unicode NFC, runs of spaces made one.
///
/// # Errors
/// [`Refusal::InvalidName`] when it is empty, too long or has a character that cannot be seen or that
/// changes the direction of the text around it.
pub(super) fn display_name(text: &str) -> Result<String, Refusal> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let name: String = words.join(" ").nfc().collect();
    let is_valid =
        (1..=NAME_CHARS).contains(&name.chars().count()) && !text.chars().chain(name.chars()).any(is_invisible);
    if is_valid { Ok(name) } else { Err(Refusal::InvalidName) }
}

/// A group's title, as [`display_name`]; none when there is nothing in it.
///
/// # Errors
/// [`Refusal::InvalidTitle`] when it is too long or has a character that cannot be seen.
pub(super) fn title(text: &str) -> Result<Option<String>, Refusal> {
    line(text, TITLE_CHARS).ok_or(Refusal::InvalidTitle)
}

/// A line of what is known of a person, as [`display_name`]; none when there is nothing in it.
///
/// # Errors
/// [`Refusal::InvalidProfile`] when it is too long or has a character that cannot be seen.
pub(super) fn profile_line(text: &str) -> Result<Option<String>, Refusal> {
    line(text, PROFILE_CHARS).ok_or(Refusal::InvalidProfile)
}

/// None when it may not be; `Some(None)` when there is nothing in it.
fn line(text: &str, chars: usize) -> Option<Option<String>> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let line: String = words.join(" ").nfc().collect();
    let is_valid = line.chars().count() <= chars && !text.chars().chain(line.chars()).any(is_invisible);
    is_valid.then(|| Some(line).filter(|line| !line.is_empty()))
}

/// Control, line and paragraph separators, bidi, zero-width, fillers, variation selectors, tags, private
/// use and noncharacters.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c as u32,
            0x00AD | 0x034F | 0x061C | 0x115F | 0x1160 | 0x17B4 | 0x17B5 | 0x180B..=0x180F | 0x200B..=0x200F
            | 0x2028..=0x202E | 0x2060..=0x206F | 0x2800 | 0x3164 | 0xE000..=0xF8FF | 0xFDD0..=0xFDEF
            | 0xFE00..=0xFE0F | 0xFEFF | 0xFFA0 | 0xFFF0..=0xFFFB | 0x1D159 | 0x1D173..=0x1D17A
            | 0xE0000..=0xE0FFF | 0xF0000..=0x10FFFF)
        || (c as u32) & 0xFFFE == 0xFFFE
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ordinary_people_may_be() {
        for (text, name) in
            [("김민수", "김민수"), (" Ada  Lovelace ", "Ada Lovelace"), ("O'Brien-Sánchez", "O'Brien-Sánchez")]
        {
            assert_eq!(display_name(text).as_deref(), Ok(name));
        }
        for (text, known) in
            [("minsu", "minsu"), (" Kim.Minsu-2 ", "kim.minsu-2"), ("20190412", "20190412"), ("7A", "7a")]
        {
            assert_eq!(login(text).as_deref(), Ok(known));
        }
    }

    #[test]
    fn decomposed_hangul_becomes_the_composed_name() {
        assert_eq!(display_name("\u{1100}\u{1175}\u{11B7}").as_deref(), Ok("김"));
    }

    #[test]
    fn what_cannot_be_seen_is_refused() {
        for c in [
            '\0',
            '\u{7}',
            '\u{200B}',
            '\u{200D}',
            '\u{202E}',
            '\u{2066}',
            '\u{3164}',
            '\u{115F}',
            '\u{FFA0}',
            '\u{E0041}',
            '\u{FEFF}',
        ] {
            assert_eq!(display_name(&format!("김{c}민수")), Err(Refusal::InvalidName), "{:x}", c as u32);
        }
        for text in ["", "   ", &"가".repeat(NAME_CHARS + 1)] {
            assert_eq!(display_name(text), Err(Refusal::InvalidName));
        }
    }

    #[test]
    fn logins_that_look_like_another_are_refused() {
        for text in [
            "",
            "a",
            "7",
            "-minsu",
            ".minsu",
            "mіnsu",
            "ｍinsu",
            "min su",
            "２０１９",
            "1.2E+07",
            "minsu\u{200b}",
            &"a".repeat(LOGIN_CHARS + 1),
        ] {
            assert_eq!(login(text), Err(Refusal::InvalidLogin), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn a_name_once_accepted_stays_as_it_is(text in "\\PC{0,50}") {
            if let Ok(name) = display_name(&text) {
                prop_assert_eq!(display_name(&name), Ok(name.clone()));
            }
        }
    }
}
