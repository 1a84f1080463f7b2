//! Finds where a link begins and ends in a text, so that it can be shown as one without ever making HTML of it.

/// How long the http or https address is that begins here; none when none does. `before`: the character
/// in front, for an address does not continue a word.
pub fn length_at(text: &str, before: Option<char>) -> Option<usize> {
    let host = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"))?.chars().next();
    let is_one = host.is_some_and(is_letter) && !before.is_some_and(|c| c.is_ascii_alphanumeric());
    is_one.then(|| link_length(text))
}

/// Whether a character is part of a word, as far as signs and links need to know: without the tables of Unicode.
pub fn is_letter(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || !matches!(c as u32, 0..=0xBF | 0x2000..=0x2BFF | 0x3000..=0x303F | 0xFF00..=0xFF0F | 0x1F000..)
}

/// Up to white space or what no address contains; a full stop or bracket at the end belongs to the sentence.
fn link_length(text: &str) -> usize {
    let end = text.find(|c: char| c.is_whitespace() || "<>\"'`{}|\\^".contains(c)).unwrap_or(text.len());
    let mut link = &text[..end];
    while let Some(last) = link.chars().next_back().filter(|c| ".,;:!?)]…。".contains(*c)) {
        if last == ')' && link.matches('(').count() >= link.matches(')').count() {
            break;
        }
        link = &link[..link.len() - last.len_utf8()];
    }
    link.len()
}

#[cfg(test)]
mod tests {
    use crate::client::state::markup::{Kind, Node, markup};

    fn links(text: &str) -> Vec<String> {
        let is_link = |node: &Node| node.kind == Kind::Link;
        let nodes = markup(text).into_iter().flat_map(|block| block.children);
        nodes.filter(is_link).map(|node| node.text).collect()
    }

    #[test]
    fn links_end_where_the_sentence_goes_on() {
        assert_eq!(links("보세요: https://example.org/a?b=c#d."), ["https://example.org/a?b=c#d"]);
        assert_eq!(
            links("(https://ko.wikipedia.org/wiki/대화_(동음이의)) 참고"),
            ["https://ko.wikipedia.org/wiki/대화_(동음이의)"]
        );
        assert_eq!(links("http://a.kr,http://b.kr"), ["http://a.kr,http://b.kr"]);
        assert_eq!(links("https://a.kr https://b.kr!"), ["https://a.kr", "https://b.kr"]);
    }

    #[test]
    fn nothing_else_is_a_link() {
        for text in ["javascript:alert(1)", "https://", "xhttps://a.kr", "ftp://a.kr", "https:// a.kr", "http:/a.kr"] {
            assert!(links(text).is_empty(), "{text}");
        }
    }
}
