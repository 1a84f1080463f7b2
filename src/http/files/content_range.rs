//! The part of a file that a request asks for (RFC 9110, 14).

use std::ops::Range;

use axum::http::{HeaderMap, header};

/// The part of a file that is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ContentPart {
    Whole,
    Range(Range<u64>),
    /// No byte of the file is in the range.
    Unsatisfiable,
}

/// The part that `Range` and `If-Range` ask for. Several ranges, and ranges in other units than bytes, get the whole
/// file.
pub(super) fn part(headers: &HeaderMap, etag: &str, size: u64) -> ContentPart {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(range) = text(header::RANGE).filter(|_| size > 0) else { return ContentPart::Whole };
    // A date cannot match, because answers have no `Last-Modified`.
    if headers.contains_key(header::IF_RANGE) && text(header::IF_RANGE) != Some(etag) {
        return ContentPart::Whole;
    }
    let Some((first, last)) = range.strip_prefix("bytes=").and_then(|range| range.trim().split_once('-')) else {
        return ContentPart::Whole;
    };
    let number =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u64>().ok()).flatten();
    match (first, last) {
        ("", last) => match number(last) {
            Some(0) => ContentPart::Unsatisfiable,
            Some(count) => ContentPart::Range(size.saturating_sub(count)..size),
            None => ContentPart::Whole,
        },
        (first, last) => match (number(first), number(last)) {
            (Some(first), _) if first >= size && (last.is_empty() || number(last).is_some()) => {
                ContentPart::Unsatisfiable
            }
            (Some(first), _) if last.is_empty() => ContentPart::Range(first..size),
            (Some(first), Some(last)) if first <= last => ContentPart::Range(first..size.min(last.saturating_add(1))),
            _ => ContentPart::Whole,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(range: &str, if_range: Option<&str>, size: u64) -> ContentPart {
        let mut headers = HeaderMap::from_iter([(header::RANGE, range.parse().unwrap())]);
        if_range.map(|tag| headers.insert(header::IF_RANGE, tag.parse().unwrap()));
        part(&headers, "\"a\"", size)
    }

    #[test]
    fn a_range_is_the_bytes_that_it_names() {
        for (text, range) in [
            ("bytes=0-0", 0..1),
            ("bytes=2-5", 2..6),
            ("bytes=2-", 2..10),
            ("bytes=9-99", 9..10),
            ("bytes=-3", 7..10),
            ("bytes=-99", 0..10),
            ("bytes=0-18446744073709551615", 0..10),
        ] {
            assert_eq!(of(text, None, 10), ContentPart::Range(range), "{text}");
        }
        for text in ["bytes=10-", "bytes=10-12", "bytes=-0", "bytes=99-"] {
            assert_eq!(of(text, None, 10), ContentPart::Unsatisfiable, "{text}");
        }
        for text in
            ["bytes=", "bytes=a-b", "bytes=5-2", "lines=0-1", "bytes=0-1,3-4", "bytes=--1", "bytes=+1-2", "bytes=-", ""]
        {
            assert_eq!(of(text, None, 10), ContentPart::Whole, "{text}");
        }
        assert_eq!(of("bytes=0-", None, 0), ContentPart::Whole);
    }

    #[test]
    fn a_range_of_another_file_is_not_sent() {
        assert_eq!(of("bytes=2-5", Some("\"a\""), 10), ContentPart::Range(2..6));
        for tag in ["\"b\"", "W/\"a\"", "Wed, 21 Oct 2015 07:28:00 GMT", ""] {
            assert_eq!(of("bytes=2-5", Some(tag), 10), ContentPart::Whole, "{tag}");
        }
    }
}
