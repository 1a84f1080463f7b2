//! Keystrokes in one byte each, for an index of many texts: ASCII as it is, Hangul as the letter of its key with the
//! highest bit, a character of another script as a hash.

use crate::keystrokes::Keystroke;

/// Marks a keystroke of Hangul; the lower bits are the letter of its key.
const HANGUL: u8 = 0x80;
/// Marks a vowel or a final consonant.
const INNER: u8 = 0x20;
/// Marks a hash of six bits.
const HASHED: u8 = 0xC0;

impl Keystroke for u8 {
    fn is_inner(self) -> bool {
        self & (HASHED | INNER) == HANGUL | INNER
    }

    fn is_hangul(self) -> bool {
        self & HASHED == HANGUL
    }

    fn is_latin(self) -> bool {
        self.is_ascii_alphanumeric()
    }

    fn without_inner(self) -> Self {
        if self.is_hangul() { self & !INNER } else { self }
    }

    fn latin(self) -> Self {
        if self.is_hangul() { b'a' + (self & 0x1F) } else { self }
    }
}

/// A keystroke of [`crate::keystrokes::keys`] as a byte.
pub fn byte(key: u32) -> u8 {
    let letter = || (key.latin() as u8).wrapping_sub(b'a');
    match u8::try_from(key) {
        _ if key.is_inner() => HANGUL | INNER | letter(),
        _ if key.is_hangul() => HANGUL | letter(),
        Ok(ascii) if ascii.is_ascii() => ascii,
        _ => HASHED | ((key ^ (key >> 6) ^ (key >> 12)) as u8 & !HASHED),
    }
}

/// Whether a byte stands for one keystroke alone. Where a query has others, a match is only probable.
pub fn is_exact(byte: u8) -> bool {
    byte < HASHED
}

/// The two bytes of which a match of a query that begins with this byte begins with one.
pub fn beginnings(first: u8) -> (u8, u8) {
    match first.latin() {
        latin @ b'a'..=b'z' => (latin, HANGUL | (latin - b'a')),
        other => (other, other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keystrokes::{find, keys};

    fn bytes(keys: &[u32]) -> Vec<u8> {
        keys.iter().copied().map(byte).collect()
    }

    /// "김민수", "한바다", decomposed.
    const NAMES: [&str; 4] = [
        "\u{1100}\u{1175}\u{11b7}\u{1106}\u{1175}\u{11ab}\u{1109}\u{116e}",
        "\u{1112}\u{1161}\u{11ab}\u{1107}\u{1161}\u{1103}\u{1161}",
        "ada lovelace\nada",
        "\u{91d1}\u{6c11}\u{79c0}",
    ];

    #[test]
    fn bytes_match_where_keystrokes_match() {
        let queries =
            ["\u{1100}\u{1106}\u{1109}", "\u{1106}\u{1175}", "rla", "gks", "lov", "da", "\u{1161}", "\u{6c11}", "\n"];
        for name in NAMES.map(keys) {
            for query in queries.map(keys) {
                let (text, query_bytes) = (bytes(&name), bytes(&query));
                let found = find(&text, &query_bytes);
                assert_eq!(found, find(&name, &query), "{name:?} {query:?}");
                let (one, other) = beginnings(query_bytes[0]);
                assert!(found.is_none_or(|at| [one, other].contains(&text[at])), "{name:?} {query:?}");
            }
        }
    }

    #[test]
    fn a_hashed_character_is_known_as_such() {
        assert!(bytes(&keys(NAMES[3])).iter().all(|byte| !is_exact(*byte)));
        assert!(NAMES[..3].iter().all(|name| bytes(&keys(name)).iter().all(|byte| is_exact(*byte))));
    }
}
