//! Texts as the keystrokes of a Korean keyboard, for search-as-you-type: a query matches a name in the middle of a
//! syllable, by initial consonants, and when it was typed with the keyboard in the other language. The server and its
//! clients find the same users, because both match with this module.

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

/// A keystroke, in any encoding.
pub trait Keystroke: Copy + Eq {
    /// Whether it continues a syllable.
    fn is_inner(self) -> bool;
    fn is_hangul(self) -> bool;
    /// Whether it is a Latin letter or a digit.
    fn is_latin(self) -> bool;
    /// The keystroke as the beginning of a syllable.
    fn without_inner(self) -> Self;
    /// The Latin letter of the same key.
    fn latin(self) -> Self;
}

impl Keystroke for u32 {
    fn is_inner(self) -> bool {
        self & INNER != 0
    }

    fn is_hangul(self) -> bool {
        self & HANGUL != 0
    }

    fn is_latin(self) -> bool {
        char::from_u32(self).is_some_and(|key| key.is_ascii_alphanumeric())
    }

    fn without_inner(self) -> Self {
        self & !INNER
    }

    fn latin(self) -> Self {
        self & !(INNER | HANGUL)
    }
}

/// The keystrokes that type a text, without spaces and accents. The text is in NFKD and lower case: syllables as jamo,
/// accents after their letters, wide letters as plain ones.
pub fn keys(decomposed: &str) -> Vec<u32> {
    let mut keys = Vec::new();
    for c in decomposed.chars() {
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

/// The position of the first match of a query in a text. An initial consonant matches its whole syllable.
pub fn find<K: Keystroke>(text: &[K], query: &[K]) -> Option<usize> {
    (0..text.len()).find(|at| matches_at(text, query, *at))
}

/// Whether a query matches a text at a position.
pub fn matches_at<K: Keystroke>(text: &[K], query: &[K], at: usize) -> bool {
    if text[at].is_inner() {
        return false;
    }
    let is_other_language = || query.len() >= OTHER_LANGUAGE && begins_word(text, at) && fits_keys(&text[at..], query);
    fits(&text[at..], query) || is_other_language()
}

/// Whether a syllable, or a word in another script, begins at a keystroke.
fn begins_word<K: Keystroke>(text: &[K], at: usize) -> bool {
    text[at].is_hangul() || at == 0 || !text[at - 1].is_latin()
}

/// Whether a text begins with a query.
fn fits<K: Keystroke>(text: &[K], query: &[K]) -> bool {
    let mut at = 0;
    query.iter().all(|key| {
        let is_same = |at: usize| text.get(at).is_some_and(|other| other.without_inner() == key.without_inner());
        let is_inner = |at: usize| text.get(at).is_some_and(|other| other.is_inner());
        // After an initial consonant alone, skip the rest of its syllable.
        if at > 0 && !is_inner(at - 1) && !is_same(at) {
            while is_inner(at) {
                at += 1;
            }
        }
        at += 1;
        is_same(at - 1)
    })
}

/// Whether a text begins with a query, as the keys of a keyboard in any language.
fn fits_keys<K: Keystroke>(text: &[K], query: &[K]) -> bool {
    let same = |(at, key): (usize, &K)| text.get(at).is_some_and(|other| other.latin() == key.latin());
    query.iter().enumerate().all(same)
}
