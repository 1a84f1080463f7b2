//! Texts as the keystrokes of a Korean keyboard, for search-as-you-type: a query matches a name in the middle of a
//! syllable, by initial consonants, in NFD, and when it was typed with the keyboard in the other language.

use crate::unicode;

/// The keys of the two-set keyboard (KS X 5002) in the order of the conjoining jamo, U+1100, U+1161, U+11A8. Without
/// Shift: ㄱ also matches ㄲ, because many phones compose it from two ㄱ.
const INITIALS: &str = "r r s e e f a q q t t d w w c z x v g";
const VOWELS: &str = "k o i o j p u p h hk ho hl y n nj np nl b m ml l";
const FINALS: &str = "r r rt s sw sg e f fr fa fq ft fx fv fg a q qt t t d w c z x v g";

/// Marks a keystroke of Hangul, as opposed to the Latin letter of the same key.
const HANGUL: u32 = 1 << 24;
/// Marks a vowel or a final consonant: a keystroke that continues a syllable.
const INNER: u32 = 1 << 25;
/// The shortest query that is also tried in the other keyboard language: shorter ones would match everything.
const OTHER_LANGUAGE: usize = 3;

/// The keystrokes that type a text, without case, accents, widths and spaces.
pub fn keys(text: &str) -> Vec<u32> {
    let mut keys = Vec::new();
    for c in unicode::decomposed(text).chars() {
        let c = u32::from(c);
        let (table, first, kind) = match c {
            0x1100..0x1113 => (INITIALS, 0x1100, HANGUL),
            0x1161..0x1176 => (VOWELS, 0x1161, HANGUL | INNER),
            0x11A8..0x11C3 => (FINALS, 0x11A8, HANGUL | INNER),
            // Spaces and accents.
            0x20 | 0x300..0x370 => continue,
            _ => {
                keys.push(c);
                continue;
            }
        };
        let stroke = table.split(' ').nth((c - first) as usize).unwrap_or_default();
        keys.extend(stroke.bytes().map(|key| u32::from(key) | kind));
    }
    keys
}

/// Whether a text contains a query, both as keystrokes. An initial consonant matches its whole syllable.
pub fn contains(text: &[u32], query: &[u32]) -> bool {
    query.is_empty() || find(text, query).is_some()
}

/// The position of the first match of a query in a text.
pub fn find(text: &[u32], query: &[u32]) -> Option<usize> {
    let is_at = |at: usize| {
        let is_other_language =
            || query.len() >= OTHER_LANGUAGE && begins_word(text, at) && fits(&text[at..], query, INNER | HANGUL);
        text[at] & INNER == 0 && (fits(&text[at..], query, INNER) || is_other_language())
    };
    (0..text.len()).find(|at| is_at(*at))
}

/// Whether a syllable, or a word in another script, begins at a keystroke.
fn begins_word(text: &[u32], at: usize) -> bool {
    let is_letter = |key: u32| char::from_u32(key).is_some_and(|key| key.is_ascii_alphanumeric());
    text[at] & HANGUL != 0 || at == 0 || !is_letter(text[at - 1])
}

/// Whether a text begins with a query, ignoring the `ignored` bits of each keystroke.
fn fits(text: &[u32], query: &[u32], ignored: u32) -> bool {
    let mut at = 0;
    query.iter().all(|key| {
        let is_same = |at: usize| text.get(at).is_some_and(|other| (other ^ key) & !ignored == 0);
        let is_inner = |at: usize| text.get(at).is_some_and(|other| other & INNER != 0);
        // After an initial consonant alone, skip the rest of its syllable.
        if ignored == INNER && at > 0 && !is_inner(at - 1) && !is_same(at) {
            while is_inner(at) {
                at += 1;
            }
        }
        at += 1;
        is_same(at - 1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finds(text: &str, query: &str) -> bool {
        contains(&keys(text), &keys(query))
    }

    /// The content of the field while a text is typed, after each keystroke.
    fn on_the_way(steps: &[&str], name: &str) {
        for step in steps {
            assert!(finds(name, step), "{step} finds {name}");
        }
    }

    #[test]
    fn consonants_find_names() {
        on_the_way(&["ㄱㅁㅅ", "김민수", "민수", "ㅁㅅ", "김ㅁ", "ㄱ", ""], "김민수");
        for query in ["ㅁㄱ", "김수", "기수", "ㄱㅁㅅㅇ", "k", "ㅏ", "ㅣ", "강", "김민주"] {
            assert!(!finds("김민수", query), "{query}");
        }
        on_the_way(&["ㅎ"], "힣");
        on_the_way(&["ㅆ", "ㅅ", "싸", "쌍"], "쌍");
        assert!(finds("고세리", "ㄳ"), "an input method joins ㄱ and ㅅ");
        assert!(!finds("김민수", "ㄳ"));
    }

    #[test]
    fn every_step_of_typing_finds_the_name() {
        on_the_way(&["ㄱ", "가", "강", "강ㅎ", "강하", "강한", "강하느", "강하늘"], "강하늘");
        on_the_way(&["ㅈ", "조", "족", "조고", "조과", "조광", "조광ㅎ", "조광혀", "조광현"], "조광현");
        on_the_way(&["다", "달", "닭", "달가", "달강"], "달강");
        on_the_way(&["ㅇ", "으", "의", "의사"], "의사");
        on_the_way(&["화", "황", "황보", "황볼", "황보르", "황보름"], "황보름");
        assert!(!finds("하나", "한아") && !finds("김민수", "김님"));
    }

    #[test]
    fn decomposed_wide_and_accented_letters_are_the_same_letters() {
        use unicode_normalization::UnicodeNormalization;
        let decomposed: String = "박지훈".nfd().collect();
        assert!(finds("박지훈", &decomposed) && finds(&decomposed, "지훈") && finds(&decomposed, "ㅈㅎ"));
        assert!(finds("Ｌｅｅ", "lee") && finds("Lee", "ＬＥ") && finds("José", "jose") && finds("Emile", "Émile"));
        assert!(finds("독고 영재", "독고영재") && finds("독고영재", "독고 영재") && finds("독고 영재", "ㄷㄱㅇ"));
        assert!(finds("이(영)희", "(영") && finds("O'Neil", "o'n") && finds("<i>", "<i>"));
    }

    #[test]
    fn the_keyboard_may_be_in_the_other_language() {
        on_the_way(&["qkr", "qkrw", "qkrwlgns", "wlgns", "QKRWLGNS"], "박지훈");
        // As an input method composes them: jiwoo, sora, kang.
        on_the_way(&["ㅓㅑ재", "ㅓㅑ재ㅐ"], "jiwoo");
        on_the_way(&["내ㄱㅁ", "낵ㅁ"], "sora");
        on_the_way(&["ㅏ뭏"], "이름\nkang");
        assert!(!finds("carla", "김"), "only where a word begins");
        assert!(!finds("김민수", "rl") && !finds("김민수", "lals"), "and not by a part of a syllable");
    }
}
