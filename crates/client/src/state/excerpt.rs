//! The part of a text around a match of a search.

use crate::unicode;
use protocol::message::Message;

/// Characters shown before and after the match.
const AROUND: usize = 24;

/// A text cut in three around the match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    pub before: String,
    pub found: String,
    pub after: String,
}

/// The text around the first word of `query` that `text` contains, in any case; without a match, the beginning of the
/// text.
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

/// The excerpts of a message that match a search: the names of matching files, then its text. `line`: the message in
/// one line, for a message without a matching file.
pub fn excerpts(message: &Message, line: &str, query: &str) -> Vec<Excerpt> {
    let names = message.files.iter().map(|file| excerpt(&file.name, query));
    let mut found: Vec<Excerpt> = names.filter(|name| !name.found.is_empty()).collect();
    if found.is_empty() {
        found.push(excerpt(line, query));
    } else if !message.body.is_empty() {
        found.push(excerpt(&message.body, query));
    }
    found
}

/// A text in lower case; unchanged if its length would change, because that would shift the match.
fn lowered(chars: &[char]) -> Vec<char> {
    let lower: Vec<char> = unicode::lower(&chars.iter().collect::<String>()).chars().collect();
    if lower.len() == chars.len() { lower } else { chars.to_vec() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use protocol::{
        file::Attachment,
        ids::{FileId, MessageId, UserId},
    };

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

    #[test]
    fn files_that_match_are_named() {
        let mut message = Message::new(MessageId::new(), 1, UserId::new(), "확인 부탁드립니다".into(), 0);
        let shown = |message: &Message, query| {
            let parts = excerpts(message, "사진 2장", query).into_iter();
            parts.map(|Excerpt { before, found, after }| format!("{before}[{found}]{after}")).collect::<Vec<_>>()
        };
        let file = |name: &str| Attachment {
            id: FileId::new(),
            name: name.into(),
            media_type: "image/png".into(),
            size: 1,
            preview: None,
            text: None,
        };
        message.files = vec![file("11월 예산.png"), file("회의실.png")];
        assert_eq!(shown(&message, "예산"), ["11월 [예산].png", "[]확인 부탁드립니다"]);
        assert_eq!(shown(&message, "png"), ["11월 예산.[png]", "회의실.[png]", "[]확인 부탁드립니다"]);
        assert_eq!(shown(&message, "없음"), ["[]사진 2장"]);
        message.body = String::new();
        assert_eq!(shown(&message, "회의"), ["[회의]실.png"]);
    }

    proptest! {
        #[test]
        fn any_text_and_query_have_an_excerpt(text in "\\PC{0,120}", query in "\\PC{0,5}") {
            let Excerpt { found, .. } = excerpt(&text, &query);
            prop_assert!(found.chars().count() <= query.chars().count());
        }
    }
}
