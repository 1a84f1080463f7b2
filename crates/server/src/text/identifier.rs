//! Makes identifiers of HTML and CSS from texts.

use icu_properties::props::GeneralCategory;

use crate::text::character::{category, is_graphic, is_mark};

/// The text with letters, digits, `_` and `-` only, not beginning with `-` or a digit; other characters become `_`. The
/// result is valid in an unquoted attribute, as an id, in a selector and as text. Empty if no character is valid.
pub fn identifier(text: &str) -> String {
    let mut identifier = String::with_capacity(text.len());
    for c in text.chars() {
        if is_word(c) && !(identifier.is_empty() && is_mark(c)) {
            identifier.push(c);
        } else if !identifier.is_empty() && !identifier.ends_with('_') {
            identifier.push('_');
        }
    }
    let identifier = identifier.trim_matches(['_', '-']);
    let is_digit = |c: char| category(c) == GeneralCategory::DecimalNumber;
    if identifier.starts_with(is_digit) { format!("_{identifier}") } else { identifier.to_owned() }
}

fn is_word(c: char) -> bool {
    use GeneralCategory as Category;
    let is_letter = || {
        matches!(
            category(c),
            Category::UppercaseLetter
                | Category::LowercaseLetter
                | Category::TitlecaseLetter
                | Category::ModifierLetter
                | Category::OtherLetter
                | Category::DecimalNumber
                | Category::LetterNumber
        )
    };
    c.is_ascii_alphanumeric()
        || c == '-'
        || !c.is_ascii() && may_be_in_identifier(c) && is_graphic(c) && (is_letter() || is_mark(c))
}

/// The non-ASCII identifier code points of CSS Syntax 3.
fn may_be_in_identifier(c: char) -> bool {
    matches!(c,
        '\u{b7}' | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{37d}' | '\u{37f}'..='\u{1fff}'
        | '\u{203f}' | '\u{2040}' | '\u{2070}'..='\u{218f}' | '\u{2c00}'..='\u{2fef}' | '\u{3001}'..='\u{d7ff}'
        | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fffd}' | '\u{10000}'..)
}
