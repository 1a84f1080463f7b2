//! The part of a text around a match of a search.

use crate::unicode;

/// Characters shown before and after the match.
const AROUND: usize = 24;

/// A text cut in three around the match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    pub before: String,
    pub found: String,
    pub after: String,
}

/// The surroundings of the first word of `query` that `text` contains, in any case; the beginning of the text without a
/// match.
pub fn excerpt(text: &str, query: &str) -> Excerpt {
    let chars: Vec<char> = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
    let lower = lowered(&chars);
    let found = query.split_whitespace().find_map(|word| {
        let word = lowered(&word.chars().collect::<Vec<_>>());
        let start = lower.windows(word.len()).position(|part| part == word)?;
        Some((start, start + word.len()))
    });
    let (start, end) = found.unwrap_or((0, 0));
    let first = start.saturating_sub(AROUND);
    let last = (end + AROUND).min(chars.len()).max(if end == 0 { chars.len().min(3 * AROUND) } else { 0 });
    let text = |part: &[char]| part.iter().collect::<String>();
    Excerpt {
        before: format!("{}{}", if first > 0 { "…" } else { "" }, text(&chars[first..start])),
        found: text(&chars[start..end]),
        after: format!("{}{}", text(&chars[end..last]), if last < chars.len() { "…" } else { "" }),
    }
}

/// A text in lower case; unchanged if its length would change, because that would shift the match.
fn lowered(chars: &[char]) -> Vec<char> {
    let lower: Vec<char> = unicode::lower(&chars.iter().collect::<String>()).chars().collect();
    if lower.len() == chars.len() { lower } else { chars.to_vec() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(text: &str, query: &str) -> String {
        let Excerpt { before, found, after } = excerpt(text, query);
        format!("{before}[{found}]{after}")
    }

    #[test]
    fn a_match_is_shown_in_its_surroundings() {
        assert_eq!(shown("오늘 정기회의를 합니다", "회의"), "오늘 정기[회의]를 합니다");
        assert_eq!(shown("Weekly MEETING", "meet"), "Weekly [MEET]ING");
        assert_eq!(shown("줄\n바꿈", "없음"), "[]줄 바꿈");
        let long = format!("{}회의{}", "가".repeat(50), "나".repeat(50));
        assert_eq!(shown(&long, "회의"), format!("…{}[회의]{}…", "가".repeat(24), "나".repeat(24)));
    }

    proptest! {
        #[test]
        fn any_text_and_query_have_an_excerpt(text in "\\PC{0,120}", query in "\\PC{0,5}") {
            let Excerpt { found, .. } = excerpt(&text, &query);
            prop_assert!(found.chars().count() <= query.chars().count());
        }
    }
}
