//! The words of the search index. Korean text has no spaces where a search needs them, so the index holds pairs of
//! neighbouring characters (bigrams): a search for 회의 finds it in 정기회의를 as well as in 회의.

use crate::text::folded;

/// The index words of a text: for each word of the text every bigram, and its last character alone, so that every
/// character begins an index word. They are in hexadecimal, six digits a character, because no tokenizer splits that.
pub(crate) fn bigrams(text: &str) -> String {
    let mut bigrams = String::new();
    for word in folded(text).split_whitespace() {
        let chars: Vec<char> = word.chars().collect();
        for (index, c) in chars.iter().enumerate() {
            push(&mut bigrams, *c);
            if let Some(next) = chars.get(index + 1) {
                push(&mut bigrams, *next);
            }
            bigrams.push(' ');
        }
    }
    bigrams
}

/// The FTS5 query: every word as a phrase of its bigrams, or, for a single character, as a prefix of one. `None` for an
/// empty query.
pub(crate) fn pattern(query: &str) -> Option<String> {
    let phrases: Vec<String> = folded(query).split_whitespace().map(phrase).collect();
    (!phrases.is_empty()).then(|| phrases.join(" AND "))
}

fn phrase(word: &str) -> String {
    let chars: Vec<char> = word.chars().collect();
    let mut phrase = String::from("\"");
    for (index, pair) in chars.windows(2).enumerate() {
        if index > 0 {
            phrase.push(' ');
        }
        pair.iter().for_each(|c| push(&mut phrase, *c));
    }
    if let [c] = chars[..] {
        push(&mut phrase, c);
    }
    phrase.push_str(if chars.len() == 1 { "\" *" } else { "\"" });
    phrase
}

fn push(bigrams: &mut String, c: char) {
    use std::fmt::Write;
    // Writing into a String cannot fail.
    let _ = write!(bigrams, "{:06x}", u32::from(c));
}
