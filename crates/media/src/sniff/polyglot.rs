//! Files that are two formats at once. A browser, a plug-in or a server may read them as the second one, so they are
//! downloads. The rules look for an archive at the end, active markup anywhere, and a script's comment in the header.

use std::io::{self, Read, SeekFrom};

use crate::{kind::FileKind, source::FileSource};

/// The end of an archive's directory and the longest comment behind it.
const ARCHIVE_END_BYTES: u64 = 22 + 65_535;
/// Bytes read at a time.
const PIECE_BYTES: usize = 256 * 1024;
/// No element below is longer, with the characters around it that decide.
const OVERLAP_BYTES: usize = 32;

/// Elements that run or load something; a boundary must follow the name. Shorter names occur in a picture's compressed
/// bytes by chance: a name of four letters with a boundary once in 30,000 pictures of 10 MB.
const ELEMENTS: [&[u8]; 8] = [b"script", b"html", b"iframe", b"body", b"embed", b"object", b"!doctype html", b"?php"];

/// Whether a file is of another format in addition to `kind`.
pub(super) fn is_polyglot(kind: FileKind, head: &[u8], source: &mut dyn FileSource) -> io::Result<bool> {
    if is_script(kind, head) || has_archive(source)? {
        return Ok(true);
    }
    if kind.is_picture() { has_markup_anywhere(source) } else { Ok(has_markup(head)) }
}

/// Whether the header begins a script comment, which hides the picture behind it.
fn is_script(kind: FileKind, head: &[u8]) -> bool {
    match kind {
        FileKind::Gif => head.get(6..8) == Some(b"/*"),
        FileKind::WebP => head.get(4..6) == Some(b"/*"),
        FileKind::Jpeg => head.get(2..6) == Some(&[0xff, 0xe0, b'/', b'*']),
        _ => false,
    }
}

fn has_archive(source: &mut dyn FileSource) -> io::Result<bool> {
    let length = source.seek(SeekFrom::End(0))?;
    source.seek(SeekFrom::Start(length.saturating_sub(ARCHIVE_END_BYTES)))?;
    let mut tail = Vec::new();
    (&mut *source).take(ARCHIVE_END_BYTES).read_to_end(&mut tail)?;
    let is_end = |at: usize| {
        let comment = tail.get(at + 20..at + 22).map(|bytes| usize::from(u16::from_le_bytes([bytes[0], bytes[1]])));
        comment.is_some_and(|comment| at + 22 + comment <= tail.len())
    };
    Ok(memchr::memmem::find_iter(&tail, b"PK\x05\x06").any(is_end))
}

fn has_markup_anywhere(source: &mut dyn FileSource) -> io::Result<bool> {
    source.rewind()?;
    let mut piece = Vec::with_capacity(PIECE_BYTES + OVERLAP_BYTES);
    loop {
        let read = (&mut *source).take(PIECE_BYTES as u64).read_to_end(&mut piece)?;
        if has_markup(&piece) {
            return Ok(true);
        }
        if read == 0 {
            return Ok(false);
        }
        piece.drain(..piece.len().saturating_sub(OVERLAP_BYTES));
    }
}

/// Whether one of these elements is in the bytes, in any case.
pub(super) fn has_markup(bytes: &[u8]) -> bool {
    memchr::memchr_iter(b'<', bytes).any(|at| begins_element(&bytes[at + 1..]))
}

fn begins_element(rest: &[u8]) -> bool {
    let begins = |name: &[u8]| rest.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name));
    let ends = |at: usize| rest.get(at).is_some_and(|byte| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/'));
    let has_attribute = || rest.get(4..7).is_some_and(|name| name.iter().all(u8::is_ascii_alphabetic));
    ELEMENTS.iter().any(|name| begins(name) && ends(name.len()))
        || begins(b"svg") && rest.get(3).is_some_and(u8::is_ascii_whitespace) && has_attribute()
}
