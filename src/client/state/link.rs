//! Finds the links in a text, so that they can be shown as links without ever making HTML of it.

/// A piece of a message's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    Text(String),
    /// An http or https address, as it was written.
    Link(String),
}

/// Cuts a text into words and links; put together again they are the text.
pub fn pieces(text: &str) -> Vec<Piece> {
    let (mut pieces, mut rest) = (Vec::new(), text);
    while let Some(start) = next_link(rest) {
        let end = start + link_length(&rest[start..]);
        if start > 0 {
            pieces.push(Piece::Text(rest[..start].to_owned()));
        }
        pieces.push(Piece::Link(rest[start..end].to_owned()));
        rest = &rest[end..];
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest.to_owned()));
    }
    pieces
}

/// Where a link begins: at a scheme that does not continue a word and is followed by a host.
fn next_link(text: &str) -> Option<usize> {
    let mut starts: Vec<usize> =
        ["http://", "https://"].iter().flat_map(|scheme| text.match_indices(scheme).map(|(at, _)| at)).collect();
    starts.sort_unstable();
    starts.into_iter().find(|at| {
        let continues_word = text[..*at].chars().next_back().is_some_and(|c| c.is_ascii_alphanumeric());
        let host = text[*at..].split("//").nth(1).and_then(|host| host.chars().next());
        !continues_word && host.is_some_and(char::is_alphanumeric)
    })
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
    use proptest::prelude::*;

    use super::*;

    fn links(text: &str) -> Vec<String> {
        let pieces = pieces(text).into_iter();
        pieces.filter_map(|piece| if let Piece::Link(link) = piece { Some(link) } else { None }).collect()
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

    proptest! {
        #[test]
        fn nothing_is_lost(text in "(https?://|[a가. ()<>\"/:]){0,30}") {
            let whole: String = pieces(&text).into_iter().map(|piece| match piece {
                Piece::Text(text) | Piece::Link(text) => text,
            }).collect();
            prop_assert_eq!(whole, text);
        }
    }
}
