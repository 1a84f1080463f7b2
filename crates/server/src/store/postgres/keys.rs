//! The keys of the search index: codes of the characters of a text, of its pairs of neighbouring characters, and of its
//! room. Korean text has no spaces where a search needs them, so a search for 회의 finds it in 정기회의를, too. Two
//! keys may have one code, so every hit is compared with the text.

use uuid::Uuid;

use crate::text::folded;

/// The keys of a text in a room, each once.
pub(crate) fn keys(room: Uuid, text: &str) -> Vec<i32> {
    let mut keys = vec![room_key(room)];
    for word in folded(text).split_whitespace() {
        let chars: Vec<char> = word.chars().collect();
        keys.extend(chars.windows(1).chain(chars.windows(2)).map(code));
    }
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// The words of a query, folded as texts are.
pub(crate) fn words(query: &str) -> Vec<String> {
    folded(query).split_whitespace().map(str::to_owned).collect()
}

/// The keys that a text with all these words has.
pub(crate) fn keys_of_words(words: &[String]) -> Vec<i32> {
    let mut keys = Vec::new();
    for word in words {
        let chars: Vec<char> = word.chars().collect();
        keys.extend(chars.windows(chars.len().min(2)).map(code));
    }
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// The key of a room is negative, the others are not.
pub(crate) fn room_key(room: Uuid) -> i32 {
    -1 - hash(room.as_bytes().iter().copied())
}

fn code(chars: &[char]) -> i32 {
    hash(chars.iter().flat_map(|c| u32::from(*c).to_le_bytes()))
}

/// 31 bits of FNV-1a. The database keeps them, so they never change.
fn hash(bytes: impl Iterator<Item = u8>) -> i32 {
    let hash =
        bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    (hash >> 33) as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keys_of_a_word_are_among_those_of_every_text_that_contains_it() {
        let text = keys(Uuid::nil(), "오늘 정기회의를 합니다");
        for query in ["회의", "기회의", "회", "오늘 합니", "를"] {
            assert!(keys_of_words(&words(query)).iter().all(|key| text.contains(key)), "{query}");
        }
        assert!(!keys_of_words(&words("의회")).iter().all(|key| text.contains(key)));
        assert!(text.contains(&room_key(Uuid::nil())) && text.iter().filter(|key| **key < 0).count() == 1);
    }

    #[test]
    fn keys_stay_as_databases_have_them() {
        assert_eq!((code(&['회', '의']), room_key(Uuid::nil())), (code(&['회', '의']), room_key(Uuid::nil())));
    }
}
