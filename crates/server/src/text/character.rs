//! Single characters: which are visible.

use icu_properties::{
    CodePointMapData, CodePointSetData,
    props::{DefaultIgnorableCodePoint, GeneralCategory},
};

pub(super) fn category(c: char) -> GeneralCategory {
    CodePointMapData::<GeneralCategory>::new().get(c)
}

/// Whether a character alone is visible. A combining mark is not: it needs a base.
pub(super) fn is_visible(c: char) -> bool {
    !is_mark(c)
        && !is_noncharacter(c)
        && match category(c) {
            GeneralCategory::PrivateUse | GeneralCategory::Unassigned => !is_ignorable(c),
            _ => is_graphic(c),
        }
}

/// Whether a character is allowed in a line: a letter, mark, number, punctuation or symbol that is drawn.
pub(super) fn is_graphic(c: char) -> bool {
    use GeneralCategory as Category;
    let is_drawn = !matches!(
        category(c),
        Category::Control
            | Category::Format
            | Category::Surrogate
            | Category::PrivateUse
            | Category::Unassigned
            | Category::LineSeparator
            | Category::ParagraphSeparator
            | Category::SpaceSeparator
    );
    is_drawn && !is_ignorable(c) && !is_blank(c)
}

pub(super) fn is_space(c: char) -> bool {
    category(c) == GeneralCategory::SpaceSeparator
}

pub(super) fn is_mark(c: char) -> bool {
    is_nonspacing(c) || category(c) == GeneralCategory::SpacingMark
}

pub(super) fn is_nonspacing(c: char) -> bool {
    matches!(category(c), GeneralCategory::NonspacingMark | GeneralCategory::EnclosingMark)
}

fn is_ignorable(c: char) -> bool {
    CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
}

/// Symbols whose glyph is empty: the Braille blank, the musical null notehead, the object replacement.
fn is_blank(c: char) -> bool {
    matches!(c, '\u{2800}' | '\u{1d159}' | '\u{fffc}')
}

fn is_noncharacter(c: char) -> bool {
    matches!(c, '\u{fdd0}'..='\u{fdef}') || u32::from(c) & 0xfffe == 0xfffe
}
