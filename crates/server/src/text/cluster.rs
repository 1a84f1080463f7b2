//! Grapheme clusters: the characters as a reader sees them.

use icu_properties::{
    CodePointMapData, CodePointSetData,
    props::{EmojiModifier, ExtendedPictographic, Script},
};
use unicode_segmentation::UnicodeSegmentation;

use crate::text::character::{is_graphic, is_mark, is_nonspacing};

/// Nonspacing marks on one base, at most (UTS #39, 5.4): more would cover neighbouring lines.
const MARKS: usize = 4;
const ZERO_WIDTH_JOINER: char = '\u{200d}';
/// The character before the invisible tags of a region's flag.
const BLACK_FLAG: char = '\u{1f3f4}';

pub(super) fn clusters(text: &str) -> impl Iterator<Item = &str> {
    text.graphemes(true)
}

/// Whether a cluster is wholly visible: a space, an emoji sequence, or drawn characters in which each mark fits its
/// base.
pub(super) fn is_legible(cluster: &str) -> bool {
    cluster == " " || is_emoji(cluster) || is_written(cluster)
}

fn is_written(cluster: &str) -> bool {
    let Some(base) = cluster.chars().next().filter(|base| !is_mark(*base)) else { return false };
    let marks: Vec<char> = cluster.chars().filter(|c| is_nonspacing(*c)).collect();
    cluster.chars().all(|c| is_graphic(c) && (!is_mark(c) || is_script_of(c, base)))
        && marks.len() <= MARKS
        && marks.windows(2).all(|pair| pair[0] != pair[1])
}

/// Whether a mark fits the script of its base; otherwise it is drawn at a wrong position.
fn is_script_of(mark: char, base: char) -> bool {
    let scripts = CodePointMapData::<Script>::new();
    let script = scripts.get(mark);
    matches!(script, Script::Inherited | Script::Common) || script == scripts.get(base)
}

/// Pictographs joined as UTS #51 allows (a table would lack next year's), a keycap, or the flag of a region.
fn is_emoji(cluster: &str) -> bool {
    cluster.split(ZERO_WIDTH_JOINER).all(is_pictograph)
        || cluster.ends_with("\u{fe0f}\u{20e3}") && emojis::get(cluster).is_some()
        || cluster.starts_with(BLACK_FLAG) && emojis::get(cluster).is_some()
}

/// A pictograph, perhaps with its presentation or a skin tone.
fn is_pictograph(part: &str) -> bool {
    let mut chars = part.chars();
    let is_pictographic = CodePointSetData::new::<ExtendedPictographic>();
    let is_selector = |c| matches!(c, '\u{fe0e}' | '\u{fe0f}') || CodePointSetData::new::<EmojiModifier>().contains(c);
    chars.next().is_some_and(|c| is_pictographic.contains(c) && is_graphic(c))
        && chars.next().is_none_or(is_selector)
        && chars.next().is_none()
}
