//! Finding Korean names by their initial consonants: ㄱㅁㅅ finds 김민수.

/// The first syllable block, 가, and how many follow one initial consonant.
const FIRST_SYLLABLE: u32 = 0xAC00;
const SYLLABLES: u32 = 11_172;
const PER_INITIAL: u32 = 588;
/// The nineteen initial consonants as people type them, in the order of the syllables.
const INITIALS: [char; 19] =
    ['ㄱ', 'ㄲ', 'ㄴ', 'ㄷ', 'ㄸ', 'ㄹ', 'ㅁ', 'ㅂ', 'ㅃ', 'ㅅ', 'ㅆ', 'ㅇ', 'ㅈ', 'ㅉ', 'ㅊ', 'ㅋ', 'ㅌ', 'ㅍ', 'ㅎ'];

/// Whether `text` contains `query`, where a consonant of the query stands for any syllable that begins with it.
pub fn contains(text: &str, query: &str) -> bool {
    let (text, query): (Vec<char>, Vec<char>) = (text.chars().collect(), query.chars().collect());
    query.is_empty()
        || text.windows(query.len()).any(|part| part.iter().zip(&query).all(|(c, wanted)| fits(*c, *wanted)))
}

fn fits(c: char, wanted: char) -> bool {
    c == wanted || initial(c) == Some(wanted)
}

fn initial(c: char) -> Option<char> {
    let place = (c as u32).checked_sub(FIRST_SYLLABLE).filter(|place| *place < SYLLABLES)?;
    INITIALS.get((place / PER_INITIAL) as usize).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn consonants_find_names() {
        for query in ["ㄱㅁㅅ", "김민수", "민수", "ㅁㅅ", "김ㅁ", "ㄱ", ""] {
            assert!(contains("김민수", query), "{query}");
        }
        for query in ["ㅁㄱ", "김수", "ㄱㅁㅅㅇ", "k", "ㅏ"] {
            assert!(!contains("김민수", query), "{query}");
        }
        assert!(contains("힣", "ㅎ") && contains("가", "ㄱ") && contains("쌍", "ㅆ"));
    }
}
