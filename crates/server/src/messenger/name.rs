//! Validation of logins, names, titles and profile fields.

use crate::text;
use protocol::{
    error::Refusal,
    limit::{LOGIN_CHARS, NAME_CHARS, PROFILE_CHARS, TITLE_CHARS},
};

/// A login in its canonical form: ASCII lower case, so that no two logins are confusable.
///
/// # Errors
/// [`Refusal::InvalidLogin`] unless it has [`LOGIN_CHARS`] of a-z, 0-9, `.`, `_`, `-` and begins with a letter or a
/// digit (staff numbers are logins, too).
pub(super) fn login(text: &str) -> Result<String, Refusal> {
    let login = text.trim().to_ascii_lowercase();
    let is_known = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-');
    let is_valid = LOGIN_CHARS.contains(&login.len())
        && login.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        && login.chars().all(is_known);
    if is_valid { Ok(login) } else { Err(Refusal::InvalidLogin) }
}

/// A user's name.
///
/// # Errors
/// [`Refusal::InvalidName`] if it is empty, or as for [`text::line`].
pub(super) fn display_name(name: &str) -> Result<String, Refusal> {
    text::line(name, NAME_CHARS).filter(|name| !name.is_empty()).ok_or(Refusal::InvalidName)
}

/// A group's title; `None` when it is empty.
///
/// # Errors
/// [`Refusal::InvalidTitle`] as for [`text::line`].
pub(super) fn title(title: &str) -> Result<Option<String>, Refusal> {
    line(title, TITLE_CHARS, Refusal::InvalidTitle)
}

/// A field of a profile; `None` when it is empty.
///
/// # Errors
/// [`Refusal::InvalidProfile`] as for [`text::line`].
pub(super) fn profile_line(line: &str) -> Result<Option<String>, Refusal> {
    self::line(line, PROFILE_CHARS, Refusal::InvalidProfile)
}

fn line(line: &str, chars: usize, refusal: Refusal) -> Result<Option<String>, Refusal> {
    let line = text::line(line, chars).ok_or(refusal)?;
    Ok(Some(line).filter(|line| !line.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_names_and_logins_are_accepted() {
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
    fn what_is_empty_too_long_or_not_legible_is_refused() {
        for text in ["", "   ", "김\u{200B}민수", &"가".repeat(NAME_CHARS + 1)] {
            assert_eq!(display_name(text), Err(Refusal::InvalidName));
        }
        assert_eq!(title(" \u{3000}"), Ok(None));
        assert_eq!(title("점심 ❤️").map(|title| title.is_some()), Ok(true));
        assert_eq!(profile_line("\u{202E}회의"), Err(Refusal::InvalidProfile));
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
            &"a".repeat(LOGIN_CHARS.end() + 1),
        ] {
            assert_eq!(login(text), Err(Refusal::InvalidLogin), "{text:?}");
        }
    }
}
