//! Texts, and active formats that look like text: web pages, drawings, messages with parts.

use encoding_rs::{EUC_KR, Encoding, UTF_16BE, UTF_16LE};

use super::polyglot::has_markup;
use crate::kind::{Charset, FileKind};

/// The headers of a message are within this many bytes.
const HEADER_BYTES: usize = 4096;
/// What begins an HTML page (WHATWG MIME sniffing, 7.1), behind `<`.
const HTML_STARTS: [&str; 17] = [
    "!doctype html",
    "html",
    "head",
    "script",
    "iframe",
    "h1",
    "div",
    "font",
    "table",
    "a",
    "style",
    "title",
    "b",
    "body",
    "br",
    "p",
    "!--",
];

/// The kind of a text; `None` when the bytes are not text. If `head` is not the whole file, it may end within a
/// character.
pub(super) fn kind(head: &[u8], is_whole: bool) -> Option<FileKind> {
    let (text, encoding) = decode(head, is_whole)?;
    let is_readable = |c: char| !c.is_control() || matches!(c, '\t' | '\n' | '\r' | '\u{c}' | '\u{1b}');
    if text.is_empty() || !text.chars().all(is_readable) {
        return None;
    }
    let start = text.trim_start();
    Some(match start.strip_prefix('<') {
        Some(first) => markup(first, &text).unwrap_or(FileKind::Text(encoding)),
        None if is_message(&text) => message(&text),
        // Markup after other words: it could be shown as a text, but there is no need for that.
        None if has_markup(text.as_bytes()) => return None,
        None => FileKind::Text(encoding),
    })
}

/// The text without its byte order mark.
fn decode(head: &[u8], is_whole: bool) -> Option<(String, Charset)> {
    let strict = |encoding: &'static Encoding, bytes: &[u8]| {
        // The last character may be cut.
        let lengths = bytes.len().saturating_sub(if is_whole { 0 } else { 3 })..=bytes.len();
        let decode = |length| encoding.decode_without_bom_handling_and_without_replacement(&bytes[..length]);
        lengths.rev().find_map(decode).map(std::borrow::Cow::into_owned)
    };
    match head {
        [0xff, 0xfe, rest @ ..] => strict(UTF_16LE, rest).map(|text| (text, Charset::Utf16Le)),
        [0xfe, 0xff, rest @ ..] => strict(UTF_16BE, rest).map(|text| (text, Charset::Utf16Be)),
        _ => {
            let bytes = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
            let utf8 = strict(encoding_rs::UTF_8, bytes).map(|text| (text, Charset::Utf8));
            utf8.or_else(|| strict(EUC_KR, bytes).map(|text| (text, Charset::Korean)))
        }
    }
}

/// The kind of a text that begins with `<` and `first`; `None` if it only looks like markup.
fn markup(first: &str, text: &str) -> Option<FileKind> {
    let lower = text.to_ascii_lowercase();
    let begins = |name: &str| {
        let rest =
            first.get(..name.len()).filter(|start| start.eq_ignore_ascii_case(name)).map(|_| &first[name.len()..]);
        rest.is_some_and(|rest| {
            name == "!--" || rest.starts_with(|c: char| c.is_ascii_whitespace() || "/>".contains(c))
        })
    };
    if HTML_STARTS.iter().any(|name| begins(name)) && !(begins("!--") && lower.contains("<svg")) {
        return Some(FileKind::Html);
    }
    if lower.contains("<svg") || lower.contains(":svg") || lower.contains("www.w3.org/2000/svg") {
        return Some(FileKind::Svg);
    }
    if lower.contains("www.w3.org/1999/xhtml") || has_markup(text.as_bytes()) {
        return Some(FileKind::Html);
    }
    let is_xml = begins("?xml")
        || first.starts_with(|c: char| c.is_alphabetic()) && (text.contains("</") || text.contains("/>"));
    is_xml.then_some(FileKind::Xml)
}

fn is_message(text: &str) -> bool {
    headers(text).any(|line| starts(line, "mime-version:"))
}

fn message(text: &str) -> FileKind {
    let is_page = |line: &str| line.to_ascii_lowercase().contains("multipart/related");
    if headers(text).any(is_page) { FileKind::Mhtml } else { FileKind::Mail }
}

fn headers(text: &str) -> impl Iterator<Item = &str> {
    text.get(..text.floor_char_boundary(HEADER_BYTES)).unwrap_or_default().lines()
}

fn starts(line: &str, name: &str) -> bool {
    line.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
}
