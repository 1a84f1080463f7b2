//! Which characters a text of each sort may hold, which names look alike, and where a text may be cut. In the
//! terms of Unicode: general categories, `Default_Ignorable_Code_Point`, NFC, grapheme clusters (UAX #29), emoji
//! sequences (UTS #51), skeletons of confusable names (UTS #39).
//!
//! | sort | rule |
//! | --- | --- |
//! | body, query | kept as it is; something in it must be visible |
//! | line: name, title, status, profile field, CSV field | NFC, runs of white space are one space; every grapheme cluster is legible |
//! | password | NFC; nothing else changes |

mod character;
mod cluster;
mod identifier;
mod lookalike;

use unicode_normalization::UnicodeNormalization;

use protocol::limit::QUOTE_CHARS;

pub use identifier::identifier;
pub use lookalike::{Skeleton, claims, is_own_mark};

/// Whether a character is drawn: not a control or format character, not a filler, and assigned.
pub fn is_drawn(c: char) -> bool {
    character::is_graphic(c)
}

/// Whether any character of a text is visible.
pub fn is_visible(text: &str) -> bool {
    text.chars().any(character::is_visible)
}

/// The normal form of a line, perhaps empty; `None` if it is longer than `chars` or has a cluster that is not legible.
pub fn line(text: &str, chars: usize) -> Option<String> {
    let text = text.trim();
    let words: Vec<&str> = text.split_whitespace().collect();
    let line: String = words.join(" ").nfc().collect();
    let is_valid = line.chars().count() <= chars
        && text.chars().all(|c| !c.is_whitespace() || character::is_space(c))
        && cluster::clusters(&line).all(cluster::is_legible);
    is_valid.then_some(line)
}

/// The normal form of a line without what is not legible: a text that no user wrote cannot be refused.
pub fn legible(text: &str) -> String {
    let composed: String = text.nfc().collect();
    let kept: String = cluster::clusters(&composed).filter(|cluster| cluster::is_legible(cluster)).collect();
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The normal form of a password: keyboards compose the same text differently.
pub fn password(text: &str) -> String {
    text.nfc().collect()
}

/// A text folded for searches: composed (NFC), in lower case.
pub fn folded(text: &str) -> String {
    text.nfc().flat_map(char::to_lowercase).collect()
}

/// The part of a message that a reply shows.
pub fn quote(body: &str) -> &str {
    beginning(body, QUOTE_CHARS)
}

/// The beginning of a text: at most `chars` characters, cut between grapheme clusters. A first cluster that is longer
/// is cut inside.
pub fn beginning(text: &str, chars: usize) -> &str {
    let Some((most, _)) = text.char_indices().nth(chars) else { return text };
    let ends = cluster::clusters(text).scan(0, |end, cluster| {
        *end += cluster.len();
        Some(*end)
    });
    &text[..ends.take_while(|end| *end <= most).last().unwrap_or(most)]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_text_of_nothing_to_be_seen_is_not_visible() {
        for text in [
            "",
            " \u{3000}\n\u{85}",
            "\u{0}\u{1}\u{7f}\u{9f}",
            "\u{200b}\u{200c}\u{200d}\u{2060}\u{feff}",
            "\u{3164}\u{115f}\u{1160}\u{ffa0}",
            "\u{2800}",
            "\u{ad}\u{34f}\u{61c}\u{180e}\u{202e}\u{2066}\u{2069}",
            "\u{e0041}\u{e007f}\u{fe0f}\u{e0100}",
            "\u{301}\u{20dd}",
            "\u{2028}\u{2029}",
            "\u{fffe}\u{fdd0}\u{10ffff}",
        ] {
            assert!(!is_visible(text), "{text:?}");
        }
        for text in ["가", ".", "\u{200b}x", "👩‍💻", "🇰🇷", "\u{fffd}", "\u{e000}"] {
            assert!(is_visible(text), "{text:?}");
        }
    }

    #[test]
    fn emoji_sequences_stand_in_lines_and_joiners_elsewhere_do_not() {
        for text in ["사랑 ❤️", "☎︎ 전화", "1️⃣조", "👨‍👩‍👧 가족", "🏳️‍🌈", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "👍🏽", "🇰🇷 출장", "👩🏿‍🚀", "#️⃣"]
        {
            assert_eq!(line(text, 60).as_deref(), Some(text));
        }
        for text in [
            "김\u{200d}민수",
            "김민수\u{fe0f}",
            "1\u{fe0f}",
            "❤\u{200d}",
            "👩\u{200d}\u{200d}💻",
            "\u{200d}💻",
            "❤\u{fe0f}\u{fe0f}",
            "🏴\u{e0041}",
            "👍\u{e0041}\u{e007f}",
        ] {
            assert_eq!(line(text, 60), None, "{text:?}");
        }
    }

    #[test]
    fn a_line_holds_what_can_be_read() {
        for (text, expected) in [
            (" Ada  Lovelace\u{3000}", "Ada Lovelace"),
            ("가\u{300}나", "가\u{300}나"),
            ("สมชาย ที่รัก", "สมชาย ที่รัก"),
            ("कृष्ण", "कृष्ण"),
            ("العربية 한글", "العربية 한글"),
            ("Nguyễn Thị", "Nguyễn Thị"),
            ("\u{1100}\u{1175}\u{11b7}", "김"),
            ("<b>&amp;\"'", "<b>&amp;\"'"),
            ("", ""),
        ] {
            assert_eq!(line(text, 60).as_deref(), Some(expected), "{text:?}");
        }
        for text in [
            "a\tb",
            "a\nb",
            "a\u{0}b",
            "\u{1b}[31m",
            "\u{85}a\u{85}b",
            "a\u{2028}b",
            "\u{301}",
            "a \u{301}",
            "김민수\u{fffc}",
            "김민수\u{2800}",
            "김민수\u{600}",
            "김민수\u{378}",
            "김민수\u{e000}",
            "김민수\u{ffff}",
            "김민수\u{64b}\u{5b0}",
        ] {
            assert_eq!(line(text, 60), None, "{text:?}");
        }
        assert_eq!(line(&format!("e{}", "\u{301}\u{302}".repeat(3)), 60), None, "a tower of marks");
        assert_eq!(line("가나다", 2), None);
    }

    #[test]
    fn a_password_is_the_same_however_it_was_composed() {
        let composed = "비밀번호가나다라";
        let decomposed: String = composed.nfd().collect();
        assert_eq!(password(&decomposed), composed);
        assert_eq!(password("  앞뒤 공백도\t암호  "), "  앞뒤 공백도\t암호  ");
    }

    #[test]
    fn a_text_is_cut_between_clusters() {
        let family = "👨‍👩‍👧‍👦";
        assert_eq!(beginning(&family.repeat(3), 8), family);
        assert_eq!(beginning("가나다", 2), "가나");
        assert_eq!(beginning("가나", 2), "가나");
        assert_eq!(beginning("e\u{301}e\u{301}", 3), "e\u{301}");
        assert_eq!(beginning("a\r\nb", 2), "a");
        assert_eq!(beginning(&format!("e{}", "\u{301}".repeat(9)), 4).chars().count(), 4);
        assert_eq!(quote("앞\u{0}뒤"), "앞\u{0}뒤");
    }

    proptest! {
        #[test]
        fn a_line_once_accepted_stays_as_it_is(text in "\\PC{0,30}|[\u{200d}\u{fe0f}👩💻❤1\u{20e3}가 ]{0,8}") {
            if let Some(accepted) = line(&text, 40) {
                prop_assert_eq!(line(&accepted, 40), Some(accepted.clone()));
                prop_assert!(accepted.is_empty() || is_visible(&accepted));
            }
        }

        #[test]
        fn a_beginning_is_whole_clusters(text in any::<String>(), chars in 1usize..20) {
            let cut = beginning(&text, chars);
            prop_assert!(text.starts_with(cut) && cut.chars().count() <= chars);
            let first = cluster::clusters(&text).next().map_or(0, |first| first.chars().count());
            let mut ends = cluster::clusters(&text).scan(0, |end, cluster| { *end += cluster.len(); Some(*end) });
            prop_assert!(cut.is_empty() == text.is_empty());
            prop_assert!(first > chars || cut.is_empty() || ends.any(|end| end == cut.len()));
        }
    }
}
